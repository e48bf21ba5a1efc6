#include "tests/exchanges/lighter/signing/slow_math.h"

#include <algorithm>
#include <utility>

#include "exchanges/lighter/signing/hash/poseidon2_constants.h"

namespace switchyard::exchanges::lighter::signing::slow {
namespace {

constexpr Quintic kZero{};
// A of the short Weierstrass curve, and a/3 = 2/3. Source: reference 3.3.
constexpr Quintic kWeierstrassA = {6148914689804861439u, 263, 0, 0, 0};

Quintic TwoThirds() { return {Multiply(2, Power(3, kP - 2)), 0, 0, 0, 0}; }

void Trim(Integer& a) {
  while (!a.empty() && a.back() == 0) a.pop_back();
}

bool Less(const Integer& a, const Integer& b) {
  if (a.size() != b.size()) return a.size() < b.size();
  return std::lexicographical_compare(a.rbegin(), a.rend(), b.rbegin(), b.rend());
}

// a - b, for b not above a.
Integer Difference(const Integer& a, const Integer& b) {
  Integer difference = a;
  std::int64_t borrow = 0;
  for (std::size_t i = 0; i < difference.size(); ++i) {
    std::int64_t digit = static_cast<std::int64_t>(a[i]) - borrow - (i < b.size() ? b[i] : 0);
    borrow = digit < 0 ? 1 : 0;
    if (digit < 0) digit += std::int64_t{1} << 32;
    difference[i] = static_cast<std::uint32_t>(digit);
  }
  Trim(difference);
  return difference;
}

using Matrix = std::array<std::array<std::uint64_t, 12>, 12>;

Matrix ExternalMatrix() {
  constexpr std::uint64_t kBlock[4][4] = {{2, 3, 1, 1}, {1, 2, 3, 1}, {1, 1, 2, 3}, {3, 1, 1, 2}};
  Matrix matrix{};
  for (std::size_t row = 0; row < 12; ++row) {
    for (std::size_t column = 0; column < 12; ++column) {
      // Twice the block on the diagonal, once elsewhere.
      matrix[row][column] = (row / 4 == column / 4 ? 2 : 1) * kBlock[row % 4][column % 4];
    }
  }
  return matrix;
}

Matrix InternalMatrix() {
  Matrix matrix;
  for (std::size_t row = 0; row < 12; ++row) {
    matrix[row].fill(1);
    matrix[row][row] = Add(1, poseidon2::kInternalDiagonal[row]);
  }
  return matrix;
}

State Apply(const Matrix& matrix, const State& state) {
  State result{};
  for (std::size_t row = 0; row < 12; ++row) {
    for (std::size_t column = 0; column < 12; ++column) {
      result[row] = Add(result[row], Multiply(matrix[row][column], state[column]));
    }
  }
  return result;
}

}  // namespace

std::uint64_t Add(std::uint64_t a, std::uint64_t b) {
  return static_cast<std::uint64_t>((static_cast<Wide>(a) + b) % kP);
}
std::uint64_t Subtract(std::uint64_t a, std::uint64_t b) {
  return static_cast<std::uint64_t>((static_cast<Wide>(a) + kP - b % kP) % kP);
}
std::uint64_t Multiply(std::uint64_t a, std::uint64_t b) {
  return static_cast<std::uint64_t>(static_cast<Wide>(a) * b % kP);
}
std::uint64_t Power(std::uint64_t a, std::uint64_t exponent) {
  std::uint64_t result = 1;
  for (int bit = 63; bit >= 0; --bit) {
    result = Multiply(result, result);
    if ((exponent >> bit & 1) != 0) result = Multiply(result, a);
  }
  return result;
}

Quintic Add(const Quintic& a, const Quintic& b) {
  Quintic sum;
  for (std::size_t i = 0; i < 5; ++i) sum[i] = Add(a[i], b[i]);
  return sum;
}
Quintic Subtract(const Quintic& a, const Quintic& b) {
  Quintic difference;
  for (std::size_t i = 0; i < 5; ++i) difference[i] = Subtract(a[i], b[i]);
  return difference;
}
Quintic Multiply(const Quintic& a, const Quintic& b) {
  std::array<std::uint64_t, 9> product{};
  for (std::size_t i = 0; i < 5; ++i) {
    for (std::size_t j = 0; j < 5; ++j) product[i + j] = Add(product[i + j], Multiply(a[i], b[j]));
  }
  Quintic remainder;
  for (std::size_t i = 0; i < 5; ++i) {
    remainder[i] = i < 4 ? Add(product[i], Multiply(3, product[i + 5])) : product[i];
  }
  return remainder;
}
Quintic Inverse(const Quintic& a) {
  Integer exponent = {1};
  for (int i = 0; i < 5; ++i) exponent = Product(exponent, FromLimbs({kP}));
  exponent = Difference(exponent, {2});
  Quintic result = {1, 0, 0, 0, 0};
  for (std::size_t bit = BitLength(exponent); bit-- > 0;) {
    result = Multiply(result, result);
    if (Bit(exponent, bit)) result = Multiply(result, a);
  }
  return result;
}

Integer FromLimbs(const std::vector<std::uint64_t>& limbs) {
  Integer integer;
  for (const std::uint64_t limb : limbs) {
    integer.push_back(static_cast<std::uint32_t>(limb));
    integer.push_back(static_cast<std::uint32_t>(limb >> 32));
  }
  Trim(integer);
  return integer;
}

Integer Sum(const Integer& a, const Integer& b) {
  Integer sum(std::max(a.size(), b.size()) + 1);
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < sum.size(); ++i) {
    carry += (i < a.size() ? a[i] : 0);
    carry += (i < b.size() ? b[i] : 0);
    sum[i] = static_cast<std::uint32_t>(carry);
    carry >>= 32;
  }
  Trim(sum);
  return sum;
}

