#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "common/exchange/market_data_client.h"
#include "common/exchange/position_client.h"
#include "services/accounts/account_directory.h"
#include "services/accounts/request_ledger.h"
#include "switchyard/position/v1/position_service.pb.h"

namespace switchyard::position {

// How far the price of a closing order without one may be from the best bid or offer.
struct Collar {
  Decimal fraction;
  std::chrono::nanoseconds max_input_age;

  // Errors: InvalidArgument, naming the field.
  static absl::StatusOr<Collar> From(const config::v1::RiskConfig& config);
};

// The worst price at which `side` may trade by the collar, rounded to a tick on the cautious side.
// Errors: FailedPrecondition, RISK_INPUT_STALE (too old, or that side of the book is empty).
absl::StatusOr<Decimal> WorstPrice(const model::Quote& quote, const model::Instrument& instrument,
                                   common::v1::Side side, const Collar& collar);

// Serves one ClosePosition: asks whether an order of this request exists already, reads the
// position from the exchange, and sends a reduce-only order for no more than what is there. Lives
// until it has settled its request in the ledger, whatever becomes of the call.
class ClosePosition final : public std::enable_shared_from_this<ClosePosition> {
 public:
  using Ledger = accounts::RequestLedger<v1::ClosePositionResponse>;
  struct Parts {
    const accounts::ServedAccount<exchange::PositionClient>& account;
    exchange::MarketDataClient& market_data;
    Ledger& ledger;
    const Clock& clock;
  };
  struct Terms {
    v1::ClosePositionRequest request;
    model::Instrument instrument;
    std::optional<Decimal> quantity, worst_price;
    Collar collar;
    // Of an earlier attempt with this request whose outcome is unknown; 0 = none.
    TimeNs unknown_since;
  };

  static void Run(const Parts& parts, Terms terms);

 private:
  ClosePosition(const Parts& parts, Terms terms);

  void Begin();
  void OnFound(absl::StatusOr<exchange::CommandResult> found);
  void ReadPosition();
  void OnPositions(absl::StatusOr<exchange::PositionsReply> reply);
  void ReadQuote();
  void Send();
  void OnResult(const exchange::CommandResult& result);

  // Fails the request for good, or so that it may be tried again.
  void Refuse(const absl::Status& status);
  void RetryLater(const absl::Status& status);
  void Confirm(const std::optional<model::OrderReport>& report, bool replayed);

  const Parts parts_;
  const Terms terms_;
  const std::string exchange_client_id_;
  exchange::CloseCommand command_;
  TimeNs sent_at_;
};

}  // namespace switchyard::position
