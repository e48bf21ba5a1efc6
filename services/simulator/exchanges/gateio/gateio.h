#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/simulator/exchanges/gateio/live_product.h"
#include "services/simulator/exchanges/gateio/product_base.h"
#include "services/simulator/exchanges/gateio/rate_limiter.h"
#include "services/simulator/exchanges/gateio/trading/trading.h"
#include "services/simulator/held_answers.h"
#include "services/simulator/transport/server.h"

namespace switchyard::simulator::gateio {

struct GateioOptions {
  LiveOptions live;
  std::int64_t rate_limit_scale = 1;
  // Prefixes of recorded files; empty = live.
  std::string replay_spot;
  std::string replay_futures;
  bool replay_when_subscribed = false;
};

// Gate.io behind one port: spot and USDT futures, told apart by path. I/O thread only.
class Gateio final : public transport::ServerHandler {
 public:
  // All must outlive it. Errors: NotFound or InvalidArgument, a recording is missing or empty.
  static absl::StatusOr<std::unique_ptr<Gateio>> Create(boost::asio::io_context& io,
                                                        const GateioOptions& options,
                                                        faults::FaultTable& faults,
                                                        metrics::Metrics& metrics);

  // Starts the pushes. `server` is what listens for this exchange; it must outlive Stop.
  void Start(transport::Server& server);
  void Stop();

  // The exchange ids that it serves.
  std::vector<Exchange*> exchanges();
  // Brings port and clock in line with the faults that are in force.
  void ApplyFaults();

  void OnRequest(const transport::HttpRequest& request, transport::Reply reply) override;
  std::optional<transport::HttpResponse> OnHandshake(
      const transport::HttpRequest& request) override;
  std::unique_ptr<transport::SocketHandler> OnSocket(const transport::HttpRequest& request,
                                                     transport::Socket& socket) override;
  bool OnAccept() override;

 private:
  Gateio(boost::asio::io_context& io, std::int64_t rate_limit_scale, faults::FaultTable& faults);
  absl::StatusOr<std::unique_ptr<ProductBase>> MakeProduct(Product product,
                                                           const GateioOptions& options,
                                                           metrics::Metrics& metrics);

  // Null: the product replays.
  static LiveProduct* Live(const std::unique_ptr<ProductBase>& product);
  void StartTrading();
  transport::HttpResponse Answer(const transport::HttpRequest& request);
  transport::HttpResponse AnswerPublic(const transport::HttpRequest& request);
  bool HasExpired(const transport::HttpRequest& request) const;
  ProductBase* ProductOfSocket(std::string_view path);
  ProductBase& ProductOfRequest(std::string_view path);
  bool InForce(v1::FaultKind kind);
  void ScheduleTick();

  boost::asio::io_context& io_;
  faults::FaultTable& faults_;
  ExchangeClock clock_;
  boost::asio::steady_timer tick_timer_;
  const std::size_t maximum_connections_;
  RateLimiter rate_limiter_;
  HeldAnswers held_;
  std::unique_ptr<ProductBase> spot_;
  std::unique_ptr<ProductBase> futures_;
  // Null where a product replays: there is nothing to trade with.
  std::unique_ptr<Trading> trading_;
  transport::Server* server_ = nullptr;
  bool hanging_ = false;
  bool stopped_ = false;
  std::uint64_t requests_ = 0;
};

}  // namespace switchyard::simulator::gateio
