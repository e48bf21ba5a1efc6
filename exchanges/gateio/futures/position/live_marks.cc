#include "exchanges/gateio/futures/position/live_marks.h"

#include <utility>

namespace switchyard::exchanges::gateio::futures {
namespace {

constexpr std::chrono::seconds kPollInterval{1};
// So many are asked for one by one; more are read from the list of all.
constexpr std::size_t kFewSymbols = 3;

}  // namespace

LiveMarks::LiveMarks(exchange::MarketDataClient& market_data,
                     const std::shared_ptr<AccountLink>& link, std::unique_ptr<MarkFeed> feed,
                     HearMark hear)
    : market_data_(market_data),
      link_(link),
      clock_(link->clock()),
      hear_(std::move(hear)),
      feed_(std::move(feed)) {
  if (feed_ == nullptr) return;
  feed_->SetHear([this](const std::string& symbol, const Decimal& price, const Stamp& stamp) {
    const auto followed = told_at_.find(symbol);
    if (followed == told_at_.end()) return;
    followed->second = stamp.at;
    hear_(symbol, price, stamp);
  });
}

void LiveMarks::Follow(const std::vector<std::string>& symbols,
                       const model::InstrumentTable& table) {
  std::map<std::string, std::chrono::nanoseconds, std::less<>> followed;
  std::vector<const model::Instrument*> contracts;
  for (const std::string& symbol : symbols) {
    const model::Instrument* const contract = table.Find(symbol);
    if (contract == nullptr) continue;  // a position of it cannot be held: see ReadPositions
    const auto known = told_at_.find(symbol);
    followed.emplace(symbol, known == told_at_.end() ? std::chrono::nanoseconds(0) : known->second);
    contracts.push_back(contract);
  }
  told_at_ = std::move(followed);
  if (feed_ != nullptr) feed_->Follow(contracts);
  if (!told_at_.empty() && !std::exchange(polling_, true)) Poll();
}

bool LiveMarks::IsDue(const std::string& symbol) const {
  const auto followed = told_at_.find(symbol);
  if (followed == told_at_.end()) return false;
  return feed_ == nullptr || followed->second.count() == 0 ||
         clock_.Steady() - followed->second > kPatience;
}

void LiveMarks::Poll() {
  const auto link = link_.lock();
  if (link == nullptr) return;
  if (told_at_.empty()) {
    polling_ = false;
    return;
  }
  std::vector<std::string> due;
  for (const auto& [symbol, told_at] : told_at_) {
    if (IsDue(symbol)) due.push_back(symbol);
  }
  const auto reply = [this, waiting = link_](absl::StatusOr<model::TickersReply> tickers) {
    const auto alive = waiting.lock();
    if (alive == nullptr) return;
    alive->Post([this, tickers = std::move(tickers)] { OnTickers(tickers); });
  };
  if (due.size() > kFewSymbols) {
    market_data_.ListTickers({}, reply);
  } else {
    for (const std::string& symbol : due) market_data_.ListTickers({symbol}, reply);
  }
  link->After(kPollInterval, [this] { Poll(); });
}

void LiveMarks::OnTickers(const absl::StatusOr<model::TickersReply>& reply) {
  if (!reply.ok()) return;  // the marks there are grow older, and say so
  const Stamp stamp{reply->source, clock_.Steady() - reply->age};
  for (const model::Ticker& ticker : reply->tickers) {
    // The feed may have told one while this was under way.
    if (!ticker.mark_price || !IsDue(ticker.symbol)) continue;
    if (feed_ != nullptr) feed_->Compare(ticker.symbol, *ticker.mark_price);
    hear_(ticker.symbol, *ticker.mark_price, stamp);
  }
}

}  // namespace switchyard::exchanges::gateio::futures
