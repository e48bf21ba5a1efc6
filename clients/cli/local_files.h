#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "clients/cli/diagnosis.h"

// What `yard doctor` reads on this machine. Blocks; one thread.
namespace switchyard::clients::cli {

// A configuration file, read as the process reads it for which it is.
struct ConfigurationFile {
  std::string what;               // "router: 6 backends"
  std::string journal_directory;  // of the orders it configures; empty = none, or none that is said
};

// The kind follows from the sections: `backends` is a router's, `exchanges` the `switchyard`
// process's, else one service's.
// Errors: those of config::LoadYamlFile; InvalidArgument, an exchange or account without a name, or
// twice.
absl::StatusOr<ConfigurationFile> ReadConfiguration(const std::string& path);

// The journals of a folder; takes no lock and changes nothing.
JournalFolder LookAtJournals(const std::string& path);

}  // namespace switchyard::clients::cli
