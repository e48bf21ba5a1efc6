#include "exchanges/gateio/account/account_book.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/json/json.h"
#include "common/status/status.h"
#include "exchanges/gateio/endpoints.h"
#include "exchanges/gateio/market_data/page_token.h"
#include "exchanges/gateio/rest/answer.h"
#include "exchanges/gateio/utils/converters.h"

namespace switchyard::exchanges::gateio {
namespace {

// 2023-10-30 00:00 UTC. Source: API v4, "Futures", account_book.
constexpr TimeNs kContractsKeptSince = TimeNs::FromSeconds(1'698'624'000);

absl::StatusOr<BookEntry> ReadEntry(const json::Json& object) {
  BookEntry out;
  const auto time = TimeFromSeconds(TextOf(object, "time"));
  if (!time) return absl::InternalError("no time");
  out.time = *time;
  out.type = TextOf(object, "type");
  out.text = TextOf(object, "text");
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal change, json::RequireDecimal(object, "change"));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal balance, json::RequireDecimal(object, "balance"));
  out.change = change.Normalised();
  out.balance = balance.Normalised();
  out.contract = TextOf(object, "contract");
  // Older entries tell it in `text`, alone or as "CONTRACT:order".
  if (out.contract.empty()) out.contract = out.text.substr(0, out.text.find(':'));
  out.id = TextOf(object, "id");
  if (out.id.empty()) out.id = fmt::format("{}-{}-{}", out.type, out.text, out.time.value);
  return out;
}

}  // namespace

bool SelectsByContract(TimeNs start) { return start >= kContractsKeptSince; }

absl::StatusOr<RestRequest> AccountBookRequest(std::string_view type, std::string_view contract,
                                               TimeNs start, TimeNs end, std::uint32_t page_size,
                                               const std::string& page_token) {
  RestRequest request;
  request.path = paths::kFuturesAccountBook;
  request.limit = paths::kFuturesAccountBook;
  if (!contract.empty()) request.query.emplace_back("contract", std::string(contract));
  request.query.emplace_back("limit", fmt::to_string(page_size));
  if (!page_token.empty()) {
    SWITCHYARD_ASSIGN_OR_RETURN(const std::int64_t offset, ParsePageToken(page_token));
    request.query.emplace_back("offset", fmt::to_string(offset));
  }
  if (start.given()) request.query.emplace_back("from", fmt::to_string(start.Seconds()));
  if (end.given()) request.query.emplace_back("to", fmt::to_string(end.Seconds()));
  request.query.emplace_back("type", std::string(type));
  return request;
}

absl::StatusOr<exchange::Page<BookEntry>> DecodeAccountBook(const std::string& body, TimeNs start,
                                                            TimeNs end, std::uint32_t page_size,
                                                            const std::string& page_token) {
  SWITCHYARD_ASSIGN_OR_RETURN(const json::Json list, ParseList(paths::kFuturesAccountBook, body));
  exchange::Page<BookEntry> page;
  for (const json::Json& object : list) {
    auto entry = ReadEntry(object);
    if (!entry.ok()) return Unreadable(paths::kFuturesAccountBook, entry.status());
    // Whole seconds were asked for.
    if (entry->time < start || (end.given() && entry->time >= end)) continue;
    page.items.push_back(*std::move(entry));
  }
  std::stable_sort(page.items.begin(), page.items.end(),
                   [](const BookEntry& a, const BookEntry& b) { return a.time > b.time; });
  if (list.size() >= page_size) {
    std::int64_t offset = 0;
    if (!page_token.empty()) {
      SWITCHYARD_ASSIGN_OR_RETURN(offset, ParsePageToken(page_token));
    }
    page.next_page_token = fmt::to_string(offset + static_cast<std::int64_t>(list.size()));
  }
  return page;
}

}  // namespace switchyard::exchanges::gateio
