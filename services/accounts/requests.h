#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "common/decimal/decimal.h"
#include "common/exchange/order_client.h"
#include "services/process/unary_call.h"
#include "switchyard/common/v1/values.pb.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

// From the fields of requests about accounts to what clients are asked for, and back. Pure. Errors
// are InvalidArgument, INVALID_FIELD, and name the field.
namespace switchyard::accounts {

// 1 to 36 of [A-Za-z0-9_-].
absl::Status CheckRequestId(std::string_view field, std::string_view id);
// 0 = ask the exchange.
absl::StatusOr<std::chrono::nanoseconds> ParseMaxAge(std::int64_t max_age_ns);
// A decimal greater than 0.
absl::StatusOr<Decimal> ParsePositive(std::string_view field, std::string_view text);

// What tells a command's body from others: the whole request, with the account's name in place of
// an empty one.
std::string FingerprintOf(const google::protobuf::Message& request, std::string_view account);

// The status of a command by what is known of it: never OK, and for kUnknown always UNKNOWN,
// ORDER_OUTCOME_UNKNOWN, whatever `status` says.
absl::Status ErrorOf(exchange::CommandFate fate, const absl::Status& status,
                     std::string_view command);

void FillFreshness(model::Source source, std::chrono::nanoseconds age,
                   common::v1::Freshness& message);

using CallPtr = std::shared_ptr<process::UnaryCall>;

// Runs `begin(call)`, which starts the call or says why not.
template <typename Begin>
grpc::ServerUnaryReactor* Serve(Begin begin) {
  const CallPtr call = process::UnaryCall::Create();
  if (const absl::Status status = begin(call); !status.ok()) call->End(status);
  return call.get();  // gRPC holds it until the call is over
}

// A reply that answers the call with `fill(value)`, unless the call is over. `fill` may use the
// call's request and response; it returns a status.
template <typename T, typename Fill>
exchange::Reply<T> Answering(CallPtr call, Fill fill) {
  return [call = std::move(call), fill = std::move(fill)](absl::StatusOr<T> reply) {
    if (!call->Claim()) return;
    call->Answer(reply.ok() ? fill(*reply) : reply.status());
  };
}

// A waiter of a RequestLedger that answers the call. Response has `replayed`.
template <typename Response>
auto AnsweringOnce(CallPtr call, Response* response) {
  return
      [call = std::move(call), response](const absl::StatusOr<Response>& outcome, bool replayed) {
        if (!call->Claim()) return;
        if (outcome.ok()) {
          *response = *outcome;
          response->set_replayed(replayed || outcome->replayed());
        }
        call->Answer(outcome.status());
      };
}

}  // namespace switchyard::accounts
