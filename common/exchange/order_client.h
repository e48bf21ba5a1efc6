#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/exchange/capabilities.h"
#include "common/exchange/market_data_client.h"
#include "common/model/order.h"
#include "switchyard/position/v1/liquidation.pb.h"
#include "switchyard/position/v1/position.pb.h"

namespace switchyard::exchange {

// What is known of a command after it was given to the exchange's client.
enum class CommandFate : std::uint8_t {
  kConfirmed,  // the exchange took it
  kRefused,    // the exchange answered no; it had no effect
  kNotSent,    // provably no byte of it was written: may be given again
  kUnknown,    // written, and no answer that settles it: never to be given again
};

struct CommandResult {
  CommandFate fate = CommandFate::kUnknown;
  // OK when confirmed; else why, by style.md's table. kUnknown: UNKNOWN, ORDER_OUTCOME_UNKNOWN.
  absl::Status status;
  // What the answer tells of the order. Absent: a mere acknowledgement, or no such answer.
  std::optional<model::OrderReport> report;
  TimeNs submit_time;  // when its first byte was handed to the socket; 0 = not sent
};

// A new order. `exchange_client_id` has been made by ExchangeClientId and is in the journal.
struct PlaceCommand {
  std::string symbol;
  std::string exchange_client_id;
  model::OrderTerms terms;
};

// Names one order at the exchange. At least one id is given; `symbol` always.
struct OrderReference {
  std::string symbol;
  std::string exchange_order_id;
  std::string exchange_client_id;
  bool conditional = false;  // waits for a trigger: some exchanges keep these apart
};

struct AmendCommand {
  OrderReference order;
  common::v1::Side side = common::v1::SIDE_UNSPECIFIED;  // the order's
  std::optional<Decimal> quantity;                       // new total, including what is filled
  std::optional<Decimal> price;
  std::optional<Decimal> trigger_price;
};

struct CancelAllCommand {
  std::string symbol;                                    // empty = all
  common::v1::Side side = common::v1::SIDE_UNSPECIFIED;  // UNSPECIFIED = both
};

// Which past orders or fills are asked for.
struct HistoryQuery {
  std::string symbol;                   // empty = all, where the capability table allows it
  std::optional<OrderReference> order;  // fills of this order alone
  TimeNs start, end;                    // inclusive, exclusive; 0 = unbounded
  std::uint32_t page_size = 100;
  std::string page_token;
};

template <typename T>
struct Page {
  std::vector<T> items;         // newest first
  std::string next_page_token;  // empty = no more
};

// Hears what the exchange tells about orders of the account, on the client's connection thread, in
// the order of arrival. The same thing may be told several times and by several paths. Must not
// block.
class OrderListener {
 public:
  virtual ~OrderListener() = default;
  virtual void OnOrder(const model::OrderReport& report) = 0;
  virtual void OnFill(const model::FillReport& fill) = 0;
  virtual void OnLiquidation(const position::v1::Liquidation& liquidation) = 0;
  // The size of a position, for limits: net base units, negative = short.
  virtual void OnPosition(std::string_view symbol, common::v1::PositionSide side,
                          const Decimal& size) = 0;
  // Every private subscription is confirmed. What happened before may have been missed: reconcile.
  virtual void OnPrivateStreamReady() = 0;
  // From now on private events may be missed.
  virtual void OnPrivateStreamLost(const absl::Status& why) = 0;
};

// The order half of one account on one exchange, as the order service sees it. It keeps no orders,
// repeats no command, and decides nothing that the journal has to know of. Calls come from any
// thread; replies come exactly once, on any thread, and must not block. Errors of reads are those
// of style.md's table. Commands go out in the order of the calls.
class OrderClient {
 public:
  virtual ~OrderClient() = default;

  virtual const Capabilities& capabilities() const = 0;

  // Connects and begins to tell `listener`, which outlives Stop. Once.
  virtual void Start(OrderListener& listener) = 0;
  // Answers what is under way (kUnknown where it was written), ends its threads. Once.
  virtual void Stop() = 0;

  // The id by which the exchange shall know the order with this number (unique in the account,
  // rising, from the journal) and client_order_id. Deterministic, within the exchange's form, and
  // contains ours where there is room. Never equal for two numbers.
  virtual std::string ExchangeClientId(std::uint64_t number,
                                       std::string_view client_order_id) const = 0;
  // The number that an id made by ExchangeClientId holds, whichever journal gave it; nullopt = it
  // is of another making, or the form does not tell.
  virtual std::optional<std::uint64_t> NumberOf(std::string_view /*exchange_client_id*/) const {
    return std::nullopt;
  }
  // Whether the exchange could hold such an order: refuses what the capability table or the
  // instrument cannot express, before anything is journaled.
  // Errors: Unimplemented, NOT_IN_CAPABILITIES; InvalidArgument, INVALID_FIELD.
  virtual absl::Status Check(const model::Instrument& instrument,
                             const model::OrderTerms& terms) const = 0;

  // A list of one is a single order. One result per command, in order.
  virtual void Place(std::vector<PlaceCommand> commands,
                     Reply<std::vector<CommandResult>> reply) = 0;
  virtual void Amend(AmendCommand command, Reply<CommandResult> reply) = 0;
  virtual void Cancel(std::vector<OrderReference> orders,
                      Reply<std::vector<CommandResult>> reply) = 0;
  // Confirmed orders are told by `listener` too; the result's report is not used.
  virtual void CancelAll(CancelAllCommand command, Reply<CommandResult> reply) = 0;

  // One order, finished ones too as long as the exchange keeps them.
  // Errors: NotFound, UNKNOWN_ORDER: the exchange has no such order now, which proves that it never
  // had it only after `NotReceivedAfter` since the command.
  virtual void GetOrder(OrderReference order, Reply<model::OrderReport> reply) = 0;
  // After a command of unknown fate, how long the exchange may still take it: an unknown order is
  // proven not received only when it is asked for and not found later than that.
  virtual std::chrono::nanoseconds NotReceivedAfter() const = 0;
  // All that are open, conditional ones included, whole (every page).
  virtual void ListOpenOrders(std::string symbol, Reply<std::vector<model::OrderReport>> reply) = 0;
  virtual void ListFinishedOrders(HistoryQuery query, Reply<Page<model::OrderReport>> reply) = 0;
  virtual void ListFills(HistoryQuery query, Reply<Page<model::FillReport>> reply) = 0;
  // Sizes of all positions that are not flat; empty on spot.
  virtual void ListPositionSizes(Reply<std::vector<position::v1::Position>> reply) = 0;

  // Arms the exchange's dead-man switch, or renews it: all orders are canceled unless it is renewed
  // within `timeout`; 0 = disarm. The reply is when it strikes, by our clock; 0 = disarmed.
  // Errors: Unimplemented where the exchange has none.
  virtual void ArmDeadManSwitch(std::chrono::seconds timeout, Reply<TimeNs> reply) = 0;

  virtual void GetStatus(Reply<ClientStatus> reply) = 0;
};

}  // namespace switchyard::exchange
