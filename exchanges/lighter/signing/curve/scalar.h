#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "exchanges/lighter/signing/field/quintic.h"

namespace switchyard::exchanges::lighter::signing {

// An integer mod n, the group's order (319 bits): private keys, nonces, signatures. Always below n.
// Pure; any thread. All functions take the same time whatever the value, except FromCanonicalBytes,
// which says whether its bytes are below n. Source: reference 3.3 and 3.4.
class Scalar {
 public:
  using Limbs = std::array<std::uint64_t, 5>;  // low first

  constexpr Scalar() = default;
  explicit constexpr Scalar(std::uint64_t value) : limbs_{value} {}

  // 40 bytes, little-endian; n and above are reduced.
  static Scalar Reduce(const Bytes40& bytes);
  // 64 bytes, little-endian: a digest of which each residue is equally likely but for 2^-192.
  static Scalar ReduceWide(const std::array<std::uint8_t, 64>& bytes);
  // The integer sum of limb i times 2^(64 i), reduced.
  static Scalar FromElement(const Fp5& element);
  // Nothing for n and above. Public values only.
  static std::optional<Scalar> FromCanonicalBytes(const Bytes40& bytes);

  Bytes40 ToBytes() const;
  const Limbs& limbs() const { return limbs_; }
  bool IsZero() const;

  friend Scalar operator+(const Scalar& a, const Scalar& b);
  friend Scalar operator-(const Scalar& a, const Scalar& b);
  friend Scalar operator*(const Scalar& a, const Scalar& b);
  friend bool operator==(const Scalar&, const Scalar&) = default;

 private:
  // Any 320 bits, reduced.
  static Scalar ReduceLimbs(const Limbs& limbs);

  Limbs limbs_{};
};

}  // namespace switchyard::exchanges::lighter::signing
