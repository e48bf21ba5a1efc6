#include "services/access/gate.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>

#include <algorithm>
#include <utility>

#include "common/log/log.h"
#include "common/status/status.h"
#include "services/access/call_credentials.h"
#include "services/access/guarded_service.h"
#include "services/access/interceptors.h"
#include "services/access/routing_fields.h"

namespace switchyard::access {
namespace {

using google::protobuf::Message;

// Null: the bytes are not such a message.
std::unique_ptr<Message> ParseRequest(const Method& method, const grpc::ByteBuffer& request) {
  std::unique_ptr<Message> message(google::protobuf::MessageFactory::generated_factory()
                                       ->GetPrototype(method.descriptor.input_type())
                                       ->New());
  grpc::ByteBuffer bytes(request);  // shares them; parsing consumes its own reference
  if (!grpc::GenericDeserialize<grpc::ProtoBufferReader, Message>(&bytes, message.get()).ok()) {
    return nullptr;
  }
  return message;
}

std::string ToJson(const Method& method, const grpc::ByteBuffer& request) {
  const std::unique_ptr<Message> message = ParseRequest(method, request);
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  if (!message || !google::protobuf::util::MessageToJsonString(*message, &json, options).ok()) {
    return "";
  }
  return json;
}

bool HasUnixSocket(const config::v1::ProcessConfig& process) {
  return std::any_of(process.listen().begin(), process.listen().end(),
                     [](const std::string& listen) { return listen.starts_with("unix:"); });
}

// What can only ever refuse is a mistake.
absl::Status CheckReachable(const config::v1::ProcessConfig& process) {
  const config::v1::AccessConfig& access = process.access();
  if (!process.has_tls() && !HasUnixSocket(process)) {
    return InvalidField("process.tls",
                        "required with process.access: callers are known over TLS or a unix "
                        "socket alone");
  }
  const bool by_certificate =
      !access.routers().empty() ||
      std::any_of(access.principals().begin(), access.principals().end(),
                  [](const auto& principal) { return !principal.certificates().empty(); });
  if (by_certificate && process.tls().client_ca_file().empty()) {
    return InvalidField("process.tls.client_ca_file",
                        "required with certificates of principals or routers");
  }
  return absl::OkStatus();
}

}  // namespace

Gate::Gate(GateOptions options, metrics::Metrics& metrics, const Clock& clock)
    : options_(std::move(options)),
      metrics_(metrics),
      clock_(clock),
      counts_(metrics),
      not_authenticated_(metrics.AddCounter("switchyard_access_refused_total",
                                            "Calls refused for want of a principal or a grant.",
                                            {{"code", "UNAUTHENTICATED"}})),
      not_granted_(metrics.AddCounter("switchyard_access_refused_total",
                                      "Calls refused for want of a principal or a grant.",
                                      {{"code", "PERMISSION_DENIED"}})),
      unaudited_(metrics.AddCounter("switchyard_audit_missed_total",
                                    "Cancellations that the audit log had no room for.")) {}

Gate::~Gate() = default;

absl::StatusOr<std::unique_ptr<Gate>> Gate::Create(GateOptions options, metrics::Metrics& metrics,
                                                   const Clock& clock) {
  std::unique_ptr<Gate> gate(new Gate(std::move(options), metrics, clock));
  const config::v1::ProcessConfig& process = gate->options_.process;
  SWITCHYARD_ASSIGN_OR_RETURN(gate->default_limits_,
                              ToLimits(process.client_limits(), "process.client_limits", Limits{}));
  gate->limits_on_ = process.has_access() || process.has_client_limits();
  if (process.has_access()) {
    SWITCHYARD_ASSIGN_OR_RETURN(gate->principals_,
                                Principals::Create(process.access(), gate->default_limits_));
    SWITCHYARD_RETURN_IF_ERROR(CheckReachable(process));
  }
  if (!process.audit_log().empty()) {
    SWITCHYARD_ASSIGN_OR_RETURN(gate->audit_, AuditLog::Open(process.audit_log(), metrics));
  }
  return gate;
}

std::unique_ptr<grpc::Service> Gate::Guard(grpc::Service& service, std::string_view component) {
  return std::make_unique<GuardedService>(service, *ServiceOf(component), *this);
}

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>
Gate::MakeInterceptorFactory() {
  if (!principals_ && !audit_) return nullptr;
  return MakeInterceptors(*this);
}

absl::StatusOr<Caller> Gate::Identify(const grpc::ServerContextBase& context) const {
  if (!principals_) return Caller::Anyone();
  return principals_->Identify(CredentialsOf(context), clock_.Now());
}

Caller Gate::CallerOf(const grpc::ServerContextBase& context) const {
  const absl::StatusOr<Caller> caller = Identify(context);
  // A token that has ended since: nothing is granted any more.
  return caller.ok() ? *caller : Caller::Router();
}

absl::StatusOr<Gate::Held> Gate::Admit(const Method& method, const grpc::ServerContextBase& context,
                                       const grpc::ByteBuffer& request) {
  const bool is_audited = audit_ && method.has_effects;
  Command command{{}, clock_.Steady()};
  absl::StatusOr<Held> verdict = Judge(method, context, request, &command.record);
  if (verdict.status().code() == absl::StatusCode::kUnauthenticated) {
    not_authenticated_.Increment();
  } else if (verdict.status().code() == absl::StatusCode::kPermissionDenied) {
    not_granted_.Increment();
  }
  if (!is_audited) return verdict;
  // What is larger than allowed is not worth reading.
  if (ReasonOf(verdict.status()) != common::v1::ERROR_REASON_REQUEST_TOO_LARGE) {
    command.record.request = ToJson(method, request);
  }
  const absl::Status audited = Audit(method, context, verdict.status(), std::move(command));
  if (verdict.ok() && !audited.ok()) return audited;
  return verdict;
}

absl::StatusOr<Gate::Held> Gate::Judge(const Method& method, const grpc::ServerContextBase& context,
                                       const grpc::ByteBuffer& request, AuditRecord* record) {
  const absl::StatusOr<Caller> caller = Identify(context);
  if (caller.ok()) record->principal = caller->name();
  SWITCHYARD_ASSIGN_OR_RETURN(Held held, Count(method, caller, context, request));
  absl::Status status = caller.status();
  if (status.ok()) status = CheckRequest(method, *caller, request, record);
  if (status.ok()) return held;
  Over(held);
  return status;
}

absl::StatusOr<Gate::Held> Gate::Count(const Method& method, const absl::StatusOr<Caller>& caller,
                                       const grpc::ServerContextBase& context,
                                       const grpc::ByteBuffer& request) {
  if (!limits_on_) return Held{};
  const Principal* const principal = caller.ok() ? caller->principal() : nullptr;
  // Routers ask for themselves little and regularly; what they ask for others counts as theirs.
  // What a process asks itself has been counted where it came in.
  if (caller.ok() && caller->is_router()) return Held{};
  const std::string peer = context.peer();
  if (TransportOf(context) == Transport::kInProcess) return Held{};
  const std::string key =
      principal != nullptr ? "principal " + principal->name : "address " + AddressOf(peer);
  const ClientCounts::Client client{key, principal != nullptr ? principal->name : "",
                                    principal != nullptr ? principal->limits : default_limits_};
  SWITCHYARD_RETURN_IF_ERROR(
      counts_.Begin(client, request.Length(), method.streams, clock_.Steady()));
  return Held{method.streams ? key : ""};
}

absl::Status Gate::CheckRequest(const Method& method, const Caller& caller,
                                const grpc::ByteBuffer& request, AuditRecord* record) const {
  // Who is nobody in particular is only read where the audit log wants to know.
  if (!principals_ && !(audit_ && method.has_effects)) return absl::OkStatus();
  if (caller.is_router()) {
    if (method.component == "status") return absl::OkStatus();
    return caller.Denied(method.role, "", "", method.name);
  }
  if (method.scope == Scope::kSpanning) {
    return caller.Holds(method.role) ? absl::OkStatus()
                                     : caller.Denied(method.role, "", "", method.name);
  }
  if (method.scope == Scope::kSubscriptions) return CheckSubscriptions(method, caller, request);
  SWITCHYARD_ASSIGN_OR_RETURN(const RoutingFields fields,
                              ReadRoutingFields(request, method.scope == Scope::kExchangeAndAccount
                                                             ? RoutedBy::kExchangeAndAccount
                                                             : RoutedBy::kExchange));
  record->exchange = fields.exchange;
  if (fields.exchange.empty() && method.scope != Scope::kExchangeOrAll) {
    return InvalidField("exchange", "required");
  }
  if (method.scope == Scope::kExchangeAndAccount) {
    return CheckAccount(method, caller, fields.exchange, fields.account, record);
  }
  if (fields.exchange.empty() && method.scope == Scope::kExchangeOrAll) {
    if (!caller.Holds(method.role)) return caller.Denied(method.role, "", "", method.name);
    for (const std::string& exchange : options_.exchanges) {
      if (caller.MayOnExchange(method.role, exchange)) continue;
      return caller.Denied(method.role, exchange, "", method.name + " of all exchanges");
    }
    return absl::OkStatus();
  }
  if (caller.MayOnExchange(method.role, fields.exchange)) return absl::OkStatus();
  return caller.Denied(method.role, fields.exchange, "", method.name);
}

absl::Status Gate::CheckAccount(const Method& method, const Caller& caller,
                                const std::string& exchange, const std::string& account,
                                AuditRecord* record) const {
  std::string meant = account;
  if (meant.empty()) {
    // Left out where there is exactly one; all others will be refused, or are not known to be one.
    const auto known = options_.accounts(exchange, method.component);
    if (known && known->size() == 1) meant = known->front();
  }
  record->account = meant;
  if (caller.MayOnAccount(method.role, exchange, meant)) return absl::OkStatus();
  if (meant.empty() && caller.MayOnExchange(method.role, exchange)) {
    return caller.Denied(method.role, exchange, "", method.name + " without an account");
  }
  return caller.Denied(method.role, exchange, meant, method.name);
}

absl::Status Gate::CheckSubscriptions(const Method& method, const Caller& caller,
                                      const grpc::ByteBuffer& request) const {
  const std::unique_ptr<Message> message = ParseRequest(method, request);
  if (!message) return InvalidField("request", "not a protobuf message");
  const auto* const field = message->GetDescriptor()->FindFieldByNumber(1);
  const auto& reflection = *message->GetReflection();
  for (int i = 0; i < reflection.FieldSize(*message, field); ++i) {
    const Message& subscription = reflection.GetRepeatedMessage(*message, field, i);
    const std::string exchange = subscription.GetReflection()->GetString(
        subscription, subscription.GetDescriptor()->FindFieldByName("exchange"));
    if (caller.MayOnExchange(method.role, exchange)) continue;
    return caller.Denied(method.role, exchange, "",
                         fmt::format("{} (subscription {})", method.name, i));
  }
  return caller.Holds(method.role) ? absl::OkStatus()
                                   : caller.Denied(method.role, "", "", method.name);
}

// Errors: Unavailable, there is no room to write the command down.
absl::Status Gate::Audit(const Method& method, const grpc::ServerContextBase& context,
                         const absl::Status& verdict, Command command) {
  command.record.time = clock_.Now();
  command.record.peer = context.peer();
  command.record.method = method.name;
  if (!audit_->Reserve()) {
    if (!method.cancels) {
      return MakeError(absl::StatusCode::kFailedPrecondition, common::v1::ERROR_REASON_FAIL_CLOSED,
                       fmt::format("{} is refused: the audit log cannot be written", method.name));
    }
    // Less risk passes, as where the journal fails; told here, as the log cannot.
    unaudited_.Increment();
    log::Error("unaudited_cancellation", {{"method", method.name},
                                          {"principal", command.record.principal},
                                          {"exchange", command.record.exchange},
                                          {"account", command.record.account}});
    return absl::OkStatus();
  }
  if (!verdict.ok()) {
    command.record.outcome = verdict;
    command.record.latency = clock_.Steady() - command.began;
    audit_->Append(command.record);
    return absl::OkStatus();
  }
  const std::lock_guard lock(mutex_);
  commands_.emplace(&context, std::move(command));
  return absl::OkStatus();
}

void Gate::Answered(const grpc::ServerContextBase& context, const absl::Status& outcome) {
  std::map<const grpc::ServerContextBase*, Command>::node_type ended;
  {
    const std::lock_guard lock(mutex_);
    ended = commands_.extract(&context);
  }
  if (ended.empty()) return;
  Command& command = ended.mapped();
  command.record.outcome = outcome;
  command.record.latency = clock_.Steady() - command.began;
  audit_->Append(command.record);
}

void Gate::Over(const Held& held) {
  if (!held.stream_of.empty()) counts_.EndStream(held.stream_of);
}

}  // namespace switchyard::access
