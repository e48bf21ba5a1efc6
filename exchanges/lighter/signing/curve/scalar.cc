#include "exchanges/lighter/signing/curve/scalar.h"

namespace switchyard::exchanges::lighter::signing {
namespace {

using Limbs = Scalar::Limbs;

// n, -1/n mod 2^64 and 2^640 mod n. Source: reference 3.3 and curve_constants.json.
constexpr Limbs kOrder = {0xe80fd996948bffe1, 0xe8885c39d724a09c, 0x7fffffe6cfb80639,
                          0x7ffffff100000016, 0x7ffffffd80000007};
constexpr std::uint64_t kMinusInverse = 0xd78bef72057b7bdf;
constexpr Limbs kRadixSquared = {0xa01001dce33dc739, 0x6c3228d33f62accf, 0xd1d796cc91cf8525,
                                 0xaadfff5d1574c1d8, 0x4aca13b28ca251f5};

// *sum = a + b; the carry.
std::uint64_t AddLimbs(const Limbs& a, const Limbs& b, Limbs* sum) {
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const Uint128 wide = static_cast<Uint128>(a[i]) + b[i] + carry;
    (*sum)[i] = static_cast<std::uint64_t>(wide);
    carry = static_cast<std::uint64_t>(wide >> 64);
  }
  return carry;
}

// *difference = a - b; the borrow.
std::uint64_t SubtractLimbs(const Limbs& a, const Limbs& b, Limbs* difference) {
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const Uint128 wide = static_cast<Uint128>(a[i]) - b[i] - borrow;
    (*difference)[i] = static_cast<std::uint64_t>(wide);
    borrow = static_cast<std::uint64_t>(wide >> 64) & 1;
  }
  return borrow;
}

// `value`, or n less where that is not negative.
Limbs SubtractOrderOnce(const Limbs& value) {
  Limbs reduced;
  const std::uint64_t keep = MaskOf(SubtractLimbs(value, kOrder, &reduced));
  for (std::size_t i = 0; i < value.size(); ++i) {
    reduced[i] = (value[i] & keep) | (reduced[i] & ~keep);
  }
  return reduced;
}

// a b / 2^320 mod n (Montgomery), for any a and for b below n.
Limbs MontgomeryProduct(const Limbs& a, const Limbs& b) {
  Limbs sum{};
  std::uint64_t top = 0;
  for (const std::uint64_t digit : a) {
    Uint128 wide = 0;
    for (std::size_t j = 0; j < b.size(); ++j) {
      wide += static_cast<Uint128>(digit) * b[j] + sum[j];
      sum[j] = static_cast<std::uint64_t>(wide);
      wide >>= 64;
    }
    wide += top;
    const auto carried = static_cast<std::uint64_t>(wide);
    top = static_cast<std::uint64_t>(wide >> 64);

    // The multiple of n that makes the lowest limb zero, which then falls away.
    const std::uint64_t multiple = sum[0] * kMinusInverse;
    wide = (static_cast<Uint128>(multiple) * kOrder[0] + sum[0]) >> 64;
    for (std::size_t j = 1; j < b.size(); ++j) {
      wide += static_cast<Uint128>(multiple) * kOrder[j] + sum[j];
      sum[j - 1] = static_cast<std::uint64_t>(wide);
      wide >>= 64;
    }
    wide += carried;
    sum[4] = static_cast<std::uint64_t>(wide);
    top += static_cast<std::uint64_t>(wide >> 64);
  }
  // Below 2n, and 2n fits: top is zero.
  return SubtractOrderOnce(sum);
}

template <std::size_t kCount, std::size_t kSize>
std::array<std::uint64_t, kCount> LimbsOf(const std::array<std::uint8_t, kSize>& bytes) {
  std::array<std::uint64_t, kCount> limbs{};
  for (std::size_t i = 0; i < kSize; ++i) {
    limbs[i / 8] |= static_cast<std::uint64_t>(bytes[i]) << 8 * (i % 8);
  }
  return limbs;
}

}  // namespace

Scalar Scalar::ReduceLimbs(const Limbs& limbs) {
  Scalar scalar;
  // 2^320 is below 3n.
  scalar.limbs_ = SubtractOrderOnce(SubtractOrderOnce(limbs));
  return scalar;
}

Scalar Scalar::Reduce(const Bytes40& bytes) { return ReduceLimbs(LimbsOf<5>(bytes)); }

Scalar Scalar::ReduceWide(const std::array<std::uint8_t, 64>& bytes) {
  const std::array<std::uint64_t, 8> wide = LimbsOf<8>(bytes);
  // low + 2^320 high.
  Scalar high;
  high.limbs_ = MontgomeryProduct({wide[5], wide[6], wide[7], 0, 0}, kRadixSquared);
  return ReduceLimbs({wide[0], wide[1], wide[2], wide[3], wide[4]}) + high;
}

Scalar Scalar::FromElement(const Fp5& element) {
  Limbs limbs;
  for (std::size_t i = 0; i < limbs.size(); ++i) limbs[i] = element[i].value();
  return ReduceLimbs(limbs);
}

std::optional<Scalar> Scalar::FromCanonicalBytes(const Bytes40& bytes) {
  const Scalar scalar = Reduce(bytes);
  if (scalar.ToBytes() != bytes) return std::nullopt;
  return scalar;
}

Bytes40 Scalar::ToBytes() const {
  Bytes40 bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(limbs_[i / 8] >> 8 * (i % 8));
  }
  return bytes;
}

bool Scalar::IsZero() const {
  std::uint64_t bits = 0;
  for (const std::uint64_t limb : limbs_) bits |= limb;
  return bits == 0;
}

Scalar operator+(const Scalar& a, const Scalar& b) {
  Scalar sum;
  AddLimbs(a.limbs_, b.limbs_, &sum.limbs_);  // below 2n, which fits
  sum.limbs_ = SubtractOrderOnce(sum.limbs_);
  return sum;
}

Scalar operator-(const Scalar& a, const Scalar& b) {
  Scalar difference;
  const std::uint64_t negative = MaskOf(SubtractLimbs(a.limbs_, b.limbs_, &difference.limbs_));
  Limbs order = kOrder;
  for (std::uint64_t& limb : order) limb &= negative;
  AddLimbs(difference.limbs_, order, &difference.limbs_);
  return difference;
}

Scalar operator*(const Scalar& a, const Scalar& b) {
  Scalar product;
  product.limbs_ = MontgomeryProduct(MontgomeryProduct(a.limbs_, kRadixSquared), b.limbs_);
  return product;
}

}  // namespace switchyard::exchanges::lighter::signing
