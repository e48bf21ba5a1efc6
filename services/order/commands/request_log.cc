#include "services/order/commands/request_log.h"

#include <fmt/format.h>

#include <utility>

#include "common/log/log.h"
#include "common/status/status.h"
#include "switchyard/common/v1/errors.pb.h"

namespace switchyard::order {
namespace {

constexpr std::size_t kFinishedKept = 10'000;

// How a result is kept: a letter, then the response or the status.
constexpr char kResponse = 'R';
constexpr char kRefusal = 'E';
// It had no effect and may be given again under the same id.
constexpr char kForgotten = 'N';

bool HadNoEffect(const RequestLog::Result& result) {
  return absl::IsUnavailable(result.status()) || absl::IsResourceExhausted(result.status());
}

std::string Encode(const RequestLog::Result& result) {
  if (HadNoEffect(result)) return std::string(1, kForgotten);
  return result.ok() ? kResponse + *result
                     : kRefusal + ToProto(result.status()).SerializeAsString();
}

RequestLog::Result Decode(const std::string& text) {
  const std::string content = text.substr(1);
  if (text.front() == kResponse) return content;
  common::v1::Status status;
  if (!status.ParseFromString(content) || status.code() == 0) {
    return absl::DataLossError("the journal holds no answer of this request that can be read");
  }
  return FromProto(status);
}

}  // namespace

absl::Status RequestLog::Load() {
  return desk_.ledger.journal().WithStore([this](journal::Store& store) {
    return store.VisitCommands([this](const std::string& id) { journaled_.Add(id); });
  });
}

void RequestLog::Serve(const std::string& request_id, const std::string& body_hash,
                       const std::function<void(Finish)>& begin,
                       const std::function<Result()>& recover, Reply reply) {
  auto found = entries_.find(request_id);
  if (found == entries_.end() && journaled_.MayContain(request_id)) {
    const auto row = desk_.ledger.journal().WithStore(
        [&](journal::Store& store) { return store.FindCommand(request_id); });
    if (!row.ok()) return reply(row.status(), false);
    if (row->has_value() && (*row)->result != std::string(1, kForgotten)) {
      Entry entry{
          .body_hash = (*row)->body_hash, .finished = true, .result = std::string(), .waiting = {}};
      entry.result = (*row)->result.empty() ? recover() : Decode((*row)->result);
      found = entries_.emplace(request_id, std::move(entry)).first;
      finished_.push_back(request_id);
    }
  }
  if (found != entries_.end()) {
    if (found->second.body_hash != body_hash) {
      return reply(
          MakeError(absl::StatusCode::kAlreadyExists, common::v1::ERROR_REASON_REQUEST_ID_REUSED,
                    fmt::format("request_id '{}' was used for another command", request_id),
                    {{"exchange", desk_.exchange}}),
          false);
    }
    // What was unknown then may be known now.
    if (found->second.finished && absl::IsUnknown(found->second.result.status())) {
      found->second.result = recover();
    }
    return Replay(found->second, std::move(reply));
  }
  Entry& entry = entries_[request_id];
  entry.body_hash = body_hash;
  entry.waiting.push_back(
      [reply = std::move(reply)](Result result, bool) { reply(std::move(result), false); });
  desk_.ledger.SetCommand(
      {.request_id = request_id, .body_hash = body_hash, .time = desk_.clock.Now(), .result = {}});
  begin([this, request_id](Result result) {
    desk_.turns.Post([this, request_id, result = std::move(result)]() mutable {
      OnFinished(request_id, std::move(result));
    });
  });
}

void RequestLog::Replay(Entry& entry, Reply reply) {
  if (!entry.finished) {
    entry.waiting.push_back(std::move(reply));
    return;
  }
  desk_.turns.Answer([reply = std::move(reply), result = entry.result] { reply(result, true); });
}

void RequestLog::OnFinished(const std::string& request_id, Result result) {
  Entry& entry = entries_[request_id];
  entry.finished = true;
  entry.result = std::move(result);
  desk_.ledger.SetCommand({.request_id = request_id,
                           .body_hash = entry.body_hash,
                           .time = desk_.clock.Now(),
                           .result = Encode(entry.result)});
  desk_.turns.Answer([callers = std::exchange(entry.waiting, {}), result = entry.result] {
    for (const Reply& reply : callers) reply(result, true);
  });
  if (HadNoEffect(entry.result)) {
    journaled_.Add(request_id);
    entries_.erase(request_id);
    return;
  }
  finished_.push_back(request_id);
  while (finished_.size() > kFinishedKept) {
    journaled_.Add(finished_.front());
    entries_.erase(finished_.front());
    finished_.pop_front();
  }
}

}  // namespace switchyard::order
