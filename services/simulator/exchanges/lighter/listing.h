#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "services/simulator/engine/market.h"
#include "services/simulator/exchanges/lighter/instruments.h"

namespace switchyard::simulator::lighter {

// What one side of a trade was, as everybody may see it.
struct TradeParty {
  std::int64_t order_index = 0;
  std::int64_t client_order_index = 0;
  std::int64_t account_index = 0;
  std::int64_t fee_ppm = 0;
  // Before the trade: signed lots, what the position was worth when it was opened (quote units),
  // and its initial margin fraction (1e-4).
  std::int64_t size_before = 0;
  std::int64_t entry_quote_before = 0;
  std::int64_t margin_before = 0;
  bool sign_changed = false;
};

// A public trade with both its parties.
struct PublicTrade {
  engine::Trade trade;
  std::int64_t id = 0;  // unique over all markets
  TradeParty ask;
  TradeParty bid;
  bool deleverage = false;

  bool is_maker_ask() const { return trade.taker_side == engine::Side::kBuy; }
  const TradeParty& maker() const { return is_maker_ask() ? ask : bid; }
  const TradeParty& taker() const { return is_maker_ask() ? bid : ask; }
};

// The party that one side of a fill makes; asked in order for the market's latest change.
using PartyOf = std::function<TradeParty(const engine::Fill& fill, engine::Side side)>;

// One market: what is told of it, its engine, and its trades.
struct Listing {
  Listing(Instrument what, std::size_t number, std::uint64_t seed, std::int64_t now_ns);

  const std::string& symbol() const { return instrument.market.symbol; }
  std::int64_t id() const { return instrument.market_id; }
  bool is_spot() const { return instrument.is_spot; }
  int price_scale() const { return instrument.market.price_scale; }
  int size_scale() const { return instrument.market.quantity_scale; }

  // Mark price in ticks: between the walk and the book's middle.
  std::int64_t MarkPrice() const;
  std::int64_t MiddlePrice() const;
  // What longs pay in the hour that begins so many hours after 1970: parts per million of the
  // value, which are also ten-thousandths of a percent. Below 0: shorts pay.
  std::int64_t FundingRate(std::int64_t hour) const;
  // Id that is unique over all markets.
  std::int64_t TradeId(std::int64_t engine_id) const;
  // The latest trades of the market's latest change become public.
  void KeepTrades(const PartyOf& party_of);

  Instrument instrument;
  std::size_t number;  // in the list of all
  std::uint64_t seed;
  engine::Market market;
  std::int64_t open_interest;  // lots
  std::int64_t trade_count;    // of the day
  // The book's message counter, as the API server counts.
  std::int64_t offset;
  // Newest last.
  std::deque<PublicTrade> trades;
};

// All markets. Listings never move in memory.
class Listings {
 public:
  Listings(std::size_t count, std::uint64_t seed, std::int64_t now_ns);

  const std::vector<std::unique_ptr<Listing>>& all() const { return all_; }
  // Null: not listed.
  Listing* Find(std::int64_t market_id) const;
  Listing* FindSymbol(std::string_view symbol) const;
  Listing& Of(const engine::Market& market) const { return *by_market_.at(&market); }

 private:
  std::vector<std::unique_ptr<Listing>> all_;
  std::map<std::int64_t, Listing*> by_id_;
  std::map<std::string, Listing*, std::less<>> by_symbol_;
  std::map<const engine::Market*, Listing*> by_market_;
};

// Index of an order as the exchange numbers them: those of asks grow from 2^48, those of bids
// shrink from 2^49.
std::int64_t OrderIndex(engine::Side side, std::int64_t number);
// The party that an order of the flow makes.
TradeParty FlowParty(engine::OrderId id, engine::Side side, bool taker);

}  // namespace switchyard::simulator::lighter
