#pragma once

#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/model/market_data.h"
#include "exchanges/lighter/utils/converters.h"

namespace switchyard::exchanges::lighter {

// What a message needs of its instrument: the id by Lighter's market id, and the units by id. One
// thread.
class MarketIndex {
 public:
  using Table = std::shared_ptr<const model::InstrumentTable>;

  // Ids are stable from table to table. Returns the instruments whose units have changed.
  std::vector<const model::Instrument*> Update(Table table) {
    table_ = std::move(table);
    const std::vector<Scale> before = std::move(scales_);
    scales_.clear();
    ids_.clear();
    std::vector<const model::Instrument*> rescaled;
    for (const model::Instrument& instrument : table_->all()) {
      // A market may have taken the id of one that is gone.
      const wire::MarketId market = MarketIdOf(instrument);
      if (instrument.status != model::InstrumentStatus::kDelisted) {
        ids_.insert_or_assign(market, instrument.id);
      } else {
        ids_.emplace(market, instrument.id);
      }
      scales_.push_back({UnitsOf(instrument), instrument.price_scale, instrument.quantity_scale});
      const std::size_t i = instrument.id.value;
      if (i < before.size() && before[i] != scales_[i]) rescaled.push_back(&instrument);
    }
    return rescaled;
  }

  std::optional<model::InstrumentId> Find(wire::MarketId market) const {
    const auto found = ids_.find(market);
    if (found == ids_.end()) return std::nullopt;
    return found->second;
  }
  const Units& units(model::InstrumentId id) const { return scales_[id.value].units; }
  // Null before the first table.
  const Table& table() const { return table_; }
  const model::Instrument& at(model::InstrumentId id) const { return table_->at(id); }

 private:
  struct Scale {
    Units units;
    int price_scale = 0;
    int quantity_scale = 0;
    friend bool operator==(const Scale&, const Scale&) = default;
  };

  Table table_;
  std::unordered_map<wire::MarketId, model::InstrumentId> ids_;
  std::vector<Scale> scales_;
};

}  // namespace switchyard::exchanges::lighter
