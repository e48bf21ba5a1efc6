#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "services/simulator/exchanges/lighter/signatures/field.h"

// The group of ECgFp5 as an ordinary Weierstrass curve y^2 = x^3 + A x + B with affine points and
// the textbook's formulas, unlike the fractions that a signer computes with. Times vary: for public
// inputs and for keys that are documented as worthless. Pure; any thread.
// Source: lighter.md sections 3.3 and 3.4.
namespace switchyard::simulator::lighter::signatures {

inline constexpr std::size_t kEncodedSize = 40;
using EncodedView = std::span<const std::uint8_t, kEncodedSize>;
using EncodedBytes = std::array<std::uint8_t, kEncodedSize>;

// Limb 0 first, each little-endian. Nothing where a limb is not below p.
std::optional<Quintic> QuinticFromBytes(EncodedView bytes);
EncodedBytes ToBytes(const Quintic& element);

// A number below the group's order n, lowest limb first.
class Scalar {
 public:
  static constexpr int kBits = 320;

  Scalar() = default;
  // Numbers from n on are reduced.
  static Scalar FromLimbs(const std::array<std::uint64_t, 5>& limbs);
  // Little-endian; reduced.
  static Scalar FromBytes(EncodedView bytes);
  // The limbs read as one integer; reduced.
  static Scalar FromQuintic(const Quintic& element);

  bool Bit(int index) const { return (limbs_[index / 64] >> (index % 64) & 1) != 0; }
  const std::array<std::uint64_t, 5>& limbs() const { return limbs_; }

  friend bool operator==(const Scalar&, const Scalar&) = default;

 private:
  std::array<std::uint64_t, 5> limbs_{};
};

// A point of the group; by default the neutral element, which has no coordinates.
struct Point {
  bool neutral = true;
  Quintic x;
  Quintic y;

  friend bool operator==(const Point&, const Point&) = default;
};

const Point& Generator();
Point Add(const Point& left, const Point& right);
// `first` * `left` + `second` * `right`.
Point Combine(const Scalar& first, const Point& left, const Scalar& second, const Point& right);

// The one element that stands for a point; 0 for the neutral one.
Quintic Encode(const Point& point);
// Nothing where `encoded` stands for no point.
std::optional<Point> Decode(const Quintic& encoded);

}  // namespace switchyard::simulator::lighter::signatures
