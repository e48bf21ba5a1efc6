#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <utility>

#include "clients/cli/commands.h"
#include "clients/cli/duration.h"
#include "clients/cli/enum_text.h"
#include "clients/cli/market_data_watch.h"
#include "clients/cli/time_text.h"
#include "common/decimal/decimal.h"
#include "switchyard/marketdata/v1/market_data_service.grpc.pb.h"

namespace switchyard::clients::cli {
namespace {

using marketdata::v1::Candle;
using marketdata::v1::MarketDataEvent;
using marketdata::v1::MarketDataService;
using marketdata::v1::Ticker;

std::string ValueOf(std::int64_t mantissa, int exponent) {
  const auto value = Decimal::FromMantissaExponent(mantissa, exponent);
  return value.ok() ? value->ToShortString() : fmt::format("{}e{}", mantissa, exponent);
}

std::string TickerLine(const Ticker& ticker) {
  std::string line =
      fmt::format("{} {}  last {}  bid {}  ask {}", ticker.exchange(), ticker.symbol(),
                  ticker.last_price(), ticker.best_bid_price(), ticker.best_ask_price());
  const auto add = [&line](std::string_view name, const std::string& value) {
    if (!value.empty()) line += fmt::format("  {} {}", name, value);
  };
  add("high", ticker.high_24h());
  add("low", ticker.low_24h());
  add("change", ticker.change_24h());
  add("volume", ticker.base_volume_24h());
  add("mark", ticker.mark_price());
  add("index", ticker.index_price());
  add("funding", ticker.funding_rate());
  add("interest", ticker.open_interest());
  return line;
}

std::string CandleLine(const Candle& candle) {
  return fmt::format("{}  open {}  high {}  low {}  close {}  volume {}{}",
                     DateAndTime(candle.open_time_ns()), candle.open(), candle.high(), candle.low(),
                     candle.close(), candle.base_volume(), candle.closed() ? "  closed" : "");
}

// What may come on every channel, and says not to believe what was shown. True if it is that.
bool PrintInterruption(Session& session, const MarketDataEvent& event) {
  if (event.kind() != marketdata::v1::EVENT_KIND_STALE &&
      event.kind() != marketdata::v1::EVENT_KIND_GAP) {
    return false;
  }
  session.Print(fmt::format("{} {}  {} ({})", event.exchange(), event.symbol(),
                            EnumText(event.kind()), EnumText(event.reason())));
  return true;
}

class TradesWatch final : public MarketDataWatch {
 public:
  using MarketDataWatch::MarketDataWatch;

 private:
  Next OnEvent(const MarketDataEvent& event) override {
    if (json() || PrintInterruption(session(), event)) return Next::kContinue;
    const auto& trades = event.trades();
    for (const auto& trade : trades.trades()) {
      session().Print(fmt::format(
          "{}  {} {}  {:<4}  {} x {}  id {}", TimeOfDay(trade.exchange_time_ns()), event.exchange(),
          event.symbol(), EnumText(trade.taker_side()),
          ValueOf(trade.price_mantissa(), trades.price_exponent()),
          ValueOf(trade.quantity_mantissa(), trades.quantity_exponent()), trade.trade_id()));
    }
    return Next::kContinue;
  }
};

class TickerWatch final : public MarketDataWatch {
 public:
  using MarketDataWatch::MarketDataWatch;

 private:
  Next OnEvent(const MarketDataEvent& event) override {
    if (json() || PrintInterruption(session(), event)) return Next::kContinue;
    session().Print(
        fmt::format("{}  {}", TimeOfDay(event.receive_time_ns()), TickerLine(event.ticker())));
    return Next::kContinue;
  }
};

class CandlesWatch final : public MarketDataWatch {
 public:
  using MarketDataWatch::MarketDataWatch;

