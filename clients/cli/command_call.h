#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "clients/cli/session.h"
#include "switchyard/common/v1/errors.pb.h"

// How the commands that change something are asked for, sent and explained.
namespace switchyard::clients::cli {

// What a command did.
enum class Effect {
  kDone,
  kNone,     // refused or never sent
  kUnknown,  // sent, and no answer tells
};

// What a command that was sent and ended with `status` did. Whatever a connection, a deadline or a
// proxy may have caused after the request was written is kUnknown.
Effect EffectOf(const grpc::Status& status);
// The same for one item of an answer.
Effect EffectOf(const common::v1::Status& status);

struct CommandResult {
  grpc::Status status;
  Effect effect = Effect::kNone;
};

// Asks the person at the terminal whether to do `what`, unless --yes was given. Returns the exit
// code if it is not to be done: nobody is there, or the answer was no.
std::optional<int> Refusal(Session& session, std::string_view what);

// The id that was given, or a new one, which is printed first: so that it is known whatever happens
// to the answer.
std::string GivenOrNewId(Session& session, std::string_view field, const std::string& given);

// Waits until the connection stands; what fails before was never sent.
grpc::Status Connect(Session& session);
// Whether the same command may be sent again now: it had no effect and was not refused for good.
// Waits as long as it should.
bool WaitToRepeat(Session& session, const CommandResult& result, std::int64_t attempt);

// Sends a command. Repeats it, unchanged and so with the same ids, at most --retries times and only
// while it provably had no effect.
template <typename Call>
CommandResult SendCommand(Session& session, Call call) {
  for (std::int64_t attempt = 1;; ++attempt) {
    CommandResult result;
    result.status = Connect(session);
    if (result.status.ok()) {
      result.status = session.Unary(call);
      result.effect = EffectOf(result.status);
    }
    if (!WaitToRepeat(session, result, attempt)) return result;
  }
}

// Prints why a command failed and what to do now: `ask` is the command that tells its outcome, and
// `same` what makes a repetition the very same command (empty = it has no id). Returns the exit
// code.
int FailCommand(Session& session, const CommandResult& result, std::string_view ask,
                std::string_view same);
// Prints that it is not known what a command did.
int FailUnknown(Session& session, std::string_view ask, std::string_view same);
// As Session::Fail, for a read of something private: with what to do about it.
int FailRead(Session& session, const grpc::Status& status);

// " --account=NAME" if one was given: for commands that are shown.
std::string AccountFlag(const CommandLine& line);

}  // namespace switchyard::clients::cli
