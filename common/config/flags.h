#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace switchyard::config {

enum class FlagsOutcome {
  kRun,
  kHelp,  // `--help` was given: print Help() and exit with 0
};

// Command-line flags: `--name=value`, `--name value`, `--bool`, `--nobool`. Anything else is an
// error. Targets keep their value as the default and must outlive Parse. Used in main, before
// threads.
class FlagParser {
 public:
  // `summary` is the first line of the help.
  FlagParser(std::string_view program, std::string_view summary);

  void AddString(std::string_view name, std::string_view help, std::string* target);
  // May be given more than once; a value may hold several, separated by commas.
  void AddStringList(std::string_view name, std::string_view help,
                     std::vector<std::string>* target);
  void AddInt64(std::string_view name, std::string_view help, std::int64_t* target);
  void AddBool(std::string_view name, std::string_view help, bool* target);
  // Collects arguments without dashes, which are errors otherwise.
  void AllowPositional(std::string_view help, std::vector<std::string>* target);

  // Errors: InvalidArgument naming the flag (unknown, twice, no value, not a number).
  absl::StatusOr<FlagsOutcome> Parse(int argc, const char* const* argv);
  std::string Help() const;

 private:
  enum class Kind { kString, kStringList, kInt64, kBool };
  struct Flag {
    std::string name;
    std::string help;
    Kind kind;
    void* target;
    std::string default_text;
    bool seen = false;
  };

  void Add(std::string_view name, std::string_view help, Kind kind, void* target,
           std::string default_text);
  Flag* Find(std::string_view name);
  static absl::Status Set(Flag& flag, std::string_view value);
  absl::Status ParseOne(std::string_view argument, int argc, const char* const* argv, int* index);

  std::string program_;
  std::string summary_;
  std::string positional_help_;
  std::vector<std::string>* positional_ = nullptr;
  std::vector<Flag> flags_;
};

// The flags that every process has. An empty one leaves the configuration file's value.
struct CommonFlags {
  std::string config;          // path of the YAML file
  std::string listen;          // gRPC: host:port, or unix:/path
  std::string health_listen;   // plaintext gRPC health
  std::string metrics_listen;  // Prometheus
  std::string log_level;

  void AddTo(FlagParser& parser);
};

}  // namespace switchyard::config
