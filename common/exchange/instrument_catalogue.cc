#include "common/exchange/instrument_catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "common/status/status.h"

namespace switchyard::exchange {

absl::StatusOr<std::shared_ptr<const model::InstrumentTable>> InstrumentCatalogue::Update(
    std::vector<model::Instrument> loaded, TimeNs now) {
  std::vector<model::Instrument> all;
  std::map<std::string_view, std::uint32_t> places;
  if (table_ != nullptr) {
    all = table_->all();
    for (model::Instrument& known : all) {
      known.status = model::InstrumentStatus::kDelisted;
      known.raw_status.clear();
      places.emplace(table_->at(known.id).exchange_symbol, known.id.value);
    }
  }
  const std::size_t known_count = all.size();
  std::vector<bool> seen(known_count, false);
  for (model::Instrument& instrument : loaded) {
    const auto place = places.find(instrument.exchange_symbol);
    if (place == places.end()) {
      instrument.id.value = static_cast<std::uint32_t>(all.size());
      all.push_back(std::move(instrument));
      continue;
    }
    if (seen[place->second]) {
      return absl::InternalError(fmt::format("instrument {} occurs twice", instrument.symbol));
    }
    seen[place->second] = true;
    model::Instrument& known = all[place->second];
    instrument.id = known.id;
    instrument.price_scale = std::max(instrument.price_scale, known.price_scale);
    // A contract's size may change, and with it what a mantissa of quantity means.
    if (instrument.multiplier == known.multiplier) {
      instrument.quantity_scale = std::max(instrument.quantity_scale, known.quantity_scale);
    }
    known = std::move(instrument);
  }
  SWITCHYARD_ASSIGN_OR_RETURN(table_, model::InstrumentTable::Create(std::move(all), now));
  return table_;
}

absl::StatusOr<std::vector<const model::Instrument*>> SelectInstruments(
    const model::InstrumentTable* table, const std::vector<std::string>& symbols) {
  if (table == nullptr) {
    return MakeError(absl::StatusCode::kUnavailable, common::v1::ERROR_REASON_EXCHANGE_UNREACHABLE,
                     "the instruments have not been loaded yet");
  }
  std::vector<const model::Instrument*> selected;
  for (const std::string& symbol : symbols) {
    const model::Instrument* const instrument = table->Find(symbol);
    if (instrument == nullptr) {
      return MakeError(absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT,
                       fmt::format("no instrument '{}'", symbol));
    }
    selected.push_back(instrument);
  }
  return selected;
}

}  // namespace switchyard::exchange