Integer Product(const Integer& a, const Integer& b) {
  Integer product(a.size() + b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::uint64_t carry = 0;
    for (std::size_t j = 0; j < b.size() || carry != 0; ++j) {
      carry += product[i + j];
      if (j < b.size()) carry += static_cast<std::uint64_t>(a[i]) * b[j];
      product[i + j] = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
  }
  Trim(product);
  return product;
}

Integer Remainder(const Integer& a, const Integer& modulus) {
  Integer rest;
  for (std::size_t bit = BitLength(a); bit-- > 0;) {
    rest = Sum(rest, rest);
    if (Bit(a, bit)) rest = Sum(rest, {1});
    if (!Less(rest, modulus)) rest = Difference(rest, modulus);
  }
  return rest;
}

bool Bit(const Integer& a, std::size_t index) {
  return index / 32 < a.size() && (a[index / 32] >> index % 32 & 1) != 0;
}

std::size_t BitLength(const Integer& a) {
  std::size_t length = 32 * a.size();
  while (length > 0 && !Bit(a, length - 1)) --length;
  return length;
}

Integer FromDecimal(const char* digits) {
  Integer integer;
  for (; *digits != '\0'; ++digits) {
    integer = Product(integer, {10});
    integer = Sum(integer, {static_cast<std::uint32_t>(*digits - '0')});
  }
  return integer;
}

const Integer& GroupOrder() {
  static const Integer order = FromDecimal(
      "1067993516717146951041484916571792702745057740581727230159139685185762082554198619328292418"
      "486241");
  return order;
}

MaybeAffine GeneratorPoint() {
  return Affine{{11712523173042564207u, 14090224426659529053u, 13197813503519687414u,
                 16280770174934269299u, 15998333998318935536u},
                {14639054205878357578u, 17426078571020221072u, 2548978194165003307u,
                 8663895577921260088u, 9793640284382595140u}};
}

MaybeAffine Add(const MaybeAffine& a, const MaybeAffine& b) {
  if (!a.has_value()) return b;
  if (!b.has_value()) return a;
  Quintic slope;
  if (a->x != b->x) {
    slope = Multiply(Subtract(b->y, a->y), Inverse(Subtract(b->x, a->x)));
  } else if (Add(a->y, b->y) == kZero) {
    return std::nullopt;
  } else {
    const Quintic square = Multiply(a->x, a->x);
    slope =
        Multiply(Add(Add(square, Add(square, square)), kWeierstrassA), Inverse(Add(a->y, a->y)));
  }
  const Quintic x = Subtract(Subtract(Multiply(slope, slope), a->x), b->x);
  return Affine{x, Subtract(Multiply(slope, Subtract(a->x, x)), a->y)};
}

MaybeAffine Multiply(const MaybeAffine& point, const Integer& factor) {
  MaybeAffine result;
  for (std::size_t bit = BitLength(factor); bit-- > 0;) {
    result = Add(result, result);
    if (Bit(factor, bit)) result = Add(result, point);
  }
  return result;
}

Quintic Encode(const MaybeAffine& point) {
  if (!point.has_value()) return kZero;
  return Multiply(point->y, Inverse(Subtract(TwoThirds(), point->x)));
}

void Permute(State& state) {
  static const Matrix external = ExternalMatrix(), internal = InternalMatrix();
  state = Apply(external, state);
  for (std::size_t round = 0; round < 8; ++round) {
    if (round == 4) {
      for (const std::uint64_t constant : poseidon2::kInternalConstants) {
        state[0] = Power(Add(state[0], constant), 7);
        state = Apply(internal, state);
      }
    }
    for (std::size_t i = 0; i < 12; ++i) {
      state[i] = Power(Add(state[i], poseidon2::kExternalConstants[round][i]), 7);
    }
    state = Apply(external, state);
  }
}

}  // namespace switchyard::exchanges::lighter::signing::slow
