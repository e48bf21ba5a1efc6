#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace switchyard {

// `text` as valid UTF-8 of at most `limit` bytes: cut between characters, and `?` for each byte
// that belongs to none. Protobuf refuses to parse a string field that is not UTF-8, and what
// exchanges answer in trouble (HTML of a proxy) often is not.
std::string SafeText(std::string_view text, std::size_t limit);

}  // namespace switchyard
