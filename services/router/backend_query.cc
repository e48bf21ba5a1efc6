#include "services/router/backend_query.h"

#include <google/protobuf/descriptor.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/server_context.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "common/status/grpc_status.h"
#include "services/router/forwarded_methods.h"
#include "services/router/upstream_call.h"
#include "switchyard/status/v1/status_service.pb.h"

namespace switchyard::router {
namespace {

constexpr std::chrono::milliseconds kLongestScatter{3'000};

using MethodsByName = std::map<std::string, ForwardedMethod, std::less<>>;

void AddMethods(const google::protobuf::ServiceDescriptor& service, MethodsByName* methods) {
  for (int i = 0; i < service.method_count(); ++i) {
    const ForwardedMethod method(*service.method(i));
    methods->emplace(method.short_name, method);
  }
}

// Of the forwarded services and StatusService; `name` is a constant of the program.
const ForwardedMethod& MethodNamed(std::string_view name) {
  static const MethodsByName& methods = [] {
    auto& table = *new MethodsByName;
    for (const ForwardedService& service : ForwardedServices()) {
      AddMethods(*service.descriptor, &table);
    }
    AddMethods(*status::v1::GetStatusRequest::descriptor()->file()->service(0), &table);
    return std::ref(table);
  }();
  return methods.find(name)->second;
}

}  // namespace

struct BackendQueries::Question {
  const Backend& backend;
  const ForwardedMethod& method;
  Done done;
  grpc::ClientContext context;
  grpc::ByteBuffer request;
  grpc::ByteBuffer answer;
  // Orders what the asker wrote before what the answer reads, where the thread sanitizer can see
  // it.
  std::atomic<bool> asked{false};
};

BackendQueries::BackendQueries() = default;
BackendQueries::~BackendQueries() { Shutdown(); }

std::chrono::system_clock::time_point ScatterDeadline(const grpc::CallbackServerContext& client) {
  const auto now = std::chrono::system_clock::now();
  const auto given = client.deadline();
  if (given == std::chrono::system_clock::time_point::max()) return now + kLongestScatter;
  return std::min<std::chrono::system_clock::time_point>(now + kLongestScatter,
                                                         now + (given - now) * 4 / 5);
}

void BackendQueries::AskRaw(const Backend& backend, std::string_view method_name,
                            const grpc::ByteBuffer& request, const Asking& asking, Done done) {
  auto owned = std::unique_ptr<Question>(
      new Question{backend, MethodNamed(method_name), std::move(done), {}, request, {}});
  Question* const question = owned.get();
  question->context.set_deadline(asking.deadline);
  if (!asking.caller.name().empty()) {
    question->context.AddMetadata(access::kPrincipalHeader, asking.caller.name());
  }
  {
    std::unique_lock lock(mutex_);
    if (shut_down_) {
      lock.unlock();
      question->done(BackendUnavailable(backend, "the router is shutting down"), {});
      return;
    }
    open_.emplace(question, std::move(owned));
  }
  const std::shared_ptr<grpc::Channel> channel = backend.Pick().channel();
  question->asked.store(true, std::memory_order_release);
  // gRPC keeps copies of the callback, so it holds no more than two pointers.
  grpc::GenericStub(channel).UnaryCall(
      &question->context, question->method.path, {}, &question->request, &question->answer,
      [this, question](const grpc::Status& status) { OnAnswer(*question, status); });
}

void BackendQueries::OnAnswer(Question& question, const grpc::Status& status) {
  question.asked.load(std::memory_order_acquire);
  const bool reached = MayHaveReachedBackend(question.context, status);
  const grpc::Status told = ClientStatus(status, question.method, question.backend, reached);
  question.done(FromGrpcStatus(told), question.answer);
  // Destroyed after the lock is free: what `done` holds may take locks of its own.
  std::unique_ptr<Question> last;
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(&question);
  last = std::move(found->second);
  open_.erase(found);
  // Under the lock: once it is free, this object may be gone.
  if (open_.empty()) all_answered_.notify_all();
}

void BackendQueries::Shutdown() {
  std::unique_lock lock(mutex_);
  shut_down_ = true;
  for (const auto& [question, owned] : open_) question->context.TryCancel();
  all_answered_.wait(lock, [this] { return open_.empty(); });
}

}  // namespace switchyard::router
