#pragma once

#include <cstdint>
#include <optional>

#include "exchanges/lighter/signing/curve/scalar.h"
#include "exchanges/lighter/signing/field/quintic.h"

namespace switchyard::exchanges::lighter::signing {

// A point given by x and u = x/y: what tables hold.
struct AffinePoint {
  Fp5 x;
  Fp5 u;
};

// An element of the group of prime order n of ECgFp5, y^2 = x (x^2 + 2 x + 263 X). Pure; any
// thread. Sums are complete (no special cases) and take the same time whatever the points.
// Source: reference 3.3.
class Point {
 public:
  // The neutral element.
  Point() = default;
  explicit Point(const AffinePoint& affine) : x_(affine.x), u_(affine.u) {}

  static const Point& Generator();
  // The inverse of Encode. Nothing where `w` encodes no element. Public values only.
  static std::optional<Point> Decode(const Fp5& w);

  // w = y/x; zero for the neutral element.
  Fp5 Encode() const;
  AffinePoint ToAffine() const;
  bool IsNeutral() const { return u_ == Fp5(); }

  friend Point operator+(const Point& a, const Point& b);
  friend Point operator+(const Point& a, const AffinePoint& b);
  friend Point operator-(const Point& a);
  // The same element, whatever its fractions.
  friend bool operator==(const Point& a, const Point& b);

 private:
  // x = x_ / z_, u = u_ / t_.
  Fp5 x_;
  Fp5 z_{Fp(1)};
  Fp5 u_;
  Fp5 t_{Fp(1)};
};

// factor * point, in windows of four bits. Takes time by the factor: public values only.
Point MultiplyPublic(const Point& point, const Scalar& factor);

}  // namespace switchyard::exchanges::lighter::signing
