#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/exchange/order_client.h"
#include "exchanges/gateio/order/order_limits.h"
#include "exchanges/gateio/order/order_protocol.h"
#include "exchanges/gateio/private/private_connection.h"

namespace switchyard::exchanges::gateio {

// Sends commands: over the WebSocket API where that is logged in, over REST where provably nothing
// was written to it, and never both. Splits lists into batches, asks the limits, settles fates.
// Connection thread; replies come there.
class OrderCommands {
 public:
  using Table = std::shared_ptr<const model::InstrumentTable>;
  using Results = exchange::Reply<std::vector<exchange::CommandResult>>;

  // Both outlive it.
  OrderCommands(PrivateConnection& connection, const OrderProtocol& protocol)
      : connection_(connection), protocol_(protocol), limits_(protocol.product()) {}

  void Place(const Table& table, std::vector<exchange::PlaceCommand> commands, Results reply);
  void Amend(const Table& table, const exchange::AmendCommand& command,
             exchange::Reply<exchange::CommandResult> reply);
  void Cancel(const Table& table, std::vector<exchange::OrderReference> orders, Results reply);
  // Cancels everything of these markets (empty = all that there are) that is not conditional and,
  // with `conditional`, that is. Unknown where one part is not confirmed after another was written.
  void CancelAll(const Table& table, const std::vector<std::string>& symbols, common::v1::Side side,
                 bool conditional, exchange::Reply<exchange::CommandResult> reply);
  // The reply is when it strikes, by our clock; 0 = disarmed.
  void Countdown(std::chrono::seconds timeout, exchange::Reply<TimeNs> reply);

  std::vector<exchange::LimitHeadroom> Headrooms() {
    return limits_.Headrooms(connection_.clock().Steady());
  }

 private:
  // How a call ended. `answer` where it was confirmed.
  struct Settled {
    exchange::CommandFate fate = exchange::CommandFate::kUnknown;
    absl::Status status;
    json::Json answer;
    TimeNs submit_time;
    model::Source source = model::Source::kRest;
  };
  using Done = std::function<void(Settled)>;
  // One call of those that a list was split into, and which items it is about.
  struct Part {
    OrderCall call;
    std::vector<std::size_t> places;
    std::vector<std::string> symbols, ids;
    const exchange::PlaceCommand* conditional = nullptr;
    std::string amended;  // the conditional order that is to be changed; its id alone is answered
  };
  // A list as the calls that it becomes, and what cannot be sent, by its place.
  struct Split {
    std::vector<Part> parts;
    std::vector<std::pair<std::size_t, absl::Status>> impossible;
  };
  struct Gathering;

  void Send(const OrderCall& call, CommandKind kind, std::vector<std::string> symbols, Done done);
  void SendOverRest(const OrderCall& call, CommandKind kind, std::vector<std::string> symbols,
                    Done done);
  void SendPart(const Table& table, CommandKind kind, Part part,
                const std::shared_ptr<Gathering>& gathering);
  void SendAll(const Table& table, CommandKind kind, Split split,
               const std::shared_ptr<Gathering>& gathering);
  std::vector<exchange::CommandResult> ResultsOf(const Table& table, const Part& part,
                                                 const Settled& settled) const;
  static absl::StatusOr<const model::Instrument*> Find(const Table& table,
                                                       const std::string& symbol);

  PrivateConnection& connection_;
  const OrderProtocol& protocol_;
  OrderLimits limits_;
};

}  // namespace switchyard::exchanges::gateio
