#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "exchanges/lighter/signing/field/goldilocks.h"

namespace switchyard::exchanges::lighter::signing {

// An element's 40 bytes: limb 0 first, each limb little-endian. Also the size of keys, of
// transaction hashes and of either half of a signature.
using Bytes40 = std::array<std::uint8_t, 40>;

// The field Fp[X] / (X^5 - 3): hashes that are signed, and coordinates of the curve. Pure; any
// thread. Arithmetic takes the same time whatever the values, as in Fp; IsSquare and Sqrt do not.
// Source: reference 3.2.
class Fp5 {
 public:
  constexpr Fp5() = default;
  explicit constexpr Fp5(const std::array<Fp, 5>& limbs) : limbs_(limbs) {}
  explicit constexpr Fp5(Fp constant) : limbs_{constant} {}

  // Nothing where a limb is p or more.
  static std::optional<Fp5> FromCanonicalBytes(const Bytes40& bytes);
  Bytes40 ToBytes() const;

  constexpr const std::array<Fp, 5>& limbs() const { return limbs_; }
  constexpr Fp operator[](std::size_t i) const { return limbs_[i]; }

  friend constexpr Fp5 operator+(const Fp5& a, const Fp5& b) {
    Fp5 sum;
    for (std::size_t i = 0; i < 5; ++i) sum.limbs_[i] = a.limbs_[i] + b.limbs_[i];
    return sum;
  }
  friend constexpr Fp5 operator-(const Fp5& a, const Fp5& b) {
    Fp5 difference;
    for (std::size_t i = 0; i < 5; ++i) difference.limbs_[i] = a.limbs_[i] - b.limbs_[i];
    return difference;
  }
  friend constexpr Fp5 operator-(const Fp5& a) { return Fp5() - a; }
  friend Fp5 operator*(const Fp5& a, const Fp5& b);
  friend constexpr bool operator==(const Fp5&, const Fp5&) = default;

  Fp5 Square() const { return *this * *this; }
  Fp5 Times(Fp factor) const;
  // Times 263 X, the curve's b.
  Fp5 TimesCurveB() const;
  // a^p.
  Fp5 Frobenius() const;
  // Zero has zero for its inverse.
  Fp5 Inverse() const;
  // Zero is a square. Public values only.
  bool IsSquare() const;
  // Either root; nothing where there is none. Public values only.
  std::optional<Fp5> Sqrt() const;

 private:
  // The product of the four conjugates: times the element itself it is the norm, in Fp.
  Fp5 Conjugates() const;

  std::array<Fp, 5> limbs_{};
};

}  // namespace switchyard::exchanges::lighter::signing
