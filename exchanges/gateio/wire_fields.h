#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include "exchanges/gateio/wire.h"

// Which fields of Gate.io's objects go, as text, into which member: the same on the WebSocket and
// in REST answers, and for both products.
namespace switchyard::exchanges::gateio::wire {

template <typename Message>
using TextField = std::pair<std::string_view, std::string_view Message::*>;

inline constexpr TextField<Ticker> kTickerFields[] = {
    {"currency_pair", &Ticker::symbol},
    {"contract", &Ticker::symbol},
    {"last", &Ticker::last},
    {"change_percentage", &Ticker::change_percentage},
    {"high_24h", &Ticker::high_24h},
    {"low_24h", &Ticker::low_24h},
    {"lowest_ask", &Ticker::lowest_ask},
    {"lowest_size", &Ticker::lowest_size},
    {"highest_bid", &Ticker::highest_bid},
    {"highest_size", &Ticker::highest_size},
    {"base_volume", &Ticker::base_volume},
    {"quote_volume", &Ticker::quote_volume},
    {"volume_24h_base", &Ticker::base_volume},
    {"volume_24h_quote", &Ticker::quote_volume},
    {"mark_price", &Ticker::mark_price},
    {"index_price", &Ticker::index_price},
    {"funding_rate", &Ticker::funding_rate},
    {"funding_rate_indicative", &Ticker::funding_rate_indicative},
    {"total_size", &Ticker::total_size},
};

inline constexpr TextField<Trade> kTradeFields[] = {
    {"currency_pair", &Trade::symbol},
    {"contract", &Trade::symbol},
    {"id", &Trade::id},
    {"price", &Trade::price},
    {"amount", &Trade::size},
    {"size", &Trade::size},
    {"side", &Trade::side},
};

inline constexpr TextField<Candle> kCandleFields[] = {
    {"o", &Candle::open},  {"h", &Candle::high},   {"l", &Candle::low},
    {"c", &Candle::close}, {"v", &Candle::volume}, {"a", &Candle::amount},
};

inline constexpr TextField<Liquidation> kLiquidationFields[] = {
    {"contract", &Liquidation::symbol},
    {"price", &Liquidation::price},
    {"size", &Liquidation::size},
};

}  // namespace switchyard::exchanges::gateio::wire
