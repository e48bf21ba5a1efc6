#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/crypto/bytes.h"
#include "exchanges/lighter/signing/curve/point.h"
#include "exchanges/lighter/signing/field/quintic.h"
#include "exchanges/lighter/signing/schnorr/signature.h"

namespace switchyard::exchanges::lighter::signing {

// The public half of an API key. Never the neutral element: anybody could sign for that, and its
// encoding, zeros, means "no key" to the exchange. A value; any thread.
class PublicKey {
 public:
  // Errors of both: InvalidArgument (length, not hex, a limb that is not below p, no element of the
  // group, the neutral one).
  static absl::StatusOr<PublicKey> FromBytes(crypto::ByteView bytes);
  // 80 digits, with or without 0x.
  static absl::StatusOr<PublicKey> FromHex(std::string_view text);

  const Bytes40& bytes() const { return bytes_; }
  // As REST answers show it: without 0x.
  std::string ToHex() const;
  const Point& point() const { return point_; }

 private:
  friend class PrivateKey;
  PublicKey(const Bytes40& bytes, const Point& point) : bytes_(bytes), point_(point) {}

  Bytes40 bytes_;
  Point point_;
};

// Whether the key's owner signed `message`, a hash. Takes time by the signature.
bool Verify(const PublicKey& key, const Fp5& message, const Signature& signature);

// The signature's second half for the nonce's point `r`.
Scalar Challenge(const Point& r, const Fp5& message);

}  // namespace switchyard::exchanges::lighter::signing
