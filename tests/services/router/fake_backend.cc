#include "tests/services/router/fake_backend.h"

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

namespace switchyard::router {
namespace {

// "/switchyard.order.v1.OrderService/PlaceOrder" -> "OrderService/PlaceOrder".
std::string ShortName(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::size_t dot = path.rfind('.', slash);
  return path.substr(dot + 1);
}

// One call: queue and reactor in one, kept alive by gRPC and by the test.
class Call final : public FakeCall, public grpc::ServerGenericBidiReactor {
 public:
  using OnRequest = std::function<void(const std::shared_ptr<Call>&)>;

  Call(grpc::GenericCallbackServerContext* context, OnRequest on_request)
      : method_(ShortName(context->method())),
        deadline_(context->deadline()),
        on_request_(std::move(on_request)) {
    for (const auto& [name, value] : context->client_metadata()) {
      metadata_[std::string(name.data(), name.size())] = std::string(value.data(), value.size());
    }
  }

  void Begin(std::shared_ptr<Call> self) {
    const std::lock_guard lock(mutex_);
    self_ = std::move(self);
    StartRead(&request_);
  }

  const std::string& method() const { return method_; }
  const grpc::ByteBuffer& request() const override { return request_; }
  const std::map<std::string, std::string>& metadata() const override { return metadata_; }
  std::chrono::system_clock::time_point deadline() const override { return deadline_; }

  void Write(const grpc::ByteBuffer& message) override {
    const std::lock_guard lock(mutex_);
    queue_.push_back(message);
    NextLocked();
  }

  void Finish(const grpc::Status& status) override {
    const std::lock_guard lock(mutex_);
    if (!final_) final_ = status;
    NextLocked();
  }

  bool WaitUntilCancelled() override {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [this] { return cancelled_; });
  }

  std::size_t written() const override { return written_.load(); }

  void OnReadDone(bool ok) override {
    if (ok) {
      on_request_(self_);
    } else {
      Finish(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "no request"));
    }
  }
  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    if (ok) written_.fetch_add(1);
    NextLocked();
  }
  void OnCancel() override {
    {
      const std::lock_guard lock(mutex_);
      cancelled_ = true;
      queue_.clear();
      if (!final_) final_ = grpc::Status::CANCELLED;
      NextLocked();
    }
    changed_.notify_all();
  }
  void OnDone() override {
    std::shared_ptr<Call> last;
    // Orders the other callbacks before the end.
    const std::lock_guard lock(mutex_);
    last = std::move(self_);
  }

 private:
  void NextLocked() {
    if (writing_ || finished_) return;
    if (!queue_.empty()) {
      current_ = queue_.front();
      queue_.pop_front();
      writing_ = true;
      StartWrite(&current_);
    } else if (final_) {
      finished_ = true;
      grpc::ServerGenericBidiReactor::Finish(*final_);
    }
  }

  const std::string method_;
  const std::chrono::system_clock::time_point deadline_;
  const OnRequest on_request_;
  std::map<std::string, std::string> metadata_;
  grpc::ByteBuffer request_;
  std::shared_ptr<Call> self_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<grpc::ByteBuffer> queue_;
  grpc::ByteBuffer current_;
  std::optional<grpc::Status> final_;
  std::atomic<std::size_t> written_{0};
  bool writing_ = false;
  bool finished_ = false;
  bool cancelled_ = false;
};

}  // namespace

void FakeCall::Write(const google::protobuf::MessageLite& message) { Write(Serialise(message)); }

void FakeCall::Answer(const google::protobuf::MessageLite& response) {
  Write(response);
  Finish(grpc::Status::OK);
}

struct FakeBackend::State {
  // One for each server: gRPC lets no generic service be registered twice.
  struct Service : grpc::CallbackGenericService {
    explicit Service(State& state) : state(state) {}
    grpc::ServerGenericBidiReactor* CreateReactor(
        grpc::GenericCallbackServerContext* context) override {
      const auto call = std::make_shared<Call>(
          context, [this](const std::shared_ptr<Call>& call) { state.Dispatch(call); });
      call->Begin(call);
      return call.get();
    }
    State& state;
  };

  void Dispatch(const std::shared_ptr<Call>& call) {
    FakeBackend::Handler handler;
    {
      const std::lock_guard lock(mutex);
      ++counts[call->method()];
      const auto found = handlers.find(call->method());
      if (found != handlers.end()) {
        handler = found->second;
      } else if (awaited.contains(call->method())) {
        waiting[call->method()].push_back(call);
      } else {
        call->Finish(grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "no such method"));
      }
    }
    changed.notify_all();
    if (handler) handler(call);
  }

  int Serve(const std::string& listen) {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort(listen, grpc::InsecureServerCredentials(), &port);
    service = std::make_unique<Service>(*this);
    builder.RegisterCallbackGenericService(service.get());
    server = builder.BuildAndStart();
    return port;
  }

  mutable std::mutex mutex;
  std::condition_variable changed;
  std::map<std::string, FakeBackend::Handler> handlers;
  std::map<std::string, std::deque<std::shared_ptr<FakeCall>>> waiting;
  std::map<std::string, std::size_t> counts;
  // The streams, which tests drive by hand.
  std::set<std::string> awaited = {"MarketDataService/StreamMarketData",
                                   "OrderService/StreamOrderEvents",
                                   "PositionService/StreamPositions"};
  std::unique_ptr<Service> service;
  std::unique_ptr<grpc::Server> server;
};

FakeBackend::FakeBackend(std::string exchange, std::string listen)
    : exchange_(std::move(exchange)), state_(std::make_unique<State>()) {
  const int port = state_->Serve(listen);
  address_ = listen.starts_with("unix:") ? listen : "127.0.0.1:" + std::to_string(port);
}

FakeBackend::~FakeBackend() { Kill(); }

void FakeBackend::On(const std::string& method, Handler handler) {
  const std::lock_guard lock(state_->mutex);
  state_->handlers[method] = std::move(handler);
}

void FakeBackend::OnAnswer(const std::string& method,
                           const google::protobuf::MessageLite& response) {
  On(method, [bytes = Serialise(response)](const std::shared_ptr<FakeCall>& call) {
    call->Write(bytes);
    call->Finish(grpc::Status::OK);
  });
}

void FakeBackend::OnFail(const std::string& method, const grpc::Status& status) {
  On(method, [status](const std::shared_ptr<FakeCall>& call) { call->Finish(status); });
}

std::shared_ptr<FakeCall> FakeBackend::WaitForCall(const std::string& method) {
  std::unique_lock lock(state_->mutex);
  state_->awaited.insert(method);
  auto& waiting = state_->waiting[method];
  if (!state_->changed.wait_for(lock, kPatience, [&] { return !waiting.empty(); })) return nullptr;
  std::shared_ptr<FakeCall> call = std::move(waiting.front());
  waiting.pop_front();
  return call;
}

std::size_t FakeBackend::calls(const std::string& method) const {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->counts.find(method);
  return found == state_->counts.end() ? 0 : found->second;
}

void FakeBackend::Kill() {
  if (!state_->server) return;
  state_->server->Shutdown(std::chrono::system_clock::now());
  state_->server.reset();
  const std::lock_guard lock(state_->mutex);
  state_->waiting.clear();
}

void FakeBackend::Restart() { state_->Serve(address_); }

}  // namespace switchyard::router
