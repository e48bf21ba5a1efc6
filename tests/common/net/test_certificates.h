#pragma once

#include <chrono>
#include <memory>
#include <string>

namespace switchyard::net::testing {

// A server's certificate and key, PEM.
struct TlsIdentity {
  std::string certificate;
  std::string key;
};

// A certificate authority made on the spot, so that no key lies in the tree and
// none expires.
class TestAuthority {
 public:
  TestAuthority();
  ~TestAuthority();

  // A certificate for `subject_alternative_name` ("DNS:localhost", "IP:127.0.0.1")
  // that is valid from a day before `lifetime` ends until then; negative: expired.
  TlsIdentity Issue(const std::string& subject_alternative_name,
                    std::chrono::seconds lifetime = std::chrono::hours(1)) const;

  // Writes the authority's own certificate to a file of this test and returns
  // its path.
  std::string WriteCaFile() const;

 private:
  struct Native;
  std::unique_ptr<Native> native_;
};

}  // namespace switchyard::net::testing
