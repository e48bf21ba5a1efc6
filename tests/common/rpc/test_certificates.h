#pragma once

#include <memory>
#include <string>

namespace switchyard::rpc {

// A certificate and its key, PEM.
struct TestCertificate {
  std::string certificate;
  std::string key;
};

struct TestSubject {
  std::string common_name;
  // As OpenSSL writes them: "DNS:bot.local,IP:127.0.0.1". Empty = none.
  std::string alternative_names;
  // End, from now.
  int ends_in_seconds = 3'600;
};

// An authority of the test's own, for P-256 certificates.
class TestAuthority {
 public:
  explicit TestAuthority(const std::string& name);
  ~TestAuthority();

  const std::string& certificate() const { return own_.certificate; }
  TestCertificate Sign(const TestSubject& subject) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
  TestCertificate own_;
};

// Writes the file anew as a whole, as those do who renew certificates.
void WriteFile(const std::string& path, const std::string& content);

}  // namespace switchyard::rpc
