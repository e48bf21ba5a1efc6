#include "exchanges/gateio/private/api_requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "exchanges/gateio/errors.h"
#include "exchanges/gateio/private/rest_command.h"

namespace switchyard::exchanges::gateio {
namespace {

using exchange::CommandFate;

retry::Reported LimitOf(const wire::ApiAnswer& answer, const ServerClock& clock) {
  retry::Reported out;
  out.remaining = answer.limit_remaining;
  out.limit = answer.limit;
  const TimeNs now = clock.Now();
  if (answer.limit_reset && *answer.limit_reset > now) {
    out.reset_at = clock.Steady() + (*answer.limit_reset - now);
  }
  return out;
}

}  // namespace

std::string ApiRequests::NextId() { return fmt::format("{}", next_id_++); }

void ApiRequests::Add(std::string request_id, std::uint64_t socket, std::string what, Done done) {
  waiting_[std::move(request_id)] = {socket, std::move(what), clock_.Steady() + timeout_,
                                     clock_.local().Now(), std::move(done)};
}

bool ApiRequests::OnAnswer(const wire::ApiAnswer& answer, const json::Json& result) {
  const auto found = waiting_.find(answer.request_id);
  if (found == waiting_.end()) return false;
  const bool refused = !answer.label.empty() || answer.status >= 300;
  if (answer.is_echo && !refused) return true;
  Waiting waiting = std::move(found->second);
  waiting_.erase(found);
  ApiOutcome out;
  out.submit_time = waiting.submit_time;
  out.limit = LimitOf(answer, clock_);
  if (!refused) {
    out.fate = CommandFate::kConfirmed;
    out.result = result;
    waiting.done(std::move(out));
    return true;
  }
  absl::Status why = FromApiError(waiting.what, answer.status, answer.label, answer.message,
                                  answer.limit_reset, clock_.Now());
  if (why.code() == absl::StatusCode::kUnavailable) {
    out.status = OutcomeUnknown(waiting.what, std::string(why.message()));
  } else {
    out.fate = CommandFate::kRefused;
    if (why.code() == absl::StatusCode::kResourceExhausted) out.retry_after = RetryAfterOf(why);
    out.status = std::move(why);
  }
  waiting.done(std::move(out));
  return true;
}

void ApiRequests::SettleUnknown(const Waiting& waiting, std::string_view why) {
  ApiOutcome out;
  out.submit_time = waiting.submit_time;
  out.status = OutcomeUnknown(waiting.what, why);
  waiting.done(std::move(out));
}

template <typename Condition>
void ApiRequests::SettleWhere(Condition condition, std::string_view why) {
  std::vector<Waiting> settled;
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    if (!condition(it->second)) {
      ++it;
      continue;
    }
    settled.push_back(std::move(it->second));
    it = waiting_.erase(it);
  }
  // In the order in which they were sent, as far as the clock tells.
  std::stable_sort(settled.begin(), settled.end(), [](const Waiting& a, const Waiting& b) {
    return a.submit_time < b.submit_time;
  });
  for (const Waiting& waiting : settled) SettleUnknown(waiting, why);
}

void ApiRequests::OnSocketClosed(std::uint64_t socket, const absl::Status& why) {
  SettleWhere([socket](const Waiting& waiting) { return waiting.socket == socket; },
              "the socket closed: " + std::string(why.message()));
}

void ApiRequests::Sweep() {
  const std::chrono::nanoseconds now = clock_.Steady();
  SettleWhere([now](const Waiting& waiting) { return waiting.deadline <= now; },
              "no answer in time");
}

void ApiRequests::Close() {
  SettleWhere([](const Waiting&) { return true; }, "the client was stopped");
}

bool ApiRequests::IsCarriedBy(std::uint64_t socket) const {
  return std::ranges::any_of(waiting_,
                             [socket](const auto& entry) { return entry.second.socket == socket; });
}

std::string ApiFrame(std::string_view channel, std::string_view request_id, std::string_view param,
                     TimeNs expiry, TimeNs now) {
  return fmt::format(
      R"({{"time":{},"channel":"{}","event":"api","payload":{{"req_id":"{}","req_param":{},)"
      R"("req_header":{{"x-gate-exptime":"{}"}}}}}})",
      now.Seconds(), channel, request_id, param, expiry.Millis());
}

}  // namespace switchyard::exchanges::gateio
