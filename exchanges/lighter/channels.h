#pragma once

#include <cstdint>
#include <string_view>

// Lighter's channels and the names by which this code base binds them.
namespace switchyard::exchanges::lighter {

// What a frame is about.
enum class Channel : std::uint8_t {
  kUnknown,
  // Public.
  kOrderBook,        // the whole book first, then differences
  kTicker,           // best bid and offer
  kTrades,           // trades and liquidations
  kMarketStats,      // of a perpetual: mark, index, funding, day's figures
  kSpotMarketStats,  // of a spot market
  kCandles,
  // Private.
  kAccount,
  kUserStats,
  kOrders,
  kAccountTrades,
  kPositions,
  kAssets,
  kTransactions,
  kNotifications,
};

struct ChannelName {
  Channel channel;
  std::string_view wire;   // as Lighter spells it, without its ids
  std::string_view house;  // as services and handlers bind it
};

// What every client may subscribe to, without an account.
constexpr bool IsPublic(Channel channel) {
  return channel != Channel::kUnknown && channel <= Channel::kCandles;
}

// The one name table. Source: lighter.md, section 2.2.
inline constexpr ChannelName kChannelNames[] = {
    {Channel::kOrderBook, "order_book", "markets.orderbook"},
    {Channel::kTicker, "ticker", "markets.book_ticker"},
    {Channel::kTrades, "trade", "markets.trades"},
    {Channel::kMarketStats, "market_stats", "perpetuals.ticker"},
    {Channel::kSpotMarketStats, "spot_market_stats", "spot.ticker"},
    {Channel::kCandles, "candle", "markets.candles"},
    {Channel::kAccount, "account_all", "account.all"},
    {Channel::kUserStats, "user_stats", "account.stats"},
    {Channel::kOrders, "account_all_orders", "account.orders"},
    {Channel::kAccountTrades, "account_all_trades", "account.fills"},
    {Channel::kPositions, "account_all_positions", "account.positions"},
    {Channel::kAssets, "account_all_assets", "account.balances"},
    {Channel::kTransactions, "account_tx", "account.transactions"},
    {Channel::kNotifications, "notification", "account.notifications"},
};

// Empty where there is no such channel.
constexpr std::string_view WireName(Channel channel) {
  for (const ChannelName& name : kChannelNames) {
    if (name.channel == channel) return name.wire;
  }
  return {};
}

// kUnknown for a name that is not in the table.
constexpr Channel FromWireName(std::string_view wire) {
  for (const ChannelName& name : kChannelNames) {
    if (name.wire == wire) return name.channel;
  }
  return Channel::kUnknown;
}
constexpr Channel FromHouseName(std::string_view house) {
  for (const ChannelName& name : kChannelNames) {
    if (name.house == house) return name.channel;
  }
  return Channel::kUnknown;
}

}  // namespace switchyard::exchanges::lighter
