#pragma once

#include <string>
#include <vector>

#include "exchanges/gateio/capabilities.h"
#include "tests/exchanges/gateio/instruments.h"
#include "tests/services/market_data/fake_market_data_client.h"

namespace switchyard::exchanges::gateio {

// A market data client with BTC_USDT (a contract is 0.0001 BTC) and ETH_USDT (0.01 ETH).
inline void SetContracts(testing::FakeMarketDataClient& client) {
  client.SetInstruments(
      TableOf({FuturesInstrument("BTC_USDT", "0.0001"), FuturesInstrument("ETH_USDT", "0.01")}));
}

inline model::TickersReply MarkOf(const std::string& symbol, const std::string& price) {
  model::Ticker ticker;
  ticker.symbol = symbol;
  ticker.mark_price = *Decimal::Parse(price);
  model::TickersReply reply;
  reply.tickers = {ticker};
  return reply;
}

}  // namespace switchyard::exchanges::gateio
