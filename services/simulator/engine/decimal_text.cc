#include "services/simulator/engine/decimal_text.h"

#include <array>
#include <charconv>
#include <cstdlib>
#include <limits>

namespace switchyard::simulator::engine {
namespace {

// The path of nearly every price and quantity: the digits fit 64 bits.
void AppendDecimal64(std::string& out, std::uint64_t magnitude, int scale) {
  while (scale > 0 && magnitude % 10 == 0) {
    magnitude /= 10;
    --scale;
  }
  std::array<char, 64> digits;
  char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), magnitude).ptr;
  const int count = static_cast<int>(end - digits.data());
  if (scale == 0) {
    out.append(digits.data(), end);
  } else if (count > scale) {
    out.append(digits.data(), end - scale);
    out.push_back('.');
    out.append(end - scale, end);
  } else {
    out.append("0.");
    out.append(static_cast<std::size_t>(scale - count), '0');
    out.append(digits.data(), end);
  }
}

void AppendDecimal128(std::string& out, Int128 magnitude, int scale) {
  std::string reversed;
  while (magnitude > 0 || static_cast<int>(reversed.size()) <= scale) {
    reversed.push_back(static_cast<char>('0' + static_cast<int>(magnitude % 10)));
    magnitude /= 10;
  }
  std::string text(reversed.rbegin(), reversed.rend());
  if (scale > 0) {
    text.insert(text.size() - static_cast<std::size_t>(scale), 1, '.');
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  out += text;
}

}  // namespace

void AppendDecimal(std::string& out, Int128 mantissa, int scale) {
  if (mantissa == 0) {
    out.push_back('0');
    return;
  }
  if (mantissa < 0) {
    out.push_back('-');
    mantissa = -mantissa;
  }
  if (mantissa <= std::numeric_limits<std::int64_t>::max()) {
    AppendDecimal64(out, static_cast<std::uint64_t>(mantissa), scale);
  } else {
    AppendDecimal128(out, mantissa, scale);
  }
}

std::string DecimalText(Int128 mantissa, int scale) {
  std::string text;
  AppendDecimal(text, mantissa, scale);
  return text;
}

void AppendInteger(std::string& out, std::int64_t value) {
  std::array<char, 24> digits;
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
}

std::int64_t PowerOfTen(int exponent) {
  std::int64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

}  // namespace switchyard::simulator::engine
