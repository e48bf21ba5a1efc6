#include "exchanges/lighter/signing/field/goldilocks.h"

namespace switchyard::exchanges::lighter::signing {
namespace {

constexpr int kTwoAdicity = 32;
// Of order 2^32. Source: reference 3.1.
constexpr Fp kRootOfUnity = Fp::FromTable(7277203076849721926u);
// (p - 1) / 2^32 = 2^32 - 1.
constexpr std::uint64_t kOddPart = goldilocks::kEpsilon;

// a^(2^count).
Fp SquareTimes(Fp a, int count) {
  for (int i = 0; i < count; ++i) a = a.Square();
  return a;
}

}  // namespace

Fp Fp::Inverse() const {
  // a^(p - 2). onesN is a^(2^N - 1), whose exponent has N ones; p - 2 is 31 ones, a zero, 32 ones.
  const Fp ones2 = Square() * *this;
  const Fp ones3 = ones2.Square() * *this;
  const Fp ones6 = SquareTimes(ones3, 3) * ones3;
  const Fp ones12 = SquareTimes(ones6, 6) * ones6;
  const Fp ones24 = SquareTimes(ones12, 12) * ones12;
  const Fp ones30 = SquareTimes(ones24, 6) * ones6;
  const Fp ones31 = ones30.Square() * *this;
  const Fp ones32 = ones31.Square() * *this;
  return SquareTimes(ones31, 33) * ones32;
}

bool Fp::IsSquare() const { return *this == Fp() || Pow((goldilocks::kModulus - 1) / 2) == Fp(1); }

std::optional<Fp> Fp::Sqrt() const {
  if (*this == Fp()) return Fp();
  if (!IsSquare()) return std::nullopt;
  // Tonelli and Shanks: root^2 = a * rest, where the order of rest is a power of two that shrinks.
  const Fp half = Pow((kOddPart - 1) / 2);
  Fp root = half * *this;
  Fp rest = half * root;
  Fp unity = kRootOfUnity;
  int order_log2 = kTwoAdicity;
  while (!(rest == Fp(1))) {
    int rest_log2 = 0;
    for (Fp power = rest; !(power == Fp(1)); power = power.Square()) ++rest_log2;
    const Fp factor = SquareTimes(unity, order_log2 - rest_log2 - 1);
    root = root * factor;
    unity = factor.Square();
    rest = rest * unity;
    order_log2 = rest_log2;
  }
  return root;
}

}  // namespace switchyard::exchanges::lighter::signing
