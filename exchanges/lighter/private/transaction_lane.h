#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/exchange/order_client.h"
#include "common/time/time.h"
#include "exchanges/lighter/private/nonce_manager.h"
#include "exchanges/lighter/signing/transactions/transaction.h"

namespace switchyard::exchanges::lighter {

// What the exchange, or the transport, said of one message with transactions.
enum class Verdict : std::uint8_t {
  kAccepted,    // code 200: in the sequencer's queue; not executed yet
  kRefused,     // the API server's own no, for another reason than the nonce
  kBadNonce,    // 21104
  kNotWritten,  // provably no byte of it was written
  kLost,        // written, and nothing that settles it
};

struct Answer {
  Verdict verdict = Verdict::kLost;
  absl::Status status;  // by style.md's table; OK where accepted
};

// One transaction before it has a nonce.
struct Draft {
  signing::Transaction transaction;
  signing::Attributes attributes;
};

// How a submission ended; once for each.
struct TransactionOutcome {
  exchange::CommandFate fate = exchange::CommandFate::kUnknown;
  absl::Status status;              // as exchange::CommandResult
  std::vector<std::string> hashes;  // by which the exchange names them; empty = never signed
  TimeNs submit_time;               // our clock, of the last writing; 0 = not sent
};

// The one place where transactions of an API key get their nonces: a submission is signed and
// written in one step on one thread, so that nonces reach the exchange in their order.
//
// - What is refused for its nonce was not executed: it is signed again under the next one, before
//   all that was submitted later. So is nothing else.
// - What has no answer in time, or was on a socket that closed, is of unknown fate. It is never
//   signed again: whoever asked has to find out.
// - A batch that is refused may have been taken in part (no source rules it out), so its fate is
//   unknown, except where it was refused before the exchange could look at a transaction, or for a
//   nonce that what is known explains.
// - On the socket many may be under way; over REST one at a time, for two connections keep no
//   order. It changes from one to the other only when nothing is under way.
// - A refusal that does not say of which message settles nothing until there are as many such
//   refusals as messages without an answer.
//
// Connection thread; callbacks come there, inside Submit only for what cannot be signed or comes
// after Close.
class TransactionLane {
 public:
  using Done = std::function<void(TransactionOutcome)>;
  using Signed = std::vector<signing::SignedTransaction>;

  struct Options {
    std::chrono::nanoseconds answer_timeout{0};  // then the outcome is unknown
    // The sequencer drops what it has not executed so long after the signature.
    std::chrono::nanoseconds life{0};
    std::size_t window = 32;  // messages under way on the socket
  };
  struct Hooks {
    std::function<absl::StatusOr<signing::SignedTransaction>(const signing::Transaction&,
                                                             const signing::Envelope&)>
        sign;
    // Writes to this socket; the answer comes by OnAnswer with the ticket. False: nothing was
    // written.
    std::function<bool(std::uint64_t socket, std::uint64_t ticket, const Signed&)> write;
    // Sends over REST; `answered` comes once, later, on the connection thread.
    std::function<void(const Signed&, std::function<void(Answer)> answered)> post;
    // Asks for `nextNonce`, as `post`.
    std::function<void(std::function<void(absl::StatusOr<std::int64_t>)>)> read_nonce;
  };

  // `server_clock` is the exchange's, `local` ours; both outlive it, and so does what `hooks` refer
  // to.
  TransactionLane(const Clock& server_clock, const Clock& local, const Options& options,
                  Hooks hooks)
      : clock_(server_clock), local_(local), options_(options), hooks_(std::move(hooks)) {}

  // Reads the first nonce. Once.
  void Start();
  // One message: a transaction, or a batch. `what` says in errors what was attempted. What cannot
  // be written within the answer timeout ends as not sent.
  void Submit(std::vector<Draft> drafts, std::string what, Done done);

  // Transactions go to this socket from now on; numbers tell sockets apart.
  void OnSocketOpen(std::uint64_t socket);
  void OnSocketClosed(std::uint64_t socket, const absl::Status& why);
  // The answer to a message; one that comes too late corrects the nonce alone.
  void OnAnswer(std::uint64_t ticket, Answer answer);
  // A refusal without an id.
  void OnAnswerToSomething(std::uint64_t socket, Answer answer);
  // Settles what has waited for too long, repeats readings that failed. Every 100 ms or so.
  void Tick();
  // Settles all: what was written as unknown, the rest as not sent.
  void Close();

  bool empty() const { return jobs_.empty() && flights_.empty(); }

 private:
  static constexpr std::uint64_t kRest = 0;  // as a socket's number

  struct Job {
    std::vector<Draft> drafts;
    std::string what;
    Done done;
    std::chrono::nanoseconds deadline{0};
    int unexplained = 0;  // refusals for a nonce that nothing explains
    TransactionOutcome outcome;
  };
  struct Flight {
    std::uint64_t ticket = 0;
    std::uint64_t order = 0;  // its place among all submissions
    std::uint64_t socket = kRest;
    std::int64_t nonce = 0;
    std::int64_t count = 0;
    TimeNs expires_at;
    std::chrono::nanoseconds deadline{0};
    std::optional<Job> job;  // nullopt = settled as unknown; its answer may still come
  };

  void Pump();
  // False: it has to wait.
  bool SendFirst();
  absl::StatusOr<Signed> Sign(const Job& job, std::int64_t nonce, TimeNs expires_at) const;
  void ReadNonce();
  void OnNonceRead(absl::StatusOr<std::int64_t> nonce);
  std::deque<Flight>::iterator Find(std::uint64_t ticket);
  void Settle(Flight flight, Answer answer);
  void SettleBadNonce(Flight flight, Answer answer);
  // The outcome is unknown; the flight stays, as one whose answer may come.
  void GiveUp(Flight& flight, const std::string& why);
  void AttributeRefusals();
  static void Finish(Job job, exchange::CommandFate fate, absl::Status status);

  const Clock& clock_;
  const Clock& local_;
  const Options options_;
  const Hooks hooks_;
  NonceManager nonces_;
  std::map<std::uint64_t, Job> jobs_;  // by their order
  std::deque<Flight> flights_;         // in the order of writing
  std::vector<Answer> unattributed_;   // refusals on the present socket that name no message
  std::optional<std::uint64_t> socket_;
  std::uint64_t next_order_ = 1;
  std::uint64_t next_ticket_ = 1;
  bool started_ = false;
  bool reading_ = false;
  std::uint64_t read_at_ticket_ = 0;
  bool closed_ = false;
  int failed_readings_ = 0;
  std::chrono::nanoseconds read_again_at_{0};
  absl::Status reading_error_;
};

// UNKNOWN with ORDER_OUTCOME_UNKNOWN.
absl::Status OutcomeUnknown(std::string_view what, std::string_view why);

}  // namespace switchyard::exchanges::lighter
