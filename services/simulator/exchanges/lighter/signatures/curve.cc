#include "services/simulator/exchanges/lighter/signatures/curve.h"

namespace switchyard::simulator::lighter::signatures {
namespace {

// n, lowest limb first.
constexpr std::array<std::uint64_t, 5> kOrder = {0xe80fd996948bffe1, 0xe8885c39d724a09c,
                                                 0x7fffffe6cfb80639, 0x7ffffff100000016,
                                                 0x7ffffffd80000007};

// The curve is published as y^2 = x (x^2 + a x + b).
constexpr Element kDoubleOddA{2};
constexpr std::uint64_t kDoubleOddBLimb1 = 263;
// A of the Weierstrass form, limbs 0 and 1.
constexpr std::uint64_t kWeierstrassALimb0 = 6148914689804861439U;
constexpr std::uint64_t kWeierstrassALimb1 = 263;
// The encoding of the generator, limb 0.
constexpr std::uint64_t kGeneratorLimb0 = 4;

// How far the Weierstrass form moves x: a / 3.
Quintic Shift() { return Quintic::Of(kDoubleOddA * Inverse(Element(3))); }

bool Below(const std::array<std::uint64_t, 5>& left, const std::array<std::uint64_t, 5>& right) {
  for (std::size_t i = left.size(); i-- > 0;) {
    if (left[i] != right[i]) return left[i] < right[i];
  }
  return false;
}

std::uint64_t ReadLimb(EncodedView bytes, std::size_t index) {
  std::uint64_t limb = 0;
  for (std::size_t i = 8; i-- > 0;) limb = limb << 8 | bytes[8 * index + i];
  return limb;
}

// The third point on the line of this slope through the two points, mirrored.
Point ThirdPoint(const Point& left, const Point& right, const Quintic& slope) {
  const Quintic x = slope * slope - left.x - right.x;
  return {.neutral = false, .x = x, .y = slope * (left.x - x) - left.y};
}

Point Double(const Point& point) {
  static const Quintic kA{{Element(kWeierstrassALimb0), Element(kWeierstrassALimb1)}};
  // The group's order is odd: no point of it is its own negative.
  if (point.neutral) return point;
  const Quintic slope = (point.x * point.x * Element(3) + kA) * Inverse(point.y * Element(2));
  return ThirdPoint(point, point, slope);
}

}  // namespace

std::optional<Quintic> QuinticFromBytes(EncodedView bytes) {
  Quintic element;
  for (std::size_t i = 0; i < Quintic::kLimbs; ++i) {
    const std::uint64_t limb = ReadLimb(bytes, i);
    if (limb >= Element::kModulus) return std::nullopt;
    element.limbs[i] = Element(limb);
  }
  return element;
}

EncodedBytes ToBytes(const Quintic& element) {
  EncodedBytes bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(element.limbs[i / 8].value() >> (8 * (i % 8)));
  }
  return bytes;
}

Scalar Scalar::FromLimbs(const std::array<std::uint64_t, 5>& limbs) {
  Scalar scalar;
  scalar.limbs_ = limbs;
  // 2^320 is less than three times n.
  while (!Below(scalar.limbs_, kOrder)) {
    std::uint64_t borrow = 0;
    for (std::size_t i = 0; i < kOrder.size(); ++i) {
      const std::uint64_t before = scalar.limbs_[i];
      scalar.limbs_[i] = before - kOrder[i] - borrow;
      borrow = before < kOrder[i] || (before == kOrder[i] && borrow != 0) ? 1 : 0;
    }
  }
  return scalar;
}

Scalar Scalar::FromBytes(EncodedView bytes) {
  std::array<std::uint64_t, 5> limbs;
  for (std::size_t i = 0; i < limbs.size(); ++i) limbs[i] = ReadLimb(bytes, i);
  return FromLimbs(limbs);
}

Scalar Scalar::FromQuintic(const Quintic& element) {
  std::array<std::uint64_t, 5> limbs;
  for (std::size_t i = 0; i < limbs.size(); ++i) limbs[i] = element.limbs[i].value();
  return FromLimbs(limbs);
}

const Point& Generator() {
  static const Point kGenerator = *Decode(Quintic::Of(Element(kGeneratorLimb0)));
  return kGenerator;
}

Point Add(const Point& left, const Point& right) {
  if (left.neutral) return right;
  if (right.neutral) return left;
  if (left.x == right.x) return left.y == right.y ? Double(left) : Point();
  const Quintic slope = (right.y - left.y) * Inverse(right.x - left.x);
  return ThirdPoint(left, right, slope);
}

Point Combine(const Scalar& first, const Point& left, const Scalar& second, const Point& right) {
  Point sum;
  for (int bit = Scalar::kBits - 1; bit >= 0; --bit) {
    sum = Double(sum);
    if (first.Bit(bit)) sum = Add(sum, left);
    if (second.Bit(bit)) sum = Add(sum, right);
  }
  return sum;
}

Quintic Encode(const Point& point) {
  if (point.neutral) return {};
  return point.y * Inverse(Shift() - point.x);
}

std::optional<Point> Decode(const Quintic& encoded) {
  if (encoded.IsZero()) return Point();
  // With y = w x the curve's equation is x^2 - (w^2 - a) x + b = 0, a quadratic of x. Of its two
  // roots one is a square: it belongs to the group, the other to the other half of the curve.
  const Quintic b{{Element(), Element(kDoubleOddBLimb1)}};
  const Quintic e = encoded * encoded - Quintic::Of(kDoubleOddA);
  const std::optional<Quintic> root = SquareRoot(e * e - b * Element(4));
  if (!root.has_value()) return std::nullopt;
  const Element half = Inverse(Element(2));
  Quintic x = (e + *root) * half;
  if (!IsSquare(x)) x = (e - *root) * half;
  return Point{.neutral = false, .x = x + Shift(), .y = Quintic() - encoded * x};
}

}  // namespace switchyard::simulator::lighter::signatures
