#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/net/http_message.h"
#include "common/net/internal/asio.h"
#include "common/net/internal/transport.h"

namespace switchyard::net::internal {

// How one request and its answer went.
struct ExchangeOutcome {
  // Error: Unknown, with what broke; the caller knows the right code.
  absl::StatusOr<HttpResponse> response;
  // A byte of the request may have reached the network.
  bool wrote = false;
  // The peer closed before the first byte of an answer.
  bool closed_unanswered = false;
  // The connection may carry another request.
  bool reusable = false;
};

// One HTTP/1.1 connection: one request at a time. Lives on the io_context's
// thread, kept alive by its operations.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  using Done = std::function<void(ExchangeOutcome)>;

  static std::shared_ptr<HttpConnection> Create(std::unique_ptr<Transport> transport,
                                                std::size_t max_body_bytes);
  ~HttpConnection();

  // Sends `wire`, a serialized request, and reads its answer. `is_head`: the
  // answer has no body whatever its headers say. `done` comes once, later.
  void Exchange(std::string wire, bool is_head, Done done);

  // Calls `closed` when the peer closes (or speaks) before the next Exchange.
  void WatchIdle(std::function<void()> closed);

  // Whether the peer has closed this idle connection, as far as is known here.
  bool IsStale() { return transport_->IsStale(); }

  // Closes; an outstanding exchange ends with an error.
  void Close();

 private:
  // Parser and buffers of the current answer.
  struct Reading;

  HttpConnection(std::unique_ptr<Transport> transport, std::size_t max_body_bytes);

  void OnWritten(const ErrorCode& error);
  void ReadAnswer();
  void OnRead(const ErrorCode& error);
  void Fail(const std::string& what, bool closed_unanswered);
  void Finish(ExchangeOutcome outcome);

  std::unique_ptr<Transport> transport_;
  const std::size_t max_body_bytes_;
  std::unique_ptr<Reading> reading_;
  std::string wire_;
  bool is_head_ = false;
  std::uint64_t written_before_ = 0;
  Done done_;
  // Tells the current idle spell from earlier ones, whose watches may still come.
  std::uint64_t idle_spell_ = 0;
};

}  // namespace switchyard::net::internal
