#include "exchanges/lighter/signing/field/quintic.h"

namespace switchyard::exchanges::lighter::signing {
namespace {

// d, a fifth root of unity: X^p = d X. Source: reference 3.2.
constexpr Fp kFrobeniusRoot = Fp::FromTable(1041288259238279555u);
constexpr std::array<Fp, 5> kFrobenius = {Fp(1), kFrobeniusRoot, kFrobeniusRoot.Pow(2),
                                          kFrobeniusRoot.Pow(3), kFrobeniusRoot.Pow(4)};

// A sum of up to 2^30 products of 64 bits, reduced once at its end.
class ProductSum {
 public:
  void Add(Fp a, Fp b) {
    const Uint128 product = static_cast<Uint128>(a.value()) * b.value();
    sum_ += product;
    overflow_ += static_cast<std::uint64_t>(sum_ < product);
  }
  // Adds three times another sum.
  void AddTriple(const ProductSum& other) {
    const Uint128 low = static_cast<Uint128>(static_cast<std::uint64_t>(other.sum_)) * 3;
    const Uint128 high = static_cast<Uint128>(static_cast<std::uint64_t>(other.sum_ >> 64)) * 3 +
                         static_cast<std::uint64_t>(low >> 64);
    const Uint128 triple = (high << 64) | static_cast<std::uint64_t>(low);
    sum_ += triple;
    overflow_ += static_cast<std::uint64_t>(sum_ < triple) +
                 static_cast<std::uint64_t>(high >> 64) + 3 * other.overflow_;
  }
  Fp Reduce() const {
    // 2^128 = -2^32 (mod p).
    return Fp::FromWide(sum_) - Fp::FromTable(overflow_ << 32);
  }

 private:
  Uint128 sum_ = 0;
  std::uint64_t overflow_ = 0;
};

}  // namespace

std::optional<Fp5> Fp5::FromCanonicalBytes(const Bytes40& bytes) {
  Fp5 element;
  for (std::size_t i = 0; i < 5; ++i) {
    std::uint64_t limb = 0;
    for (std::size_t j = 8; j-- > 0;) limb = limb << 8 | bytes[8 * i + j];
    const std::optional<Fp> canonical = Fp::FromCanonical(limb);
    if (!canonical.has_value()) return std::nullopt;
    element.limbs_[i] = *canonical;
  }
  return element;
}

Bytes40 Fp5::ToBytes() const {
  Bytes40 bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(limbs_[i / 8].value() >> 8 * (i % 8));
  }
  return bytes;
}

Fp5 operator*(const Fp5& a, const Fp5& b) {
  Fp5 product;
#pragma GCC unroll 5
  for (std::size_t k = 0; k < 5; ++k) {
    // X^5 = 3: what would be coefficient k + 5 comes back to k three times.
    ProductSum direct, wrapped;
#pragma GCC unroll 5
    for (std::size_t i = 0; i < 5; ++i) {
      if (i <= k) {
        direct.Add(a.limbs_[i], b.limbs_[k - i]);
      } else {
        wrapped.Add(a.limbs_[i], b.limbs_[k + 5 - i]);
      }
    }
    direct.AddTriple(wrapped);
    product.limbs_[k] = direct.Reduce();
  }
  return product;
}

Fp5 Fp5::Times(Fp factor) const {
  Fp5 product;
  for (std::size_t i = 0; i < 5; ++i) product.limbs_[i] = limbs_[i] * factor;
  return product;
}

Fp5 Fp5::TimesCurveB() const {
  constexpr Fp kB(263), kThreeB(3 * 263);
  return Fp5({limbs_[4] * kThreeB, limbs_[0] * kB, limbs_[1] * kB, limbs_[2] * kB, limbs_[3] * kB});
}

Fp5 Fp5::Frobenius() const {
  Fp5 result;
  for (std::size_t i = 0; i < 5; ++i) result.limbs_[i] = limbs_[i] * kFrobenius[i];
  return result;
}

Fp5 Fp5::Conjugates() const {
  const Fp5 first = Frobenius();
  const Fp5 pair = first * first.Frobenius();  // a^(p + p^2)
  return pair * pair.Frobenius().Frobenius();
}

Fp5 Fp5::Inverse() const {
  const Fp5 conjugates = Conjugates();
  return conjugates.Times((*this * conjugates).limbs_[0].Inverse());
}

bool Fp5::IsSquare() const { return (*this * Conjugates()).limbs_[0].IsSquare(); }

std::optional<Fp5> Fp5::Sqrt() const {
  // d = a^((p + 1) / 2); e = (d d^(p^2))^p; g = e^2 a is in Fp, and a is a square where g is.
  Fp5 d(Fp(1));
  Fp5 power = *this;
  for (std::uint64_t exponent = (goldilocks::kModulus + 1) / 2; exponent != 0; exponent >>= 1) {
    if ((exponent & 1) != 0) d = d * power;
    power = power.Square();
  }
  const Fp5 e = (d * d.Frobenius().Frobenius()).Frobenius();
  const std::optional<Fp> root = (e.Square() * *this).limbs_[0].Sqrt();
  if (!root.has_value()) return std::nullopt;
  return e.Inverse().Times(*root);
}

}  // namespace switchyard::exchanges::lighter::signing
