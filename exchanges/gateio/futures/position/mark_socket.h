#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/exchange/lane_pool.h"
#include "common/log/log.h"
#include "exchanges/gateio/futures/position/live_marks.h"
#include "exchanges/gateio/private/private_options.h"
#include "exchanges/gateio/websocket/public_message_handler.h"
#include "exchanges/gateio/websocket/subscriptions.h"

namespace switchyard::exchanges::gateio::futures {

// Mark prices from futures.tickers, over a socket of its own that is opened for the first contract
// that is followed; one stays open, idle, when none is followed any more. A contract that is not
// told of (quiet, refused, cut) is left to REST, see LiveMarks. Connection thread; destroyed there
// or once that has stopped.
class MarkSocket final : public MarkFeed {
 public:
  using Pool = exchange::LanePool<MarkSocket>;

  // `thread` and `clock` outlive it.
  MarkSocket(exchange::IoThread& thread, const Clock& clock, exchange::LaneOptions options,
             std::string exchange);

  void SetHear(HearMark hear) override { hear_ = std::move(hear); }
  void Follow(const std::vector<const model::Instrument*>& contracts) override;
  void Compare(const std::string& symbol, const Decimal& price) override;
  std::vector<exchange::ConnectionStatus> Status() const override { return pool_.Status(); }

  // For the lane pool.
  std::string PingFrame(TimeNs now) const { return frames_.PingFrame(now); }
  std::string SubscriptionFrame(const exchange::SubscriptionSet::Request& request,
                                TimeNs now) const;
  void OnFrame(Pool::Lane& lane, std::string_view frame, TimeNs received);
  void OnBatchEnd() {}
  void OnOpened() {}
  void OnReady() {}
  void OnConfirmed(const exchange::StreamKey&) {}
  void OnRefused(const exchange::StreamKey& key, const absl::Status& why);
  // A new socket is judged by what it tells itself.
  void OnLost(const std::vector<exchange::StreamKey>& keys, const absl::Status& why);
  // A quiet market is no dead one: Compare tells them apart.
  void OnSilent(const exchange::StreamKey&) {}

 private:
  struct Followed {
    exchange::StreamKey key;
    std::string symbol;
    std::optional<Decimal> told;  // the last mark since the socket was opened or asked anew
    std::optional<std::chrono::nanoseconds> renewed_at;  // steady, when last
  };

  void OnTicker(Pool::Lane& lane, const wire::Ticker& ticker);
  void Malformed(const absl::Status& why);

  const Clock& clock_;
  const std::string exchange_;
  const Subscriptions frames_;  // words requests; what is wanted is kept below
  HearMark hear_;
  PublicParser parser_;
  wire::Push push_;                                        // reused
  std::map<std::string, Followed, std::less<>> followed_;  // by Gate.io's name
  // Of what was ever followed: a subscription is left by its name too.
  std::map<model::InstrumentId, std::string> names_;
  log::SampledLog samples_;
  Pool pool_;
};

// The mark socket of an account that is reached so. `thread` and `clock` outlive it.
std::unique_ptr<MarkFeed> MakeMarkSocket(const PrivateOptions& options, exchange::IoThread& thread,
                                         const Clock& clock);

}  // namespace switchyard::exchanges::gateio::futures
