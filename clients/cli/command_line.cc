#include "clients/cli/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include "clients/cli/command_forms.h"
#include "clients/cli/command_id.h"
#include "clients/cli/duration.h"
#include "common/config/flags.h"
#include "common/status/status.h"

namespace switchyard::clients::cli {
namespace {

constexpr std::int64_t kLargestDepth = 1000;
constexpr std::int64_t kMostRetries = 100;

std::string GeneralHelp() {
  std::string text =
      "yard: market data and trading on many exchanges, through Switchyard\n\n"
      "usage: yard [flags] COMMAND [arguments] [flags]\n\n";
  for (const CommandForm& form : CommandForms()) {
    text +=
        fmt::format("  {:<47} {}\n", fmt::format("{} {}", form.name, form.arguments), form.summary);
  }
  return text +
         "\n"
         "flags of every command: --router=host:port (or SWITCHYARD_ROUTER) --json --timeout=10s\n"
         "  TLS: --tls --ca_file --cert_file --key_file --server_name; bearer token: --token_file\n"
         "  (or SWITCHYARD_TOKEN)\n"
         "`yard COMMAND --help` tells more. What cannot be undone is asked before; --yes answers.\n"
         "Exit codes: 0 done, 1 the call failed, 2 wrong usage, 3 nobody knows whether it was "
         "done.\n";
}

// Flags of every command whose value may be the next word.
constexpr std::array<std::string_view, 7> kValueFlags = {
    "--router",   "--timeout",     "--ca_file",   "--cert_file",
    "--key_file", "--server_name", "--token_file"};

bool IsHelp(const std::string& word) { return word == "--help" || word == "-h"; }

// Position of the command: the first word that is neither a flag nor a flag's value.
std::optional<std::size_t> FindCommandWord(const std::vector<std::string>& arguments) {
  for (std::size_t index = 0; index < arguments.size(); ++index) {
    const std::string& word = arguments[index];
    if (!word.starts_with("-")) return index;
    if (std::find(kValueFlags.begin(), kValueFlags.end(), word) != kValueFlags.end()) ++index;
  }
  return std::nullopt;
}

// The command's words and what is left. `--post-only` is taken for `--post_only`, -h for --help.
struct Words {
  std::string command;  // empty = none
  std::vector<std::string> rest{"yard"};
};

Words SplitWords(const std::vector<std::string>& arguments) {
  Words words;
  const std::size_t first = FindCommandWord(arguments).value_or(arguments.size());
  std::size_t second = arguments.size();
  if (first < arguments.size()) {
    words.command = arguments[first];
    if (IsCommandGroup(words.command) && first + 1 < arguments.size() &&
        !arguments[first + 1].starts_with("-")) {
      second = first + 1;
      words.command += " " + arguments[second];
    }
  }
  for (std::size_t index = 0; index < arguments.size(); ++index) {
    if (index == first || index == second) continue;
    std::string word = IsHelp(arguments[index]) ? "--help" : arguments[index];
    if (word.starts_with("--")) {
      const auto name_end =
          word.begin() + static_cast<std::ptrdiff_t>(std::min(word.find('='), word.size()));
      std::replace(word.begin() + 2, name_end, '-', '_');
    }
    words.rest.push_back(std::move(word));
  }
  return words;
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
  if (line.retries < 0 || line.retries > kMostRetries) {
    return absl::InvalidArgumentError(fmt::format("--retries: 0 to {}", kMostRetries));
  }
  for (const auto& [flag, id] : {std::pair("client_order_id", line.client_order_id),
                                 std::pair("request_id", line.request_id)}) {
    if (id.empty() || IsCommandId(id)) continue;
    return absl::InvalidArgumentError(
        fmt::format("--{}: 1 to 36 of A-Z, a-z, 0-9, _ and -; not \"{}\"", flag, id));
  }
  if (line.cert_file.empty() != line.key_file.empty()) {
    return absl::InvalidArgumentError("--cert_file and --key_file belong together");
  }
  if (line.by_exchange_id && line.symbol.empty()) {
    return absl::InvalidArgumentError("--by_exchange_id needs --symbol");
  }
  if (!line.resume_from.empty() && !line.watch) {
    return absl::InvalidArgumentError("--resume_from needs --watch");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CommandLine> ParseCommandLine(const std::vector<std::string>& arguments,
                                             std::string_view router_from_environment) {
  CommandLine line;
  if (!router_from_environment.empty()) line.router = router_from_environment;
  const Words words = SplitWords(arguments);
  const bool help_wanted = std::any_of(arguments.begin(), arguments.end(), IsHelp);
  line.command = words.command;
  const CommandForm* const form = FindCommandForm(line.command);
  if (line.command == "help" ||
      (form == nullptr && help_wanted && (line.command.empty() || IsCommandGroup(line.command)))) {
    line.help = GeneralHelp();
    return line;
  }
  if (line.command.empty()) return absl::InvalidArgumentError("no command, see yard --help");
  if (form == nullptr) {
    return absl::InvalidArgumentError(
        fmt::format("no command \"{}\", see yard --help", line.command));
  }

  config::FlagParser parser(fmt::format("yard {}", form->name), form->summary);
  RawDurations raw;
  AddFlags(*form, parser, line, raw);
  if (form->most_arguments > 0) parser.AllowPositional(form->arguments, &line.arguments);
  std::vector<const char*> argv;
  for (const std::string& word : words.rest) argv.push_back(word.c_str());
  SWITCHYARD_ASSIGN_OR_RETURN(const config::FlagsOutcome outcome,
                              parser.Parse(static_cast<int>(argv.size()), argv.data()));
  if (outcome == config::FlagsOutcome::kHelp) {
    line.help = parser.Help();
    return line;
  }
  SWITCHYARD_ASSIGN_OR_RETURN(line.timeout, ParseDuration(raw.timeout));
  SWITCHYARD_ASSIGN_OR_RETURN(line.interval, ParseDuration(raw.interval));
  line.tls = line.tls || !line.ca_file.empty() || !line.cert_file.empty() ||
             !line.key_file.empty() || !line.server_name.empty();
  if (line.timeout.count() == 0) return absl::InvalidArgumentError("--timeout: more than 0");
  SWITCHYARD_RETURN_IF_ERROR(CheckRanges(*form, line));
  return line;
}

}  // namespace switchyard::clients::cli
