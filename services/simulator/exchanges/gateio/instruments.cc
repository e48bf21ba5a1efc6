#include "services/simulator/exchanges/gateio/instruments.h"

#include <algorithm>
#include <array>
#include <span>

#include "fmt/format.h"

namespace switchyard::simulator::gateio {
namespace {

struct SpotRow {
  const char* base;
  const char* name;
  const char* quote;
  int price_scale;
  int quantity_scale;
  std::int64_t price;  // ticks
  std::int64_t spacing;
  std::int64_t quantity;  // lots
};

// Prices are of a plausible size; tick and lot are the exchange's own way to write them.
constexpr std::array kSpot = std::to_array<SpotRow>({
    {"BTC", "Bitcoin", "USDT", 1, 6, 971'234, 5, 90'000},
    {"ETH", "Ethereum", "USDT", 2, 5, 352'146, 12, 150'000},
    {"SOL", "Solana", "USDT", 2, 3, 18'437, 2, 20'000},
    {"XRP", "XRP", "USDT", 4, 2, 24'871, 3, 150'000},
    {"DOGE", "Dogecoin", "USDT", 5, 1, 38'214, 6, 12'000},
    {"PEPE", "Pepe", "USDT", 10, 1, 123'456, 30, 900'000'000},
    {"SHIB", "Shiba Inu", "USDT", 9, 1, 21'345, 3, 80'000'000},
    {"ADA", "Cardano", "USDT", 4, 2, 9'871, 2, 90'000},
    {"AVAX", "Avalanche", "USDT", 3, 3, 38'412, 6, 40'000},
    {"LINK", "Chainlink", "USDT", 3, 3, 17'854, 4, 60'000},
    {"LTC", "Litecoin", "USDT", 2, 3, 10'213, 2, 9'000},
    {"DOT", "Polkadot", "USDT", 3, 3, 7'654, 2, 90'000},
    {"TRX", "TRON", "USDT", 5, 1, 24'512, 4, 30'000},
    {"TON", "Toncoin", "USDT", 4, 2, 54'321, 8, 20'000},
    {"NEAR", "NEAR Protocol", "USDT", 4, 2, 53'210, 8, 18'000},
    {"APT", "Aptos", "USDT", 3, 3, 9'432, 2, 50'000},
    {"SUI", "Sui", "USDT", 4, 2, 41'234, 6, 25'000},
    {"BCH", "Bitcoin Cash", "USDT", 2, 4, 48'765, 6, 20'000},
    {"GT", "GateToken", "USDT", 3, 3, 16'754, 3, 30'000},
    {"ATOM", "Cosmos", "USDT", 4, 2, 72'345, 10, 9'000},
    {"UNI", "Uniswap", "USDT", 3, 3, 13'245, 3, 30'000},
    {"QTUM", "Quantum", "ETH", 7, 3, 9'912, 2, 40'000},
    {"ETH", "Ethereum", "BTC", 6, 4, 36'258, 4, 20'000},
    {"BTC", "Bitcoin", "USDC", 1, 6, 971'250, 9, 40'000},
});

struct FuturesRow {
  const char* base;
  int price_scale;
  std::int64_t price;
  std::int64_t spacing;
  int quantity_scale;
  std::int64_t quantity;
  const char* quanto_multiplier;
  bool enable_decimal;
  int leverage_max;
};

// Multipliers from 0.0001 to 1000 and a name that is not ASCII: what readers trip over.
constexpr std::array kFutures = std::to_array<FuturesRow>({
    {"BTC", 1, 971'301, 4, 0, 4'000, "0.0001", false, 125},
    {"ETH", 2, 352'160, 10, 0, 900, "0.01", false, 100},
    {"SOL", 2, 18'440, 2, 0, 300, "1", false, 100},
    {"XRP", 4, 24'880, 3, 0, 500, "10", false, 75},
    {"DOGE", 5, 38'220, 6, 0, 2'000, "10", false, 75},
    {"PEPE", 9, 123'460, 25, 0, 6'000, "10000", false, 50},
    {"SHIB", 9, 21'350, 3, 0, 5'000, "10000", false, 50},
    {"人生K线", 6, 54'160, 9, 0, 9'000, "1", false, 20},
    {"0G", 4, 20'480, 4, 1, 3'000, "1", true, 50},
    {"ADA", 4, 9'880, 2, 0, 700, "10", false, 75},
    {"AVAX", 3, 38'420, 6, 0, 400, "1", false, 75},
    {"LINK", 3, 17'860, 4, 0, 900, "1", false, 75},
    {"LTC", 2, 10'220, 2, 0, 700, "0.1", false, 75},
    {"DOT", 3, 7'660, 2, 0, 900, "1", false, 75},
    {"TRX", 5, 24'520, 4, 0, 400, "100", false, 75},
    {"TON", 4, 54'330, 8, 0, 400, "1", false, 50},
    {"NEAR", 4, 53'220, 8, 0, 400, "1", false, 50},
    {"APT", 3, 9'440, 2, 0, 300, "1", false, 50},
    {"SUI", 4, 41'240, 6, 0, 500, "1", false, 50},
    {"BCH", 2, 48'770, 6, 0, 300, "0.01", false, 50},
    {"ATOM", 4, 72'350, 10, 0, 400, "1", false, 50},
    {"UNI", 3, 13'250, 3, 0, 400, "1", false, 50},
    {"BONK", 8, 3'456'000, 500, 0, 900, "1000", false, 50},
    {"FLOKI", 8, 18'765, 3, 0, 400, "1000", false, 50},
});

Instrument MakeSpot(const SpotRow& row) {
  Instrument instrument;
  instrument.base = row.base;
  instrument.base_name = row.name;
  instrument.quote = row.quote;
  instrument.market = {fmt::format("{}_{}", row.base, row.quote),
                       row.price_scale,
                       row.quantity_scale,
                       row.price,
                       row.spacing,
                       row.quantity};
  return instrument;
}

Instrument MakeFutures(const FuturesRow& row) {
  Instrument instrument;
  instrument.base = row.base;
  instrument.base_name = row.base;
  instrument.quote = "USDT";
  instrument.quanto_multiplier = row.quanto_multiplier;
  instrument.enable_decimal = row.enable_decimal;
  instrument.leverage_max = row.leverage_max;
  instrument.market = {fmt::format("{}_USDT", row.base),
                       row.price_scale,
                       row.quantity_scale,
                       row.price,
                       row.spacing,
                       row.quantity};
  return instrument;
}

Instrument MakeUp(Product product, std::size_t number) {
  const std::string base = fmt::format("SIM{}", number);
  const auto price = static_cast<std::int64_t>(20'000 + 137 * number);
  return product == Product::kSpot
             ? MakeSpot({base.c_str(), base.c_str(), "USDT", 3, 3, price, 4, 30'000})
             : MakeFutures({base.c_str(), 3, price, 4, 0, 400, "1", false, 50});
}

}  // namespace

std::size_t KnownInstruments(Product product) {
  return product == Product::kSpot ? kSpot.size() : kFutures.size();
}

std::vector<Instrument> MakeInstruments(Product product, std::size_t count) {
  std::vector<Instrument> instruments;
  for (std::size_t i = 0; i < count; ++i) {
    if (i >= KnownInstruments(product)) {
      instruments.push_back(MakeUp(product, i + 1));
    } else {
      instruments.push_back(product == Product::kSpot ? MakeSpot(kSpot[i])
                                                      : MakeFutures(kFutures[i]));
    }
  }
  return instruments;
}

}  // namespace switchyard::simulator::gateio
