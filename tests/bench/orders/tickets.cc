#include "tests/bench/orders/tickets.h"

#include <fmt/format.h>
#include <grpcpp/client_context.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "common/decimal/decimal.h"
#include "switchyard/marketdata/v1/market_data_service.grpc.pb.h"
#include "tests/bench/chain/process.h"
#include "tests/bench/orders/order_side.h"

namespace switchyard::bench {
namespace {

using marketdata::v1::MarketDataService;

template <typename Value>
Value Need(absl::StatusOr<Value> value) {
  if (!value.ok()) Fail("an order's value: " + value.status().ToString());
  return *std::move(value);
}

Decimal DecimalOf(const std::string& text) {
  return text.empty() ? Decimal() : Need(Decimal::Parse(text));
}

template <typename Response, typename Method, typename Request>
Response Ask(MarketDataService::Stub& stub, Method method, const Request& request) {
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (!status.ok()) Fail("market data: " + status.error_message());
  return response;
}

// Three times the least that the market takes, base units.
std::string QuantityOf(const marketdata::v1::Instrument& instrument, const Decimal& price) {
  constexpr int kScale = 18;
  Decimal least = std::max(DecimalOf(instrument.min_quantity()), DecimalOf(instrument.step()));
  const Decimal notional = DecimalOf(instrument.min_notional());
  least = std::max(least, Need(Decimal::Divide(notional, price, kScale, Rounding::kUp)));
  const Decimal wanted = Need(Decimal::Multiply(least, Decimal::FromInt(3)));
  return Need(wanted.RoundedToStep(DecimalOf(instrument.step()), Rounding::kUp)).ToShortString();
}

}  // namespace

Tickets::Tickets(const std::shared_ptr<grpc::Channel>& market_data) {
  const auto stub = MarketDataService::NewStub(market_data);
  marketdata::v1::ListTickersRequest tickers;
  tickers.set_exchange(kOrderExchange);
  std::map<std::string, std::string> prices;
  const auto quotes = Ask<marketdata::v1::ListTickersResponse>(
      *stub, &MarketDataService::Stub::ListTickers, tickers);
  for (const auto& ticker : quotes.tickers()) {
    prices[ticker.symbol()] = ticker.last_price();
  }
  marketdata::v1::ListInstrumentsRequest instruments;
  instruments.set_exchange(kOrderExchange);
  const auto listed = Ask<marketdata::v1::ListInstrumentsResponse>(
      *stub, &MarketDataService::Stub::ListInstruments, instruments);
  for (const auto& instrument : listed.instruments()) {
    const std::string& price = prices[instrument.symbol()];
    if (price.empty()) continue;
    markets_.push_back({instrument.symbol(), QuantityOf(instrument, DecimalOf(price)), price});
  }
  if (markets_.empty()) Fail("no markets to trade in");
}

order::v1::PlaceOrderRequest Tickets::Fleeting() {
  order::v1::PlaceOrderRequest request = Make(30);
  request.mutable_ticket()->set_time_in_force(order::v1::TIME_IN_FORCE_IOC);
  return request;
}

order::v1::PlaceOrderRequest Tickets::Resting(std::int64_t below_per_mille) {
  return Make(below_per_mille);
}

order::v1::PlaceOrderRequest Tickets::Make(std::int64_t below_per_mille) {
  const std::uint64_t number = number_.fetch_add(1);
  const Market& market = markets_[number % markets_.size()];
  const Decimal share = Need(Decimal::FromMantissa(1'000 - below_per_mille, 3));
  order::v1::PlaceOrderRequest request;
  request.set_exchange(kOrderExchange);
  request.set_account(kOrderAccount);
  order::v1::OrderTicket& ticket = *request.mutable_ticket();
  ticket.set_client_order_id(fmt::format("bench-{:013}", number));
  ticket.set_symbol(market.symbol);
  ticket.set_side(common::v1::SIDE_BUY);
  ticket.set_type(order::v1::ORDER_TYPE_LIMIT);
  ticket.set_quantity(market.quantity);
  ticket.set_price(Need(Decimal::Multiply(DecimalOf(market.last_price), share)).ToString());
  ticket.set_price_rounding(order::v1::ROUNDING_AWAY_FROM_MARKET);
  return request;
}

}  // namespace switchyard::bench
