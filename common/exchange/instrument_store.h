#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "common/model/market_data.h"

namespace switchyard::exchange {

// The latest instrument table of one client, published by its REST thread. Any thread.
class InstrumentStore {
 public:
  using Table = std::shared_ptr<const model::InstrumentTable>;

  explicit InstrumentStore(std::string exchange) : exchange_(std::move(exchange)) {}

  // Null before the first load.
  Table table() const {
    const std::lock_guard lock(mutex_);
    return table_;
  }
  void Set(Table table) {
    const std::lock_guard lock(mutex_);
    table_ = std::move(table);
  }
  // Keeps its table alive. Errors: NotFound (UNKNOWN_INSTRUMENT), Unavailable (none loaded yet).
  absl::StatusOr<std::shared_ptr<const model::Instrument>> Find(const std::string& symbol) const;

 private:
  const std::string exchange_;
  mutable std::mutex mutex_;
  Table table_;
};

}  // namespace switchyard::exchange
