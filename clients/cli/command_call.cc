#include "clients/cli/command_call.h"

#include <fmt/format.h>
#include <grpcpp/channel.h>

#include <algorithm>
#include <chrono>

#include "clients/cli/command_id.h"
#include "clients/cli/error_text.h"
#include "common/status/grpc_status.h"
#include "common/status/status.h"

namespace switchyard::clients::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kRepeatDelay{500};
constexpr milliseconds kConnectStep{50};

Effect EffectOf(const absl::Status& status) {
  if (status.ok()) return Effect::kDone;
  const ErrorReason reason = ReasonOf(status);
  if (reason == common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN) return Effect::kUnknown;
  switch (status.code()) {
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kDataLoss:
      return Effect::kUnknown;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
      // With a reason Switchyard says that nothing was done. Without one the client's own library
      // says it: the connection broke, or the answer was too large, after the request was written.
      return reason == common::v1::ERROR_REASON_UNSPECIFIED ? Effect::kUnknown : Effect::kNone;
    default:
      return Effect::kNone;
  }
}

// What to do about a refusal; empty = its own words suffice.
std::string Advice(const CommandLine& line, ErrorReason reason) {
  const std::string exchange = line.arguments.empty() ? "EXCHANGE" : line.arguments[0];
  const std::string account = AccountFlag(line);
  switch (reason) {
    case common::v1::ERROR_REASON_UNKNOWN_ACCOUNT:
      return "name the account with --account; yard exchanges lists them";
    case common::v1::ERROR_REASON_KILL_SWITCH:
      return fmt::format(
          "the kill switch is on; yard limits {0}{1} says why, yard kill release {0}{1} "
          "--reason=... ends it; cancellations pass",
          exchange, account);
    case common::v1::ERROR_REASON_RISK_LIMIT:
    case common::v1::ERROR_REASON_RISK_INPUT_STALE:
    case common::v1::ERROR_REASON_FAIL_CLOSED:
      return fmt::format("nothing was sent to the exchange; yard limits {}{} shows what is allowed",
                         exchange, account);
    case common::v1::ERROR_REASON_CLIENT_ORDER_ID_REUSED:
      return fmt::format("nothing was sent; yard order show {} {}{} shows the order of this id",
                         exchange, line.client_order_id, account);
    default:
      return "";
  }
}

int FailWithAdvice(Session& session, const grpc::Status& status) {
  const int code = session.Fail(status);
  const std::string advice = Advice(session.line(), ReasonOf(FromGrpcStatus(status)));
  if (!advice.empty()) session.Warn(advice);
  return code;
}

}  // namespace

Effect EffectOf(const grpc::Status& status) { return EffectOf(FromGrpcStatus(status)); }

Effect EffectOf(const common::v1::Status& status) { return EffectOf(FromProto(status)); }

std::string AccountFlag(const CommandLine& line) {
  return line.account.empty() ? "" : " --account=" + line.account;
}

std::optional<int> Refusal(Session& session, std::string_view what) {
  if (session.line().yes) return std::nullopt;
  Environment& environment = session.environment();
  if (!environment.read_answer) {
    return session.Misuse(
        fmt::format("would {}; nobody is at a terminal to be asked: give --yes", what));
  }
  environment.err << what << "? [y/N] " << std::flush;
  const auto answer = environment.read_answer();
  if (answer == "y" || answer == "Y" || answer == "yes") return std::nullopt;
  return session.Fail("not done");
}

std::string GivenOrNewId(Session& session, std::string_view field, const std::string& given) {
  if (!given.empty()) return given;
  Environment& environment = session.environment();
  std::string made = MakeCommandId(environment.clock.Now(), environment.random());
  session.Warn(fmt::format("{} {}", field, made));
  return made;
}

grpc::Status Connect(Session& session) {
  Cancellation& cancellation = session.environment().cancellation;
  const auto deadline = std::chrono::steady_clock::now() + session.line().timeout;
  while (!cancellation.stopped()) {
    const grpc_connectivity_state state = session.channel()->GetState(/*try_to_connect=*/true);
    if (state == GRPC_CHANNEL_READY) return grpc::Status::OK;
    if (state == GRPC_CHANNEL_TRANSIENT_FAILURE || std::chrono::steady_clock::now() > deadline) {
      return {grpc::StatusCode::UNAVAILABLE,
              fmt::format("no connection to {}; nothing was sent", session.line().router)};
    }
    session.channel()->WaitForStateChange(state, std::chrono::system_clock::now() + kConnectStep);
  }
  return {grpc::StatusCode::CANCELLED, "stopped; nothing was sent"};
}

bool WaitToRepeat(Session& session, const CommandResult& result, std::int64_t attempt) {
  const grpc::StatusCode code = result.status.error_code();
  const bool passing =
      code == grpc::StatusCode::UNAVAILABLE || code == grpc::StatusCode::RESOURCE_EXHAUSTED;
  if (result.effect != Effect::kNone || !passing || attempt > session.line().retries) return false;
  session.Warn(fmt::format("{}; the same command again ({} of {})", ErrorText(result.status),
                           attempt, session.line().retries));
  const auto asked = RetryAfterOf(FromGrpcStatus(result.status));
  const milliseconds delay =
      asked ? std::chrono::ceil<milliseconds>(*asked) : milliseconds(kRepeatDelay);
  return !session.environment().cancellation.WaitFor(delay);
}

int FailUnknown(Session& session, std::string_view ask, std::string_view same) {
  session.Warn(fmt::format("it was sent, and nobody knows whether it was done; ask: {}", ask));
  if (!same.empty()) {
    session.Warn(
        fmt::format("do not send it again as a new command; with {} the very same command can be "
                    "repeated and is done once",
                    same));
  }
  return kExitUnknown;
}

int FailCommand(Session& session, const CommandResult& result, std::string_view ask,
                std::string_view same) {
  if (result.effect != Effect::kUnknown) return FailWithAdvice(session, result.status);
  (void)session.Fail(result.status);
  return FailUnknown(session, ask, same);
}

int FailRead(Session& session, const grpc::Status& status) {
  return FailWithAdvice(session, status);
}

}  // namespace switchyard::clients::cli
