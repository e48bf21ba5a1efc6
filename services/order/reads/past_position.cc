#include "services/order/reads/past_position.h"

#include <fmt/format.h>

#include <charconv>
#include <string_view>

#include "common/status/status.h"

namespace switchyard::order {
namespace {

// A position of the journal is a number; one behind it is "h", the page size, ":", and the
// exchange's token.
constexpr char kHistory = 'h';

// The number is not 0.
template <typename T>
bool ReadNumber(std::string_view text, T& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number != 0;
}

}  // namespace

absl::Status BadPageToken() {
  return MakeError(absl::StatusCode::kInvalidArgument, common::v1::ERROR_REASON_INVALID_PAGE_TOKEN,
                   "page_token: was not issued for this request", {{"field", "page_token"}});
}

std::string PastPosition::ToText() const {
  if (!history.has_value()) return std::to_string(before);
  return fmt::format("{}{}:{}", kHistory, history_page_size, *history);
}

absl::StatusOr<PastPosition> PastPosition::Parse(const std::string& text) {
  PastPosition position;
  if (text.empty()) return position;
  if (text.front() != kHistory) {
    if (!ReadNumber(std::string_view(text), position.before)) return BadPageToken();
    return position;
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return BadPageToken();
  if (!ReadNumber(std::string_view(text).substr(1, colon - 1), position.history_page_size)) {
    return BadPageToken();
  }
  position.history = text.substr(colon + 1);
  return position;
}

}  // namespace switchyard::order
