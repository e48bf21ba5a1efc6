#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "services/simulator/engine/market.h"
#include "services/simulator/exchanges/gateio/instruments.h"

namespace switchyard::simulator::gateio {

// One tradable thing: what is told of it, and its market.
struct Listing {
  Listing(Instrument what, std::uint64_t seed, std::int64_t now_ns);

  const std::string& symbol() const { return instrument.market.symbol; }
  int price_scale() const { return instrument.market.price_scale; }
  int quantity_scale() const { return instrument.market.quantity_scale; }

  Instrument instrument;
  engine::Market market;
  // Futures. Rates are millionths per funding interval; open interest is in lots.
  std::int64_t funding_rate_millionths;
  std::int64_t open_interest;
  // Decimals of quanto_multiplier, and its digits without the point.
  int multiplier_scale = 0;
  std::int64_t multiplier = 1;

  // Mark price in ticks: between the walk and the book's middle.
  std::int64_t MarkPrice() const;
};

// Names that a product knows.
struct Symbols {
  Product product;
  std::set<std::string, std::less<>> names;

  bool Has(std::string_view symbol) const { return names.contains(symbol); }
};

// What one product lists. Listings never move in memory.
class Listings {
 public:
  Listings(Product product, std::size_t count, std::uint64_t seed, std::int64_t now_ns);

  Product product() const { return symbols_.product; }
  const Symbols& symbols() const { return symbols_; }
  const std::vector<std::unique_ptr<Listing>>& all() const { return all_; }
  // Null: not listed.
  Listing* Find(std::string_view symbol) const;

 private:
  Symbols symbols_;
  std::vector<std::unique_ptr<Listing>> all_;
  std::map<std::string, Listing*, std::less<>> by_symbol_;
};

}  // namespace switchyard::simulator::gateio
