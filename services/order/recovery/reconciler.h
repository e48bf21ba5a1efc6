#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "services/order/desk/desk_context.h"
#include "services/order/recovery/outcome_resolver.h"
#include "services/order/recovery/report_intake.h"

namespace switchyard::order {

// Compares the account with the exchange (open orders, fills, positions) at start, when the private
// stream is there again, and at every interval; what differs is adopted. Orders that we believe
// open and the exchange does not list are asked for one by one. New orders are refused while the
// last comparison failed, or none was made. The owner's thread alone.
class Reconciler {
 public:
  // What earlier lives of the journal have seen of the account.
  struct Past {
    TimeNs reconciled_until;  // when the last comparison began; fills are asked for from then on
    TimeNs watched_since;     // when the first one began; 0 = none yet
  };

  // `on_mismatch`: a position is certainly not what the fills make of it.
  Reconciler(DeskContext& desk, ReportIntake& intake, OutcomeResolver& resolver, const Past& past,
             std::function<void(const risk::PositionAudit::Mismatch&)> on_mismatch)
      : desk_(desk),
        intake_(intake),
        resolver_(resolver),
        on_mismatch_(std::move(on_mismatch)),
        fills_since_(past.reconciled_until),
        watched_since_(past.watched_since) {}

  // Begins one; if one is under way, another behind it.
  void Start();
  // Runs `then` once the account is known to be as it is at the exchange now. Errors: why it could
  // not be read.
  void Refresh(std::function<void(const absl::Status& status)> then);
  void Tick();

  // OK, or why the account's state is not known. Errors: FailedPrecondition, FAIL_CLOSED.
  absl::Status state() const;
  TimeNs last_success() const { return last_success_; }
  // Since when the account has been compared with the exchange, in this life or an earlier one.
  TimeNs watched_since() const { return watched_since_; }

 private:
  void ListOpenOrders();
  void OnOpenOrders(absl::StatusOr<std::vector<model::OrderReport>> reply);
  void TakeOpenOrders(const std::vector<model::OrderReport>& reports);
  // An order that ended, in the exchange's list of open ones.
  void CheckReopened(const OrderRecord& record);
  void ListFills(const std::string& page_token);
  void ListPositions();
  void AuditPositions(const std::vector<risk::PositionSize>& sizes);
  // Between two comparisons of positions with fills.
  std::chrono::nanoseconds ApartAtLeast() const;
  // Until the next comparison.
  std::chrono::nanoseconds Pause();
  void Succeed();
  void Fail(const char* what, const absl::Status& why);
  void End(const absl::Status& outcome);

  DeskContext& desk_;
  ReportIntake& intake_;
  OutcomeResolver& resolver_;
  const std::function<void(const risk::PositionAudit::Mismatch&)> on_mismatch_;

  bool running_ = false;
  bool again_ = false;
  TimeNs began_;
  std::chrono::nanoseconds steady_began_{0};
  TimeNs fills_since_, watched_since_;
  TimeNs last_success_;
  int failures_ = 0;  // in a row
  int hurried_ = 0;   // the same, that did not wait for the interval
  std::optional<std::chrono::nanoseconds> compared_at_;  // positions with fills, steady
  // Who waits for the comparison under way, and for the one behind it.
  std::vector<std::function<void(const absl::Status&)>> waiting_, waiting_next_;
  absl::Status failure_ = absl::UnavailableError("it has not been compared with the exchange yet");
  std::chrono::nanoseconds next_at_{0};
};

}  // namespace switchyard::order
