#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "clients/cli/command_line.h"
#include "common/config/flags.h"

namespace switchyard::clients::cli {

// One command as it is typed.
struct CommandForm {
  std::string_view name;  // one word, or two: "order place"
  std::string_view arguments;
  std::string_view summary;
  std::size_t least_arguments;
  std::size_t most_arguments;
  unsigned flags;  // which flags it knows beyond the global ones
};

// Durations as typed, until they are checked.
struct RawDurations {
  std::string timeout = "10s";
  std::string interval = "1m";
};

std::span<const CommandForm> CommandForms();
// Null = no such command.
const CommandForm* FindCommandForm(std::string_view name);
// Whether it is the first of two words.
bool IsCommandGroup(std::string_view word);

// Adds the flags of `form`; `line` and `raw` must outlive the parser's work.
void AddFlags(const CommandForm& form, config::FlagParser& parser, CommandLine& line,
              RawDurations& raw);

}  // namespace switchyard::clients::cli
