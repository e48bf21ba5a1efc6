#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/status/statusor.h"
#include "common/exchange/market_data_client.h"
#include "common/status/status.h"

namespace switchyard::exchanges::lighter {

// The instruments of the market data client, for a private client that may be gone before they are
// loaded. Any thread.
class InstrumentAccess {
 public:
  using Table = std::shared_ptr<const model::InstrumentTable>;
  using Work = std::function<void(absl::StatusOr<Table>)>;

  // `market_data` outlives it.
  explicit InstrumentAccess(exchange::MarketDataClient& market_data) : market_data_(market_data) {}
  ~InstrumentAccess() { Close(); }

  // Runs `work` with the instruments, which are loaded first if there are none yet; on any thread,
  // perhaps before this returns. Errors: those of LoadInstruments; Unavailable, SHUTTING_DOWN.
  void With(Work work) const {
    absl::StatusOr<Table> now = Now();
    if (now.ok() || ReasonOf(now.status()) == common::v1::ERROR_REASON_SHUTTING_DOWN) {
      return work(std::move(now));
    }
    market_data_.LoadInstruments(
        [state = state_, work = std::move(work)](absl::StatusOr<Table> table) {
          const std::lock_guard lock(state->mutex);
          work(state->closed ? absl::StatusOr<Table>(Stopped()) : std::move(table));
        });
  }
  // Those that are loaded. Errors: Unavailable, EXCHANGE_UNREACHABLE or SHUTTING_DOWN.
  absl::StatusOr<Table> Now() const {
    {
      const std::lock_guard lock(state_->mutex);
      if (state_->closed) return Stopped();
    }
    if (Table table = market_data_.instruments()) return table;
    return MakeError(absl::StatusCode::kUnavailable, common::v1::ERROR_REASON_EXCHANGE_UNREACHABLE,
                     "the instruments are not loaded yet");
  }
  // Null before the first load.
  Table Latest() const { return market_data_.instruments(); }
  // Loads them anew: something was listed since.
  void Refresh() const {
    market_data_.LoadInstruments([](const absl::StatusOr<Table>&) {});
  }
  // What is asked for from now on, or has not been answered yet, fails. Waits for `work` that runs.
  void Close() {
    const std::lock_guard lock(state_->mutex);
    state_->closed = true;
  }

 private:
  struct State {
    std::mutex mutex;
    bool closed = false;
  };

  static absl::Status Stopped() {
    return MakeError(absl::StatusCode::kUnavailable, common::v1::ERROR_REASON_SHUTTING_DOWN,
                     "the client was stopped");
  }

  exchange::MarketDataClient& market_data_;
  // Shared with answers that may come after the client has gone.
  const std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace switchyard::exchanges::lighter
