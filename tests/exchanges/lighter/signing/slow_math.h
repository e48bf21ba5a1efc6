#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

// The same mathematics in another, slow formulation, from the definitions alone: what the fast code
// is held against. Shares nothing with it.
namespace switchyard::exchanges::lighter::signing::slow {

__extension__ using Wide = unsigned __int128;

// The Goldilocks field by division.
inline constexpr std::uint64_t kP = 18446744069414584321u;
std::uint64_t Add(std::uint64_t a, std::uint64_t b);
std::uint64_t Subtract(std::uint64_t a, std::uint64_t b);
std::uint64_t Multiply(std::uint64_t a, std::uint64_t b);
std::uint64_t Power(std::uint64_t a, std::uint64_t exponent);

// Polynomials of degree four mod X^5 - 3, low first.
using Quintic = std::array<std::uint64_t, 5>;
Quintic Add(const Quintic& a, const Quintic& b);
Quintic Subtract(const Quintic& a, const Quintic& b);
// All nine coefficients first, then the remainder.
Quintic Multiply(const Quintic& a, const Quintic& b);
// a^(p^5 - 2), the exponent as a long integer.
Quintic Inverse(const Quintic& a);

// Integers of any length, 32 bits a digit, low first, without leading zeros.
using Integer = std::vector<std::uint32_t>;
Integer FromLimbs(const std::vector<std::uint64_t>& limbs);
Integer Sum(const Integer& a, const Integer& b);
Integer Product(const Integer& a, const Integer& b);
// By shifting and subtracting, bit by bit.
Integer Remainder(const Integer& a, const Integer& modulus);
bool Bit(const Integer& a, std::size_t index);
std::size_t BitLength(const Integer& a);
// Of decimal digits.
Integer FromDecimal(const char* digits);
const Integer& GroupOrder();

// The group as affine points of the short Weierstrass curve (reference 3.3, "equivalent view"),
// with its case distinctions; nothing is the point at infinity, the neutral element.
struct Affine {
  Quintic x, y;
  friend bool operator==(const Affine&, const Affine&) = default;
};
using MaybeAffine = std::optional<Affine>;
MaybeAffine GeneratorPoint();
MaybeAffine Add(const MaybeAffine& a, const MaybeAffine& b);
MaybeAffine Multiply(const MaybeAffine& point, const Integer& factor);
// w = Y / (a/3 - X); zero for the neutral element.
Quintic Encode(const MaybeAffine& point);

// Poseidon2 by matrices of 12 times 12 numbers.
using State = std::array<std::uint64_t, 12>;
void Permute(State& state);

}  // namespace switchyard::exchanges::lighter::signing::slow
