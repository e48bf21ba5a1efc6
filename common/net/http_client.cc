#include "common/net/http_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <deque>
#include <utility>
#include <vector>

#include "common/net/internal/asio.h"
#include "common/net/internal/connector.h"
#include "common/net/internal/http_connection.h"
#include "common/net/internal/http_wire.h"
#include "common/net/internal/thread_check.h"

namespace switchyard::net {
namespace {

namespace asio = boost::asio;
using internal::ConnectOptions;
using internal::Connector;
using internal::ErrorCode;
using internal::ExchangeOutcome;
using internal::HttpConnection;
using internal::Timer;

// Where a request is on its way; kFinished once `done` has been called or posted.
enum class Stage { kQueued, kConnecting, kExchanging, kFinished };

struct PendingRequest {
  PendingRequest(asio::io_context& io, HttpClient::Done on_done)
      : done(std::move(on_done)), timer(io.get_executor()) {}

  std::string wire;
  bool is_head = false;
  // GET and HEAD: may be sent again although bytes of it were written.
  bool is_repeatable = false;
  HttpClient::Done done;
  Timer timer;
  Stage stage = Stage::kQueued;
  bool timed_out = false;
  // By an attempt that was given up in favour of another one.
  bool was_written = false;
  bool was_retried = false;
};

// One connection of the pool, from the attempt to open it to its end.
struct PooledConnection {
  explicit PooledConnection(asio::io_context& io) : idle_timer(io.get_executor()) {}

  std::shared_ptr<Connector> connector;
  std::shared_ptr<HttpConnection> http;
  // The request that it was opened for or that it carries.
  std::shared_ptr<PendingRequest> request;
  // Has carried a request before: the server may close it at any moment.
  bool is_kept = false;
  Timer idle_timer;
};

// Shared, because a handler in flight may outlive its entry in the pool.
using PendingPtr = std::shared_ptr<PendingRequest>;
using PooledPtr = std::shared_ptr<PooledConnection>;

}  // namespace

class HttpClient::Impl : public std::enable_shared_from_this<HttpClient::Impl> {
 public:
  Impl(asio::io_context& io, HttpClientOptions options) : io_(io), options_(std::move(options)) {}

  void Send(HttpRequest request, std::chrono::nanoseconds timeout, Done done);
  // Close() without the thread check: the destructor may run when no thread runs
  // the io_context any more.
  void Shutdown();
  void CheckThread() const { thread_.Check(); }
  HttpStatistics statistics() const;

 private:
  void PostResult(Done done, absl::StatusOr<HttpResponse> result);
  void Dispatch(const PendingPtr& request);
  PooledPtr TakeIdle();
  void OpenConnection(const PendingPtr& request);
  void OnConnected(const PooledPtr& pooled, absl::StatusOr<std::unique_ptr<internal::Transport>>);
  void OnConnectFailed(const PooledPtr& pooled, const absl::Status& why);
  void StartExchange(const PooledPtr& pooled, const PendingPtr& request);
  void OnExchanged(const PooledPtr& pooled, ExchangeOutcome outcome);
  void OnTimeout(const PendingPtr& request);
  // Gives a free connection the next request or keeps it idle.
  void Release(const PooledPtr& pooled);
  // Gives a free place in the pool to the next request.
  void ServeQueue();
  void Drop(const PooledPtr& pooled);
  PendingPtr PopQueue();
  void Finish(const PendingPtr& request, absl::StatusOr<HttpResponse> result);
  absl::Status Describe(absl::StatusCode code, std::string_view what) const;

