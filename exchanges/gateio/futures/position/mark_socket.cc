#include "exchanges/gateio/futures/position/mark_socket.h"

#include <algorithm>
#include <utility>

#include "common/status/status.h"
#include "exchanges/gateio/connection_policy.h"
#include "exchanges/gateio/errors.h"
#include "exchanges/gateio/utils/converters.h"

namespace switchyard::exchanges::gateio::futures {
namespace {

// A subscription is made anew at most this often: where that does not help, REST has its mark.
constexpr std::chrono::minutes kRenewInterval{1};

}  // namespace

MarkSocket::MarkSocket(exchange::IoThread& thread, const Clock& clock,
                       exchange::LaneOptions options, std::string exchange)
    : clock_(clock),
      exchange_(std::move(exchange)),
      frames_(Product::kFutures, BookFeed::kUpdates100ms),
      parser_(Product::kFutures),
      samples_(clock, std::chrono::seconds(10)),
      pool_(thread, clock, std::move(options), *this) {}

void MarkSocket::Follow(const std::vector<const model::Instrument*>& contracts) {
  std::map<std::string, Followed, std::less<>> next;
  for (const model::Instrument* const contract : contracts) {
    const exchange::StreamKey key = frames_.KeyOf({contract->id, exchange::Channel::kMarkPrice, 0});
    Followed followed{key, contract->symbol, std::nullopt, std::nullopt};
    const auto known = followed_.find(contract->exchange_symbol);
    if (known != followed_.end()) {
      followed.told = known->second.told;
      followed.renewed_at = known->second.renewed_at;
    }
    next.emplace(contract->exchange_symbol, std::move(followed));
    names_[contract->id] = contract->exchange_symbol;
  }
  for (const auto& [name, followed] : followed_) {
    if (!next.contains(name)) pool_.Unwant(followed.key);
  }
  std::swap(followed_, next);
  for (const auto& [name, followed] : followed_) {
    if (next.contains(name)) continue;
    if (const absl::Status wanted = pool_.Want(followed.key); !wanted.ok()) {
      log::Error("mark_price_not_followed",
                 {{"exchange", exchange_}, {"symbol", followed.symbol}, {"error", wanted}});
    }
  }
}

void MarkSocket::Compare(const std::string& symbol, const Decimal& price) {
  const std::chrono::nanoseconds now = clock_.Steady();
  for (auto& [name, followed] : followed_) {
    if (followed.symbol != symbol || !followed.told || *followed.told == price) continue;
    if (followed.renewed_at && now - *followed.renewed_at < kRenewInterval) continue;
    if (!pool_.IsConfirmed(followed.key)) continue;
    log::Warning("mark_price_stuck", {{"exchange", exchange_}, {"symbol", symbol}});
    followed.renewed_at = now;
    followed.told.reset();
    // Never by a new socket: one quiet contract would cut off all others.
    pool_.Resubscribe(followed.key);
  }
}

std::string MarkSocket::SubscriptionFrame(const exchange::SubscriptionSet::Request& request,
                                          TimeNs now) const {
  return frames_.Frame(request, names_.at(request.key.instrument), now);
}

void MarkSocket::OnFrame(Pool::Lane& lane, std::string_view frame, TimeNs) {
  if (const absl::Status parsed = parser_.Parse(frame, push_); !parsed.ok()) {
    return Malformed(parsed);
  }
  switch (push_.event) {
    case wire::Event::kUpgrade:
      return lane.Replace();
    case wire::Event::kSubscribed:
    case wire::Event::kUnsubscribed:
      return lane.OnAnswer(push_.request_id,
                           push_.refused ? FromWebSocketError(push_.channel_name, push_.error.code,
                                                              push_.error.message)
                                         : absl::OkStatus());
    case wire::Event::kUpdate:
      for (const wire::Ticker& ticker : push_.tickers) OnTicker(lane, ticker);
      return;
    default:
      return;
  }
}

void MarkSocket::OnTicker(Pool::Lane& lane, const wire::Ticker& ticker) {
  const auto found = followed_.find(ticker.symbol);
  if (found == followed_.end() || !lane.OnData(found->second.key)) return;
  const auto mark = ToMarkPrice(ticker);
  if (!mark.ok()) return Malformed(mark.status());
  if (!mark->has_value()) return;
  found->second.told = (*mark)->mark_price;
  hear_(found->second.symbol, (*mark)->mark_price, {model::Source::kWebSocket, clock_.Steady()});
}

void MarkSocket::OnRefused(const exchange::StreamKey& key, const absl::Status& why) {
  log::Warning("mark_price_refused",
               {{"exchange", exchange_}, {"contract", names_.at(key.instrument)}, {"error", why}});
}

void MarkSocket::OnLost(const std::vector<exchange::StreamKey>& keys, const absl::Status&) {
  for (auto& [name, followed] : followed_) {
    if (std::ranges::find(keys, followed.key) != keys.end()) followed.told.reset();
  }
}

void MarkSocket::Malformed(const absl::Status& why) {
  samples_.Log(log::Level::kError, "mark_price_not_understood",
               {{"exchange", exchange_}, {"error", why}});
}

std::unique_ptr<MarkFeed> MakeMarkSocket(const PrivateOptions& options, exchange::IoThread& thread,
                                         const Clock& clock) {
  exchange::LaneOptions lanes;
  lanes.name = "ws-marks";
  lanes.connection = options.connection;
  lanes.pace = options.subscribe_pace;
  lanes.max_subscriptions = kSubscriptionsPerConnection;
  lanes.rollover = options.rollover;
  return std::make_unique<MarkSocket>(thread, clock, std::move(lanes), options.exchange);
}

}  // namespace switchyard::exchanges::gateio::futures
