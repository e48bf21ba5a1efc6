#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace switchyard {

// Which way an inexact result goes. There is no default: whoever rounds says how.
enum class Rounding {
  kExact,     // an inexact result is an error (InvalidArgument)
  kDown,      // towards zero
  kUp,        // away from zero
  kFloor,     // towards minus infinity
  kCeiling,   // towards plus infinity
  kHalfEven,  // to the nearest, ties to the even digit
};

// An exact decimal number: value = mantissa x 10^-scale, |mantissa| < 10^38, 0 <= scale <= 38. A
// plain value; any thread. Arithmetic that does not fit is OutOfRange, never wrong.
class Decimal {
 public:
  using Mantissa = __int128;
  static constexpr int kMaxDigits = 38;

  constexpr Decimal() = default;

  // The contract's form: `-?digits[.digits]`. Errors: InvalidArgument (form), OutOfRange (digits).
  static absl::StatusOr<Decimal> Parse(std::string_view text);
  // What exchanges send: also an exponent ("-1.25e-08"), a leading '+', ".5" and "5.".
  static absl::StatusOr<Decimal> ParseLenient(std::string_view text);
  // Errors: OutOfRange.
  static absl::StatusOr<Decimal> FromMantissa(Mantissa mantissa, int scale);
  static constexpr Decimal FromInt(std::int64_t value) { return Decimal(value, 0); }
  // For values that a mantissa and an exponent (value = mantissa x 10^exponent) carry on the wire.
  // Errors: OutOfRange.
  static absl::StatusOr<Decimal> FromMantissaExponent(std::int64_t mantissa, int exponent);

  constexpr Mantissa mantissa() const { return mantissa_; }
  constexpr int scale() const { return scale_; }
  constexpr bool is_zero() const { return mantissa_ == 0; }
  constexpr bool is_negative() const { return mantissa_ < 0; }

  // All digits of the scale: mantissa 1500, scale 3 -> "1.500".
  std::string ToString() const;
  // Without trailing zeros of the fraction: "1.5".
  std::string ToShortString() const;

  // The same value with the smallest scale.
  Decimal Normalised() const;
  // The same value, rounded where it must be, with exactly `scale` decimals.
  // Errors: InvalidArgument (kExact and inexact), OutOfRange.
  absl::StatusOr<Decimal> Rescaled(int scale, Rounding rounding) const;
  // The multiple of `step` (> 0) that `rounding` chooses. Errors as Rescaled.
  absl::StatusOr<Decimal> RoundedToStep(const Decimal& step, Rounding rounding) const;
  // Mantissa at `scale`, where it is exact and fits 64 bits. Errors: OutOfRange.
  absl::StatusOr<std::int64_t> MantissaAt(int scale) const;

  // Exact. Errors: OutOfRange.
  static absl::StatusOr<Decimal> Add(const Decimal& left, const Decimal& right);
  static absl::StatusOr<Decimal> Subtract(const Decimal& left, const Decimal& right);
  static absl::StatusOr<Decimal> Multiply(const Decimal& left, const Decimal& right);
  // Quotient with `scale` decimals. Errors: InvalidArgument (divisor 0, or kExact and inexact),
  // OutOfRange.
  static absl::StatusOr<Decimal> Divide(const Decimal& dividend, const Decimal& divisor, int scale,
                                        Rounding rounding);

  constexpr Decimal Negated() const { return Decimal(-mantissa_, scale_); }
  constexpr Decimal Absolute() const { return mantissa_ < 0 ? Negated() : *this; }

  // By value: 1.50 equals 1.5.
  friend std::strong_ordering operator<=>(const Decimal& left, const Decimal& right);
  friend bool operator==(const Decimal& left, const Decimal& right) {
    return (left <=> right) == std::strong_ordering::equal;
  }

 private:
  constexpr Decimal(Mantissa mantissa, int scale)
      : mantissa_(mantissa), scale_(static_cast<std::int8_t>(scale)) {}

  Mantissa mantissa_ = 0;
  std::int8_t scale_ = 0;
};

// The book path: `-?digits[.digits]` to a mantissa at `scale` (0..18), exactly. False, and nothing
// written, when the text has another form, more significant decimals than `scale`, or exceeds
// +-(2^63 - 1).
bool ParseMantissa(std::string_view text, int scale, std::int64_t* mantissa);

// Number of decimals of a plain decimal text: "0.0100" -> 4, "5" -> 0.
int ScaleOfText(std::string_view text);

}  // namespace switchyard
