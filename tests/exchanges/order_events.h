#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/exchange/order_client.h"

namespace switchyard::exchanges {

// What an order client tells, in a line each. Any thread.
class OrderEvents final : public exchange::OrderListener {
 public:
  void OnOrder(const model::OrderReport& report) override {
    Add("order " + report.exchange_order_id);
  }
  void OnFill(const model::FillReport& fill) override {
    Add("fill " + fill.trade_id);
    const std::lock_guard lock(mutex_);
    fills_.push_back(fill);
  }
  void OnLiquidation(const position::v1::Liquidation& it) override {
    Add("liquidation " + it.exchange() + " " + it.account() + " " + it.quantity());
    const std::lock_guard lock(mutex_);
    liquidations_.push_back(it);
  }
  void OnPosition(std::string_view symbol, common::v1::PositionSide side,
                  const Decimal& size) override {
    Add("position " + std::string(symbol) + " " + common::v1::PositionSide_Name(side) + " " +
        size.ToString());
  }
  void OnPrivateStreamReady() override { Add("ready"); }
  void OnPrivateStreamLost(const absl::Status&) override { Add("lost"); }

  // Waits until so many events have come; what came.
  std::vector<std::string> WaitFor(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(10), [&] { return events_.size() >= count; });
    return events_;
  }
  std::vector<model::FillReport> fills() const {
    const std::lock_guard lock(mutex_);
    return fills_;
  }
  std::vector<position::v1::Liquidation> liquidations() const {
    const std::lock_guard lock(mutex_);
    return liquidations_;
  }

 private:
  void Add(std::string event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> events_;
  std::vector<model::FillReport> fills_;
  std::vector<position::v1::Liquidation> liquidations_;
};

}  // namespace switchyard::exchanges
