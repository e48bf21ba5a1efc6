#pragma once

#include <string>
#include <string_view>

#include "exchanges/gateio/websocket/public_message_handler.h"

namespace switchyard::exchanges::gateio {

// A frame with the bytes behind it that the parser may read; exactly so many, so that a sanitizer
// sees every byte further.
class Frame {
 public:
  explicit Frame(std::string_view text) : size_(text.size()), bytes_(text) {
    bytes_.resize(size_ + PublicParser::kSpareBytes, '"');
    bytes_.shrink_to_fit();
  }
  std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  std::size_t size_;
  std::string bytes_;
};

// Messages say their product in their channel.
inline Product ProductOf(std::string_view text) {
  return text.find("\"futures.") == std::string_view::npos ? Product::kSpot : Product::kFutures;
}

}  // namespace switchyard::exchanges::gateio
