#include "common/config/flags.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "common/status/status.h"

namespace switchyard::config {
namespace {

absl::Status FlagError(std::string_view name, std::string_view why) {
  return InvalidField(fmt::format("--{}", name), why);
}

absl::Status ParseInteger(std::string_view name, std::string_view text, std::int64_t* target) {
  const char* const end = text.data() + text.size();
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) {
    return FlagError(name, fmt::format("\"{}\" is not an integer of 64 bits", text));
  }
  *target = value;
  return absl::OkStatus();
}

absl::Status ParseBool(std::string_view name, std::string_view text, bool* target) {
  if (text != "true" && text != "false") {
    return FlagError(name, fmt::format("\"{}\" is neither true nor false", text));
  }
  *target = text == "true";
  return absl::OkStatus();
}

void AppendList(std::string_view text, std::vector<std::string>& list) {
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    if (comma != 0) list.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

FlagParser::FlagParser(std::string_view program, std::string_view summary)
    : program_(program), summary_(summary) {}

void FlagParser::Add(std::string_view name, std::string_view help, Kind kind, void* target,
                     std::string default_text) {
  flags_.push_back(
      {std::string(name), std::string(help), kind, target, std::move(default_text), false});
}

void FlagParser::AddString(std::string_view name, std::string_view help, std::string* target) {
  Add(name, help, Kind::kString, target, *target);
}

void FlagParser::AddStringList(std::string_view name, std::string_view help,
                               std::vector<std::string>* target) {
  Add(name, help, Kind::kStringList, target, fmt::format("{}", fmt::join(*target, ",")));
}

void FlagParser::AddInt64(std::string_view name, std::string_view help, std::int64_t* target) {
  Add(name, help, Kind::kInt64, target, fmt::to_string(*target));
}

void FlagParser::AddBool(std::string_view name, std::string_view help, bool* target) {
  Add(name, help, Kind::kBool, target, *target ? "true" : "false");
}

void FlagParser::AllowPositional(std::string_view help, std::vector<std::string>* target) {
  positional_help_ = help;
  positional_ = target;
}

FlagParser::Flag* FlagParser::Find(std::string_view name) {
  for (Flag& flag : flags_) {
    if (flag.name == name) return &flag;
  }
  return nullptr;
}

absl::Status FlagParser::Set(Flag& flag, std::string_view value) {
  if (flag.kind == Kind::kStringList) {
    auto& list = *static_cast<std::vector<std::string>*>(flag.target);
    // The first use replaces the default.
    if (!flag.seen) list.clear();
    flag.seen = true;
    AppendList(value, list);
    return absl::OkStatus();
  }
  if (std::exchange(flag.seen, true)) return FlagError(flag.name, "given twice");
  switch (flag.kind) {
    case Kind::kInt64:
      return ParseInteger(flag.name, value, static_cast<std::int64_t*>(flag.target));
    case Kind::kBool:
      return ParseBool(flag.name, value, static_cast<bool*>(flag.target));
    default:
      *static_cast<std::string*>(flag.target) = value;
      return absl::OkStatus();
  }
}

absl::Status FlagParser::ParseOne(std::string_view argument, int argc, const char* const* argv,
                                  int* index) {
  const std::string_view body = argument.substr(2);
  const std::size_t equals = body.find('=');
  const std::string_view name = body.substr(0, equals);
  if (Flag* flag = Find(name)) {
    if (equals != std::string_view::npos) return Set(*flag, body.substr(equals + 1));
    if (flag->kind == Kind::kBool) return Set(*flag, "true");
    if (*index + 1 >= argc || std::string_view(argv[*index + 1]).starts_with("--")) {
      return FlagError(name, "needs a value");
    }
    return Set(*flag, argv[++*index]);
  }
  if (name.starts_with("no") && equals == std::string_view::npos) {
    Flag* const negated = Find(name.substr(2));
    if (negated != nullptr && negated->kind == Kind::kBool) return Set(*negated, "false");
  }
  return FlagError(name, "no such flag, see --help");
}

absl::StatusOr<FlagsOutcome> FlagParser::Parse(int argc, const char* const* argv) {
  bool only_positional = false;
  for (int index = 1; index < argc; ++index) {
    const std::string_view argument = argv[index];
    if (!only_positional && argument == "--help") return FlagsOutcome::kHelp;
    if (!only_positional && argument == "--") {
      only_positional = true;
    } else if (!only_positional && argument.starts_with("--")) {
      SWITCHYARD_RETURN_IF_ERROR(ParseOne(argument, argc, argv, &index));
    } else if (positional_ != nullptr) {
      positional_->emplace_back(argument);
    } else {
      return InvalidField(argument, "not a flag, see --help");
    }
  }
  return FlagsOutcome::kRun;
}

std::string FlagParser::Help() const {
  std::string text = fmt::format("{}: {}\n\nusage: {} [flags]{}\n", program_, summary_, program_,
                                 positional_ == nullptr ? "" : " " + positional_help_);
  for (const Flag& flag : flags_) {
    text += fmt::format("  --{}\n      {}", flag.name, flag.help);
    if (!flag.default_text.empty()) text += fmt::format(" (default {})", flag.default_text);
    text += '\n';
  }
  return text + "  --help\n      Print this.\n";
}

void CommonFlags::AddTo(FlagParser& parser) {
  parser.AddString("config", "Configuration file (YAML).", &config);
  parser.AddString("listen", "Where to serve gRPC: host:port or unix:/path.", &listen);
  parser.AddString("health_listen", "Where to serve gRPC health alone, in plaintext.",
                   &health_listen);
  parser.AddString("metrics_listen", "Where to serve Prometheus metrics, host:port.",
                   &metrics_listen);
  parser.AddString("log_level", "debug, info, warning, error or off.", &log_level);
}

}  // namespace switchyard::config
