#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "services/router/wire_message.h"

namespace google::protobuf {
class MessageLite;
}  // namespace google::protobuf

namespace switchyard::router {

// How long a test waits for what must happen.
inline constexpr std::chrono::seconds kPatience{20};

// One call that a fake backend got, unary or stream, as bytes. Any thread.
class FakeCall {
 public:
  virtual ~FakeCall() = default;

  virtual const grpc::ByteBuffer& request() const = 0;
  virtual const std::map<std::string, std::string>& metadata() const = 0;
  virtual std::chrono::system_clock::time_point deadline() const = 0;

  // Queues a message; they are written one by one, each when the previous one was taken by gRPC.
  virtual void Write(const grpc::ByteBuffer& message) = 0;
  void Write(const google::protobuf::MessageLite& message);
  // After what is queued.
  virtual void Finish(const grpc::Status& status) = 0;
  // One answer and OK.
  void Answer(const google::protobuf::MessageLite& response);

  virtual bool WaitUntilCancelled() = 0;
  // Messages that gRPC has taken: those beyond the client's window wait.
  virtual std::size_t written() const = 0;
};

// A service process written from the contract alone: a gRPC server that answers each method as the
// test says. Methods without a handler are UNIMPLEMENTED.
class FakeBackend {
 public:
  using Handler = std::function<void(const std::shared_ptr<FakeCall>&)>;

  // Serves `exchange` on a free port, or on a given address.
  explicit FakeBackend(std::string exchange, std::string listen = "127.0.0.1:0");
  ~FakeBackend();

  const std::string& exchange() const { return exchange_; }
  // host:port or unix:/path.
  const std::string& address() const { return address_; }

  // "MarketDataService/GetOrderBook". Before or while it serves.
  void On(const std::string& method, Handler handler);
  // Answers always the same.
  void OnAnswer(const std::string& method, const google::protobuf::MessageLite& response);
  void OnFail(const std::string& method, const grpc::Status& status);

  // The next call of a method that has no handler and is awaited here: it stays open until the test
  // finishes it. Null after kPatience.
  std::shared_ptr<FakeCall> WaitForCall(const std::string& method);
  // Calls of the method so far.
  std::size_t calls(const std::string& method) const;

  // Cuts all connections at once, as a killed process does. The port is kept for Restart.
  void Kill();
  void Restart();

 private:
  struct State;

  const std::string exchange_;
  std::string address_;
  std::unique_ptr<State> state_;
};

// The request of a call, decoded.
template <typename Request>
Request RequestOf(const FakeCall& call) {
  Request request;
  Parse(call.request(), &request);
  return request;
}

}  // namespace switchyard::router
