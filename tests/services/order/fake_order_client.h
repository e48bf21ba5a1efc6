#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/exchange/order_client.h"

namespace switchyard::testing {

// A small exchange that does what its script says: it keeps orders and fills, answers at once on
// the caller's thread, and tells its listener nothing by itself. Any thread.
class FakeOrderClient final : public exchange::OrderClient {
 public:
  // What happens to the next commands of a kind; then the default, kConfirm.
  enum class Act {
    kConfirm,      // it takes effect and is confirmed with the order's report
    kAcknowledge,  // it takes effect, and is confirmed without a report
    kRefuse,       // `refusal`
    kNotSent,      // nothing was written
    kLoseAnswer,   // it takes effect, and no answer comes
    kLoseCommand,  // it never arrives, and no answer comes
    kHold,         // it takes effect; the answer comes with Release
    kAcceptOnly,   // cancel, amend: confirmed, without any effect
    kNoPermit,     // nothing was written: the exchange's limit has no room for `permit_delay`
  };

  explicit FakeOrderClient(const exchange::Capabilities& capabilities)
      : capabilities_(capabilities) {}

  // Script.
  void Next(Act act);  // of the next command, whichever it is
  absl::Status refusal;
  absl::Status lost;  // of what no answer came to; OK = UNKNOWN, ORDER_OUTCOME_UNKNOWN
  std::function<absl::Status(const model::OrderTerms&)> check;  // unset = OK
  std::chrono::nanoseconds not_received_after{0};
  std::function<void()> on_placed;  // an order has arrived; unset = nobody is told
  absl::Status reads;               // what every read answers while it is not OK
  void FailReads(absl::Status status);

  // Events, as the connection thread would tell them.
  exchange::OrderListener& listener();
  // The order as it is now, by its id at the exchange or by ours.
  model::OrderReport Report(const std::string& id);
  bool Has(const std::string& id);
  // Somebody else's order.
  void AddOrder(model::OrderReport report);
  // Changes an order without telling anybody.
  void Change(const std::string& id, const std::function<void(model::OrderReport&)>& change);
  // Fills it at its price, without telling anybody. Returns the fill.
  // `time` 0 = now.
  model::FillReport Fill(const std::string& id, const std::string& trade_id,
                         const std::string& quantity, TimeNs time = {});
  // The one position there is, net base units; 0 = none.
  void SetPosition(const std::string& symbol, std::int64_t size);
  // Answers what is held.
  void Release();
  // From now on the answers of commands, whatever they are, are held.
  void HoldAnswers(bool hold);
  // Closed: every command is kNoPermit, whatever the script says.
  void SetPermits(bool open);
  std::chrono::nanoseconds permit_delay = std::chrono::milliseconds(5);

  // Counts.
  int placed() const;    // orders that arrived
  int commands() const;  // given to the client: place, amend, cancel
  int queries() const;
  std::vector<std::string> cancelled() const;
  // How many orders each call of Cancel named.
  std::vector<std::size_t> cancel_lists() const;
  std::vector<exchange::PlaceCommand> place_commands() const;
  void WaitForHeld(std::size_t count);
  void WaitForCommands(int count);
  void WaitForQueries(int count);
  // Until a command of which `what` is a part, as in sent(), was kNoPermit so many times.
  void WaitForNoPermit(const std::string& what, int times);
  // What was sent, in order: "place <our id>", "amend <id>", "cancel <id>", "cancel all".
  std::vector<std::string> sent() const;
  std::vector<std::chrono::seconds> armed() const;

  // OrderClient.
  const exchange::Capabilities& capabilities() const override { return capabilities_; }
  void Start(exchange::OrderListener& listener) override;
  void Stop() override;
  std::string ExchangeClientId(std::uint64_t number,
                               std::string_view client_order_id) const override;
  std::optional<std::uint64_t> NumberOf(std::string_view exchange_client_id) const override;
  absl::Status Check(const model::Instrument& instrument,
                     const model::OrderTerms& terms) const override;
  void Place(std::vector<exchange::PlaceCommand> commands,
             exchange::Reply<std::vector<exchange::CommandResult>> reply) override;
  void Amend(exchange::AmendCommand command,
             exchange::Reply<exchange::CommandResult> reply) override;
  void Cancel(std::vector<exchange::OrderReference> orders,
              exchange::Reply<std::vector<exchange::CommandResult>> reply) override;
  void CancelAll(exchange::CancelAllCommand command,
                 exchange::Reply<exchange::CommandResult> reply) override;
  void GetOrder(exchange::OrderReference order, exchange::Reply<model::OrderReport> reply) override;
  std::chrono::nanoseconds NotReceivedAfter() const override { return not_received_after; }
  void ListOpenOrders(std::string symbol,
                      exchange::Reply<std::vector<model::OrderReport>> reply) override;
  void ListFinishedOrders(exchange::HistoryQuery query,
                          exchange::Reply<exchange::Page<model::OrderReport>> reply) override;
  void ListFills(exchange::HistoryQuery query,
                 exchange::Reply<exchange::Page<model::FillReport>> reply) override;
  void ListPositionSizes(exchange::Reply<std::vector<position::v1::Position>> reply) override;
  void ArmDeadManSwitch(std::chrono::seconds timeout, exchange::Reply<TimeNs> reply) override;
  void GetStatus(exchange::Reply<exchange::ClientStatus> reply) override;

