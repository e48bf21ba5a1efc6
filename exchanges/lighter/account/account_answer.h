#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "common/json/json.h"
#include "exchanges/lighter/rest/rest_request.h"

// One account whole, over REST: its figures, positions and assets as of one moment. Pure; any
// thread. Source: protocol reference 1.2 and 1.3 (DetailedAccount).
namespace switchyard::exchanges::lighter {

RestRequest AccountRequest(std::int64_t account_index);

struct AccountAnswer {
  std::int64_t account_index = 0;
  json::Json row;

  // A list; null where the answer has none.
  json::Json positions() const {
    const json::Json* const found = json::Find(row, "positions");
    return found == nullptr ? json::Json() : *found;
  }
};

// The account of this index in an answer to AccountRequest.
// Errors: as ParseAnswer; Internal, MALFORMED_EXCHANGE_MESSAGE; NotFound, UNKNOWN_ACCOUNT, where it
// is not in it.
absl::StatusOr<AccountAnswer> ReadAccountAnswer(const std::string& body,
                                                std::int64_t account_index);

}  // namespace switchyard::exchanges::lighter
