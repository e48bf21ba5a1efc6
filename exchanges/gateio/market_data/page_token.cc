#include "exchanges/gateio/market_data/page_token.h"

#include <charconv>

#include "common/status/status.h"

namespace switchyard::exchanges::gateio {

absl::StatusOr<std::int64_t> ParsePageToken(std::string_view token) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
  if (error != std::errc() || end != token.data() + token.size() || value < 0) {
    return MakeError(absl::StatusCode::kInvalidArgument,
                     common::v1::ERROR_REASON_INVALID_PAGE_TOKEN,
                     "the page token was not issued by this call");
  }
  return value;
}

}  // namespace switchyard::exchanges::gateio
