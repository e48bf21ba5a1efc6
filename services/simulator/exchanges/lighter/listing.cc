#include "services/simulator/exchanges/lighter/listing.h"

#include <algorithm>
#include <utility>

namespace switchyard::simulator::lighter {
namespace {

using engine::Side;

constexpr std::size_t kTradesKept = 1'000;
constexpr std::int64_t kFirstAsk = std::int64_t{1} << 48;
constexpr std::int64_t kFirstBid = std::int64_t{1} << 49;
// The flow's orders belong to so many accounts from the first on.
constexpr std::int64_t kFlowAccount = 719'347;
constexpr std::int64_t kFlowAccounts = 40;
constexpr std::int64_t kFlowMakerFee = 28;
constexpr std::int64_t kNumbersOfMarkets = 10'000;

}  // namespace

Listing::Listing(Instrument what, std::size_t index, std::uint64_t market_seed, std::int64_t now_ns)
    : instrument(std::move(what)),
      number(index),
      seed(market_seed),
      market(instrument.market, seed, now_ns) {
  engine::Random random(engine::SeedFor(seed + 1, symbol()));
  open_interest = instrument.market.quantity * (5'000 + random.Below(20'000));
  trade_count = 1'000 + random.Below(200'000);
  offset = 1'000'000 + random.Below(50'000'000);
  // What the market traded before anybody could listen.
  for (const engine::Trade& trade : market.trades()) {
    const auto order = static_cast<engine::OrderId>(trade.id % 1'000'000);
    const bool taker_buys = trade.taker_side == Side::kBuy;
    trades.push_back({trade, TradeId(trade.id), FlowParty(order, Side::kSell, !taker_buys),
                      FlowParty(order + 1, Side::kBuy, taker_buys), false});
  }
}

std::int64_t Listing::MiddlePrice() const {
  return (market.book().Best(Side::kBuy) + market.book().Best(Side::kSell)) / 2;
}

std::int64_t Listing::MarkPrice() const { return (MiddlePrice() + market.fair_price()) / 2; }

std::int64_t Listing::FundingRate(std::int64_t hour) const {
  engine::Random random(engine::SeedFor(seed + static_cast<std::uint64_t>(hour), symbol()));
  return random.Below(40) - 10;
}

std::int64_t Listing::TradeId(std::int64_t engine_id) const {
  return engine_id * kNumbersOfMarkets + static_cast<std::int64_t>(number);
}

void Listing::KeepTrades(const PartyOf& party_of) {
  const auto& fills = market.changes().fills;
  const auto& latest = market.trades();
  // A change never has more fills than trades are kept, but for the oldest of an endless sweep.
  const std::size_t known = std::min(fills.size(), latest.size());
  for (std::size_t i = fills.size() - known; i < fills.size(); ++i) {
    const engine::Fill& fill = fills[i];
    const engine::Trade& trade = latest[latest.size() - fills.size() + i];
    const TradeParty ask = party_of(fill, Side::kSell);
    trades.push_back({trade, TradeId(trade.id), ask, party_of(fill, Side::kBuy), false});
    if (trades.size() > kTradesKept) trades.pop_front();
    ++trade_count;
  }
}

Listings::Listings(std::size_t count, std::uint64_t seed, std::int64_t now_ns) {
  for (Instrument& instrument : MakeInstruments(count)) {
    all_.push_back(std::make_unique<Listing>(std::move(instrument), all_.size(), seed, now_ns));
    Listing* const listing = all_.back().get();
    by_id_.emplace(listing->id(), listing);
    by_symbol_.emplace(listing->symbol(), listing);
    by_market_.emplace(&listing->market, listing);
  }
}

Listing* Listings::Find(std::int64_t market_id) const {
  const auto found = by_id_.find(market_id);
  return found == by_id_.end() ? nullptr : found->second;
}

Listing* Listings::FindSymbol(std::string_view symbol) const {
  const auto found = by_symbol_.find(symbol);
  return found == by_symbol_.end() ? nullptr : found->second;
}

std::int64_t OrderIndex(Side side, std::int64_t number) {
  return side == Side::kSell ? kFirstAsk + number : kFirstBid - number;
}

TradeParty FlowParty(engine::OrderId id, Side side, bool taker) {
  TradeParty party;
  const auto number = static_cast<std::int64_t>(id);
  party.order_index = OrderIndex(side, number);
  party.account_index = kFlowAccount + number % kFlowAccounts;
  party.fee_ppm = taker ? 0 : kFlowMakerFee;
  party.margin_before = 500;
  return party;
}

}  // namespace switchyard::simulator::lighter
