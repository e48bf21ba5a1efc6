#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "services/simulator/engine/market.h"

namespace switchyard::simulator::gateio {

enum class Product { kSpot, kFutures };

// A pair or a contract: what REST tells of it, besides its market.
struct Instrument {
  engine::MarketSpec market;
  std::string base;
  std::string base_name;
  std::string quote;
  // Futures: coins per contract, and whether decimal sizes are allowed.
  std::string quanto_multiplier;
  bool enable_decimal = false;
  int leverage_max = 100;
};

// The first `count` instruments of a product: well-known ones, then made-up ones ("SIM30_USDT").
std::vector<Instrument> MakeInstruments(Product product, std::size_t count);

// How many are well-known.
std::size_t KnownInstruments(Product product);

}  // namespace switchyard::simulator::gateio
