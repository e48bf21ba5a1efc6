#include "exchanges/lighter/private/transaction_lane.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/log/log.h"
#include "common/status/status.h"

namespace switchyard::exchanges::lighter {
namespace {

using exchange::CommandFate;

// A nonce that is refused although nothing explains it, this often: somebody else uses the key.
constexpr int kMostUnexplained = 3;
constexpr std::chrono::milliseconds kFirstReadPause{200};
constexpr int kMostReadDoublings = 4;

absl::Status NotSentStatus(std::string_view what, const absl::Status& why) {
  if (!why.ok() && why.code() != absl::StatusCode::kUnavailable) return why;
  return MakeError(absl::StatusCode::kUnavailable, common::v1::ERROR_REASON_EXCHANGE_UNREACHABLE,
                   fmt::format("{}: not sent: {}", what,
                               why.ok() ? "it waited for too long" : std::string(why.message())));
}

// Limits are counted before a message is read, so that nothing of a batch was looked at.
bool IsBeforeContents(const absl::Status& status) {
  return status.code() == absl::StatusCode::kResourceExhausted;
}

}  // namespace

absl::Status OutcomeUnknown(std::string_view what, std::string_view why) {
  return MakeError(absl::StatusCode::kUnknown, common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN,
                   fmt::format("{}: sent, outcome unknown: {}", what, why));
}

void TransactionLane::Finish(Job job, CommandFate fate, absl::Status status) {
  TransactionOutcome out = std::move(job.outcome);
  out.fate = fate;
  out.status = std::move(status);
  if (fate == CommandFate::kNotSent) out.submit_time = TimeNs();
  job.done(std::move(out));
}

void TransactionLane::Start() {
  started_ = true;
  Pump();
}

void TransactionLane::Submit(std::vector<Draft> drafts, std::string what, Done done) {
  Job job;
  job.drafts = std::move(drafts);
  job.what = std::move(what);
  job.done = std::move(done);
  job.deadline = local_.Steady() + options_.answer_timeout;
  if (closed_) {
    return Finish(std::move(job), CommandFate::kNotSent,
                  MakeError(absl::StatusCode::kUnavailable, common::v1::ERROR_REASON_SHUTTING_DOWN,
                            "the client was stopped"));
  }
  jobs_.emplace(next_order_++, std::move(job));
  Pump();
}

void TransactionLane::Pump() {
  if (!started_ || closed_) return;
  while (!jobs_.empty() && SendFirst()) {
  }
  if (nonces_.needs_reading() && local_.Steady() >= read_again_at_) ReadNonce();
}

absl::StatusOr<TransactionLane::Signed> TransactionLane::Sign(const Job& job, std::int64_t nonce,
                                                              TimeNs expires_at) const {
  Signed out;
  for (const Draft& draft : job.drafts) {
    SWITCHYARD_ASSIGN_OR_RETURN(
        signing::SignedTransaction made,
        hooks_.sign(draft.transaction, {expires_at.Millis(), nonce++, draft.attributes}));
    out.push_back(std::move(made));
  }
  return out;
}

bool TransactionLane::SendFirst() {
  const std::optional<std::int64_t> nonce = nonces_.Next();
  if (!nonce) return false;
  std::size_t waiting = 0;
  for (const Flight& flight : flights_) {
    if (!flight.job) continue;
    ++waiting;
    if (flight.socket != socket_.value_or(kRest)) return false;
  }
  if (waiting >= (socket_ ? options_.window : 1)) return false;

  auto first = jobs_.extract(jobs_.begin());
  Job job = std::move(first.mapped());
  Flight flight;
  flight.expires_at = clock_.Now() + options_.life;
  auto made = Sign(job, *nonce, flight.expires_at);
  if (!made.ok()) {
    Finish(std::move(job), CommandFate::kNotSent, made.status());
    return true;
  }
  job.outcome.hashes.clear();
  for (const signing::SignedTransaction& transaction : *made) {
    job.outcome.hashes.push_back(transaction.hash);
  }
  job.outcome.submit_time = local_.Now();
  flight.ticket = next_ticket_++;
  flight.order = first.key();
  flight.nonce = *nonce;
  flight.count = static_cast<std::int64_t>(job.drafts.size());
  flight.deadline = local_.Steady() + options_.answer_timeout;
  if (socket_ && hooks_.write(*socket_, flight.ticket, *made)) {
    flight.socket = *socket_;
  } else if (socket_ && waiting != 0) {
    // The socket takes nothing more, and what is under way on it comes first.
    jobs_.emplace(first.key(), std::move(job));
    return false;
  }
  flight.job = std::move(job);
  nonces_.OnWritten(flight.count);
  const std::uint64_t ticket = flight.ticket;
  const bool over_rest = flight.socket == kRest;
  flights_.push_back(std::move(flight));
  if (over_rest) {
    hooks_.post(*made, [this, ticket](Answer answer) { OnAnswer(ticket, std::move(answer)); });
  }
  return true;
}

void TransactionLane::ReadNonce() {
  if (std::exchange(reading_, true)) return;
  read_at_ticket_ = next_ticket_;
  hooks_.read_nonce([this](absl::StatusOr<std::int64_t> nonce) { OnNonceRead(std::move(nonce)); });
}

void TransactionLane::OnNonceRead(absl::StatusOr<std::int64_t> nonce) {
  reading_ = false;
  if (closed_) return;
  if (!nonce.ok()) {
    reading_error_ = nonce.status();
    const int doublings = std::min(failed_readings_++, kMostReadDoublings);
    read_again_at_ = local_.Steady() + kFirstReadPause * (1 << doublings);
    return;
  }
  failed_readings_ = 0;
  reading_error_ = absl::OkStatus();
  // A late answer has made a reading needless, and what was sent then has made it old.
  const bool is_old = read_at_ticket_ != next_ticket_;
  if (nonces_.needs_reading() && !is_old) nonces_.OnRead(*nonce, clock_.Now());
  Pump();
}

std::deque<TransactionLane::Flight>::iterator TransactionLane::Find(std::uint64_t ticket) {
  return std::ranges::find(flights_, ticket, &Flight::ticket);
}

void TransactionLane::OnAnswer(std::uint64_t ticket, Answer answer) {
  const auto found = Find(ticket);
  if (found == flights_.end()) return;
  Flight flight = std::move(*found);
  flights_.erase(found);
  Settle(std::move(flight), std::move(answer));
  AttributeRefusals();
  Pump();
}

void TransactionLane::OnAnswerToSomething(std::uint64_t socket, Answer answer) {
  if (socket != socket_) return;
  unattributed_.push_back(std::move(answer));
  AttributeRefusals();
  Pump();
}

void TransactionLane::AttributeRefusals() {
  if (unattributed_.empty()) return;
  const auto on_socket = [this](const Flight& flight) { return flight.socket == socket_; };
  const auto count = std::ranges::count_if(flights_, on_socket);
  if (static_cast<std::size_t>(count) > unattributed_.size()) return;
  const std::vector<Answer> answers = std::exchange(unattributed_, {});
  std::vector<Flight> refused;
  for (auto it = flights_.begin(); it != flights_.end();) {
    if (!on_socket(*it)) {
      ++it;
      continue;
    }
    refused.push_back(std::move(*it));
    it = flights_.erase(it);
  }
  // Messages are taken in their order, and answered so.
  for (std::size_t i = 0; i < refused.size(); ++i) Settle(std::move(refused[i]), answers[i]);
}

void TransactionLane::Settle(Flight flight, Answer answer) {
  if (answer.verdict == Verdict::kAccepted) {
    nonces_.OnAccepted(flight.nonce, flight.count, flight.expires_at);
    if (flight.job) Finish(*std::move(flight.job), CommandFate::kConfirmed, absl::OkStatus());
    return;
  }
  if (!flight.job) return;  // told as unknown; a reading finds out about the nonce
  const std::string what = flight.job->what;
  const bool undivided = flight.count == 1 || IsBeforeContents(answer.status);
  switch (answer.verdict) {
    case Verdict::kAccepted:
      return;
    case Verdict::kBadNonce:
      return SettleBadNonce(std::move(flight), std::move(answer));
    case Verdict::kNotWritten:
      nonces_.OnRefused(flight.nonce);
      return Finish(*std::move(flight.job), CommandFate::kNotSent,
                    NotSentStatus(what, answer.status));
    case Verdict::kRefused:
      if (undivided) {
        nonces_.OnRefused(flight.nonce);
        return Finish(*std::move(flight.job), CommandFate::kRefused, std::move(answer.status));
      }
      break;
    case Verdict::kLost:
      break;
  }
  nonces_.OnLost(flight.nonce);
  Finish(*std::move(flight.job), CommandFate::kUnknown,
         OutcomeUnknown(what, std::string(answer.status.message())));
}

void TransactionLane::SettleBadNonce(Flight flight, Answer answer) {
  const bool explained = nonces_.OnBadNonce(flight.nonce);
  Job job = *std::move(flight.job);
  if (!explained) {
    log::Warning("nonce_refused", {{"nonce", flight.nonce}, {"what", job.what}});
    if (flight.count > 1) {
      const std::string what = job.what;
      return Finish(std::move(job), CommandFate::kUnknown,
                    OutcomeUnknown(what, std::string(answer.status.message())));
    }
    if (++job.unexplained >= kMostUnexplained) {
      return Finish(std::move(job), CommandFate::kRefused, std::move(answer.status));
    }
  }
  // It was not executed: in its old place, before what was submitted later.
  job.deadline = local_.Steady() + options_.answer_timeout;
  jobs_.emplace(flight.order, std::move(job));
}

void TransactionLane::GiveUp(Flight& flight, const std::string& why) {
  nonces_.OnLost(flight.nonce);
  Job job = *std::exchange(flight.job, std::nullopt);
  const std::string what = job.what;
  Finish(std::move(job), CommandFate::kUnknown, OutcomeUnknown(what, why));
}

void TransactionLane::OnSocketOpen(std::uint64_t socket) {
  // Beside an open one it is a planned change, and nothing can have been missed.
  if (!socket_) nonces_.OnReconnected();
  socket_ = socket;
  unattributed_.clear();
  Pump();
}

void TransactionLane::OnSocketClosed(std::uint64_t socket, const absl::Status& why) {
  std::deque<Flight> cut;
  for (auto it = flights_.begin(); it != flights_.end();) {
    if (it->socket != socket) {
      ++it;
      continue;
    }
    cut.push_back(std::move(*it));
    it = flights_.erase(it);
  }
  for (Flight& flight : cut) {
    if (flight.job) GiveUp(flight, "the socket closed: " + std::string(why.message()));
  }
  if (socket_ == socket) {
    socket_.reset();
    unattributed_.clear();
    nonces_.OnReconnected();
  }
  Pump();
}

void TransactionLane::Tick() {
  if (!started_ || closed_) return;
  const std::chrono::nanoseconds now = local_.Steady();
  // `done` may submit more, so nothing is held over it.
  for (std::size_t i = 0; i < flights_.size(); ++i) {
    if (flights_[i].job && flights_[i].deadline <= now) GiveUp(flights_[i], "no answer in time");
  }
  std::erase_if(flights_, [this](const Flight& flight) {
    return !flight.job && flight.expires_at <= clock_.Now();
  });
  std::vector<Job> late;
  for (auto it = jobs_.begin(); it != jobs_.end();) {
    if (it->second.deadline > now) {
      ++it;
      continue;
    }
    late.push_back(std::move(it->second));
    it = jobs_.erase(it);
  }
  for (Job& job : late) {
    const std::string what = job.what;
    Finish(std::move(job), CommandFate::kNotSent, NotSentStatus(what, reading_error_));
  }
  Pump();
}

void TransactionLane::Close() {
  if (std::exchange(closed_, true)) return;
  for (Flight& flight : std::exchange(flights_, {})) {
    if (flight.job) GiveUp(flight, "the client was stopped");
  }
  for (auto& [order, job] : std::exchange(jobs_, {})) {
    Finish(std::move(job), CommandFate::kNotSent,
           MakeError(absl::StatusCode::kUnavailable, common::v1::ERROR_REASON_SHUTTING_DOWN,
                     "the client was stopped; nothing was sent"));
  }
}

}  // namespace switchyard::exchanges::lighter