  // Of the lists; and of so many reads of finished orders the last is refused, 0 = none.
  std::uint32_t longest_page = 1'000;
  int finished_limit = 0;
  // Orders and history that GetOrder and the lists leave out, by id: what an exchange's reads miss.
  std::vector<std::string> hidden_from_get, hidden_from_lists;

 private:
  // mutex_ held.
  Act Take(const std::string& what);
  model::OrderReport* Find(const std::string& id);
  model::OrderReport* Find(const exchange::OrderReference& reference);
  exchange::CommandResult Answer(Act act, const model::OrderReport* report) const;
  void Deliver(Act act, std::function<void()> answer);
  absl::Status Asked();

  const exchange::Capabilities capabilities_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  exchange::OrderListener* listener_ = nullptr;
  std::vector<Act> script_;
  std::map<std::string, model::OrderReport> orders_;  // by the exchange's id
  std::vector<model::FillReport> fills_;
  int finished_reads_ = 0;
  std::vector<position::v1::Position> positions_;
  std::vector<std::function<void()>> held_;
  std::vector<exchange::PlaceCommand> place_commands_;
  std::vector<std::string> cancelled_, sent_, without_permit_;
  std::vector<std::size_t> cancel_lists_;
  bool permits_ = true;
  bool hold_answers_ = false;
  std::vector<std::chrono::seconds> armed_;
  int placed_ = 0, commands_ = 0, queries_ = 0;
  int next_id_ = 1;
};

// Passes everything on to a client that outlives it: a desk owns its client, an exchange outlives
// the desk.
class BorrowedOrderClient final : public exchange::OrderClient {
 public:
  explicit BorrowedOrderClient(exchange::OrderClient& client) : client_(client) {}

  const exchange::Capabilities& capabilities() const override { return client_.capabilities(); }
  void Start(exchange::OrderListener& listener) override { client_.Start(listener); }
  void Stop() override { client_.Stop(); }
  std::string ExchangeClientId(std::uint64_t number, std::string_view id) const override {
    return client_.ExchangeClientId(number, id);
  }
  std::optional<std::uint64_t> NumberOf(std::string_view exchange_client_id) const override {
    return client_.NumberOf(exchange_client_id);
  }
  absl::Status Check(const model::Instrument& instrument,
                     const model::OrderTerms& terms) const override {
    return client_.Check(instrument, terms);
  }
  void Place(std::vector<exchange::PlaceCommand> commands,
             exchange::Reply<std::vector<exchange::CommandResult>> reply) override {
    client_.Place(std::move(commands), std::move(reply));
  }
  void Amend(exchange::AmendCommand command,
             exchange::Reply<exchange::CommandResult> reply) override {
    client_.Amend(std::move(command), std::move(reply));
  }
  void Cancel(std::vector<exchange::OrderReference> orders,
              exchange::Reply<std::vector<exchange::CommandResult>> reply) override {
    client_.Cancel(std::move(orders), std::move(reply));
  }
  void CancelAll(exchange::CancelAllCommand command,
                 exchange::Reply<exchange::CommandResult> reply) override {
    client_.CancelAll(std::move(command), std::move(reply));
  }
  void GetOrder(exchange::OrderReference order,
                exchange::Reply<model::OrderReport> reply) override {
    client_.GetOrder(std::move(order), std::move(reply));
  }
  std::chrono::nanoseconds NotReceivedAfter() const override { return client_.NotReceivedAfter(); }
  void ListOpenOrders(std::string symbol,
                      exchange::Reply<std::vector<model::OrderReport>> reply) override {
    client_.ListOpenOrders(std::move(symbol), std::move(reply));
  }
  void ListFinishedOrders(exchange::HistoryQuery query,
                          exchange::Reply<exchange::Page<model::OrderReport>> reply) override {
    client_.ListFinishedOrders(std::move(query), std::move(reply));
  }
  void ListFills(exchange::HistoryQuery query,
                 exchange::Reply<exchange::Page<model::FillReport>> reply) override {
    client_.ListFills(std::move(query), std::move(reply));
  }
  void ListPositionSizes(exchange::Reply<std::vector<position::v1::Position>> reply) override {
    client_.ListPositionSizes(std::move(reply));
  }
  void ArmDeadManSwitch(std::chrono::seconds timeout, exchange::Reply<TimeNs> reply) override {
    client_.ArmDeadManSwitch(timeout, std::move(reply));
  }
  void GetStatus(exchange::Reply<exchange::ClientStatus> reply) override {
    client_.GetStatus(std::move(reply));
  }

 private:
  exchange::OrderClient& client_;
};

}  // namespace switchyard::testing
