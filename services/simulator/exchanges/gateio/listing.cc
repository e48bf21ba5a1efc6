#include "services/simulator/exchanges/gateio/listing.h"

#include <charconv>
#include <utility>

namespace switchyard::simulator::gateio {

Listing::Listing(Instrument what, std::uint64_t seed, std::int64_t now_ns)
    : instrument(std::move(what)), market(instrument.market, seed, now_ns) {
  engine::Random random(engine::SeedFor(seed + 1, symbol()));
  funding_rate_millionths = random.Below(400) - 100;
  open_interest = instrument.market.quantity * (5'000 + random.Below(20'000));
  std::string digits;
  for (const char c : instrument.quanto_multiplier) {
    if (c != '.') digits.push_back(c);
  }
  const std::size_t point = instrument.quanto_multiplier.find('.');
  if (point != std::string::npos) {
    multiplier_scale = static_cast<int>(instrument.quanto_multiplier.size() - point - 1);
  }
  std::from_chars(digits.data(), digits.data() + digits.size(), multiplier);
}

std::int64_t Listing::MarkPrice() const {
  const std::int64_t middle =
      (market.book().Best(engine::Side::kBuy) + market.book().Best(engine::Side::kSell)) / 2;
  return (middle + market.fair_price()) / 2;
}

Listings::Listings(Product product, std::size_t count, std::uint64_t seed, std::int64_t now_ns)
    : symbols_{product, {}} {
  // Spot and futures of one coin move apart.
  const std::uint64_t product_seed = seed * 2 + (product == Product::kSpot ? 0 : 1);
  for (Instrument& instrument : MakeInstruments(product, count)) {
    all_.push_back(std::make_unique<Listing>(std::move(instrument), product_seed, now_ns));
    symbols_.names.insert(all_.back()->symbol());
    by_symbol_.emplace(all_.back()->symbol(), all_.back().get());
  }
}

Listing* Listings::Find(std::string_view symbol) const {
  const auto found = by_symbol_.find(symbol);
  return found == by_symbol_.end() ? nullptr : found->second;
}

}  // namespace switchyard::simulator::gateio
