#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/config/secret.h"
#include "common/time/time.h"

namespace switchyard::rpc {

// Where one side of TLS has its PEM files, and what its configuration calls them in errors.
struct TlsFiles {
  // Both or none.
  std::string certificate_file;
  std::string private_key_file;
  // Empty = none.
  std::string authority_file;
  // "process.tls", "backend_tls".
  std::string section;
  // "client_ca_file", "ca_file".
  std::string authority_field;
};

// What the files hold. The key is wiped when this goes.
struct TlsMaterial {
  // PEM, the own certificate first. Empty without a certificate_file.
  std::string certificate_chain;
  config::Secret private_key;
  // PEM. Empty without an authority_file.
  std::string authorities;
  // End of the own certificate; not given without one.
  TimeNs expires;

  bool SameAs(const TlsMaterial& other) const;
};

// Reads the files and checks that they can serve: PEM that parses, a key that fits its certificate,
// a certificate that has not ended at `now`. Any thread.
// Errors: InvalidArgument (INVALID_FIELD), naming field and file, never showing content.
absl::StatusOr<TlsMaterial> ReadTlsMaterial(const TlsFiles& files, TimeNs now);

}  // namespace switchyard::rpc
