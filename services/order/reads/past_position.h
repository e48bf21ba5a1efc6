#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace switchyard::order {

// Where a page of a list of the past begins: in the journal, then behind it in what the exchange
// still knows.
struct PastPosition {
  std::uint64_t before = 0;  // number or sequence behind which; 0 = the newest
  // Set: behind the journal. The exchange's own token, and the page size that it was made for.
  std::optional<std::string> history;
  std::uint32_t history_page_size = 0;

  std::string ToText() const;
  // Errors: InvalidArgument, INVALID_PAGE_TOKEN.
  static absl::StatusOr<PastPosition> Parse(const std::string& text);
};

// Errors: InvalidArgument, INVALID_PAGE_TOKEN.
absl::Status BadPageToken();

}  // namespace switchyard::order
