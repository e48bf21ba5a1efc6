#include "exchanges/gateio/futures/position/position_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "common/json/json.h"
#include "common/status/status.h"
#include "exchanges/gateio/account/account_book.h"
#include "exchanges/gateio/endpoints.h"
#include "exchanges/gateio/futures/order/liquidations.h"
#include "exchanges/gateio/market_data/page_token.h"
#include "exchanges/gateio/rest/answer.h"

namespace switchyard::exchanges::gateio::futures {
namespace {

namespace v1 = position::v1;

constexpr std::string_view kSettleCurrency = "USDT";

std::string SymbolOf(const model::InstrumentTable& table, const std::string& contract) {
  const model::Instrument* const instrument = table.FindExchangeSymbol(contract);
  return instrument == nullptr ? contract : instrument->symbol;
}

// Reads one of the two lists behind the other. The number of its entries.
absl::StatusOr<std::size_t> Append(const std::string& body,
                                   absl::StatusOr<v1::Liquidation> (*read)(const json::Json&,
                                                                           const Origin&),
                                   const Origin& origin, const exchange::HistoryQuery& query,
                                   std::vector<v1::Liquidation>& all) {
  SWITCHYARD_ASSIGN_OR_RETURN(const json::Json list, ParseList("liquidations", body));
  for (const json::Json& object : list) {
    SWITCHYARD_ASSIGN_OR_RETURN(v1::Liquidation liquidation, read(object, origin));
    // Whole seconds were asked for.
    const TimeNs time = liquidation.exchange_time_ns();
    if (time < query.start || (query.end.given() && time >= query.end)) continue;
    all.push_back(std::move(liquidation));
  }
  return list.size();
}

}  // namespace

absl::StatusOr<exchange::Page<v1::FundingPayment>> DecodeFunding(
    const std::string& body, const model::InstrumentTable& table,
    const exchange::HistoryQuery& query) {
  SWITCHYARD_ASSIGN_OR_RETURN(
      exchange::Page<BookEntry> entries,
      DecodeAccountBook(body, query.start, query.end, query.page_size, query.page_token));
  exchange::Page<v1::FundingPayment> page;
  page.next_page_token = std::move(entries.next_page_token);
  for (const BookEntry& entry : entries.items) {
    const std::string symbol = SymbolOf(table, entry.contract);
    if (entry.type != "fund" || (!query.symbol.empty() && symbol != query.symbol)) continue;
    v1::FundingPayment& payment = page.items.emplace_back();
    payment.set_symbol(symbol);
    payment.set_payment_id(entry.id);
    payment.set_amount(entry.change.ToString());
    payment.set_currency(std::string(kSettleCurrency));
    payment.set_payment_time_ns(entry.time.value);
  }
  return page;
}

absl::StatusOr<LiquidationOffsets> LiquidationOffsets::Parse(const std::string& page_token) {
  LiquidationOffsets offsets;
  if (page_token.empty()) return offsets;
  const std::size_t dot = page_token.find('.');
  SWITCHYARD_ASSIGN_OR_RETURN(offsets.liquidates, ParsePageToken(page_token.substr(0, dot)));
  SWITCHYARD_ASSIGN_OR_RETURN(
      offsets.auto_deleverages,
      ParsePageToken(dot == std::string::npos ? "" : page_token.substr(dot + 1)));
  return offsets;
}

std::string LiquidationOffsets::ToToken() const {
  return fmt::format("{}.{}", liquidates, auto_deleverages);
}

RestRequest LiquidationsRequest(std::string_view path, std::string_view contract,
                                const exchange::HistoryQuery& query, std::int64_t offset) {
  RestRequest request;
  request.path = path;
  request.limit = path;
  if (!contract.empty()) request.query.emplace_back("contract", std::string(contract));
  request.query.emplace_back("limit", fmt::to_string(query.page_size));
  if (offset != 0) request.query.emplace_back("offset", fmt::to_string(offset));
  if (query.start.given())
    request.query.emplace_back("from", fmt::to_string(query.start.Seconds()));
  if (query.end.given()) request.query.emplace_back("to", fmt::to_string(query.end.Seconds()));
  return request;
}

absl::StatusOr<exchange::Page<v1::Liquidation>> MergeLiquidations(
    const std::string& liquidates, const std::string& auto_deleverages, const Origin& origin,
    const exchange::HistoryQuery& query, const LiquidationOffsets& offsets) {
  std::vector<v1::Liquidation> all;
  SWITCHYARD_ASSIGN_OR_RETURN(const std::size_t liquidated,
                              Append(liquidates, &ReadLiquidation, origin, query, all));
  SWITCHYARD_ASSIGN_OR_RETURN(const std::size_t deleveraged,
                              Append(auto_deleverages, &ReadAutoDeleverage, origin, query, all));
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.exchange_time_ns() > b.exchange_time_ns();
  });
  const bool more = all.size() > query.page_size || liquidated >= query.page_size ||
                    deleveraged >= query.page_size;
  if (all.size() > query.page_size) all.resize(query.page_size);
  exchange::Page<v1::Liquidation> page;
  LiquidationOffsets next = offsets;
  for (v1::Liquidation& each : all) {
    ++(each.kind() == v1::LIQUIDATION_KIND_LIQUIDATION ? next.liquidates : next.auto_deleverages);
    page.items.push_back(std::move(each));
  }
  if (more && !page.items.empty()) page.next_page_token = next.ToToken();
  return page;
}

}  // namespace switchyard::exchanges::gateio::futures
