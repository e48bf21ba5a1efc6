#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/exchange/client_context.h"
#include "common/exchange/position_client.h"
#include "exchanges/gateio/account/account_link.h"
#include "exchanges/gateio/account/instrument_access.h"
#include "exchanges/gateio/account/reconciler.h"
#include "exchanges/gateio/futures/position/live_marks.h"
#include "exchanges/gateio/futures/position/position_book.h"
#include "exchanges/registry.h"

namespace switchyard::exchanges::gateio::futures {

// The positions of one futures account. Pushes of futures.positions keep the book; at start, after
// each reconnect and after each payment of funding it is read anew over REST. Mark prices come over
// a socket of its own while positions are held, see LiveMarks. State lives on the link's connection
// thread.
class PositionManager final : public exchange::PositionClient {
 public:
  struct Identity {
    std::string exchange, account;
    bool websocket = true;  // false: positions are polled
  };

  // `market_data` outlives it.
  PositionManager(Identity identity, exchange::MarketDataClient& market_data);
  ~PositionManager() override;
  // Once, before Start. Its pushes go to OnPositions and OnBalances, its socket's life to
  // OnSocketReady and OnSocketLost.
  void SetLink(std::unique_ptr<AccountLink> link);
  // Where mark prices are pushed from; without it they are polled. Once, between SetLink and Start.
  void SetMarkFeed(std::unique_ptr<MarkFeed> feed) { mark_feed_ = std::move(feed); }

  const exchange::Capabilities& capabilities() const override;
  void Start(exchange::PositionListener& listener) override;
  void Stop() override;
  void ListPositions(std::vector<std::string> symbols, std::chrono::nanoseconds max_age,
                     exchange::Reply<exchange::PositionsReply> reply) override;
  std::string ExchangeClientId(std::string_view request_id) const override;
  void Close(exchange::CloseCommand command,
             exchange::Reply<exchange::CommandResult> reply) override;
  void FindClose(std::string symbol, std::string exchange_client_id,
                 exchange::Reply<exchange::CommandResult> reply) override;
  void AdjustMargin(exchange::MarginCommand command,
                    exchange::Reply<exchange::MarginResult> reply) override;
  void ListFundingPayments(
      exchange::HistoryQuery query,
      exchange::Reply<exchange::Page<position::v1::FundingPayment>> reply) override;
  void ListLiquidations(exchange::HistoryQuery query,
                        exchange::Reply<exchange::Page<position::v1::Liquidation>> reply) override;
  void GetStatus(exchange::Reply<exchange::ClientStatus> reply) override;

  // Connection thread, from the socket.
  void OnSocketReady() { running_->reconciler.OnSocketReady(); }
  void OnSocketLost(const absl::Status& why) { running_->reconciler.OnSocketLost(why); }
  void OnPositions(const PrivateDelivery& delivery);
  void OnBalances(const PrivateDelivery& delivery);

 private:
  using Table = InstrumentAccess::Table;
  // What is there from Start on.
  struct Running {
    Running(const Identity& identity, AccountLink& link, Reconciler::Hooks hooks)
        : book(identity.exchange, identity.account, link.clock()),
          reconciler(link, identity.exchange + " positions of " + identity.account,
                     identity.websocket, std::move(hooks)) {}
    PositionBook book;
    Reconciler reconciler;
  };

  // Connection thread from here. All positions, as REST tells them now.
  void ReadAll(std::function<void(absl::StatusOr<std::vector<RawPosition>>)> done);
  // What the reconciler calls.
  void ReadForBook(std::function<void(std::function<void()>)> apply,
                   std::function<void(const absl::Status&)> fail);
  void SumFunding();
  void SumFundingPage(const PositionBook::FundingGap& gap, const std::string& contract,
                      const Decimal& sum, const std::string& page_token);
  // Asks for the fee rates of markets in which positions are held, where they are not known or were
  // read long ago; each once between two readings, however many pushes come.
  void ReadTakerRates();
  void OnFees(const model::Instrument& instrument, const std::string& body);
  void OnMark(const std::string& symbol, const Decimal& price, const Stamp& stamp);
  bool valid() const { return running_->reconciler.valid(); }

  struct TakerRate {
    bool asked = false;                               // since the last reading
    std::optional<std::chrono::nanoseconds> read_at;  // steady; none: never
  };

  const Identity identity_;
  exchange::MarketDataClient& market_data_;
  // Shared with answers of the market data client, which may come after this is gone.
  std::shared_ptr<AccountLink> link_;
  std::unique_ptr<InstrumentAccess> instruments_;
  exchange::PositionListener* listener_ = nullptr;
  Table table_;  // the latest that was used; connection thread
  std::unique_ptr<Running> running_;
  std::map<std::string, TakerRate> taker_rates_;  // by symbol; connection thread
  std::unique_ptr<MarkFeed> mark_feed_;           // until Start
  std::unique_ptr<LiveMarks> marks_;
};

// Errors: InvalidArgument, naming the field.
absl::StatusOr<std::unique_ptr<exchange::PositionClient>> CreatePositionClient(
    const AccountOptions& options, const exchange::ClientContext& context);

}  // namespace switchyard::exchanges::gateio::futures
