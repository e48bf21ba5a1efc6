#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/simulator/engine/random.h"
#include "switchyard/simulator/v1/simulator_service.pb.h"

namespace switchyard::simulator::faults {

// What befalls one data frame.
struct FrameFate {
  bool drop = false;
  bool duplicate = false;
  bool hold = false;
  bool malformed = false;
  bool cross = false;
  bool accompany = false;  // by a frame of an unknown kind
  std::int64_t delay_ms = 0;
};

// What befalls one REST request or WebSocket handshake.
struct RequestFate {
  std::uint32_t status = 0;  // 0 = answered as always
  std::uint32_t retry_after_s = 0;
  bool html = false;
  std::int64_t html_bytes = 0;
  std::int64_t delay_ms = 0;
};

// What befalls one command about orders.
struct OrderFate {
  bool swallow = false;            // not done, not answered
  bool lose_answer = false;        // done, not answered
  bool cut = false;                // either: the connection is cut instead of left waiting
  std::uint32_t error_status = 0;  // done, and answered with this; 0 = rightly
  std::int64_t parts = 1;          // pieces in which a new order takes from the book
  std::int64_t answer_delay_ms = 0;
};

// What a command about orders is, for the filters of faults.
struct OrderCommand {
  std::string_view exchange;
  std::string_view path;     // REST; empty = it came over the WebSocket
  std::string_view channel;  // WebSocket API; empty = it came by REST
  std::string_view symbol;   // empty = of none or of several
  bool places = false;       // it makes or amends orders
};

// The faults that are set, and their dice. Each decision that a fault affects is a strike. I/O
// thread only.
class FaultTable {
 public:
  // `steady_now_ns` is asked for durations.
  explicit FaultTable(std::function<std::int64_t()> steady_now_ns);

  // Puts a fault in force. Errors: InvalidArgument, a value out of range. Names of exchanges,
  // channels and symbols are the caller's to check.
  absl::StatusOr<std::uint64_t> Set(const v1::Fault& fault);
  // Takes faults back; empty = all. Errors: NotFound, and then none is taken back.
  absl::Status Clear(const std::vector<std::uint64_t>& ids);
  std::vector<v1::ActiveFault> List();

  // True if some active fault concerns frames or the sequence: the fast way to know that none does.
  bool concerns_frames() const { return concerns_frames_; }
  bool concerns_sequence() const { return concerns_sequence_; }

  FrameFate JudgeFrame(std::string_view exchange, std::string_view channel, std::string_view symbol,
                       bool is_book);
  // `path` is the URL's, or "websocket" for a handshake.
  RequestFate JudgeRequest(std::string_view exchange, std::string_view path);
  // A fault with a path strikes REST alone, one with a channel the WebSocket API alone.
  OrderFate JudgeOrder(const OrderCommand& command);
  // The first fault of a kind that strikes, or null. Channel and symbol are compared unless empty.
  const v1::Fault* Strike(v1::FaultKind kind, std::string_view exchange, std::string_view channel,
                          std::string_view symbol);
  // Ends a fault that applies once, with its number of strikes.
  void Finish(std::uint64_t id, std::uint64_t strikes);
  // True while a fault of the kind is in force; no strike.
  bool InForce(v1::FaultKind kind, std::string_view exchange);
  // Sum of the clock faults.
  std::int64_t ClockShiftMs(std::string_view exchange);
  // Ends what is over by now. True: something ended.
  bool Expire();
  // Strikes of all faults of a kind, ever.
  std::uint64_t strikes(v1::FaultKind kind) const;

 private:
  struct Entry {
    std::uint64_t id;
    v1::Fault fault;
    engine::Random random;
    std::int64_t end_ns;  // steady clock; 0 = no end
    std::uint64_t strikes;
    bool active;
  };

  bool Selects(const Entry& entry, std::string_view exchange, std::string_view channel,
               std::string_view symbol) const;
  // Throws the fault's dice and counts.
  bool Throw(Entry& entry);
  void Refresh();

  std::function<std::int64_t()> steady_now_ns_;
  std::vector<Entry> entries_;
  std::vector<std::uint64_t> strikes_by_kind_;
  std::uint64_t last_id_ = 0;
  bool concerns_frames_ = false;
  bool concerns_sequence_ = false;
};

}  // namespace switchyard::simulator::faults