 private:
  Next OnEvent(const MarketDataEvent& event) override {
    if (!json() && !PrintInterruption(session(), event)) {
      session().Print(CandleLine(event.candle()));
    }
    return Next::kContinue;
  }
};

// The rows that a ticker has on this exchange.
Table TickerTable(const Ticker& ticker) {
  Table table({"", ">"});
  const auto add = [&table](std::string_view name, const std::string& value) {
    if (!value.empty()) table.AddRow({std::string(name), value});
  };
  add("last", ticker.last_price());
  add("best bid", ticker.best_bid_price());
  add("bid size", ticker.best_bid_quantity());
  add("best ask", ticker.best_ask_price());
  add("ask size", ticker.best_ask_quantity());
  add("24 h high", ticker.high_24h());
  add("24 h low", ticker.low_24h());
  add("24 h change", ticker.change_24h());
  add("24 h volume", ticker.base_volume_24h());
  add("24 h turnover", ticker.quote_volume_24h());
  add("mark", ticker.mark_price());
  add("index", ticker.index_price());
  add("open interest", ticker.open_interest());
  add("funding rate", ticker.funding_rate());
  return table;
}

marketdata::v1::ListInstrumentsRequest InstrumentsRequest(const CommandLine& line) {
  marketdata::v1::ListInstrumentsRequest request;
  request.set_exchange(line.arguments[0]);
  request.set_base(line.base);
  request.set_quote(line.quote);
  if (line.kind == "spot") request.set_kind(common::v1::INSTRUMENT_KIND_SPOT);
  if (line.kind == "perp") request.set_kind(common::v1::INSTRUMENT_KIND_PERPETUAL);
  return request;
}

}  // namespace

int ListInstruments(Session& session) {
  auto request = InstrumentsRequest(session.line());
  const auto stub = MarketDataService::NewStub(session.channel());
  Table table({"symbol", "kind", "status", "exchange symbol", ">tick", ">step", ">min size",
               ">min value", ">max leverage", ">maker", ">taker"});
  do {
    marketdata::v1::ListInstrumentsResponse response;
    const grpc::Status status = session.Unary([&](grpc::ClientContext* context) {
      return stub->ListInstruments(context, request, &response);
    });
    if (!status.ok()) return session.Fail(status);
    if (session.line().json) session.PrintJson(response);
    for (const auto& instrument : response.instruments()) {
      table.AddRow({instrument.symbol(), EnumText(instrument.kind()), EnumText(instrument.status()),
                    instrument.exchange_symbol(), instrument.tick(), instrument.step(),
                    instrument.min_quantity(), instrument.min_notional(), instrument.max_leverage(),
                    instrument.maker_fee(), instrument.taker_fee()});
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  if (!session.line().json) session.PrintTable(table);
  return kExitOk;
}

int ShowTrades(Session& session) {
  const CommandLine& line = session.line();
  if (line.watch) return TradesWatch(session).Run(marketdata::v1::CHANNEL_TRADES);
  marketdata::v1::ListTradesRequest request;
  request.set_exchange(line.arguments[0]);
  request.set_symbol(line.arguments[1]);
  request.set_page_size(static_cast<std::uint32_t>(line.limit));
  marketdata::v1::ListTradesResponse response;
  const auto stub = MarketDataService::NewStub(session.channel());
  const grpc::Status status = session.Unary(
      [&](grpc::ClientContext* context) { return stub->ListTrades(context, request, &response); });
  if (!status.ok()) return session.Fail(status);
  if (line.json) {
    session.PrintJson(response);
    return kExitOk;
  }
  Table table({"time (UTC)", "taker", ">price", ">size", "id"});
  for (const auto& trade : response.trades()) {
    table.AddRow({TimeOfDay(trade.exchange_time_ns()), EnumText(trade.taker_side()), trade.price(),
                  trade.quantity(), trade.trade_id()});
  }
  session.PrintTable(table);
  return kExitOk;
}

int ShowTicker(Session& session) {
  const CommandLine& line = session.line();
  if (line.watch) return TickerWatch(session).Run(marketdata::v1::CHANNEL_TICKER);
  marketdata::v1::GetTickerRequest request;
  request.set_exchange(line.arguments[0]);
  request.set_symbol(line.arguments[1]);
  marketdata::v1::GetTickerResponse response;
  const auto stub = MarketDataService::NewStub(session.channel());
  const grpc::Status status = session.Unary(
      [&](grpc::ClientContext* context) { return stub->GetTicker(context, request, &response); });
  if (!status.ok()) return session.Fail(status);
  if (line.json) {
    session.PrintJson(response);
    return kExitOk;
  }
  session.Print(fmt::format("{} {}  {}, {} old", line.arguments[0], line.arguments[1],
                            EnumText(response.freshness().source()),
                            FormatDuration(response.freshness().age_ns())));
  session.PrintTable(TickerTable(response.ticker()));
  return kExitOk;
}

int ShowCandles(Session& session) {
  const CommandLine& line = session.line();
  if (line.watch) return CandlesWatch(session).Run(marketdata::v1::CHANNEL_CANDLES);
  marketdata::v1::ListCandlesRequest request;
  request.set_exchange(line.arguments[0]);
  request.set_symbol(line.arguments[1]);
  request.set_interval_seconds(static_cast<std::uint32_t>(line.interval.count() / 1000));
  request.set_page_size(static_cast<std::uint32_t>(line.limit));
  marketdata::v1::ListCandlesResponse response;
  const auto stub = MarketDataService::NewStub(session.channel());
  const grpc::Status status = session.Unary(
      [&](grpc::ClientContext* context) { return stub->ListCandles(context, request, &response); });
  if (!status.ok()) return session.Fail(status);
  if (line.json) {
    session.PrintJson(response);
    return kExitOk;
  }
  Table table({"from (UTC)", ">open", ">high", ">low", ">close", ">volume", ""});
  for (const auto& candle : response.candles()) {
    table.AddRow({DateAndTime(candle.open_time_ns()), candle.open(), candle.high(), candle.low(),
                  candle.close(), candle.base_volume(), candle.closed() ? "" : "forming"});
  }
  session.PrintTable(table);
  return kExitOk;
}

}  // namespace switchyard::clients::cli
