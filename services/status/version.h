#pragma once

#include <string_view>

namespace switchyard::status {

// Of every program here.
inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace switchyard::status
