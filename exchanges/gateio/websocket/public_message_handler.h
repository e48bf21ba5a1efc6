#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "exchanges/gateio/channels.h"
#include "exchanges/gateio/wire.h"

namespace switchyard::exchanges::gateio {

// Frame to wire struct, of the public channels of one product: knows no socket, no instrument and
// no book. The two products differ in names and in whether a result is an object or a list; both
// forms are read everywhere. Keeps its parser, so a steady stream allocates nothing.
// One thread.
class PublicParser {
 public:
  // Bytes that must be readable behind a frame (their content does not matter).
  static constexpr std::size_t kSpareBytes = 64;

  explicit PublicParser(Product product);
  ~PublicParser();
  PublicParser(const PublicParser&) = delete;
  PublicParser& operator=(const PublicParser&) = delete;

  // Reads one frame, its fields in any order, into `push`, whose texts then point into the frame or
  // into this parser: both must stay until `push` has been used. A channel or event that is not
  // known gives Event::kUnknown and OK.
  // Errors: Internal, MALFORMED_EXCHANGE_MESSAGE, naming the channel; `push` is then meaningless.
  absl::Status Parse(std::string_view frame, wire::Push& push);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace switchyard::exchanges::gateio
