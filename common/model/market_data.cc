#include "common/model/market_data.h"

#include <fmt/format.h>

#include "common/status/status.h"

namespace switchyard::model {
namespace {

const Instrument* FindIn(const std::map<std::string, std::uint32_t, std::less<>>& index,
                         const std::vector<Instrument>& all, std::string_view key) {
  const auto found = index.find(key);
  return found == index.end() ? nullptr : &all[found->second];
}

}  // namespace

absl::StatusOr<std::shared_ptr<const InstrumentTable>> InstrumentTable::Create(
    std::vector<Instrument> instruments, TimeNs loaded_at) {
  auto table = std::make_shared<InstrumentTable>();
  for (std::uint32_t i = 0; i < instruments.size(); ++i) {
    const Instrument& instrument = instruments[i];
    if (instrument.id.value != i) {
      return absl::InternalError(fmt::format("instrument {} is not at its id", instrument.symbol));
    }
    if (!table->by_symbol_.emplace(instrument.symbol, i).second ||
        !table->by_exchange_symbol_.emplace(instrument.exchange_symbol, i).second) {
      return absl::InternalError(fmt::format("instrument {} occurs twice", instrument.symbol));
    }
  }
  table->instruments_ = std::move(instruments);
  table->loaded_at_ = loaded_at;
  return table;
}

const Instrument* InstrumentTable::Find(std::string_view symbol) const {
  return FindIn(by_symbol_, instruments_, symbol);
}

const Instrument* InstrumentTable::FindExchangeSymbol(std::string_view exchange_symbol) const {
  return FindIn(by_exchange_symbol_, instruments_, exchange_symbol);
}

absl::StatusOr<Decimal> RatePer8Hours(const FundingRate& rate) {
  constexpr int kSecondsIn8Hours = 8 * 3600;
  constexpr int kScale = 18;
  if (rate.interval_seconds == 0) {
    return absl::InvalidArgumentError(fmt::format("{}: no funding interval", rate.symbol));
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal scaled,
                              Decimal::Multiply(rate.rate, Decimal::FromInt(kSecondsIn8Hours)));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal quotient,
                              Decimal::Divide(scaled, Decimal::FromInt(rate.interval_seconds),
                                              kScale, Rounding::kHalfEven));
  return quotient.Normalised();
}

}  // namespace switchyard::model
