#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace switchyard::config {

// Whether `text` has the form of a reference: `${...}` or `file:...`.
bool LooksLikeReference(std::string_view text);

// The value that a reference stands for: the environment variable of `${NAME}` or the content of
// `file:/path`, both without their last newline.
// Errors: InvalidArgument, also for text that is no reference, and for `file:` with a relative
// path; they name the variable or the file, never a value.
absl::StatusOr<std::string> ResolveReference(std::string_view text);

}  // namespace switchyard::config
