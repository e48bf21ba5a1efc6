#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/exchange/order_client.h"
#include "common/time/time.h"

namespace switchyard::exchanges::lighter {

// Code 200 says that a transaction is queued; what it did to its order, the orders' channel tells.
// So the answer to a command is held back until its order shows it. Where nothing shows in time the
// fate is unknown and has to be asked for: the sequencer drops some orders without any record
// . While the channel is not subscribed nothing can show, and the acknowledgement is all
// there is.
//
// It stands between the channel and the listener, and passes everything on. Connection thread.
class OrderConfirmations final : public exchange::OrderListener {
 public:
  // Whether a report shows what the command did: each is asked about every report.
  using Shows = std::function<bool(const model::OrderReport& report)>;
  using Done = std::function<void(exchange::CommandResult)>;

  // `clock` outlives it. `wait`: from the acknowledgement on.
  OrderConfirmations(const Clock& clock, std::chrono::nanoseconds wait)
      : clock_(clock), wait_(wait) {}

  // Before the first event; outlives it.
  void SetListener(exchange::OrderListener& listener) { listener_ = &listener; }

  // Before the command is sent, for its order may be faster than its answer. The command's result
  // goes to what this returns; `done` then comes once. `what` says in errors what was attempted.
  Done Expect(std::string what, Shows shows, Done done);
  // Gives up what has waited for too long. Every 100 ms or so.
  void Tick();
  // Settles what waits as unknown, and what is confirmed later too.
  void Close();

  void OnOrder(const model::OrderReport& report) override;
  void OnFill(const model::FillReport& fill) override { listener_->OnFill(fill); }
  void OnLiquidation(const position::v1::Liquidation& liquidation) override {
    listener_->OnLiquidation(liquidation);
  }
  void OnPosition(std::string_view symbol, common::v1::PositionSide side,
                  const Decimal& size) override {
    listener_->OnPosition(symbol, side, size);
  }
  void OnPrivateStreamReady() override;
  void OnPrivateStreamLost(const absl::Status& why) override;

 private:
  struct Awaited {
    std::string what;
    Shows shows;
    Done done;
    std::optional<model::OrderReport> shown;
    std::optional<exchange::CommandResult> result;  // confirmed
    std::chrono::nanoseconds deadline{0};
  };
  using Entry = std::map<std::uint64_t, Awaited>::node_type;

  void Settle(std::uint64_t id, exchange::CommandResult result);
  static void Finish(Entry entry);
  static void GiveUp(Entry entry, std::string_view why);

  const Clock& clock_;
  const std::chrono::nanoseconds wait_;
  exchange::OrderListener* listener_ = nullptr;
  std::map<std::uint64_t, Awaited> awaited_;  // in the order of the commands
  std::uint64_t last_id_ = 0;
  bool subscribed_ = false;
  bool closed_ = false;
};

}  // namespace switchyard::exchanges::lighter
