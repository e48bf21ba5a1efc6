#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/model/market_data.h"
#include "exchanges/gateio/utils/converters.h"

namespace switchyard::exchanges::gateio {

// What a frame needs of its instrument: the id by Gate.io's symbol, and the units by id. Connection
// thread.
class InstrumentIndex {
 public:
  using Table = std::shared_ptr<const model::InstrumentTable>;

  // Ids are stable from table to table. Returns the instruments whose units have changed.
  std::vector<const model::Instrument*> Update(Table table) {
    table_ = std::move(table);
    const std::vector<Units> before = std::move(units_);
    units_.clear();
    std::vector<const model::Instrument*> rescaled;
    for (const model::Instrument& instrument : table_->all()) {
      ids_.emplace(instrument.exchange_symbol, instrument.id);
      units_.push_back(UnitsOf(instrument));
      const std::size_t i = instrument.id.value;
      if (i < before.size() && before[i] != units_[i]) rescaled.push_back(&instrument);
    }
    return rescaled;
  }

  std::optional<model::InstrumentId> Find(std::string_view exchange_symbol) const {
    const auto found = ids_.find(exchange_symbol);
    if (found == ids_.end()) return std::nullopt;
    return found->second;
  }
  const Units& units(model::InstrumentId id) const { return units_[id.value]; }
  // Null before the first table.
  const Table& table() const { return table_; }
  const model::Instrument& at(model::InstrumentId id) const { return table_->at(id); }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };

  Table table_;
  std::unordered_map<std::string, model::InstrumentId, TextHash, std::equal_to<>> ids_;
  std::vector<Units> units_;
};

}  // namespace switchyard::exchanges::gateio
