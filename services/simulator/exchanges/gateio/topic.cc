#include "services/simulator/exchanges/gateio/topic.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "fmt/format.h"

namespace switchyard::simulator::gateio {
namespace {

using Payload = std::vector<std::string>;
using Topics = absl::StatusOr<std::vector<TopicKey>>;

template <std::size_t kCount>
bool OneOf(std::string_view word, const std::array<std::string_view, kCount>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

absl::Status Invalid(std::string_view what, std::string_view value) {
  return absl::InvalidArgumentError(fmt::format("{}: {}", what, value));
}

absl::Status UnknownSymbol(Product product, std::string_view symbol) {
  return Invalid(product == Product::kSpot ? "unknown currency pair" : "unknown contract", symbol);
}

Topics EachSymbol(const Symbols& symbols, TopicKey key, const Payload& payload) {
  std::vector<TopicKey> topics;
  for (const std::string& symbol : payload) {
    if (!symbols.Has(symbol)) return UnknownSymbol(symbols.product, symbol);
    key.symbol = symbol;
    topics.push_back(key);
  }
  return topics;
}

Topics Liquidations(const Symbols& symbols, const TopicKey& key, const Payload& payload) {
  if (payload.size() != 1 || payload[0] != "!all") return EachSymbol(symbols, key, payload);
  return EachSymbol(symbols, key, Payload(symbols.names.begin(), symbols.names.end()));
}

// ["BTC_USDT","100ms"] on spot, [contract, "100ms"|"20ms", "100"|"50"|"20"] on futures.
Topics BookUpdates(const Symbols& symbols, TopicKey key, const Payload& payload) {
  static constexpr std::array<std::string_view, 3> kLevels = {"100", "50", "20"};
  if (payload.size() < 2) return Invalid("invalid argument", "interval is missing");
  if (payload[1] == "20ms") {
    key.interval_ms = 20;
    key.parameter = "20";
  } else if (payload[1] == "100ms") {
    key.interval_ms = 100;
  } else {
    return Invalid("invalid interval", payload[1]);
  }
  if (symbols.product == Product::kFutures && payload.size() > 2) {
    if (!OneOf(payload[2], kLevels) || (key.interval_ms == 20 && payload[2] != "20")) {
      return Invalid("invalid level", payload[2]);
    }
    key.parameter = payload[2];
  }
  key.depth = key.parameter.empty() ? 0 : std::stoi(key.parameter);
  return EachSymbol(symbols, key, {payload[0]});
}

// [pair, depth, interval] on spot; [contract, depth, "0"] on futures.
Topics Snapshots(const Symbols& symbols, TopicKey key, const Payload& payload) {
  static constexpr std::array<std::string_view, 6> kDepths = {"5", "10", "20", "50", "100", "1"};
  if (payload.size() != 3) return Invalid("invalid argument", "need symbol, level and interval");
  const bool spot = symbols.product == Product::kSpot;
  if (!OneOf(payload[1], kDepths) || (spot && payload[1] == "1")) {
    return Invalid("invalid level", payload[1]);
  }
  key.depth = std::stoi(payload[1]);
  if (spot && payload[2] == "1000ms") {
    key.interval_ms = 1000;
  } else if (payload[2] == (spot ? "100ms" : "0")) {
    key.interval_ms = 100;
  } else {
    return Invalid("invalid interval", payload[2]);
  }
  return EachSymbol(symbols, key, {payload[0]});
}

// ["ob.BTC_USDT.50", ..]
Topics OrderBookV2(const Symbols& symbols, TopicKey key, const Payload& payload) {
  std::vector<TopicKey> topics;
  for (const std::string& stream : payload) {
    const std::size_t dot = stream.rfind('.');
    if (!stream.starts_with("ob.") || dot < 3) return Invalid("invalid stream", stream);
    const std::string_view depth = std::string_view(stream).substr(dot + 1);
    if (depth != "50" && depth != "400") return Invalid("invalid stream", stream);
    key.depth = depth == "50" ? 50 : 400;
    key.interval_ms = depth == "50" ? 20 : 100;
    key.symbol = stream.substr(3, dot - 3);
    if (!symbols.Has(key.symbol)) return UnknownSymbol(symbols.product, key.symbol);
    topics.push_back(key);
  }
  return topics;
}

// ["1m","BTC_USDT"]; futures also know mark_ and index_ prices, which REST serves.
Topics Candles(const Symbols& symbols, TopicKey key, const Payload& payload) {
  if (payload.size() != 2) return Invalid("invalid argument", "need interval and symbol");
  if (IntervalSeconds(payload[0]) == 0) return Invalid("invalid interval", payload[0]);
  key.parameter = payload[0];
  return EachSymbol(symbols, key, {payload[1]});
}

// [contract, "1m"]
Topics ContractStats(const Symbols& symbols, TopicKey key, const Payload& payload) {
  if (payload.size() != 2) return Invalid("invalid argument", "need contract and interval");
  if (IntervalSeconds(payload[1]) < 60) return Invalid("invalid interval", payload[1]);
  key.parameter = payload[1];
  return EachSymbol(symbols, key, {payload[0]});
}

}  // namespace

std::int64_t IntervalSeconds(std::string_view interval) {
  static constexpr std::array<std::pair<std::string_view, std::int64_t>, 12> kIntervals = {{
      {"10s", 10},
      {"1m", 60},
      {"5m", 300},
      {"15m", 900},
      {"30m", 1800},
      {"1h", 3600},
      {"4h", 14'400},
      {"8h", 28'800},
      {"1d", 86'400},
      {"7d", 604'800},
      {"1w", 604'800},
      {"30d", 2'592'000},
  }};
  for (const auto& [name, seconds] : kIntervals) {
    if (name == interval) return seconds;
  }
  return 0;
}

Topics ParsePayload(const Symbols& symbols, Channel channel, const Payload& payload,
                    bool decimal_sizes) {
  if (payload.empty()) return Invalid("invalid argument", "payload is empty");
  TopicKey key{channel, "", 0, 0, "", decimal_sizes};
  switch (channel) {
    case Channel::kTickers:
      key.interval_ms = 1000;
      return EachSymbol(symbols, key, payload);
    case Channel::kTrades:
      return EachSymbol(symbols, key, payload);
    case Channel::kCandlesticks:
      key.interval_ms = 2000;
      return Candles(symbols, key, payload);
    case Channel::kBookTicker:
      key.interval_ms = 10;
      return EachSymbol(symbols, key, payload);
    case Channel::kBookUpdate:
      return BookUpdates(symbols, key, payload);
    case Channel::kBook:
      return Snapshots(symbols, key, payload);
    case Channel::kObu:
      return OrderBookV2(symbols, key, payload);
    case Channel::kContractStats:
      key.interval_ms = 1000;
      return ContractStats(symbols, key, payload);
    case Channel::kPublicLiquidates:
      return Liquidations(symbols, key, payload);
  }
  return Invalid("invalid argument", "channel");
}

}  // namespace switchyard::simulator::gateio