  asio::io_context& io_;
  const HttpClientOptions options_;
  internal::ThreadCheck thread_;
  std::vector<PooledPtr> pool_;  // all of them
  std::vector<PooledPtr> idle_;  // most recently used last
  std::deque<PendingPtr> queue_;
  HttpStatistics totals_;
  bool is_closed_ = false;
};

void HttpClient::Impl::Send(HttpRequest request, std::chrono::nanoseconds timeout, Done done) {
  thread_.Check();
  ++totals_.requests;
  absl::StatusOr<std::string> wire =
      internal::SerializeRequest(request, options_.endpoint, options_.user_agent);
  if (!wire.ok()) {
    PostResult(std::move(done), wire.status());
    return;
  }
  if (is_closed_) {
    PostResult(std::move(done),
               Describe(absl::StatusCode::kCancelled, "the client is closed; nothing was sent"));
    return;
  }
  auto pending = std::make_shared<PendingRequest>(io_, std::move(done));
  pending->wire = *std::move(wire);
  pending->is_head = request.method == "HEAD";
  pending->is_repeatable = pending->is_head || request.method == "GET";
  pending->timer.expires_after(timeout);
  pending->timer.async_wait([self = shared_from_this(), pending](const ErrorCode& error) {
    self->thread_.Bind();
    if (!error) self->OnTimeout(pending);
  });
  Dispatch(pending);
}

void HttpClient::Impl::PostResult(Done done, absl::StatusOr<HttpResponse> result) {
  if (result.ok()) {
    ++totals_.responses;
  } else {
    ++totals_.failures;
  }
  asio::post(io_, [done = std::move(done), result = std::move(result)]() mutable {
    done(std::move(result));
  });
}

void HttpClient::Impl::Dispatch(const PendingPtr& request) {
  if (PooledPtr pooled = TakeIdle()) {
    StartExchange(pooled, request);
  } else if (pool_.size() < static_cast<std::size_t>(options_.max_connections)) {
    OpenConnection(request);
  } else if (queue_.size() < options_.max_queued) {
    request->stage = Stage::kQueued;
    queue_.push_back(request);
  } else {
    request->stage = Stage::kFinished;
    request->timer.cancel();
    PostResult(std::move(request->done),
               Describe(absl::StatusCode::kResourceExhausted,
                        fmt::format("{} requests wait already; nothing was sent", queue_.size())));
  }
}

PooledPtr HttpClient::Impl::TakeIdle() {
  while (!idle_.empty()) {
    PooledPtr pooled = std::move(idle_.back());
    idle_.pop_back();
    pooled->idle_timer.cancel();
    if (!pooled->http->IsStale()) return pooled;
    Drop(pooled);
  }
  return nullptr;
}

void HttpClient::Impl::OpenConnection(const PendingPtr& request) {
  auto pooled = std::make_shared<PooledConnection>(io_);
  pool_.push_back(pooled);
  pooled->request = request;
  request->stage = Stage::kConnecting;
  ConnectOptions connect{
      .endpoint = options_.endpoint,
      .tls = options_.tls,
      .proxy = options_.proxy,
      .timeout = options_.connect_timeout,
  };
  pooled->connector =
      Connector::Start(io_, std::move(connect),
                       [self = shared_from_this(),
                        pooled](absl::StatusOr<std::unique_ptr<internal::Transport>> made) {
                         self->thread_.Bind();
                         self->OnConnected(pooled, std::move(made));
                       });
}

void HttpClient::Impl::OnConnected(const PooledPtr& pooled,
                                   absl::StatusOr<std::unique_ptr<internal::Transport>> made) {
  pooled->connector.reset();
  if (!made.ok()) {
    OnConnectFailed(pooled, made.status());
    return;
  }
  ++totals_.connects;
  pooled->http = HttpConnection::Create(*std::move(made), options_.max_body_bytes);
  // The request may have timed out meanwhile; the connection is good all the same.
  if (PendingPtr request = std::exchange(pooled->request, nullptr)) {
    StartExchange(pooled, request);
  } else {
    Release(pooled);
  }
}

void HttpClient::Impl::OnConnectFailed(const PooledPtr& pooled, const absl::Status& why) {
  std::vector<PendingPtr> failed;
  if (pooled->request != nullptr) failed.push_back(std::exchange(pooled->request, nullptr));
  Drop(pooled);
  // With no connection left, those that wait would each try in vain, one after
  // the other, and arrive at the same answer.
  if (pool_.empty()) {
    while (PendingPtr waiting = PopQueue()) failed.push_back(std::move(waiting));
  } else {
    ServeQueue();
  }
  for (const PendingPtr& request : failed) {
    Finish(request, request->was_written ? absl::UnknownError(why.message()) : why);
  }
}

void HttpClient::Impl::StartExchange(const PooledPtr& pooled, const PendingPtr& request) {
  request->stage = Stage::kExchanging;
  pooled->request = request;
  totals_.bytes_sent += request->wire.size();
  // Kept for a second attempt only where there can be one.
  std::string wire = pooled->is_kept ? request->wire : std::move(request->wire);
  pooled->http->Exchange(std::move(wire), request->is_head,
                         [self = shared_from_this(), pooled](ExchangeOutcome outcome) {
                           self->thread_.Bind();
                           self->OnExchanged(pooled, std::move(outcome));
                         });
}

void HttpClient::Impl::OnExchanged(const PooledPtr& pooled, ExchangeOutcome outcome) {
  if (is_closed_) return;
  const PendingPtr request = std::exchange(pooled->request, nullptr);
  const bool was_kept = std::exchange(pooled->is_kept, true);
  if (outcome.reusable && !request->timed_out) {
    Release(pooled);
  } else {
    pooled->http->Close();
    Drop(pooled);
  }
  const bool may_retry = was_kept && !request->was_retried && !request->timed_out &&
                         (!outcome.wrote || request->is_repeatable) && outcome.closed_unanswered;
  if (!outcome.response.ok() && may_retry) {
    request->was_retried = true;
    request->was_written = outcome.wrote;
    ++totals_.retries;
    // The place of the connection just dropped is free.
    OpenConnection(request);
    return;
  }
  ServeQueue();
  if (outcome.response.ok()) {
    totals_.bytes_received += outcome.response->body.size();
    Finish(request, std::move(outcome.response));
    return;
  }
  const std::string why(outcome.response.status().message());
  if (!outcome.wrote && !request->was_written) {
    Finish(request,
           Describe(absl::StatusCode::kUnavailable,
                    (request->timed_out ? "timed out; nothing was sent: " : "nothing was sent: ") +
                        why));
  } else if (request->timed_out) {
    Finish(request, Describe(absl::StatusCode::kDeadlineExceeded,
                             "timed out after the request was written"));
  } else {
    Finish(request, Describe(absl::StatusCode::kUnknown, why));
  }
}

void HttpClient::Impl::OnTimeout(const PendingPtr& request) {
  switch (request->stage) {
    case Stage::kFinished:
      return;
    case Stage::kExchanging:
      request->timed_out = true;
      // The end of the exchange tells whether anything had been written.
      for (const PooledPtr& pooled : pool_) {
        if (pooled->request == request) pooled->http->Close();
      }
      return;
    case Stage::kConnecting:
      // The connection is of use to the next request.
      for (const PooledPtr& pooled : pool_) {
        if (pooled->request == request) pooled->request = nullptr;
      }
      break;
    case Stage::kQueued:
      std::erase(queue_, request);
      break;
  }
  Finish(request,
         request->was_written
             ? Describe(absl::StatusCode::kDeadlineExceeded, "timed out on a second attempt")
             : Describe(absl::StatusCode::kUnavailable,
                        "timed out before a connection was ready; nothing was sent"));
}

void HttpClient::Impl::Release(const PooledPtr& pooled) {
  if (PendingPtr next = PopQueue()) {
    StartExchange(pooled, next);
    return;
  }
  idle_.push_back(pooled);
  // Weak, so that an idle connection does not keep a forgotten client alive.
  const auto discard = [weak = weak_from_this(), weak_pooled = std::weak_ptr(pooled)] {
    const auto self = weak.lock();
    const auto idle = weak_pooled.lock();
    if (self == nullptr || idle == nullptr || std::erase(self->idle_, idle) == 0) return;
    self->thread_.Bind();
    idle->http->Close();
    self->Drop(idle);
  };
  pooled->http->WatchIdle(discard);
  pooled->idle_timer.expires_after(options_.idle_timeout);
  pooled->idle_timer.async_wait([discard](const ErrorCode& error) {
    if (!error) discard();
  });
}

void HttpClient::Impl::ServeQueue() {
  while (pool_.size() < static_cast<std::size_t>(options_.max_connections)) {
    const PendingPtr next = PopQueue();
    if (next == nullptr) return;
    OpenConnection(next);
  }
}

void HttpClient::Impl::Drop(const PooledPtr& pooled) {
  pooled->idle_timer.cancel();
  std::erase(pool_, pooled);
}

PendingPtr HttpClient::Impl::PopQueue() {
  if (queue_.empty()) return nullptr;
  PendingPtr front = std::move(queue_.front());
  queue_.pop_front();
  return front;
}

void HttpClient::Impl::Finish(const PendingPtr& request, absl::StatusOr<HttpResponse> result) {
  request->stage = Stage::kFinished;
  request->timer.cancel();
  if (result.ok()) {
    ++totals_.responses;
  } else {
    ++totals_.failures;
  }
  const Done done = std::exchange(request->done, nullptr);
  done(std::move(result));
}

void HttpClient::Impl::Shutdown() {
  if (is_closed_) return;
  is_closed_ = true;
  const auto cancel = [this](const PendingPtr& request, std::string_view what) {
    if (request == nullptr || request->stage == Stage::kFinished) return;
    request->stage = Stage::kFinished;
    request->timer.cancel();
    PostResult(std::exchange(request->done, nullptr), Describe(absl::StatusCode::kCancelled, what));
  };
  for (const PendingPtr& request : queue_) cancel(request, "client closed; nothing was sent");
  queue_.clear();
  idle_.clear();
  for (const PooledPtr& pooled : std::exchange(pool_, {})) {
    pooled->idle_timer.cancel();
    // Also takes apart the circle of connection, completion and pool entry, whose
    // handlers may never run.
    if (const auto connector = std::exchange(pooled->connector, nullptr)) {
      cancel(pooled->request, "client closed; nothing was sent");
      connector->Cancel();
    }
    if (const auto http = std::exchange(pooled->http, nullptr)) {
      cancel(pooled->request, "client closed; the request may have been sent");
      http->Close();
    }
  }
}

HttpStatistics HttpClient::Impl::statistics() const {
  thread_.Check();
  HttpStatistics statistics = totals_;
  statistics.open_connections = pool_.size();
  statistics.idle_connections = idle_.size();
  statistics.queued = queue_.size();
  return statistics;
}

absl::Status HttpClient::Impl::Describe(absl::StatusCode code, std::string_view what) const {
  return absl::Status(
      code, fmt::format("request to {}: {}",
                        HostAndPort(options_.endpoint.host, options_.endpoint.port), what));
}

absl::StatusOr<std::unique_ptr<HttpClient>> HttpClient::Create(boost::asio::io_context& io,
                                                               HttpClientOptions options) {
  const absl::Status status = internal::ValidateConnectOptions({
      .endpoint = options.endpoint,
      .tls = options.tls,
      .proxy = options.proxy,
      .timeout = options.connect_timeout,
  });
  if (!status.ok()) return status;
  if (options.max_connections < 1) return absl::InvalidArgumentError("max_connections: below 1");
  if (options.max_body_bytes < 1) return absl::InvalidArgumentError("max_body_bytes: 0");
  if (options.idle_timeout <= std::chrono::nanoseconds(0)) {
    return absl::InvalidArgumentError("idle_timeout: not positive");
  }
  if (absl::Status agent = internal::ValidateHeaders({{"User-Agent", options.user_agent}});
      !agent.ok()) {
    return agent;
  }
  return std::unique_ptr<HttpClient>(
      new HttpClient(std::make_shared<Impl>(io, std::move(options))));
}

HttpClient::HttpClient(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpClient::~HttpClient() { impl_->Shutdown(); }

void HttpClient::Send(HttpRequest request, std::chrono::nanoseconds timeout, Done done) {
  impl_->Send(std::move(request), timeout, std::move(done));
}

void HttpClient::Close() {
  impl_->CheckThread();
  impl_->Shutdown();
}

HttpStatistics HttpClient::statistics() const { return impl_->statistics(); }

}  // namespace switchyard::net
