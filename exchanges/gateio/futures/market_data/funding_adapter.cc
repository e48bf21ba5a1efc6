#include "exchanges/gateio/futures/market_data/funding_adapter.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/json/json.h"
#include "common/status/status.h"
#include "exchanges/gateio/endpoints.h"
#include "exchanges/gateio/market_data/page_token.h"
#include "exchanges/gateio/rest/answer.h"

namespace switchyard::exchanges::gateio::futures {
namespace {

using json::Json;

absl::StatusOr<model::FundingRate> ReadRate(const Json& contract,
                                            const model::Instrument& instrument,
                                            TimeNs receive_time) {
  model::FundingRate out;
  out.symbol = instrument.symbol;
  out.kind = model::FundingRateKind::kPredicted;
  out.receive_time = receive_time;
  SWITCHYARD_ASSIGN_OR_RETURN(out.rate, json::RequireDecimal(contract, "funding_rate"));
  // Read anew: the exchange shortens intervals in wild markets.
  SWITCHYARD_ASSIGN_OR_RETURN(const std::int64_t interval,
                              json::RequireInt64(contract, "funding_interval"));
  out.interval_seconds = static_cast<std::uint32_t>(interval);
  SWITCHYARD_ASSIGN_OR_RETURN(const std::int64_t next,
                              json::RequireInt64(contract, "funding_next_apply"));
  out.next_payment_time = TimeNs::FromSeconds(next);
  SWITCHYARD_ASSIGN_OR_RETURN(out.mark_price, json::OptionalDecimal(contract, "mark_price"));
  return out;
}

absl::StatusOr<model::FundingRate> ReadPaidRate(const Json& entry,
                                                const model::Instrument& instrument,
                                                TimeNs receive_time) {
  model::FundingRate out;
  out.symbol = instrument.symbol;
  out.kind = model::FundingRateKind::kLast;
  out.receive_time = receive_time;
  out.interval_seconds = instrument.funding_interval_seconds;
  SWITCHYARD_ASSIGN_OR_RETURN(out.rate, json::RequireDecimal(entry, "r"));
  SWITCHYARD_ASSIGN_OR_RETURN(const std::int64_t time, json::RequireInt64(entry, "t"));
  out.payment_time = TimeNs::FromSeconds(time);
  return out;
}

}  // namespace

RestRequest FundingAdapter::RatesRequest(const std::vector<const model::Instrument*>& wanted) {
  RestRequest request;
  request.path = paths::kFuturesContracts;
  request.limit = paths::kFuturesContracts;
  if (wanted.size() == 1) request.path += '/' + wanted.front()->exchange_symbol;
  return request;
}

absl::StatusOr<model::FundingRatesReply> FundingAdapter::DecodeRates(
    const std::string& body, const model::InstrumentTable& table,
    const std::vector<const model::Instrument*>& wanted, TimeNs receive_time) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Json list, ParseList(paths::kFuturesContracts, body));
  model::FundingRatesReply reply;
  for (const Json& contract : list) {
    const model::Instrument* const instrument = table.FindExchangeSymbol(TextOf(contract, "name"));
    if (instrument == nullptr) continue;
    const auto same = [&](const model::Instrument* one) { return one->id == instrument->id; };
    if (!wanted.empty() && std::none_of(wanted.begin(), wanted.end(), same)) continue;
    auto rate = ReadRate(contract, *instrument, receive_time);
    if (!rate.ok()) return Unreadable(instrument->symbol, rate.status());
    reply.rates.push_back(*std::move(rate));
  }
  std::sort(
      reply.rates.begin(), reply.rates.end(),
      [](const model::FundingRate& a, const model::FundingRate& b) { return a.symbol < b.symbol; });
  return reply;
}

absl::StatusOr<RestRequest> FundingAdapter::HistoryRequest(
    std::string_view contract, const exchange::FundingHistoryQuery& query) {
  RestRequest request;
  request.path = paths::kFuturesFundingRate;
  request.limit = paths::kFuturesFundingRate;
  request.query = {{"contract", std::string(contract)},
                   {"limit", fmt::to_string(PageSize(query.page_size))}};
  std::int64_t to = 0;
  // Our end is exclusive, Gate.io's is inclusive.
  if (query.end.given()) to = TimeNs(query.end.value - 1).Seconds();
  if (!query.page_token.empty()) {
    SWITCHYARD_ASSIGN_OR_RETURN(const std::int64_t before, ParsePageToken(query.page_token));
    to = before - 1;
  }
  if (query.start.given()) {
    request.query.emplace_back("from", fmt::to_string(query.start.Seconds()));
  }
  if (to > 0) request.query.emplace_back("to", fmt::to_string(to));
  return request;
}

absl::StatusOr<model::FundingRatesReply> FundingAdapter::DecodeHistory(
    const std::string& body, const model::Instrument& instrument,
    const exchange::FundingHistoryQuery& query, TimeNs receive_time) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Json list, ParseList(paths::kFuturesFundingRate, body));
  model::FundingRatesReply reply;
  for (const Json& entry : list) {
    auto rate = ReadPaidRate(entry, instrument, receive_time);
    if (!rate.ok()) return Unreadable(paths::kFuturesFundingRate, rate.status());
    const TimeNs paid = rate->payment_time;
    if (query.start.given() && paid < query.start) continue;
    if (query.end.given() && paid >= query.end) continue;
    reply.rates.push_back(*std::move(rate));
  }
  std::sort(reply.rates.begin(), reply.rates.end(),
            [](const model::FundingRate& a, const model::FundingRate& b) {
              return a.payment_time > b.payment_time;
            });
  if (list.size() >= PageSize(query.page_size) && !reply.rates.empty()) {
    reply.next_page_token = fmt::to_string(reply.rates.back().payment_time.Seconds());
  }
  return reply;
}

}  // namespace switchyard::exchanges::gateio::futures
