#pragma once

#include <string_view>

namespace switchyard::exchanges::lighter::signing {

// Keys are written in hex with or without 0x.
inline std::string_view WithoutPrefix(std::string_view text) {
  return text.starts_with("0x") || text.starts_with("0X") ? text.substr(2) : text;
}

}  // namespace switchyard::exchanges::lighter::signing
