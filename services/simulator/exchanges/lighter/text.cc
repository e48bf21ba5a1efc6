#include "services/simulator/exchanges/lighter/text.h"

#include "fmt/format.h"
#include "services/simulator/engine/random.h"

namespace switchyard::simulator::lighter {

std::string Fixed(engine::Int128 mantissa, int scale) {
  std::string digits = engine::DecimalText(mantissa < 0 ? -mantissa : mantissa, 0);
  const auto decimals = static_cast<std::size_t>(scale);
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  if (decimals > 0) digits.insert(digits.size() - decimals, 1, '.');
  return mantissa < 0 ? "-" + digits : digits;
}

std::string Fixed(engine::Amount amount, int decimals) {
  engine::Int128 units = amount.units();
  for (int i = decimals; i < engine::Amount::kScale; ++i) units /= 10;
  return Fixed(units, decimals);
}

std::string HexOf(std::uint64_t seed, int bytes) {
  engine::Random random(seed);
  std::string text;
  for (int i = 0; i < bytes; i += 8) text += fmt::format("{:016x}", random.Next());
  text.resize(static_cast<std::size_t>(2 * bytes));
  return text;
}

}  // namespace switchyard::simulator::lighter
