#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/decimal/decimal.h"
#include "common/exchange/market_data_client.h"
#include "exchanges/gateio/account/account_link.h"
#include "exchanges/gateio/account/figure.h"

namespace switchyard::exchanges::gateio::futures {

// Tells a mark price of a contract, by canonical symbol, with its source and when it was told.
using HearMark =
    std::function<void(const std::string& symbol, const Decimal& price, const Stamp& stamp)>;

// Mark prices as a socket pushes them. Connection thread.
class MarkFeed {
 public:
  virtual ~MarkFeed() = default;
  // Before the first Follow.
  virtual void SetHear(HearMark hear) = 0;
  // Tells those of exactly these contracts from now on.
  virtual void Follow(const std::vector<const model::Instrument*>& contracts) = 0;
  // What REST says of a contract of which the feed was silent: where it is not what the feed told
  // last, the feed is stuck and is set going again.
  virtual void Compare(const std::string& symbol, const Decimal& price) = 0;
  virtual std::vector<exchange::ConnectionStatus> Status() const = 0;
};

// The mark prices of the contracts in which positions are held: from a feed, and over REST, once a
// second, for those of which the feed has told nothing for kPatience (or where there is no feed).
// Connection thread of its link.
class LiveMarks {
 public:
  // How long a mark of the feed holds.
  static constexpr std::chrono::seconds kPatience{3};

  // `market_data` answers over REST and outlives it; its answers may come after `link` is gone.
  // `feed` null = REST alone.
  LiveMarks(exchange::MarketDataClient& market_data, const std::shared_ptr<AccountLink>& link,
            std::unique_ptr<MarkFeed> feed, HearMark hear);

  // Follows exactly these contracts, by symbol, from now on.
  void Follow(const std::vector<std::string>& symbols, const model::InstrumentTable& table);
  std::vector<exchange::ConnectionStatus> Status() const {
    return feed_ == nullptr ? std::vector<exchange::ConnectionStatus>() : feed_->Status();
  }

 private:
  void Poll();
  void OnTickers(const absl::StatusOr<model::TickersReply>& reply);
  bool IsDue(const std::string& symbol) const;

  exchange::MarketDataClient& market_data_;
  const std::weak_ptr<AccountLink> link_;
  const Clock& clock_;
  const HearMark hear_;
  const std::unique_ptr<MarkFeed> feed_;
  // When the feed told the mark of each followed contract last; 0 = never. What REST tells does not
  // count: it is asked until the feed tells one itself.
  std::map<std::string, std::chrono::nanoseconds, std::less<>> told_at_;
  bool polling_ = false;
};

}  // namespace switchyard::exchanges::gateio::futures
