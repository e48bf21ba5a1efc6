#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/exchange/market_data_client.h"
#include "common/exchange/order_client.h"
#include "switchyard/position/v1/liquidation.pb.h"
#include "switchyard/position/v1/position.pb.h"

namespace switchyard::exchange {

// Positions are the contract's own messages: they are enriched and passed on, not computed with by
// the service.

struct PositionsReply {
  std::vector<position::v1::Position> positions;  // not flat ones, ordered by symbol, then side
  model::Source source = model::Source::kRest;
  std::chrono::nanoseconds age{0};
};

// Hears changes of positions, on the client's connection thread, in the order of arrival. Must not
// block.
class PositionListener {
 public:
  virtual ~PositionListener() = default;
  // Every position that is not flat: replaces all that was told.
  virtual void OnSnapshot(const std::vector<position::v1::Position>& positions) = 0;
  // Positions that changed, size "0" = closed.
  virtual void OnChange(const std::vector<position::v1::Position>& positions) = 0;
  // The mark price alone moved.
  virtual void OnMark(const std::vector<position::v1::Position>& positions) = 0;
  // What was told may be wrong; a snapshot follows.
  virtual void OnStale(model::StaleReason reason) = 0;
};

// Never more than what is left of the position: the order is reduce-only and acts at once or not.
struct CloseCommand {
  position::v1::Position position;  // as it is, from which the quantity was computed
  std::string exchange_client_id;   // derived from the request_id: a repetition has the same
  Decimal quantity;                 // base units, > 0
  std::optional<Decimal> worst_price;
};

struct MarginCommand {
  std::string symbol;
  common::v1::PositionSide position_side = common::v1::POSITION_SIDE_UNSPECIFIED;
  Decimal amount;  // settlement currency; negative = take away
};

struct MarginResult {
  CommandFate fate = CommandFate::kUnknown;
  absl::Status status;
  std::optional<Decimal> margin;  // after the change
};

// The position half of one account on one exchange. Threads, replies and errors as OrderClient.
class PositionClient {
 public:
  virtual ~PositionClient() = default;

  virtual const Capabilities& capabilities() const = 0;
  virtual void Start(PositionListener& listener) = 0;
  virtual void Stop() = 0;

  // By the state that the socket keeps where that is not older than `max_age`; else from REST.
  // Enriched with live mark price, cumulative funding, open time.
  virtual void ListPositions(std::vector<std::string> symbols, std::chrono::nanoseconds max_age,
                             Reply<PositionsReply> reply) = 0;
  // The id by which the exchange shall know a closing order; equal for equal request ids.
  virtual std::string ExchangeClientId(std::string_view request_id) const = 0;
  virtual void Close(CloseCommand command, Reply<CommandResult> reply) = 0;
  // What became of an earlier Close with this id: kConfirmed (with its report) or kRefused where
  // the exchange tells, kNotSent where it has no such order now, which proves nothing about a
  // command that may still be under way. Errors: those of reads.
  virtual void FindClose(std::string symbol, std::string exchange_client_id,
                         Reply<CommandResult> reply) = 0;
  virtual void AdjustMargin(MarginCommand command, Reply<MarginResult> reply) = 0;
  virtual void ListFundingPayments(HistoryQuery query,
                                   Reply<Page<position::v1::FundingPayment>> reply) = 0;
  virtual void ListLiquidations(HistoryQuery query,
                                Reply<Page<position::v1::Liquidation>> reply) = 0;
  virtual void GetStatus(Reply<ClientStatus> reply) = 0;
};

}  // namespace switchyard::exchange
