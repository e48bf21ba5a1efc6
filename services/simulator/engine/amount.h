#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "services/simulator/engine/decimal_text.h"

namespace switchyard::simulator::engine {

// A balance, value or fee: an integer of 10^-20 units, so that every product of a price, a
// quantity, a multiplier and a rate that the simulator makes is exact. Quotients are rounded where
// they are made, and say how. Up to 10^18.
class Amount {
 public:
  static constexpr int kScale = 20;

  constexpr Amount() = default;
  static constexpr Amount FromUnits(Int128 units) { return Amount(units); }
  // mantissa x 10^-scale; scale is 0 to 20.
  static constexpr Amount Of(Int128 mantissa, int scale) {
    for (int i = scale; i < kScale; ++i) mantissa *= 10;
    return Amount(mantissa);
  }
  static constexpr Amount FromInt(std::int64_t value) { return Of(value, 0); }
  // Plain decimal text, a sign allowed. Empty: no such text, more than 20 decimals, or 10^15 and
  // more.
  static std::optional<Amount> Parse(std::string_view text);

  constexpr Int128 units() const { return units_; }
  constexpr bool is_zero() const { return units_ == 0; }
  constexpr bool is_negative() const { return units_ < 0; }
  // Without trailing zeros.
  std::string Text() const { return DecimalText(units_, kScale); }

  constexpr Amount operator-() const { return Amount(-units_); }
  constexpr Amount& operator+=(Amount other) {
    units_ += other.units_;
    return *this;
  }
  constexpr Amount& operator-=(Amount other) {
    units_ -= other.units_;
    return *this;
  }
  friend constexpr Amount operator+(Amount a, Amount b) { return Amount(a.units_ + b.units_); }
  friend constexpr Amount operator-(Amount a, Amount b) { return Amount(a.units_ - b.units_); }
  friend constexpr Amount operator*(Amount a, std::int64_t factor) {
    return Amount(a.units_ * factor);
  }
  friend constexpr auto operator<=>(Amount, Amount) = default;

  // Exact for the rates in use: parts per million.
  constexpr Amount PerMillion(std::int64_t rate) const { return Amount(units_ * rate / 1'000'000); }
  // Rounded towards zero; divisor > 0.
  constexpr Amount DividedBy(std::int64_t divisor) const { return Amount(units_ / divisor); }
  // Away from zero.
  constexpr Amount DividedUp(std::int64_t divisor) const {
    const Int128 quotient = units_ / divisor;
    const Int128 rest = units_ % divisor;
    return Amount(quotient + (rest > 0 ? 1 : rest < 0 ? -1 : 0));
  }

 private:
  explicit constexpr Amount(Int128 units) : units_(units) {}

  Int128 units_ = 0;
};

// dividend / divisor with `decimals` decimals, rounded towards zero, as text without trailing
// zeros; "0" where the divisor is zero.
std::string QuotientText(Amount dividend, Amount divisor, int decimals);

}  // namespace switchyard::simulator::engine
