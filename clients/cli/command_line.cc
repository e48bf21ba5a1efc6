#include "clients/cli/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "clients/cli/duration.h"
#include "common/config/flags.h"
#include "common/status/status.h"

namespace switchyard::clients::cli {
namespace {

// Flags beyond the global ones.
enum CommandFlag : unsigned {
  kWatch = 1u << 0,
  kDepth = 1u << 1,
  kInterval = 1u << 2,
  kLimit = 1u << 3,
  kBaseQuote = 1u << 4,
  kKind = 1u << 5,
  kBases = 1u << 6,
};

struct CommandForm {
  std::string_view name;
  std::string_view arguments;
  std::string_view summary;
  std::size_t least_arguments;
  std::size_t most_arguments;
  unsigned flags;
};

constexpr std::size_t kMany = 1000;
constexpr std::int64_t kLargestDepth = 1000;

constexpr std::array kCommands = {
    CommandForm{"exchanges", "", "the exchanges that are served", 0, 0, 0},
    CommandForm{"book", "EXCHANGE SYMBOL", "an order book; --watch keeps it live", 2, 2,
                kWatch | kDepth},
    CommandForm{"trades", "EXCHANGE SYMBOL", "public trades", 2, 2, kWatch | kLimit},
    CommandForm{"ticker", "EXCHANGE SYMBOL", "last price and 24 h figures", 2, 2, kWatch},
    CommandForm{"candles", "EXCHANGE SYMBOL", "candles, oldest first", 2, 2,
                kWatch | kInterval | kLimit},
    CommandForm{"funding", "[EXCHANGE [SYMBOL ...]]",
                "funding rates; without an exchange compared over all of them", 0, kMany, kBases},
    CommandForm{"instruments", "EXCHANGE", "what can be traded", 1, 1, kBaseQuote | kKind},
    CommandForm{"consolidated", "BASE", "the books of all exchanges, merged", 1, 1,
                kWatch | kDepth | kKind},
    CommandForm{"capabilities", "EXCHANGE", "what an exchange offers and over which path", 1, 1, 0},
    CommandForm{"status", "[EXCHANGE]", "how the connections are", 0, 1, kWatch},
};

const CommandForm* FindCommand(std::string_view name) {
  const auto found = std::find_if(kCommands.begin(), kCommands.end(),
                                  [&](const CommandForm& form) { return form.name == name; });
  return found == kCommands.end() ? nullptr : &*found;
}

std::string GeneralHelp() {
  std::string text =
      "yard: market data of many exchanges, through Switchyard\n\n"
      "usage: yard [flags] COMMAND [arguments] [flags]\n\n";
  for (const CommandForm& form : kCommands) {
    text +=
        fmt::format("  {:<38} {}\n", fmt::format("{} {}", form.name, form.arguments), form.summary);
  }
  return text +
         "\n"
         "flags of every command: --router=host:port (or SWITCHYARD_ROUTER) --json --timeout=10s\n"
         "`yard COMMAND --help` tells more. Exit codes: 0 done, 1 the call failed, 2 wrong "
         "usage.\n";
}

// Durations as typed, until they are checked.
struct RawDurations {
  std::string timeout = "10s";
  std::string interval = "1m";
};

void AddFlags(const CommandForm& form, config::FlagParser& parser, CommandLine& line,
              RawDurations& raw) {
  if (form.flags & kWatch) {
    parser.AddBool("watch", "Stay and follow the changes.", &line.watch);
    parser.AddInt64("count", "With --watch: end after this many events; 0 = never.", &line.count);
  }
  if (form.flags & kDepth) parser.AddInt64("depth", "Levels a side.", &line.depth);
  if (form.flags & kInterval) {
    parser.AddString("interval", "Length of a candle: 1m, 5m, 1h, 1d, ...", &raw.interval);
  }
  if (form.flags & kLimit) parser.AddInt64("limit", "Rows; 0 = the server's 100.", &line.limit);
  if (form.flags & kBaseQuote) {
    parser.AddString("base", "Only this base currency.", &line.base);
    parser.AddString("quote", "Only this quote currency.", &line.quote);
  }
  if (form.flags & kKind) {
    parser.AddString(
        "kind",
        form.name == "consolidated" ? "spot or perp; empty = spot." : "spot or perp; empty = both.",
        &line.kind);
  }
  if (form.flags & kBases) {
    parser.AddStringList("bases", "Without an exchange: only these base currencies, BTC,ETH.",
                         &line.bases);
  }
  parser.AddString("router", "Address of the router or of a service; else SWITCHYARD_ROUTER.",
                   &line.router);
  parser.AddBool("json", "One JSON object (protobuf's JSON form) per answer or event.", &line.json);
  parser.AddString("timeout", "How long to wait for an answer, or a stream's beginning.",
                   &raw.timeout);
}

// Position of the command: the first word that is neither a flag nor a flag's value.
std::optional<std::size_t> FindCommandWord(const std::vector<std::string>& arguments) {
  for (std::size_t index = 0; index < arguments.size(); ++index) {
    const std::string& word = arguments[index];
    if (!word.starts_with("-")) return index;
    if (word == "--router" || word == "--timeout") ++index;
  }
  return std::nullopt;
}

absl::Status CheckRanges(const CommandForm& form, const CommandLine& line) {
  if (line.arguments.size() < form.least_arguments || line.arguments.size() > form.most_arguments) {
    return absl::InvalidArgumentError(
        fmt::format("usage: yard {} {} [flags]", form.name, form.arguments));
  }
  if (line.depth < 1 || line.depth > kLargestDepth) {
    return absl::InvalidArgumentError(fmt::format("--depth: 1 to {}", kLargestDepth));
  }
  if (line.count < 0) return absl::InvalidArgumentError("--count: 0 or more");
  if (line.count > 0 && !line.watch) return absl::InvalidArgumentError("--count needs --watch");
  if (line.limit < 0 || line.limit > 1000) return absl::InvalidArgumentError("--limit: 0 to 1000");
  if (!line.kind.empty() && line.kind != "spot" && line.kind != "perp") {
    return absl::InvalidArgumentError("--kind: spot or perp");
  }
  if (!line.bases.empty() && !line.arguments.empty()) {
    return absl::InvalidArgumentError("--bases compares over exchanges: leave the exchange out");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CommandLine> ParseCommandLine(const std::vector<std::string>& arguments,
                                             std::string_view router_from_environment) {
  CommandLine line;
  if (!router_from_environment.empty()) line.router = router_from_environment;
  const auto is_help = [](const std::string& word) { return word == "--help" || word == "-h"; };
  const auto command_index = FindCommandWord(arguments);
  if (!command_index) {
    if (!std::any_of(arguments.begin(), arguments.end(), is_help)) {
      return absl::InvalidArgumentError("no command, see yard --help");
    }
    line.help = GeneralHelp();
    return line;
  }
  line.command = arguments[*command_index];
  if (line.command == "help") {
    line.help = GeneralHelp();
    return line;
  }
  const CommandForm* const form = FindCommand(line.command);
  if (form == nullptr) {
    return absl::InvalidArgumentError(
        fmt::format("no command \"{}\", see yard --help", line.command));
  }

  config::FlagParser parser(fmt::format("yard {}", form->name), form->summary);
  RawDurations raw;
  AddFlags(*form, parser, line, raw);
  if (form->most_arguments > 0) parser.AllowPositional(form->arguments, &line.arguments);
  std::vector<const char*> words{"yard"};
  for (std::size_t index = 0; index < arguments.size(); ++index) {
    if (index == *command_index) continue;
    words.push_back(is_help(arguments[index]) ? "--help" : arguments[index].c_str());
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const config::FlagsOutcome outcome,
                              parser.Parse(static_cast<int>(words.size()), words.data()));
  if (outcome == config::FlagsOutcome::kHelp) {
    line.help = parser.Help();
    return line;
  }
  SWITCHYARD_ASSIGN_OR_RETURN(line.timeout, ParseDuration(raw.timeout));
  SWITCHYARD_ASSIGN_OR_RETURN(line.interval, ParseDuration(raw.interval));
  if (line.timeout.count() == 0) return absl::InvalidArgumentError("--timeout: more than 0");
  SWITCHYARD_RETURN_IF_ERROR(CheckRanges(*form, line));
  return line;
}

}  // namespace switchyard::clients::cli
