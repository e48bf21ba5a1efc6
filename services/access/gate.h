#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/metrics/metrics.h"
#include "common/time/time.h"
#include "services/access/audit_log.h"
#include "services/access/client_limits.h"
#include "services/access/methods.h"
#include "services/access/principals.h"
#include "switchyard/config/v1/config.pb.h"

namespace grpc {
class ByteBuffer;
class ServerContextBase;
class Service;
}  // namespace grpc

namespace grpc::experimental {
class ServerInterceptorFactoryInterface;
}  // namespace grpc::experimental

namespace switchyard::access {

// What a gate knows of the process behind it.
struct GateOptions {
  config::v1::ProcessConfig process;
  // All that are served: who asks about all of them needs a grant for each. Empty: the handlers
  // leave out what is not granted.
  std::vector<std::string> exchanges{};
  // The accounts of a component of an exchange; nullopt: not known yet. Any thread.
  std::function<std::optional<std::vector<std::string>>(const std::string& exchange,
                                                        const std::string& component)>
      accounts;
};

// Where every call of a process passes, unary or stream, once, before its handler sees it: who
// calls, what he may do, whether he has used up what he may take; and where order commands are
// written down. A stream's messages do not pass here. Any thread; outlives the server.
class Gate {
 public:
  // `metrics` and `clock` must outlive the gate.
  // Errors: InvalidArgument, naming the field.
  static absl::StatusOr<std::unique_ptr<Gate>> Create(GateOptions options,
                                                      metrics::Metrics& metrics,
                                                      const Clock& clock);
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  ~Gate();

  // Nothing is configured that a call would have to be looked at for.
  bool is_open() const { return !principals_ && !limits_on_ && !audit_; }
  // Callers are known by name.
  bool knows_callers() const { return principals_ != nullptr; }

  // The same service behind this gate; both it and `service` must outlive the server. `component`
  // as Method's.
  std::unique_ptr<grpc::Service> Guard(grpc::Service& service, std::string_view component);
  // Null where none is needed. It sees the ends of order commands, and turns those who are nobody
  // away from reflection, which is gRPC's own service.
  std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> MakeInterceptorFactory();

  // Who made a call that was let in.
  Caller CallerOf(const grpc::ServerContextBase& context) const;
  // Errors: Unauthenticated.
  absl::StatusOr<Caller> Identify(const grpc::ServerContextBase& context) const;

  // What a call that was let in has taken and gives back when it is over.
  struct Held {
    std::string stream_of;  // key of the client; empty: no stream
  };
  // For the guarded service. Errors: why the call is refused.
  absl::StatusOr<Held> Admit(const Method& method, const grpc::ServerContextBase& context,
                             const grpc::ByteBuffer& request);
  void Over(const Held& held);
  // An order command is answered.
  void Answered(const grpc::ServerContextBase& context, const absl::Status& outcome);

 private:
  // An order command under way.
  struct Command {
    AuditRecord record;
    std::chrono::nanoseconds began;
  };

  Gate(GateOptions options, metrics::Metrics& metrics, const Clock& clock);

  absl::Status CheckRequest(const Method& method, const Caller& caller,
                            const grpc::ByteBuffer& request, AuditRecord* record) const;
  absl::Status CheckAccount(const Method& method, const Caller& caller, const std::string& exchange,
                            const std::string& account, AuditRecord* record) const;
  absl::Status CheckSubscriptions(const Method& method, const Caller& caller,
                                  const grpc::ByteBuffer& request) const;
  absl::StatusOr<Held> Count(const Method& method, const absl::StatusOr<Caller>& caller,
                             const grpc::ServerContextBase& context,
                             const grpc::ByteBuffer& request);
  absl::StatusOr<Held> Judge(const Method& method, const grpc::ServerContextBase& context,
                             const grpc::ByteBuffer& request, AuditRecord* record);
  absl::Status Audit(const Method& method, const grpc::ServerContextBase& context,
                     const absl::Status& verdict, Command command);

  const GateOptions options_;
  metrics::Metrics& metrics_;
  const Clock& clock_;
  Limits default_limits_;
  bool limits_on_ = false;
  std::unique_ptr<Principals> principals_;  // null: nobody is asked
  ClientCounts counts_;
  std::unique_ptr<AuditLog> audit_;  // null: nothing is written down
  metrics::Counter& not_authenticated_;
  metrics::Counter& not_granted_;
  metrics::Counter& unaudited_;

  std::mutex mutex_;
  std::map<const grpc::ServerContextBase*, Command> commands_;
};

}  // namespace switchyard::access
