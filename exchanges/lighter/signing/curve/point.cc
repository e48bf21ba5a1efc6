#include "exchanges/lighter/signing/curve/point.h"

#include <array>

namespace switchyard::exchanges::lighter::signing {
namespace {

constexpr Fp kA(2);
constexpr Fp kHalf = Fp::FromTable((goldilocks::kModulus + 1) / 2);

// 4 b.
Fp5 FourCurveB() { return Fp5(Fp(4)).TimesCurveB(); }

// What follows the first products of the law. `x`, `z`, `u`, `t` are the products of the two
// points' coordinates of those names, `xz` is X1 Z2 + X2 Z1, `ut` is U1 T2 + U2 T1.
struct Products {
  Fp5 x, z, u, t, xz, ut;
};

struct Fractions {
  Fp5 x, z, u, t;
};

Fractions Finish(const Products& p) {
  const Fp5 bz = p.z.TimesCurveB();
  const Fp5 t7 = p.x + bz;
  const Fp5 t8 = p.t * t7;
  const Fp5 bxz_t7 = p.xz.TimesCurveB() + t7;
  const Fp5 t9 = p.u * (bxz_t7 + bxz_t7);
  const Fp5 t10 = (p.t + p.u + p.u) * (p.xz + t7);
  return {(t10 - t8).TimesCurveB(), t8 - t9, p.ut * (bz - p.x), t8 + t9};
}

}  // namespace

const Point& Point::Generator() {
  static const Point kGenerator(
      AffinePoint{Fp5({Fp::FromTable(12883135586176881569u), Fp::FromTable(4356519642755055268u),
                       Fp::FromTable(5248930565894896907u), Fp::FromTable(2165973894480315022u),
                       Fp::FromTable(2448410071095648785u)}),
                  Fp5(Fp(4).Inverse())});
  return kGenerator;
}

std::optional<Point> Point::Decode(const Fp5& w) {
  if (w == Fp5()) return Point();
  const Fp5 e = w.Square() - Fp5(kA);
  const std::optional<Fp5> root = (e.Square() - FourCurveB()).Sqrt();
  if (!root.has_value()) return std::nullopt;
  // Of the two points that share w one is in the group: the one whose x is not a square.
  Fp5 x = (e + *root).Times(kHalf);
  if (x.IsSquare()) x = (e - *root).Times(kHalf);
  return Point(AffinePoint{x, w.Inverse()});
}

Fp5 Point::Encode() const { return t_ * u_.Inverse(); }

AffinePoint Point::ToAffine() const { return {x_ * z_.Inverse(), u_ * t_.Inverse()}; }

Point operator+(const Point& a, const Point& b) {
  Products p;
  p.x = a.x_ * b.x_;
  p.z = a.z_ * b.z_;
  p.u = a.u_ * b.u_;
  p.t = a.t_ * b.t_;
  p.xz = (a.x_ + a.z_) * (b.x_ + b.z_) - p.x - p.z;
  p.ut = (a.u_ + a.t_) * (b.u_ + b.t_) - p.u - p.t;
  const Fractions sum = Finish(p);
  Point point;
  point.x_ = sum.x, point.z_ = sum.z, point.u_ = sum.u, point.t_ = sum.t;
  return point;
}

Point operator+(const Point& a, const AffinePoint& b) {
  Products p;
  p.x = a.x_ * b.x;
  p.z = a.z_;
  p.u = a.u_ * b.u;
  p.t = a.t_;
  p.xz = a.x_ + a.z_ * b.x;
  p.ut = a.u_ + a.t_ * b.u;
  const Fractions sum = Finish(p);
  Point point;
  point.x_ = sum.x, point.z_ = sum.z, point.u_ = sum.u, point.t_ = sum.t;
  return point;
}

Point operator-(const Point& a) {
  Point negated = a;
  negated.u_ = -a.u_;
  return negated;
}

bool operator==(const Point& a, const Point& b) { return a.u_ * b.t_ == b.u_ * a.t_; }

Point MultiplyPublic(const Point& point, const Scalar& factor) {
  std::array<Point, 16> multiples;
  for (std::size_t i = 1; i < multiples.size(); ++i) multiples[i] = multiples[i - 1] + point;
  Point result;
  for (std::size_t window = 80; window-- > 0;) {
    for (int i = 0; i < 4; ++i) result = result + result;
    const std::size_t digit = factor.limbs()[window / 16] >> 4 * (window % 16) & 15;
    if (digit != 0) result = result + multiples[digit];
  }
  return result;
}

}  // namespace switchyard::exchanges::lighter::signing
