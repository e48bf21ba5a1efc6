#include "common/net/websocket_client.h"

#include <utility>

#include "common/net/internal/connector.h"
#include "common/net/internal/http_wire.h"
#include "common/net/internal/websocket_session.h"

namespace switchyard::net {
namespace {

absl::Status Validate(const WebSocketOptions& options, const WebSocketCallbacks& callbacks) {
  absl::Status status = internal::ValidateConnectOptions({
      .endpoint = options.endpoint,
      .tls = options.tls,
      .proxy = options.proxy,
      .timeout = options.connect_timeout,
  });
  if (status.ok()) status = internal::ValidateTarget(options.target);
  if (status.ok()) status = internal::ValidateHeaders(options.headers);
  if (!status.ok()) return status;
  constexpr std::chrono::nanoseconds kZero(0);
  if (options.ping_interval < kZero) return absl::InvalidArgumentError("ping_interval: negative");
  if (options.ping_interval > kZero && options.pong_timeout <= kZero) {
    return absl::InvalidArgumentError("pong_timeout: not positive");
  }
  if (options.max_message_bytes == 0) return absl::InvalidArgumentError("max_message_bytes: 0");
  if (callbacks.on_open == nullptr || callbacks.on_message == nullptr ||
      callbacks.on_batch_end == nullptr || callbacks.on_close == nullptr) {
    return absl::InvalidArgumentError("callbacks: one is missing");
  }
  return absl::OkStatus();
}

}  // namespace

class WebSocketClient::Impl {
 public:
  Impl(boost::asio::io_context& io, WebSocketOptions options, WebSocketCallbacks callbacks)
      : io_(io),
        shared_(std::make_shared<internal::WebSocketShared>(
            internal::WebSocketShared{.options = std::move(options),
                                      .callbacks = callbacks,
                                      .statistics = {},
                                      .thread = {}})) {}

  ~Impl() {
    if (session_ != nullptr) session_->Detach();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void Connect() {
    shared_->thread.Check();
    if (session_ != nullptr && !session_->has_ended()) return;
    session_ = std::make_shared<internal::WebSocketSession>(io_, shared_);
    session_->Start();
  }

  absl::Status Send(std::string text) {
    shared_->thread.Check();
    if (session_ == nullptr) return absl::FailedPreconditionError("send: never connected");
    return session_->Send(std::move(text));
  }

  void Close(int code) {
    shared_->thread.Check();
    if (session_ != nullptr) session_->Close(code);
  }

  bool is_open() const {
    shared_->thread.Check();
    return session_ != nullptr && session_->is_open();
  }

  const WebSocketStatistics& statistics() const {
    shared_->thread.Check();
    return shared_->statistics;
  }

 private:
  boost::asio::io_context& io_;
  const std::shared_ptr<internal::WebSocketShared> shared_;
  // The current or last one; shared with its own handlers.
  std::shared_ptr<internal::WebSocketSession> session_;
};

absl::StatusOr<std::unique_ptr<WebSocketClient>> WebSocketClient::Create(
    boost::asio::io_context& io, WebSocketOptions options, WebSocketCallbacks callbacks) {
  if (absl::Status status = Validate(options, callbacks); !status.ok()) return status;
  return std::unique_ptr<WebSocketClient>(
      new WebSocketClient(std::make_unique<Impl>(io, std::move(options), callbacks)));
}

WebSocketClient::WebSocketClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WebSocketClient::~WebSocketClient() = default;

void WebSocketClient::Connect() { impl_->Connect(); }
absl::Status WebSocketClient::Send(std::string text) { return impl_->Send(std::move(text)); }
void WebSocketClient::Close(int code) { impl_->Close(code); }
bool WebSocketClient::is_open() const { return impl_->is_open(); }
WebSocketStatistics WebSocketClient::statistics() const { return impl_->statistics(); }

}  // namespace switchyard::net
