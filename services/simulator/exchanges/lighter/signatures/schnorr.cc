#include "services/simulator/exchanges/lighter/signatures/schnorr.h"

#include <algorithm>
#include <optional>

#include "absl/status/status.h"
#include "common/crypto/bytes.h"
#include "services/simulator/exchanges/lighter/signatures/poseidon2.h"

namespace switchyard::simulator::lighter::signatures {
namespace {

absl::StatusOr<crypto::Bytes> BytesFromHex(std::string_view text) {
  if (text.starts_with("0x")) text.remove_prefix(2);
  return crypto::FromHex(text);
}

}  // namespace

absl::StatusOr<PublicKey> PublicKey::FromBytes(std::span<const std::uint8_t> bytes) {
  if (bytes.size() != kEncodedSize) {
    return absl::InvalidArgumentError("a public key of other than 40 bytes");
  }
  const std::optional<Quintic> encoded = QuinticFromBytes(bytes.first<kEncodedSize>());
  if (!encoded.has_value()) return absl::InvalidArgumentError("a public key with a limb above p");
  const std::optional<Point> point = Decode(*encoded);
  if (!point.has_value()) return absl::InvalidArgumentError("a public key that is no point");
  if (point->neutral) return absl::InvalidArgumentError("a public key of zero");
  return PublicKey(*encoded, *point);
}

absl::StatusOr<PublicKey> PublicKey::FromHex(std::string_view text) {
  const absl::StatusOr<crypto::Bytes> bytes = BytesFromHex(text);
  if (!bytes.ok()) return bytes.status();
  return FromBytes(*bytes);
}

std::string PublicKey::Hex() const { return crypto::ToHex(ToBytes(encoded_)); }

absl::StatusOr<PublicKey> DerivePublicKey(std::string_view private_key_hex) {
  const absl::StatusOr<crypto::Bytes> bytes = BytesFromHex(private_key_hex);
  if (!bytes.ok()) return bytes.status();
  if (bytes->size() != kEncodedSize) {
    return absl::InvalidArgumentError("a private key of other than 40 bytes");
  }
  const Scalar secret = Scalar::FromBytes(EncodedView(*bytes));
  return PublicKey::FromBytes(ToBytes(Encode(Combine(secret, Generator(), Scalar(), Point()))));
}

bool VerifySignature(const PublicKey& key, const Quintic& message, SignatureView signature) {
  const Scalar s = Scalar::FromBytes(signature.first<kEncodedSize>());
  const Scalar e = Scalar::FromBytes(signature.last<kEncodedSize>());
  const Quintic commitment = Encode(Combine(s, Generator(), e, key.point()));
  std::array<Element, 2 * Quintic::kLimbs> hashed;
  std::copy(message.limbs.begin(), message.limbs.end(),
            std::copy(commitment.limbs.begin(), commitment.limbs.end(), hashed.begin()));
  return Scalar::FromQuintic(HashToQuintic(hashed)) == e;
}

}  // namespace switchyard::simulator::lighter::signatures
