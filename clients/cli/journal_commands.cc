#include <fmt/format.h>
#include <google/protobuf/struct.pb.h>

#include <chrono>
#include <string>

#include "clients/cli/error_text.h"
#include "clients/cli/operation_commands.h"
#include "clients/cli/session.h"
#include "common/status/status.h"
#include "services/order/journal/backup.h"

namespace switchyard::clients::cli {
namespace {

namespace journal = order::journal;

// How often the copy that was asked for is looked for.
constexpr std::chrono::milliseconds kLook{50};

int FailWith(Session& session, const absl::Status& status) {
  return session.Fail(ErrorText(ToProto(status)));
}

void Print(Session& session, const std::string& path, const journal::FileFacts& facts) {
  if (!session.line().json) {
    session.Print(fmt::format(
        "{}: sound; {}, {}; epoch {}, events {} to {}; {} orders ({} not ended), {} fills", path,
        facts.owner,
        facts.backup_time.given() ? "as of " + FormatUtc(facts.backup_time) : "no backup",
        facts.epoch, facts.first_sequence, facts.last_sequence, facts.orders, facts.open_orders,
        facts.fills));
    return;
  }
  google::protobuf::Struct document;
  auto& fields = *document.mutable_fields();
  // 64-bit values are text, as in protobuf's JSON form.
  const std::pair<const char*, std::string> texts[] = {
      {"file", path},
      {"owner", facts.owner},
      {"epoch", fmt::to_string(facts.epoch)},
      {"backupTimeNs", fmt::to_string(facts.backup_time.value)},
      {"lastCommitTimeNs", fmt::to_string(facts.last_commit.value)},
      {"firstSequence", fmt::to_string(facts.first_sequence)},
      {"lastSequence", fmt::to_string(facts.last_sequence)},
      {"orders", fmt::to_string(facts.orders)},
      {"openOrders", fmt::to_string(facts.open_orders)},
      {"fills", fmt::to_string(facts.fills)},
  };
  for (const auto& [name, text] : texts) fields[name].set_string_value(text);
  session.PrintJson(document);
}

}  // namespace

int BackUpJournal(Session& session) {
  const CommandLine& line = session.line();
  const Clock& clock = session.environment().clock;
  const auto deadline = clock.Steady() + line.timeout;
  const auto facts =
      journal::BackUp(line.arguments[0], line.arguments[1], clock.Now(), [&session, deadline] {
        Environment& environment = session.environment();
        return !environment.cancellation.WaitFor(kLook) && environment.clock.Steady() < deadline;
      });
  if (!facts.ok()) return FailWith(session, facts.status());
  Print(session, line.arguments[1], *facts);
  return kExitOk;
}

int VerifyJournal(Session& session) {
  const std::string& path = session.line().arguments[0];
  const auto facts = journal::VerifyFile(path);
  if (!facts.ok()) return FailWith(session, facts.status());
  Print(session, path, *facts);
  return kExitOk;
}

int RestoreJournal(Session& session) {
  const CommandLine& line = session.line();
  const auto restored =
      journal::Restore(line.arguments[0], line.arguments[1], session.environment().clock.Now());
  if (!restored.ok()) return FailWith(session, restored.status());
  Print(session, line.arguments[1], restored->facts);
  if (!restored->kept_as.empty())
    session.Warn("the journal that was there is " + restored->kept_as);
  session.Warn("start the order service now: it adopts what happened since, and clients are told");
  return kExitOk;
}

}  // namespace switchyard::clients::cli
