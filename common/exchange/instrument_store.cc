#include "common/exchange/instrument_store.h"

#include "common/status/status.h"

namespace switchyard::exchange {

absl::StatusOr<std::shared_ptr<const model::Instrument>> InstrumentStore::Find(
    const std::string& symbol) const {
  const Table loaded = table();
  if (loaded == nullptr) {
    return MakeError(absl::StatusCode::kUnavailable, common::v1::ERROR_REASON_EXCHANGE_UNREACHABLE,
                     "the instruments of " + exchange_ + " are not loaded yet",
                     {{"exchange", exchange_}});
  }
  const model::Instrument* instrument = loaded->Find(symbol);
  if (instrument == nullptr) {
    return MakeError(absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT,
                     exchange_ + " has no instrument '" + symbol + "'",
                     {{"exchange", exchange_}, {"field", "symbol"}});
  }
  return std::shared_ptr<const model::Instrument>(loaded, instrument);
}

}  // namespace switchyard::exchange
