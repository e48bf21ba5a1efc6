#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "services/order/desk/desk_context.h"

namespace switchyard::order {

// Orders at the exchange with ids of our own making that the journal does not know: they were
// placed by a journal that is lost, or after the backup that was restored. None of their numbers is
// given again, and what their owner repeats is not sent again, as far as their ids hold his. The
// owner's thread alone.
class LostOrders {
 public:
  explicit LostOrders(DeskContext& desk) : desk_(desk) {}

  // Between these times orders may have been placed that the journal does not know.
  void SetBlindness(TimeNs from, TimeNs until);
  // Whether LookBack has something to do.
  bool must_look_back() const { return blind_until_.given(); }
  // Notes what the exchange has of that time, the ended orders; the open ones are adopted anyhow.
  // Once it has succeeded, or the exchange cannot tell, it is done. Errors: those of the client;
  // the next call goes on behind the last page, for a busy day may be more than the limits of
  // reads.
  void LookBack(std::function<void(const absl::Status& status)> done);

  // An order of the exchange's that is not in the journal. Ids of other making do not count.
  void Note(const std::string& exchange_client_id);
  // The id at the exchange of one that was, or may have been, placed under this id; empty = none.
  std::string Find(std::string_view client_order_id) const;

 private:
  DeskContext& desk_;
  TimeNs blind_from_, blind_until_;
  std::string next_page_;  // of what is looked back at
  // By what the exchange's id holds of ours: all of it, or as much as there was room for.
  std::multimap<std::string, std::string, std::less<>> by_start_;
};

}  // namespace switchyard::order
