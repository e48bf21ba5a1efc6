#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

// Page tokens: opaque text that holds where the next page starts and a fingerprint of the request
// that it was issued for, so that a token does not continue another list. Not a secret and no
// protection: whoever reads the position validates it. Stable across processes and restarts.
namespace switchyard::market_data {

// The token of the page behind `position`; empty where `position` is (there is no next page).
std::string MakePageToken(const google::protobuf::Message& request, std::string_view position);

// The position in the request's `page_token` field; empty for the first page. The fingerprint
// covers every field but page_token and page_size, which may change from page to page. Errors:
// InvalidArgument, INVALID_PAGE_TOKEN.
absl::StatusOr<std::string> PagePosition(const google::protobuf::Message& request);

}  // namespace switchyard::market_data
