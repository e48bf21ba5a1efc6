#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/model/market_data.h"

namespace switchyard::exchange {

// Gives the instruments of every load the ids that they had in earlier ones. Owned by the market
// data manager; its thread only.
class InstrumentCatalogue {
 public:
  // The table after a load. Those that are not in `loaded` any more stay, as kDelisted; new ones
  // come last. Scales never shrink, so that mantissas of earlier books stay valid. On an error the
  // earlier table stays.
  // Errors: Internal (two of one symbol).
  absl::StatusOr<std::shared_ptr<const model::InstrumentTable>> Update(
      std::vector<model::Instrument> loaded, TimeNs now);

  // Null before the first load.
  const std::shared_ptr<const model::InstrumentTable>& table() const { return table_; }

 private:
  std::shared_ptr<const model::InstrumentTable> table_;
};

// The instruments of `symbols`; none (meaning all) where it is empty. `table` may be null.
// Errors: NotFound, UNKNOWN_INSTRUMENT; Unavailable (no table yet).
absl::StatusOr<std::vector<const model::Instrument*>> SelectInstruments(
    const model::InstrumentTable* table, const std::vector<std::string>& symbols);

}  // namespace switchyard::exchange
