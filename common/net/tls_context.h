#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace switchyard::net {

struct TlsOptions {
  // PEM file with certificate authorities that are trusted besides those of the
  // system; empty: the system's alone.
  std::string ca_file = {};
};

// Trust and protocol settings that connections share: TLS 1.2 or later. The
// clients always verify the certificate chain and the host name (or address) and
// always send the server name; there is no switch to turn that off.
//
// Immutable once made, so one context may serve connections of several threads.
// Shared, because a connection must keep it for its whole life.
class TlsContext {
 public:
  // The library's own settings; defined in an internal header of this package.
  struct Native;

  // Errors: InvalidArgument, `ca_file` cannot be read or holds no certificate.
  static absl::StatusOr<std::shared_ptr<TlsContext>> Create(const TlsOptions& options);

  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  Native& native() { return *native_; }

 private:
  explicit TlsContext(std::unique_ptr<Native> native);

  std::unique_ptr<Native> native_;
};

}  // namespace switchyard::net
