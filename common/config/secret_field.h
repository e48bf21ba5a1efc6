#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace switchyard::config {

// Whether `text` has the form of a reference: `${...}` or `file:/...`.
bool LooksLikeReference(std::string_view text);

// The value that a secret field's text stands for: the environment variable of `${NAME}`, the
// content of `file:/path` without its last newline, or the text itself.
// Errors: InvalidArgument, also for `file:` with a relative path; they name the variable or the
// file, never a value.
absl::StatusOr<std::string> ResolveSecret(std::string_view text);

}  // namespace switchyard::config
