#include "common/exchange/trade_tape.h"

#include <algorithm>
#include <ranges>

#include "common/log/log.h"

namespace switchyard::exchange {
namespace {

DemandKey DemandOf(model::InstrumentId instrument) { return {instrument, Channel::kTrades, 0}; }

}  // namespace

const RecentTrades& TradeTape::recent(model::InstrumentId instrument) const {
  static const RecentTrades kNone;
  const auto found = recent_.find(instrument);
  return found == recent_.end() ? kNone : found->second;
}

RecentTrades& TradeTape::Begin(model::InstrumentId instrument, TimeNs received) {
  RecentTrades& recent = recent_[instrument];
  recent.last_time = received;
  news_.clear();
  return recent;
}

void TradeTape::Add(model::InstrumentId instrument, RecentTrades& recent,
                    absl::StatusOr<model::Trade> trade, TimeNs time) {
  if (trade.ok()) {
    recent.newest = std::max(recent.newest, trade->exchange_time);
    news_.push_back(*std::move(trade));
    return;
  }
  log::Warning("value_not_understood", {{"exchange", exchange_},
                                        {"instrument", instrument.value},
                                        {"what", "trade"},
                                        {"error", trade.status()}});
  board_.PublishGap(instrument, model::StaleReason::kMalformedUpdate, time, time);
}

void TradeTape::Publish(model::InstrumentId instrument, TimeNs received) {
  if (news_.empty()) return;
  std::ranges::stable_sort(news_, {}, &model::Trade::exchange_time);
  EventStamp stamp;
  stamp.exchange_time = news_.back().exchange_time;
  stamp.receive_time = received;
  board_.PublishTrades(instrument, news_, stamp);
}

void TradeTape::OnPage(model::InstrumentId instrument, const model::TradesPage& page) {
  // An answer that comes after its last reader has gone begins nothing.
  if (!board_.HasReaders(DemandOf(instrument))) return;
  RecentTrades& recent = recent_[instrument];
  const bool begins = recent.empty();
  bool reaches_back = false;
  news_.clear();
  for (const model::Trade& trade : page.trades | std::views::reverse) {
    if (recent.Insert(trade.trade_id)) {
      news_.push_back(trade);
    } else {
      reaches_back = true;
    }
  }
  std::ranges::stable_sort(news_, {}, &model::Trade::exchange_time);
  const TimeNs known = recent.newest;
  if (!news_.empty()) recent.newest = std::max(known, news_.back().exchange_time);
  if (begins) {
    // Trades between the loss of a socket and this page are in it, but so are older ones.
    if (recent.gap_from && !news_.empty()) {
      board_.PublishGap(instrument, model::StaleReason::kDisconnected, *recent.gap_from,
                        std::max(*recent.gap_from, recent.newest));
    }
    news_.clear();
  } else if (!news_.empty() && !reaches_back) {
    board_.PublishGap(instrument, model::StaleReason::kDisconnected,
                      std::min(known, news_.front().exchange_time), news_.front().exchange_time);
  }
  EventStamp stamp;
  stamp.receive_time = recent.last_time = clock_.Now();
  stamp.exchange_time = news_.empty() ? TimeNs() : news_.back().exchange_time;
  stamp.source = model::Source::kRest;
  stamp.polled = true;
  board_.PublishTrades(instrument, news_, stamp);
  // A socket that carries the trades again continues here.
  recent.gap_from = recent.newest.given() ? recent.newest : recent.last_time;
}

void TradeTape::OnConfirmed(model::InstrumentId instrument) {
  const auto found = recent_.find(instrument);
  if (found == recent_.end() || !found->second.gap_from) return;
  board_.PublishGap(instrument, model::StaleReason::kDisconnected, *found->second.gap_from,
                    clock_.Now());
  found->second.gap_from.reset();
}

void TradeTape::OnLost(model::InstrumentId instrument) {
  RecentTrades& recent = recent_[instrument];
  if (recent.gap_from) return;
  recent.gap_from = recent.last_time.given() ? recent.last_time : clock_.Now();
}

}  // namespace switchyard::exchange
