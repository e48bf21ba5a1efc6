#include "exchanges/lighter/signing/curve/generator_table.h"

#include <array>

#include "exchanges/lighter/signing/wiping.h"

namespace switchyard::exchanges::lighter::signing {
namespace {

constexpr std::size_t kWindowBits = 5;
constexpr std::size_t kWindows = 64;  // 320 bits
// Digits are -15..16: a negative one is the entry with u negated, zero is no entry at all.
constexpr std::size_t kEntries = 16;
constexpr std::size_t kLimbs = 10;  // x, then u

using Pair = std::uint64_t __attribute__((vector_size(16)));
using Entry = std::array<Pair, kLimbs / 2>;
using Table = std::array<std::array<Entry, kEntries>, kWindows>;  // [i][j] = (j + 1) 2^(5 i) G

void SetLimb(Entry& entry, std::size_t limb, Fp value) {
  entry[limb / 2][limb % 2] = value.value();
}

Fp GetLimb(const Entry& entry, std::size_t limb) {
  return Fp::FromTable(entry[limb / 2][limb % 2]);
}

Table* MakeTable() {
  auto* const table = new Table;
  Point base = Point::Generator();
  for (auto& window : *table) {
    Point multiple = base;
    for (Entry& entry : window) {
      const AffinePoint affine = multiple.ToAffine();
      for (std::size_t limb = 0; limb < 5; ++limb) {
        SetLimb(entry, limb, affine.x[limb]);
        SetLimb(entry, limb + 5, affine.u[limb]);
      }
      multiple = multiple + base;
    }
    for (std::size_t i = 0; i < kWindowBits; ++i) base = base + base;
  }
  return table;
}

// Never freed: threads may sign until the process ends.
const Table& Multiples() {
  static const Table* const kTable = MakeTable();
  return *kTable;
}

struct Digit {
  std::uint64_t magnitude;  // 0..16
  std::uint64_t negative;   // a mask
};

// The factor as the sum of digit i times 2^(5 i). The topmost digit takes the last carry: n is
// below 2^319, so it is at most 16.
std::array<Digit, kWindows> Recode(const Scalar& factor) {
  std::array<Digit, kWindows> digits;
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < kWindows; ++i) {
    const std::size_t bit = kWindowBits * i, limb = bit / 64, shift = bit % 64;
    // Where the window lies is public; what is in it is not.
    std::uint64_t value = factor.limbs()[limb] >> shift;
    if (shift > 64 - kWindowBits) value |= factor.limbs()[limb + 1] << (64 - shift);
    value = (value & 31) + carry;
    carry = (16 - value) >> 63;  // 1 where the value is above 16
    const std::uint64_t negative = MaskOf(carry);
    digits[i] = {((value ^ negative) - negative + (32 & negative)) & 31, negative};
  }
  return digits;
}

// The digit's multiple of window `i`, reading all of the window.
AffinePoint Select(const std::array<Entry, kEntries>& window, const Digit& digit) {
  Entry found{};
#pragma GCC unroll 16
  for (std::size_t j = 0; j < kEntries; ++j) {
    const std::uint64_t difference = digit.magnitude ^ (j + 1);
    const std::uint64_t wanted = MaskOf((difference - 1) >> 63);
#pragma GCC unroll 5
    for (std::size_t i = 0; i < found.size(); ++i) found[i] |= window[j][i] & Pair{wanted, wanted};
  }
  std::array<Fp, 5> x, u;
  for (std::size_t limb = 0; limb < 5; ++limb) {
    x[limb] = GetLimb(found, limb);
    const std::uint64_t positive = GetLimb(found, limb + 5).value();
    const std::uint64_t negated = (-Fp::FromTable(positive)).value();
    u[limb] = Fp::FromTable((positive & ~digit.negative) | (negated & digit.negative));
  }
  return {Fp5(x), Fp5(u)};
}

}  // namespace

Point MultiplyGenerator(const Scalar& factor) {
  const Table& table = Multiples();
  const Wiping<std::array<Digit, kWindows>> digits(Recode(factor));
  Wiping<AffinePoint> multiple;
  Wiping<Point> sum;
  for (std::size_t i = 0; i < kWindows; ++i) {
    *multiple = Select(table[i], (*digits)[i]);
    *sum = *sum + *multiple;
  }
  return *sum;
}

}  // namespace switchyard::exchanges::lighter::signing
