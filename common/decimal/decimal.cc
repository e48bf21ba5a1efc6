#include "common/decimal/decimal.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace switchyard {
namespace {

using Mantissa = Decimal::Mantissa;
using Magnitude = unsigned __int128;

constexpr std::array<Mantissa, Decimal::kMaxDigits + 1> MakePowers() {
  std::array<Mantissa, Decimal::kMaxDigits + 1> powers{};
  powers[0] = 1;
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}
constexpr auto kPowers = MakePowers();
constexpr Mantissa kLimit = kPowers[Decimal::kMaxDigits];  // exclusive

absl::Status Malformed(std::string_view text) {
  return absl::InvalidArgumentError(fmt::format("not a decimal: '{}'", text.substr(0, 64)));
}

absl::Status TooLarge(std::string_view what) {
  return absl::OutOfRangeError(fmt::format("{} exceeds 38 digits", what));
}

bool Fits(Mantissa value) { return value > -kLimit && value < kLimit; }

Mantissa Abs(Mantissa value) { return value < 0 ? -value : value; }

// Rounds quotient + remainder/divisor (truncated division, divisor > 0) to an integer.
absl::StatusOr<Mantissa> RoundQuotient(Mantissa quotient, Mantissa remainder, Mantissa divisor,
                                       bool negative, Rounding rounding) {
  if (remainder == 0) return quotient;
  const Mantissa away = negative ? quotient - 1 : quotient + 1;
  switch (rounding) {
    case Rounding::kExact:
      return absl::InvalidArgumentError("the result is not exact");
    case Rounding::kDown:
      return quotient;
    case Rounding::kUp:
      return away;
    case Rounding::kFloor:
      return negative ? away : quotient;
    case Rounding::kCeiling:
      return negative ? quotient : away;
    case Rounding::kHalfEven: {
      const Mantissa rest = Abs(remainder);
      const Mantissa opposite = divisor - rest;
      if (rest != opposite) return rest > opposite ? away : quotient;
      return quotient % 2 == 0 ? quotient : away;
    }
  }
  return absl::InternalError("unknown rounding");
}

struct Parts {
  bool negative = false;
  std::string_view integer;
  std::string_view fraction;
  int exponent = 0;
};

bool AllDigits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Splits text; `lenient` also takes what ParseLenient documents.
bool Split(std::string_view text, bool lenient, Parts* parts) {
  if (!text.empty() && (text[0] == '-' || (lenient && text[0] == '+'))) {
    parts->negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (lenient) {
    if (const auto e = text.find_first_of("eE"); e != std::string_view::npos) {
      std::string_view exponent = text.substr(e + 1);
      if (exponent.starts_with('+')) {
        exponent.remove_prefix(1);
        if (exponent.starts_with('-')) return false;
      }
      const auto [end, error] =
          std::from_chars(exponent.data(), exponent.data() + exponent.size(), parts->exponent);
      if (error != std::errc() || end != exponent.data() + exponent.size()) return false;
      if (parts->exponent < -1000 || parts->exponent > 1000) return false;
      text = text.substr(0, e);
    }
  }
  const auto dot = text.find('.');
  parts->integer = text.substr(0, dot);
  if (dot != std::string_view::npos) {
    parts->fraction = text.substr(dot + 1);
    if (parts->fraction.empty() && (!lenient || parts->integer.empty())) return false;
  }
  if (parts->integer.empty() && (!lenient || parts->fraction.empty())) return false;
  return AllDigits(parts->integer) && AllDigits(parts->fraction);
}

absl::StatusOr<Decimal> Assemble(std::string_view text, const Parts& parts) {
  Mantissa mantissa = 0;
  for (const std::string_view digits : {parts.integer, parts.fraction}) {
    for (const char c : digits) {
      if (mantissa >= kLimit / 10) return TooLarge(text.substr(0, 64));
      mantissa = mantissa * 10 + (c - '0');
    }
  }
  if (parts.fraction.size() > 200) return TooLarge(text.substr(0, 64));
  int scale = static_cast<int>(parts.fraction.size()) - parts.exponent;
  while (scale > Decimal::kMaxDigits && mantissa % 10 == 0) {
    if (mantissa == 0) {
      scale = 0;
      break;
    }
    mantissa /= 10;
    --scale;
  }
  for (; scale < 0 && mantissa != 0; ++scale) {
    if (mantissa >= kLimit / 10) return TooLarge(text.substr(0, 64));
    mantissa *= 10;
  }
  if (scale < 0) scale = 0;
  return Decimal::FromMantissa(parts.negative ? -mantissa : mantissa, scale);
}

}  // namespace

absl::StatusOr<Decimal> Decimal::Parse(std::string_view text) {
  Parts parts;
  if (!Split(text, /*lenient=*/false, &parts)) return Malformed(text);
  return Assemble(text, parts);
}

absl::StatusOr<Decimal> Decimal::ParseLenient(std::string_view text) {
  Parts parts;
  if (!Split(text, /*lenient=*/true, &parts)) return Malformed(text);
  return Assemble(text, parts);
}

absl::StatusOr<Decimal> Decimal::FromMantissa(Mantissa mantissa, int scale) {
  if (scale < 0 || scale > kMaxDigits) return TooLarge("scale");
  if (!Fits(mantissa)) return TooLarge("mantissa");
  return Decimal(mantissa, scale);
}

absl::StatusOr<Decimal> Decimal::FromMantissaExponent(std::int64_t mantissa, int exponent) {
  if (mantissa == 0) return Decimal();
  if (exponent < -kMaxDigits) return TooLarge("scale");
  if (exponent <= 0) return FromMantissa(mantissa, -exponent);
  Mantissa wide = mantissa;
  for (; exponent > 0; --exponent) {
    if (Abs(wide) >= kLimit / 10) return TooLarge("mantissa x 10^exponent");
    wide *= 10;
  }
  return Decimal(wide, 0);
}

std::string Decimal::ToString() const {
  auto rest = static_cast<Magnitude>(Abs(mantissa_));
  char digits[kMaxDigits + 4];
  char* const end = digits + sizeof(digits);
  char* at = end;
  for (int written = 0; rest != 0 || written <= scale_; ++written) {
    if (written == scale_ && scale_ > 0) *--at = '.';
    *--at = static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  }
  if (mantissa_ < 0) *--at = '-';
  return std::string(at, end);
}

std::string Decimal::ToShortString() const { return Normalised().ToString(); }

Decimal Decimal::Normalised() const {
  Decimal result = *this;
  if (result.mantissa_ == 0) return Decimal();
  while (result.scale_ > 0 && result.mantissa_ % 10 == 0) {
    result.mantissa_ /= 10;
    --result.scale_;
  }
  return result;
}

absl::StatusOr<Decimal> Decimal::Rescaled(int scale, Rounding rounding) const {
  if (scale < 0 || scale > kMaxDigits) return TooLarge("scale");
  if (scale >= scale_) {
    Mantissa wide = 0;
    if (__builtin_mul_overflow(mantissa_, kPowers[scale - scale_], &wide)) return TooLarge("value");
    return FromMantissa(wide, scale);
  }
  const Mantissa divisor = kPowers[scale_ - scale];
  auto rounded =
      RoundQuotient(mantissa_ / divisor, mantissa_ % divisor, divisor, mantissa_ < 0, rounding);
  if (!rounded.ok()) {
    return absl::InvalidArgumentError(
        fmt::format("{} has more than {} decimals", ToString(), scale));
  }
  return FromMantissa(*rounded, scale);
}

absl::StatusOr<Decimal> Decimal::RoundedToStep(const Decimal& step, Rounding rounding) const {
  if (step.mantissa_ <= 0) return absl::InvalidArgumentError("step must be positive");
  auto count = Divide(*this, step, 0, rounding);
  if (!count.ok()) {
    if (absl::IsOutOfRange(count.status())) return count.status();
    return absl::InvalidArgumentError(
        fmt::format("{} is not a multiple of {}", ToString(), step.ToString()));
  }
  return Multiply(*count, step);
}

absl::StatusOr<std::int64_t> Decimal::MantissaAt(int scale) const {
  auto exact = Rescaled(scale, Rounding::kExact);
  if (!exact.ok()) {
    return absl::OutOfRangeError(std::string(exact.status().message()));
  }
  if (exact->mantissa_ > std::numeric_limits<std::int64_t>::max() ||
      exact->mantissa_ < std::numeric_limits<std::int64_t>::min()) {
    return absl::OutOfRangeError(fmt::format("{} at scale {} exceeds 64 bits", ToString(), scale));
  }
  return static_cast<std::int64_t>(exact->mantissa_);
}

absl::StatusOr<Decimal> Decimal::Add(const Decimal& left, const Decimal& right) {
  const int scale = std::max(left.scale(), right.scale());
  auto a = left.Rescaled(scale, Rounding::kExact);
  auto b = right.Rescaled(scale, Rounding::kExact);
  Mantissa sum = 0;
  if (a.ok() && b.ok() && !__builtin_add_overflow(a->mantissa_, b->mantissa_, &sum) && Fits(sum)) {
    return Decimal(sum, scale);
  }
  // Trailing zeros may be what does not fit.
  const Decimal short_left = left.Normalised();
  const Decimal short_right = right.Normalised();
  if (short_left.scale_ == left.scale_ && short_right.scale_ == right.scale_) {
    return TooLarge("sum");
  }
  return Add(short_left, short_right);
}

absl::StatusOr<Decimal> Decimal::Subtract(const Decimal& left, const Decimal& right) {
  return Add(left, right.Negated());
}

absl::StatusOr<Decimal> Decimal::Multiply(const Decimal& left, const Decimal& right) {
  Mantissa product = 0;
  const int scale = left.scale_ + right.scale_;
  if (scale <= kMaxDigits && !__builtin_mul_overflow(left.mantissa_, right.mantissa_, &product) &&
      Fits(product)) {
    return Decimal(product, scale);
  }
  const Decimal a = left.Normalised();
  const Decimal b = right.Normalised();
  if (a.scale_ == left.scale_ && b.scale_ == right.scale_) return TooLarge("product");
  return Multiply(a, b);
}

absl::StatusOr<Decimal> Decimal::Divide(const Decimal& dividend, const Decimal& divisor, int scale,
                                        Rounding rounding) {
  if (divisor.mantissa_ == 0) return absl::InvalidArgumentError("division by zero");
  if (scale < 0 || scale > kMaxDigits) return TooLarge("scale");
  // dividend / divisor at `scale` = a x 10^(scale + scale_b - scale_a) / b.
  const Decimal a = dividend.Normalised();
  const Decimal b = divisor.Normalised();
  Mantissa numerator = a.mantissa_;
  Mantissa denominator = b.mantissa_;
  const int shift = scale + b.scale_ - a.scale_;
  if (shift > kMaxDigits || shift < -kMaxDigits ||
      __builtin_mul_overflow(shift >= 0 ? numerator : denominator,
                             kPowers[shift >= 0 ? shift : -shift],
                             shift >= 0 ? &numerator : &denominator)) {
    return TooLarge("quotient");
  }
  const bool negative = (numerator < 0) != (denominator < 0);
  auto rounded = RoundQuotient(numerator / denominator, numerator % denominator, Abs(denominator),
                               negative, rounding);
  if (!rounded.ok()) return rounded.status();
  return FromMantissa(*rounded, scale);
}

std::strong_ordering operator<=>(const Decimal& left, const Decimal& right) {
  const Mantissa left_unit = kPowers[left.scale_];
  const Mantissa right_unit = kPowers[right.scale_];
  const Mantissa left_whole = left.mantissa_ / left_unit;
  const Mantissa right_whole = right.mantissa_ / right_unit;
  if (left_whole != right_whole) return left_whole <=> right_whole;
  // Fractions have the sign of the number and less than 10^38 after alignment.
  const int scale = std::max(left.scale(), right.scale());
  const Mantissa left_rest = (left.mantissa_ % left_unit) * kPowers[scale - left.scale_];
  const Mantissa right_rest = (right.mantissa_ % right_unit) * kPowers[scale - right.scale_];
  return left_rest <=> right_rest;
}

bool ParseMantissa(std::string_view text, int scale, std::int64_t* mantissa) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const bool negative = at != end && *at == '-';
  if (negative) ++at;
  if (at == end || *at < '0' || *at > '9') return false;
  std::uint64_t value = 0;
  constexpr std::uint64_t kNearLimit = std::numeric_limits<std::int64_t>::max() / 10;
  const auto append = [&value](unsigned digit) {
    if (value > kNearLimit) return false;
    value = value * 10 + digit;
    return value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  };
  for (; at != end && *at >= '0' && *at <= '9'; ++at) {
    if (!append(static_cast<unsigned>(*at - '0'))) return false;
  }
  int missing = scale;
  if (at != end) {
    if (*at != '.' || ++at == end) return false;
    for (; at != end && *at >= '0' && *at <= '9'; ++at) {
      if (missing == 0) {
        if (*at != '0') return false;
        continue;
      }
      if (!append(static_cast<unsigned>(*at - '0'))) return false;
      --missing;
    }
    if (at != end) return false;
  }
  for (; missing > 0; --missing) {
    if (value != 0 && !append(0)) return false;
  }
  *mantissa = negative ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
  return true;
}

int ScaleOfText(std::string_view text) {
  const auto dot = text.find('.');
  return dot == std::string_view::npos ? 0 : static_cast<int>(text.size() - dot - 1);
}

}  // namespace switchyard
