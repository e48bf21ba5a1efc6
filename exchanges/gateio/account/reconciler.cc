#include "exchanges/gateio/account/reconciler.h"

#include <algorithm>
#include <utility>

#include "common/log/log.h"

namespace switchyard::exchanges::gateio {
namespace {

constexpr std::chrono::nanoseconds kFirstRetry = std::chrono::milliseconds(500);
constexpr std::chrono::nanoseconds kLongestRetry = std::chrono::seconds(30);
constexpr std::chrono::nanoseconds kAuditInterval = std::chrono::seconds(30);
constexpr std::chrono::nanoseconds kPollInterval = std::chrono::seconds(2);

model::StaleReason ReasonFor(const absl::Status& why) {
  return why.code() == absl::StatusCode::kInternal ? model::StaleReason::kMalformedUpdate
                                                   : model::StaleReason::kDisconnected;
}

}  // namespace

Reconciler::Reconciler(AccountLink& link, std::string what, bool websocket, Hooks hooks)
    : link_(link), what_(std::move(what)), websocket_(websocket), hooks_(std::move(hooks)) {}

void Reconciler::OnSocketReady() {
  ++generation_;
  retry_delay_ = kFirstRetry;
  ReadAgain();
}

void Reconciler::OnSocketLost(const absl::Status& why) {
  ++generation_;
  if (std::exchange(valid_, false)) hooks_.stale(ReasonFor(why));
}

void Reconciler::ReadAgain() {
  hooks_.read(
      [this, generation = generation_](const std::function<void()>& take_over) {
        if (generation != generation_) return;
        retry_delay_ = kFirstRetry;
        valid_ = true;
        take_over();
        link_.After(websocket_ ? kAuditInterval : kPollInterval,
                    [this, generation, read = ++reads_] {
                      if (generation == generation_ && read == reads_) ReadAgain();
                    });
      },
      [this, generation = generation_](const absl::Status& why) {
        if (generation == generation_) OnFailed(why);
      });
}

void Reconciler::OnFailed(const absl::Status& why) {
  log::Warning("state_not_read", {{"state", what_}, {"error", why}});
  // Without a socket an answer is all there is.
  if (!websocket_ && std::exchange(valid_, false)) hooks_.stale(ReasonFor(why));
  link_.After(retry_delay_, [this, generation = generation_] {
    if (generation == generation_) ReadAgain();
  });
  retry_delay_ = std::min(2 * retry_delay_, kLongestRetry);
}

}  // namespace switchyard::exchanges::gateio
