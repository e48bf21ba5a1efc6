#include "services/simulator/exchanges/lighter/signatures/field.h"

namespace switchyard::simulator::lighter::signatures {
namespace {

__extension__ typedef unsigned __int128 Wide;

constexpr std::uint64_t kModulus = Element::kModulus;
// p - 1 = 2^kTwoAdicity * kOddPart.
constexpr int kTwoAdicity = 32;
constexpr std::uint64_t kOddPart = 0xffff'ffff;
// Has order 2^kTwoAdicity.
constexpr Element kTwoAdicRoot{7277203076849721926U};
// A fifth root of unity: X^p = d X.
constexpr Element kFrobeniusRoot{1041288259238279555U};
// X^5.
constexpr Element kReduction{3};

Element Reduce(Wide value) {
  // Twice 2^64 = 2^32 - 1 leaves less than 2^65.
  for (int i = 0; i < 2; ++i) {
    value = static_cast<std::uint64_t>(value) + (value >> 64) * Wide{0xffff'ffff};
  }
  while (value >= kModulus) value -= kModulus;
  return Element(static_cast<std::uint64_t>(value));
}

// a^p * a^(p^2) * a^(p^3) * a^(p^4): times a, this is the norm.
Quintic OtherConjugates(const Quintic& element) {
  Quintic conjugate = Frobenius(element);
  Quintic product = conjugate;
  for (int i = 2; i <= 4; ++i) {
    conjugate = Frobenius(conjugate);
    product = product * conjugate;
  }
  return product;
}

}  // namespace

Element operator-(Element left, Element right) {
  if (left.value_ >= right.value_) return Element(left.value_ - right.value_);
  return Element(kModulus - (right.value_ - left.value_));
}

Element operator+(Element left, Element right) { return left - (Element() - right); }

Element operator*(Element left, Element right) { return Reduce(Wide{left.value_} * right.value_); }

Element Power(Element base, std::uint64_t exponent) {
  Element result(1);
  for (; exponent != 0; exponent >>= 1) {
    if ((exponent & 1) != 0) result = result * base;
    base = base * base;
  }
  return result;
}

Element Inverse(Element element) { return Power(element, kModulus - 2); }

std::optional<Element> SquareRoot(Element element) {
  if (element == Element()) return element;
  // Tonelli and Shanks: root^2 = element * rest, and the order of rest is a shrinking power of 2.
  Element root = Power(element, (kOddPart + 1) / 2);
  Element rest = Power(element, kOddPart);
  Element step = kTwoAdicRoot;
  int step_order = kTwoAdicity;
  while (rest != Element(1)) {
    int rest_order = 0;
    for (Element power = rest; power != Element(1); power = power * power) ++rest_order;
    if (rest_order >= step_order) return std::nullopt;
    for (int i = rest_order + 1; i < step_order; ++i) step = step * step;
    step_order = rest_order;
    root = root * step;
    step = step * step;
    rest = rest * step;
  }
  return root;
}

Quintic operator+(const Quintic& left, const Quintic& right) {
  Quintic sum;
  for (std::size_t i = 0; i < Quintic::kLimbs; ++i) sum.limbs[i] = left.limbs[i] + right.limbs[i];
  return sum;
}

Quintic operator-(const Quintic& left, const Quintic& right) {
  Quintic difference;
  for (std::size_t i = 0; i < Quintic::kLimbs; ++i) {
    difference.limbs[i] = left.limbs[i] - right.limbs[i];
  }
  return difference;
}

Quintic operator*(const Quintic& left, const Quintic& right) {
  std::array<Element, 2 * Quintic::kLimbs - 1> product;
  for (std::size_t i = 0; i < Quintic::kLimbs; ++i) {
    for (std::size_t j = 0; j < Quintic::kLimbs; ++j) {
      product[i + j] = product[i + j] + left.limbs[i] * right.limbs[j];
    }
  }
  Quintic result;
  for (std::size_t i = 0; i < Quintic::kLimbs; ++i) result.limbs[i] = product[i];
  for (std::size_t i = Quintic::kLimbs; i < product.size(); ++i) {
    Element& limb = result.limbs[i - Quintic::kLimbs];
    limb = limb + kReduction * product[i];
  }
  return result;
}

Quintic operator*(const Quintic& left, Element right) {
  Quintic product;
  for (std::size_t i = 0; i < Quintic::kLimbs; ++i) product.limbs[i] = left.limbs[i] * right;
  return product;
}

Quintic Frobenius(const Quintic& element) {
  Quintic result;
  Element factor(1);
  for (std::size_t i = 0; i < Quintic::kLimbs; ++i) {
    result.limbs[i] = element.limbs[i] * factor;
    factor = factor * kFrobeniusRoot;
  }
  return result;
}

Quintic Inverse(const Quintic& element) {
  const Quintic others = OtherConjugates(element);
  const Element norm = (element * others).limbs[0];
  return others * Inverse(norm);
}

bool IsSquare(const Quintic& element) {
  const Element norm = (element * OtherConjugates(element)).limbs[0];
  return norm == Element() || Power(norm, (kModulus - 1) / 2) == Element(1);
}

std::optional<Quintic> SquareRoot(const Quintic& element) {
  // power = a^((p+1)/2), and its conjugates give half = a^((p + p^2 + p^3 + p^4)/2), so that
  // half^2 * a is the norm.
  Quintic power = Quintic::Of(Element(1));
  Quintic base = element;
  for (std::uint64_t exponent = (kModulus + 1) / 2; exponent != 0; exponent >>= 1) {
    if ((exponent & 1) != 0) power = power * base;
    base = base * base;
  }
  const Quintic half = Frobenius(power * Frobenius(Frobenius(power)));
  const std::optional<Element> norm_root = SquareRoot((half * half * element).limbs[0]);
  if (!norm_root.has_value()) return std::nullopt;
  return Inverse(half) * *norm_root;
}

}  // namespace switchyard::simulator::lighter::signatures
