#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "common/time/time.h"

namespace switchyard::exchange {

// The latest trades of one instrument by id, so that one that is told twice (by two sockets, by a
// repeated frame, by a poll) is passed on once. Connection thread.
class RecentTrades {
 public:
  // False where the trade was told before.
  bool Insert(std::string_view id) {
    if (Contains(id)) return false;
    ids_[next_++ % ids_.size()] = std::hash<std::string_view>()(id);
    return true;
  }
  bool Contains(std::string_view id) const {
    return std::ranges::find(ids_, std::hash<std::string_view>()(id)) != ids_.end();
  }
  // None was told yet.
  bool empty() const { return next_ == 0; }

  TimeNs last_time;                // when one was last received
  TimeNs newest;                   // the exchange's time of the newest
  std::optional<TimeNs> gap_from;  // what was made since then may be missing

 private:
  std::array<std::uint64_t, 512> ids_{};
  std::size_t next_ = 0;
};

}  // namespace switchyard::exchange
