#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/crypto/bytes.h"

// Ed25519 (RFC 8032, the pure form) over OpenSSL.
namespace switchyard::crypto {

using Ed25519Signature = std::array<std::uint8_t, 64>;
using Ed25519PublicKey = std::array<std::uint8_t, 32>;

// A private key; OpenSSL wipes it with the object. Move-only; signing is const and may run on
// several threads. Errors of all factories: InvalidArgument, never showing the key.
class Ed25519Key {
 public:
  // The 32-byte seed of RFC 8032.
  static absl::StatusOr<Ed25519Key> FromSeed(ByteView seed);
  // The seed in base64.
  static absl::StatusOr<Ed25519Key> FromBase64(std::string_view seed);
  // PKCS #8, "-----BEGIN PRIVATE KEY-----", not encrypted.
  static absl::StatusOr<Ed25519Key> FromPem(std::string_view pem);

  Ed25519Key(Ed25519Key&&) noexcept;
  Ed25519Key& operator=(Ed25519Key&&) noexcept;
  ~Ed25519Key();

  Ed25519Signature Sign(std::string_view message) const;
  const Ed25519PublicKey& public_key() const { return public_key_; }

 private:
  struct State;
  Ed25519Key(std::unique_ptr<State> state, const Ed25519PublicKey& public_key);
  static absl::StatusOr<Ed25519Key> FromState(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
  Ed25519PublicKey public_key_;
};

// False also for a key or signature of the wrong length.
bool VerifyEd25519(ByteView public_key, std::string_view message, ByteView signature);

}  // namespace switchyard::crypto
