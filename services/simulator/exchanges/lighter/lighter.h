#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/metrics/metrics.h"
#include "services/simulator/exchange.h"
#include "services/simulator/exchanges/lighter/hub.h"
#include "services/simulator/exchanges/lighter/limits.h"
#include "services/simulator/exchanges/lighter/listing.h"
#include "services/simulator/exchanges/lighter/rest.h"
#include "services/simulator/exchanges/lighter/trading/trading.h"
#include "services/simulator/flow_driver.h"
#include "services/simulator/held_answers.h"
#include "services/simulator/transport/server.h"

namespace switchyard::simulator::lighter {

struct LighterOptions {
  std::size_t symbols = 0;  // 0 = the well-known ones
  std::uint64_t seed = 1;
  std::uint32_t updates_per_second = 10;  // of each market
  FeedOptions feed;
  std::int64_t limit_scale = 1;
};

// Lighter behind one port: REST under /api/v1/, the WebSocket at /stream. I/O thread only.
class Lighter final : public transport::ServerHandler,
                      public Exchange,
                      private engine::MarketListener {
 public:
  // All must outlive it.
  Lighter(boost::asio::io_context& io, const LighterOptions& options, faults::FaultTable& faults,
          metrics::Metrics& metrics);
  ~Lighter() override;

  // Starts the pushes. `server` is what listens for this exchange; it must outlive Stop.
  void Start(transport::Server& server);
  void Stop();
  // Brings port and clock in line with the faults that are in force.
  void ApplyFaults();

  void OnRequest(const transport::HttpRequest& request, transport::Reply reply) override;
  std::optional<transport::HttpResponse> OnHandshake(
      const transport::HttpRequest& request) override;
  std::unique_ptr<transport::SocketHandler> OnSocket(const transport::HttpRequest& request,
                                                     transport::Socket& socket) override;
  bool OnAccept() override;

  const std::string& id() const override { return id_; }
  bool HasChannel(std::string_view channel) const override;
  bool HasSymbol(std::string_view symbol) const override;
  absl::StatusOr<v1::GetBookResponse> Book(const std::string& symbol, std::uint32_t depth) override;
  absl::Status SetFlow(const v1::SetFlowRequest& request) override;
  absl::StatusOr<std::uint64_t> StartReplay(std::uint32_t speed_percent) override;
  v1::ExchangeStatistics Statistics() const override { return hub_.Statistics(); }
  absl::StatusOr<v1::ListClientOrdersResponse> ClientOrders(
      const v1::ListClientOrdersRequest& request) override {
    return trading_.ClientOrders(request);
  }
  absl::StatusOr<v1::ListClientFillsResponse> ClientFills(
      const v1::ListClientFillsRequest& request) override {
    return trading_.ClientFills(request);
  }
  absl::Status PayFunding(const std::string& symbol) override {
    return trading_.PayFunding(symbol);
  }
  absl::StatusOr<std::uint64_t> StrikeAccounts(const v1::Fault& fault) override {
    return trading_.StrikeAccounts(fault);
  }
  std::uint64_t CloseSockets(const v1::Fault& fault) override { return hub_.CloseSockets(fault); }

 private:
  void OnChange(engine::Market& market) override;
  void BreakSequence(Listing& listing);
  // Who spends a request's weight: the account of its token, or the address.
  std::string PayerOf(const transport::HttpRequest& request);
  void Answer(const transport::HttpRequest& request, std::string_view endpoint,
              const transport::Reply& reply);
  void ScheduleTick();

  const std::string id_ = kExchangeId;
  faults::FaultTable& faults_;
  ExchangeClock clock_;
  boost::asio::steady_timer tick_timer_;
  Listings listings_;
  Hub hub_;
  FlowDriver flow_;
  HeldAnswers held_;
  Trading trading_;
  RollingLimit rest_limit_;
  const RestContext rest_;
  metrics::Counter& changes_metric_;
  transport::Server* server_ = nullptr;
  bool hanging_ = false;
  bool stopped_ = false;
};

}  // namespace switchyard::simulator::lighter
