#pragma once

#include <memory>
#include <ostream>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/crypto/bytes.h"
#include "exchanges/lighter/signing/curve/scalar.h"
#include "exchanges/lighter/signing/schnorr/public_key.h"
#include "exchanges/lighter/signing/schnorr/signature.h"

namespace switchyard::exchanges::lighter::signing {

// The secret half of an API key: prints as `***`, is wiped with the object, and never leaves it.
// Move-only; a key that was moved from may only be destroyed or assigned to. Signing is const and
// may run on several threads. The first key of the process makes the table of the generator (about
// two milliseconds), so that no order waits for it.
//
// Errors of the factories: InvalidArgument, never showing the key; zero mod n is no key.
class PrivateKey {
 public:
  // 40 bytes, little-endian, reduced mod n. The caller wipes its own.
  static absl::StatusOr<PrivateKey> FromBytes(crypto::ByteView bytes);
  // 80 digits, with or without 0x.
  static absl::StatusOr<PrivateKey> FromHex(std::string_view text);
  // As the exchange's web client derives it from a seed of at least 32 bytes. Source: reference
  // 3.8.
  static absl::StatusOr<PrivateKey> FromSeed(crypto::ByteView seed);
  static absl::StatusOr<PrivateKey> FromSeedHex(std::string_view text);

  PrivateKey(PrivateKey&&) noexcept;
  PrivateKey& operator=(PrivateKey&&) noexcept;
  ~PrivateKey();

  const PublicKey& public_key() const;

  // Signs a hash. The nonce is derived from key and hash (HMAC-SHA512, 512 bits reduced mod n), as
  // RFC 6979 does it: no random numbers that could repeat, and the same input gives the same
  // signature. Takes the same time whatever the key and the nonce.
  Signature Sign(const Fp5& message) const;
  // With a nonce from outside, for test vectors. Two hashes signed with one nonce give the key
  // away.
  Signature SignWithNonce(const Fp5& message, const Scalar& nonce) const;

  friend std::ostream& operator<<(std::ostream& out, const PrivateKey&) { return out << "***"; }

 private:
  struct State;
  explicit PrivateKey(std::unique_ptr<State> state);
  static absl::StatusOr<PrivateKey> FromScalar(const Scalar& scalar);

  std::unique_ptr<State> state_;
};

}  // namespace switchyard::exchanges::lighter::signing
