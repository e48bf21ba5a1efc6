#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/decimal/decimal.h"
#include "common/exchange/order_client.h"
#include "common/time/time.h"
#include "exchanges/gateio/rest/rest_request.h"

// The futures account's book: every change of its balance. Pure; any thread.
namespace switchyard::exchanges::gateio {

struct BookEntry {
  std::string id;        // made from the content where the exchange gives none
  std::string contract;  // empty = of none
  std::string type, text;
  Decimal change, balance;  // normalised
  TimeNs time;
};

// Gate.io's bounds of one answer.
inline constexpr std::uint32_t kLargestAccountPage = 1'000;

// Entries of one type ("fund", "dnw"), newest first; `contract` empty = all. The page token is an
// offset. Errors: InvalidArgument (page token).
// Source: API v4, "Futures", account_book.
absl::StatusOr<RestRequest> AccountBookRequest(std::string_view type, std::string_view contract,
                                               TimeNs start, TimeNs end, std::uint32_t page_size,
                                               const std::string& page_token);
// Those in the range, newest first. The token of the next page is given where the exchange sent a
// full one. Errors: Internal, MALFORMED_EXCHANGE_MESSAGE.
absl::StatusOr<exchange::Page<BookEntry>> DecodeAccountBook(const std::string& body, TimeNs start,
                                                            TimeNs end, std::uint32_t page_size,
                                                            const std::string& page_token);

// Whether Gate.io can select this contract's entries: it kept no contract with older ones.
bool SelectsByContract(TimeNs start);

}  // namespace switchyard::exchanges::gateio
