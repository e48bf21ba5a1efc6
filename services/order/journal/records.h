#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/time/time.h"
#include "services/order/journal/meta.h"
#include "services/order/state/order_record.h"
#include "switchyard/order/v1/fill.pb.h"

// What goes into the journal and comes back. Plain values.
namespace switchyard::order::journal {

// One OrderEvent, serialised without commit_time_ns and publish_time_ns.
struct EventRow {
  std::uint64_t sequence = 0;
  TimeNs commit_time{};  // set by the journal
  std::string event{};
};

// One fill of the order with that number.
struct FillRow {
  std::uint64_t number = 0;
  v1::Fill fill;  // position is set: its sequence is the row's key
};

// One amendment or cancellation, by its request_id.
struct CommandRow {
  std::string request_id{};
  std::string body_hash{};
  TimeNs time{};
  std::string result{};  // empty: it was begun; what its owner makes of it
};

// What is committed together: all of it or nothing. Events rise by exactly 1 from batch to batch.
struct Batch {
  std::vector<EventRow> events;
  std::vector<OrderRecord> orders;  // as they are now; inserted or replaced by number
  std::vector<FillRow> fills;       // known ones are ignored
  std::vector<CommandRow> commands;
  std::map<std::string, std::string, std::less<>> values;  // by the names above

  bool empty() const {
    return events.empty() && orders.empty() && fills.empty() && commands.empty() && values.empty();
  }
};

// What an account's owner needs at its start.
struct Opening {
  std::uint64_t last_sequence = 0;  // 0 = no event yet
  std::vector<OrderRecord> orders;  // not terminal, rising numbers, with the sums of their fills
  std::map<std::string, std::string, std::less<>> values;
};

// The ids of one order; empty = none. `exchange_client_id` only where it was made here.
struct OrderIds {
  std::string symbol, client_order_id, exchange_client_id, exchange_order_id;
};

// Which orders; newest first.
struct OrderFilter {
  std::string symbol{};                  // empty = all
  std::vector<v1::OrderState> states{};  // empty = all
  TimeNs start{}, end{};                 // of creation; inclusive, exclusive; 0 = unbounded
  bool exclude_external = false;
  std::uint64_t before = 0;  // only numbers below; 0 = all
  std::uint32_t limit = 100;
};

// Which fills; newest first, in journal order.
struct FillFilter {
  std::string symbol{};                   // empty = all
  std::optional<std::uint64_t> number{};  // of this order alone
  TimeNs start{}, end{};     // the exchange's time; inclusive, exclusive; 0 = unbounded
  std::uint64_t before = 0;  // only sequences below; 0 = all
  std::uint32_t limit = 100;
};

}  // namespace switchyard::order::journal
