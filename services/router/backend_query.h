#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/access/principals.h"
#include "services/router/backends.h"
#include "services/router/wire_message.h"

namespace grpc {
class CallbackServerContext;
class Status;
}  // namespace grpc

namespace switchyard::router {

// Until when a question that is put to several backends at once may take: a good part of what the
// client has left, at most 3 s, so that what the others answered still reaches the client when one
// does not answer.
std::chrono::system_clock::time_point ScatterDeadline(const grpc::CallbackServerContext& client);

// The router's own unary questions to its backends. Any thread; must outlive its questions, which
// Shutdown sees to.
class BackendQueries {
 public:
  using Deadline = std::chrono::system_clock::time_point;
  using Done = std::function<void(const absl::Status& status, const grpc::ByteBuffer& answer)>;

  // Until when a question may take, and for whom it is put; a deadline alone: by the router itself,
  // which services only tell how they are.
  struct Asking {
    Asking(Deadline deadline,  // NOLINT(google-explicit-constructor): a deadline is enough
           access::Caller caller = access::Caller::Router())
        : deadline(deadline), caller(caller) {}

    Deadline deadline;
    access::Caller caller;
  };

  BackendQueries();
  BackendQueries(const BackendQueries&) = delete;
  BackendQueries& operator=(const BackendQueries&) = delete;
  ~BackendQueries();

  // Calls a unary method of a backend ("OrderService/CancelAllOrders", or one of StatusService).
  // `done` runs once, on a gRPC thread or in this call, also when there is no connection. The error
  // is what a client would be told (see ClientStatus).
  void AskRaw(const Backend& backend, std::string_view method, const grpc::ByteBuffer& request,
              const Asking& asking, Done done);

  // The same, typed. Errors also: Internal, when the answer is not a Response.
  template <typename Response, typename Request>
  void Ask(const Backend& backend, std::string_view method, const Request& request,
           const Asking& asking, std::function<void(absl::StatusOr<Response> answer)> done) {
    AskRaw(backend, method, Serialise(request), asking,
           [done = std::move(done)](const absl::Status& status, const grpc::ByteBuffer& answer) {
             Response response;
             if (!status.ok()) {
               done(status);
             } else if (!Parse(answer, &response)) {
               done(absl::InternalError("the backend's answer cannot be parsed"));
             } else {
               done(std::move(response));
             }
           });
  }

  // Cancels what is under way and waits for its `done`. Later questions fail at once.
  void Shutdown();

 private:
  struct Question;
  void OnAnswer(Question& question, const grpc::Status& status);

  std::mutex mutex_;
  std::condition_variable all_answered_;
  std::map<Question*, std::unique_ptr<Question>> open_;
  bool shut_down_ = false;
};

}  // namespace switchyard::router
