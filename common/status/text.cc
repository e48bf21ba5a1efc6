#include "common/status/text.h"

namespace switchyard {
namespace {

// Length of the well-formed UTF-8 character at the start of `text` (not empty); 0 = there is none.
// Source: Unicode 15, table 3-7.
std::size_t CharacterLength(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  std::size_t length = 0;
  if (lead >= 0xC2 && lead <= 0xDF) length = 2;
  if (lead >= 0xE0 && lead <= 0xEF) length = 3;
  if (lead >= 0xF0 && lead <= 0xF4) length = 4;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  }
  const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
  const bool surrogate = lead == 0xED && byte(1) > 0x9F;
  const bool beyond = lead == 0xF4 && byte(1) > 0x8F;
  return overlong || surrogate || beyond ? 0 : length;
}

}  // namespace

std::string SafeText(std::string_view text, std::size_t limit) {
  std::string safe;
  while (!text.empty()) {
    const std::size_t length = CharacterLength(text);
    const std::size_t taken = length == 0 ? 1 : length;
    if (safe.size() + taken > limit) break;
    safe.append(length == 0 ? std::string_view("?") : text.substr(0, length));
    text.remove_prefix(taken);
  }
  return safe;
}

}  // namespace switchyard
