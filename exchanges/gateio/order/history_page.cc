#include "exchanges/gateio/order/history_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "common/status/status.h"
#include "exchanges/gateio/order/order_requests.h"

namespace switchyard::exchanges::gateio {
namespace {

absl::Status BadToken() {
  return MakeError(absl::StatusCode::kInvalidArgument, common::v1::ERROR_REASON_INVALID_PAGE_TOKEN,
                   "the page token is not one of ours", {{"field", "page_token"}});
}

// "<page>" or "<page>@<end of the span, ns>".
struct Token {
  int page = 1;
  std::optional<TimeNs> end;
};

template <typename T>
bool ReadWhole(std::string_view text, T* value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size() && *value > 0;
}

absl::StatusOr<Token> ParseToken(std::string_view text) {
  Token out;
  if (text.empty()) return out;
  const std::size_t at = text.find('@');
  if (!ReadWhole(text.substr(0, at), &out.page)) return BadToken();
  if (at == std::string_view::npos) return out;
  std::int64_t end = 0;
  if (!ReadWhole(text.substr(at + 1), &end)) return BadToken();
  out.end = TimeNs(end);
  return out;
}

}  // namespace

absl::StatusOr<HistoryPage> PageOf(const exchange::HistoryQuery& query, TimeNs now,
                                   std::chrono::seconds longest) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Token token, ParseToken(query.page_token));
  HistoryPage out;
  out.query = query;
  out.number = token.page;
  const std::uint32_t largest = kPage;
  out.query.page_size = query.page_size == 0 ? largest : std::min(query.page_size, largest);
  if (longest.count() == 0) return out;
  if (token.end) out.query.end = *token.end;
  const TimeNs end = out.query.end.given() ? out.query.end : now;
  const TimeNs earliest = end - longest;
  out.first_start = query.start.given() ? query.start : earliest;
  out.query.start = std::max(out.first_start, earliest);
  return out;
}

std::string NextToken(const HistoryPage& page, bool full) {
  const bool in_pieces = page.first_start.given();
  const auto token = [&](int number, TimeNs end) {
    return end.given() ? fmt::format("{}@{}", number, end.value) : fmt::to_string(number);
  };
  if (full) return token(page.number + 1, in_pieces ? page.query.end : TimeNs());
  if (in_pieces && page.query.start > page.first_start) return token(1, page.query.start);
  return {};
}

}  // namespace switchyard::exchanges::gateio
