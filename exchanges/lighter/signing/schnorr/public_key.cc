#include "exchanges/lighter/signing/schnorr/public_key.h"

#include <algorithm>
#include <array>

#include "absl/status/status.h"
#include "common/status/status.h"
#include "exchanges/lighter/signing/curve/generator_table.h"
#include "exchanges/lighter/signing/hash/poseidon2.h"
#include "exchanges/lighter/signing/schnorr/key_text.h"

namespace switchyard::exchanges::lighter::signing {

absl::StatusOr<PublicKey> PublicKey::FromBytes(crypto::ByteView bytes) {
  Bytes40 copy;
  if (bytes.size() != copy.size()) {
    return absl::InvalidArgumentError("a public key is not 40 bytes long");
  }
  std::copy(bytes.begin(), bytes.end(), copy.begin());
  const std::optional<Fp5> encoded = Fp5::FromCanonicalBytes(copy);
  if (!encoded.has_value()) {
    return absl::InvalidArgumentError("a public key has a limb that is not below the modulus");
  }
  const std::optional<Point> point = Point::Decode(*encoded);
  if (!point.has_value() || point->IsNeutral()) {
    return absl::InvalidArgumentError("a public key is no point of the curve that can sign");
  }
  return PublicKey(copy, *point);
}

absl::StatusOr<PublicKey> PublicKey::FromHex(std::string_view text) {
  SWITCHYARD_ASSIGN_OR_RETURN(const crypto::Bytes bytes, crypto::FromHex(WithoutPrefix(text)));
  return FromBytes(bytes);
}

std::string PublicKey::ToHex() const { return crypto::ToHex(bytes_); }

Scalar Challenge(const Point& r, const Fp5& message) {
  const Fp5 encoded = r.Encode();
  std::array<Fp, 10> elements;
  std::copy(message.limbs().begin(), message.limbs().end(),
            std::copy(encoded.limbs().begin(), encoded.limbs().end(), elements.begin()));
  return Scalar::FromElement(poseidon2::HashToFp5(elements));
}

bool Verify(const PublicKey& key, const Fp5& message, const Signature& signature) {
  const Point r = MultiplyGenerator(signature.s) + MultiplyPublic(key.point(), signature.e);
  return Challenge(r, message) == signature.e;
}

}  // namespace switchyard::exchanges::lighter::signing
