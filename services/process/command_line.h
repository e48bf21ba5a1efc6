#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/config/flags.h"
#include "switchyard/config/v1/config.pb.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace switchyard::process {

// What a process is told on its command line.
struct CommandLine {
  bool help = false;  // the help was printed; nothing else is set
  config::CommonFlags flags;
  std::string endpoints_file;
};

// Errors: InvalidArgument, naming the flag.
absl::StatusOr<CommandLine> ParseCommandLine(int argc, const char* const* argv,
                                             std::string_view program, std::string_view summary);

// Reads the configuration file, if there is one. Errors name the file, and the field.
absl::Status ReadConfig(const CommandLine& command_line, google::protobuf::Message* config);

// What the command line overrides, and defaults.
void Override(const CommandLine& command_line, config::v1::ProcessConfig* process);

// Points each exchange to where the endpoints file says, if there is one: JSON as the simulator
// writes it, {"gateio": {"host": "127.0.0.1:18001", "tls": false}, ...}.
// Errors: NotFound or InvalidArgument, naming the file and the exchange that it lacks.
absl::Status ApplyEndpoints(const CommandLine& command_line,
                            std::vector<config::v1::ExchangeConfig>* exchanges);

// For main: says on stderr what went wrong, and that it was `program`. Returns 1.
int ReportFailure(std::string_view program, const absl::Status& status);

}  // namespace switchyard::process
