#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/simulator/exchanges/lighter/signatures/curve.h"

// Lighter's signatures and the keys that they are verified with. Pure; any thread.
// Source: lighter.md sections 3.4 and 3.7.
namespace switchyard::simulator::lighter::signatures {

inline constexpr std::size_t kSignatureSize = 2 * kEncodedSize;
using SignatureView = std::span<const std::uint8_t, kSignatureSize>;

// A public key that is known to be a point of the group. Cheap to copy.
class PublicKey {
 public:
  // Errors of both: InvalidArgument, where it is not 40 bytes, stands for no point, or is zero
  // (under which anybody could sign).
  static absl::StatusOr<PublicKey> FromBytes(std::span<const std::uint8_t> bytes);
  // 80 digits of either case, with or without "0x".
  static absl::StatusOr<PublicKey> FromHex(std::string_view text);

  // 80 lower-case digits, as REST's apikeys shows it.
  std::string Hex() const;

  const Quintic& encoded() const { return encoded_; }
  const Point& point() const { return point_; }

 private:
  PublicKey(const Quintic& encoded, const Point& point) : encoded_(encoded), point_(point) {}

  Quintic encoded_;
  Point point_;
};

// The public key of a private one, 40 bytes little-endian as 80 hex digits. Takes a time that
// depends on the key: for the simulator's own documented and worthless credentials alone.
// Errors: InvalidArgument.
absl::StatusOr<PublicKey> DerivePublicKey(std::string_view private_key_hex);

// Whether `signature` (s, then e) was made over `message` with the key's private half. Numbers from
// the group's order on are reduced first, as the exchange's library does.
bool VerifySignature(const PublicKey& key, const Quintic& message, SignatureView signature);

}  // namespace switchyard::simulator::lighter::signatures
