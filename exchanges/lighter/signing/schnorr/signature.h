#pragma once

#include <array>
#include <cstdint>

#include "absl/status/statusor.h"
#include "common/crypto/bytes.h"
#include "exchanges/lighter/signing/curve/scalar.h"

namespace switchyard::exchanges::lighter::signing {

using SignatureBytes = std::array<std::uint8_t, 80>;

// A Schnorr signature: s, then e, 40 bytes each. Public. Source: reference 3.7.
struct Signature {
  Scalar s;
  Scalar e;

  // Reduces both halves mod n, as the exchange's own parser does: s + n stands for s.
  // Errors: InvalidArgument, not 80 bytes.
  static absl::StatusOr<Signature> FromBytes(crypto::ByteView bytes);
  SignatureBytes ToBytes() const;

  friend bool operator==(const Signature&, const Signature&) = default;
};

}  // namespace switchyard::exchanges::lighter::signing
