#pragma once

#include <cstdint>
#include <span>
#include <string_view>

// Gate.io's channels and the names by which this code base binds them.
namespace switchyard::exchanges::gateio {

enum class Product : std::uint8_t { kSpot, kFutures };

// What a frame is about. The same for both products; the name on the wire is the product's.
enum class Channel : std::uint8_t {
  kUnknown,
  // Public.
  kBookUpdate,    // differences with a range of ids, over a REST snapshot
  kBookStream,    // `obu`: differences over a first frame that holds the whole book
  kBookSnapshot,  // the first levels, whole, again and again
  kBookTicker,
  kTrades,
  kTickers,
  kCandles,
  kLiquidations,
  kPing,
  kPong,
  // Private.
  kOrders,
  kFills,
  kBalances,
  kPositions,
  kPositionCloses,
  kOwnLiquidations,
  kAutoDeleverages,
  kRiskLimits,
  kTriggerOrders,
};

struct ChannelName {
  Channel channel;
  Product product;
  std::string_view wire;   // as Gate.io spells it
  std::string_view house;  // as services and handlers bind it; empty: not to be bound
};

// The one name table. Source: Spot WebSocket v4 (2025-02-10), Futures WebSocket v4 (2025-04-25).
inline constexpr ChannelName kChannelNames[] = {
    {Channel::kBookUpdate, Product::kSpot, "spot.order_book_update", "spot.orderbook"},
    {Channel::kBookStream, Product::kSpot, "spot.obu", "spot.orderbook_stream"},
    {Channel::kBookSnapshot, Product::kSpot, "spot.order_book", "spot.orderbook_snapshot"},
    {Channel::kBookTicker, Product::kSpot, "spot.book_ticker", "spot.book_ticker"},
    {Channel::kTrades, Product::kSpot, "spot.trades", "spot.trades"},
    {Channel::kTickers, Product::kSpot, "spot.tickers", "spot.ticker"},
    {Channel::kCandles, Product::kSpot, "spot.candlesticks", "spot.candles"},
    {Channel::kPing, Product::kSpot, "spot.ping", ""},
    {Channel::kPong, Product::kSpot, "spot.pong", ""},
    {Channel::kOrders, Product::kSpot, "spot.orders", "spot.orders"},
    {Channel::kFills, Product::kSpot, "spot.usertrades", "spot.fills"},
    {Channel::kBalances, Product::kSpot, "spot.balances", "spot.balances"},
    {Channel::kTriggerOrders, Product::kSpot, "spot.priceorders", "spot.trigger_orders"},

    {Channel::kBookUpdate, Product::kFutures, "futures.order_book_update", "futures.orderbook"},
    {Channel::kBookStream, Product::kFutures, "futures.obu", "futures.orderbook_stream"},
    {Channel::kBookSnapshot, Product::kFutures, "futures.order_book", "futures.orderbook_snapshot"},
    {Channel::kBookTicker, Product::kFutures, "futures.book_ticker", "futures.book_ticker"},
    {Channel::kTrades, Product::kFutures, "futures.trades", "futures.trades"},
    {Channel::kTickers, Product::kFutures, "futures.tickers", "futures.ticker"},
    {Channel::kCandles, Product::kFutures, "futures.candlesticks", "futures.candles"},
    {Channel::kLiquidations, Product::kFutures, "futures.public_liquidates",
     "futures.market_liquidations"},
    {Channel::kPing, Product::kFutures, "futures.ping", ""},
    {Channel::kPong, Product::kFutures, "futures.pong", ""},
    {Channel::kOrders, Product::kFutures, "futures.orders", "futures.orders"},
    {Channel::kFills, Product::kFutures, "futures.usertrades", "futures.fills"},
    {Channel::kBalances, Product::kFutures, "futures.balances", "futures.balances"},
    {Channel::kPositions, Product::kFutures, "futures.positions", "futures.positions"},
    {Channel::kPositionCloses, Product::kFutures, "futures.position_closes",
     "futures.position_closes"},
    {Channel::kOwnLiquidations, Product::kFutures, "futures.liquidates", "futures.liquidations"},
    {Channel::kAutoDeleverages, Product::kFutures, "futures.auto_deleverages",
     "futures.auto_deleverages"},
    {Channel::kRiskLimits, Product::kFutures, "futures.reduce_risk_limits", "futures.risk_limits"},
    {Channel::kTriggerOrders, Product::kFutures, "futures.autoorders", "futures.trigger_orders"},
};

// The wire name; empty where the product has no such channel.
constexpr std::string_view WireName(Product product, Channel channel) {
  for (const ChannelName& name : kChannelNames) {
    if (name.product == product && name.channel == channel) return name.wire;
  }
  return {};
}

// kUnknown where the product has no channel of that wire name.
constexpr Channel FromWireName(Product product, std::string_view wire) {
  for (const ChannelName& name : kChannelNames) {
    if (name.product == product && name.wire == wire) return name.channel;
  }
  return Channel::kUnknown;
}

// kUnknown where the product has no channel of that house name, and for the empty name.
constexpr Channel FromHouseName(Product product, std::string_view house) {
  if (house.empty()) return Channel::kUnknown;
  for (const ChannelName& name : kChannelNames) {
    if (name.product == product && name.house == house) return name.channel;
  }
  return Channel::kUnknown;
}

constexpr std::string_view ProductName(Product product) {
  return product == Product::kSpot ? "spot" : "futures";
}

}  // namespace switchyard::exchanges::gateio
