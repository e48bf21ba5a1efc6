#pragma once

#include <cstdint>
#include <optional>

// The Goldilocks field, p = 2^64 - 2^32 + 1: the numbers of which keys, hashes and signatures are
// made. Pure; any thread.
//
// Arithmetic takes the same time whatever the values: carries and borrows become masks, never
// branches or table indices, so that elements may be secret. Pow, Sqrt and IsSquare say otherwise.
// Source: reference 3.1.
namespace switchyard::exchanges::lighter::signing {

__extension__ using Uint128 = unsigned __int128;

// All ones where `bit` is 1, zero where it is 0. The empty assembly hides that from the optimiser,
// which might otherwise turn masks back into a branch.
constexpr std::uint64_t MaskOf(std::uint64_t bit) {
  std::uint64_t mask = 0 - bit;
  if (!__builtin_is_constant_evaluated()) asm("" : "+r"(mask));
  return mask;
}
constexpr std::uint64_t MaskOf(bool bit) { return MaskOf(static_cast<std::uint64_t>(bit)); }

namespace goldilocks {

inline constexpr std::uint64_t kModulus = 0xffff'ffff'0000'0001;
// 2^64 mod p.
inline constexpr std::uint64_t kEpsilon = 0xffff'ffff;

// The same residue in 64 bits, not always below p: 2^64 = 2^32 - 1 and 2^96 = -1 (mod p).
constexpr std::uint64_t Fold(Uint128 value) {
  const auto low = static_cast<std::uint64_t>(value);
  const auto high = static_cast<std::uint64_t>(value >> 64);
  std::uint64_t difference = 0, sum = 0;
  // Each correction happens at most once: after a borrow the difference is above 2^64 - 2^32, after
  // a carry the sum is below 2^64 - 2^33.
  const bool borrow = __builtin_sub_overflow(low, high >> 32, &difference);
  difference -= kEpsilon & MaskOf(borrow);
  const bool carry = __builtin_add_overflow(difference, (high & kEpsilon) * kEpsilon, &sum);
  return sum + (kEpsilon & MaskOf(carry));
}

// The residue itself, below p.
constexpr std::uint64_t Canonical(std::uint64_t value) {
  std::uint64_t reduced = 0;
  const bool below = __builtin_sub_overflow(value, kModulus, &reduced);
  return reduced + (kModulus & MaskOf(below));
}

}  // namespace goldilocks

// An element, always in its canonical form.
class Fp {
 public:
  constexpr Fp() = default;
  // Any 64-bit value, reduced mod p.
  explicit constexpr Fp(std::uint64_t value) : value_(goldilocks::Canonical(value)) {}
  // A negative value stands for its two's complement, as in the reference: -1 is 2^32 - 2.
  static constexpr Fp FromInt64(std::int64_t value) {
    return Fp(static_cast<std::uint64_t>(value));
  }
  static constexpr Fp FromWide(Uint128 value) { return Fp(goldilocks::Fold(value)); }
  // For values known to be below p: tables of our own making.
  static constexpr Fp FromTable(std::uint64_t canonical) {
    Fp element;
    element.value_ = canonical;
    return element;
  }
  // Nothing where `value` is p or more.
  static constexpr std::optional<Fp> FromCanonical(std::uint64_t value) {
    if (value >= goldilocks::kModulus) return std::nullopt;
    return FromTable(value);
  }

  constexpr std::uint64_t value() const { return value_; }

  friend constexpr Fp operator+(Fp a, Fp b) {
    std::uint64_t sum = 0;
    // Below 2p, so that one subtraction of p (2^64 - p = kEpsilon) is enough.
    const bool carry = __builtin_add_overflow(a.value_, b.value_, &sum);
    return FromTable(goldilocks::Canonical(sum + (goldilocks::kEpsilon & MaskOf(carry))));
  }
  friend constexpr Fp operator-(Fp a, Fp b) {
    std::uint64_t difference = 0;
    const bool borrow = __builtin_sub_overflow(a.value_, b.value_, &difference);
    return FromTable(difference - (goldilocks::kEpsilon & MaskOf(borrow)));
  }
  friend constexpr Fp operator-(Fp a) { return Fp() - a; }
  friend constexpr Fp operator*(Fp a, Fp b) {
    return FromWide(static_cast<Uint128>(a.value_) * b.value_);
  }
  friend constexpr bool operator==(Fp, Fp) = default;

  constexpr Fp Square() const { return *this * *this; }
  // Takes time by the exponent, never by the element.
  constexpr Fp Pow(std::uint64_t exponent) const {
    Fp result(1), power = *this;
    for (; exponent != 0; exponent >>= 1) {
      if ((exponent & 1) != 0) result = result * power;
      power = power.Square();
    }
    return result;
  }
  // Zero has zero for its inverse.
  Fp Inverse() const;
  // Zero is a square. Takes time by the element: public values only.
  bool IsSquare() const;
  // Either root; nothing where there is none. Takes time by the element: public values only.
  std::optional<Fp> Sqrt() const;

 private:
  std::uint64_t value_ = 0;
};

}  // namespace switchyard::exchanges::lighter::signing
