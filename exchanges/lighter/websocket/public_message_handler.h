#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "exchanges/lighter/wire.h"

namespace switchyard::exchanges::lighter {

// What a channel's name says: "order_book:0", "order_book/0", "candle:0:1m", "market_stats:all".
struct ChannelParts {
  Channel channel = Channel::kUnknown;
  wire::MarketId market = -1;  // -1 = `all`, or none
  std::string_view resolution;
};
ChannelParts ParseChannel(std::string_view name);

// Frame to wire struct, of the public channels: knows no socket, no instrument and no book. Keeps
// its parser, so a steady stream allocates nothing. One thread.
class PublicParser {
 public:
  // Bytes that must be readable behind a frame (their content does not matter).
  static constexpr std::size_t kSpareBytes = 64;

  PublicParser();
  ~PublicParser();
  PublicParser(const PublicParser&) = delete;
  PublicParser& operator=(const PublicParser&) = delete;

  // Reads one frame, its fields in any order, into `push`, whose texts then point into the frame or
  // into this parser: both must stay until `push` has been used. A channel or type that is not
  // known gives Event::kUnknown and OK.
  // Errors: Internal, MALFORMED_EXCHANGE_MESSAGE, naming the channel; `push` then has the channel
  // and the market, where they stood before the fault, and no data.
  absl::Status Parse(std::string_view frame, wire::Push& push);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace switchyard::exchanges::lighter
