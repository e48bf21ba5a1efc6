#include "services/simulator/exchanges/gateio/gateio.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>

#include "common/log/log.h"
#include "fmt/format.h"
#include "services/simulator/exchanges/gateio/replay_product.h"
#include "services/simulator/exchanges/gateio/rest.h"
#include "services/simulator/html_page.h"
#include "services/simulator/replay/recording.h"

namespace switchyard::simulator::gateio {
namespace {

constexpr std::string_view kApi = "/api/v4/";
constexpr std::string_view kSpotPath = "/api/v4/spot/";
constexpr std::string_view kFuturesPath = "/api/v4/futures/usdt/";
constexpr auto kTick = std::chrono::milliseconds(10);
constexpr std::size_t kConnectionsPerAddress = 300;

// First words of paths that need a key, whatever the method.
constexpr std::array<std::string_view, 39> kPrivatePaths = {
    "spot/orders",
    "spot/batch_orders",
    "spot/open_orders",
    "spot/cancel_batch_orders",
    "spot/amend_batch_orders",
    "spot/countdown_cancel_all",
    "spot/my_trades",
    "spot/accounts",
    "spot/account_book",
    "spot/fee",
    "spot/batch_fee",
    "spot/price_orders",
    "spot/cross_liquidate_orders",
    "futures/usdt/orders",
    "futures/usdt/orders_timerange",
    "futures/usdt/batch_orders",
    "futures/usdt/batch_cancel_orders",
    "futures/usdt/batch_amend_orders",
    "futures/usdt/countdown_cancel_all",
    "futures/usdt/bbo_orders",
    "futures/usdt/my_trades",
    "futures/usdt/my_trades_timerange",
    "futures/usdt/positions",
    "futures/usdt/dual_comp",
    "futures/usdt/get_leverage",
    "futures/usdt/dual_mode",
    "futures/usdt/set_position_mode",
    "futures/usdt/accounts",
    "futures/usdt/account_book",
    "futures/usdt/position_close",
    "futures/usdt/liquidates",
    "futures/usdt/auto_deleverages",
    "futures/usdt/fee",
    "futures/usdt/price_orders",
    "futures/usdt/position_close_history",
    "futures/usdt/risk_limit",
    "account/detail",
    "unified/accounts",
    "withdrawals",
};

// True for `path` = `prefix` or below it.
bool Under(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

bool NeedsKey(std::string_view path) {
  path.remove_prefix(std::min(path.size(), kApi.size()));
  for (const std::string_view prefix : kPrivatePaths) {
    if (Under(path, prefix)) return true;
  }
  // Every wallet call but one.
  return path.starts_with("wallet/") && path != "wallet/currency_chains";
}

// The path as it is counted: requests for different symbols of one resource count together.
std::string CountedPath(std::string_view path) {
  if (!path.starts_with(kApi)) return std::string(path);
  return std::string(kApi) + EndpointOf(path.substr(kApi.size()));
}

// The label that goes with a status which a fault asked for.
std::string_view LabelOf(unsigned status) {
  switch (status) {
    case 400:
      return "BAD_REQUEST";
    case 401:
      return "INVALID_KEY";
    case 403:
    case 418:
      return "IP_FORBIDDEN";
    case 404:
      return "NOT_FOUND";
    case 429:
      return "TOO_MANY_REQUESTS";
    case 503:
      return "TOO_BUSY";
    default:
      return status >= 500 ? "SERVER_ERROR" : "INVALID_REQUEST_BODY";
  }
}

// The answer that a fault gives in place of the true one.
transport::HttpResponse FaultResponse(const faults::RequestFate& fate) {
  transport::HttpResponse response =
      fate.html ? HtmlPage(fate.status, fate.html_bytes)
                : ErrorResponse(fate.status, LabelOf(fate.status), "refused by a fault");
  if (fate.retry_after_s != 0) {
    response.headers.emplace_back("Retry-After", std::to_string(fate.retry_after_s));
  }
  return response;
}

}  // namespace

Gateio::Gateio(boost::asio::io_context& io, std::int64_t rate_limit_scale,
               faults::FaultTable& faults)
    : io_(io),
      faults_(faults),
      tick_timer_(io),
      maximum_connections_(kConnectionsPerAddress * static_cast<std::size_t>(rate_limit_scale)),
      rate_limiter_(rate_limit_scale),
      held_(io) {}

absl::StatusOr<std::unique_ptr<Gateio>> Gateio::Create(boost::asio::io_context& io,
                                                       const GateioOptions& options,
                                                       faults::FaultTable& faults,
                                                       metrics::Metrics& metrics) {
  std::unique_ptr<Gateio> gateio(new Gateio(io, options.rate_limit_scale, faults));
  auto spot = gateio->MakeProduct(Product::kSpot, options, metrics);
  if (!spot.ok()) return spot.status();
  auto futures = gateio->MakeProduct(Product::kFutures, options, metrics);
  if (!futures.ok()) return futures.status();
  gateio->spot_ = *std::move(spot);
  gateio->futures_ = *std::move(futures);
  gateio->StartTrading();
  return gateio;
}

LiveProduct* Gateio::Live(const std::unique_ptr<ProductBase>& product) {
  return dynamic_cast<LiveProduct*>(product.get());
}

void Gateio::StartTrading() {
  LiveProduct* const spot = Live(spot_);
  LiveProduct* const futures = Live(futures_);
  if (spot == nullptr || futures == nullptr) return;
  trading_ = std::make_unique<Trading>(
      Trading::Parts{spot->listings(), futures->listings(), clock_, rate_limiter_, faults_, held_});
  spot->set_private_side(&trading_->spot());
  futures->set_private_side(&trading_->futures());
  spot->set_change_listener([this](engine::Market& market) { trading_->spot().OnChange(market); });
  futures->set_change_listener(
      [this](engine::Market& market) { trading_->futures().OnChange(market); });
}

absl::StatusOr<std::unique_ptr<ProductBase>> Gateio::MakeProduct(Product product,
                                                                 const GateioOptions& options,
                                                                 metrics::Metrics& metrics) {
  const Surroundings surroundings = {clock_, faults_, metrics};
  const std::string& prefix =
      product == Product::kSpot ? options.replay_spot : options.replay_futures;
  if (prefix.empty()) {
    return std::make_unique<LiveProduct>(io_, product, surroundings, options.live);
  }
  auto recording = replay::Recording::Load(prefix);
  if (!recording.ok()) return recording.status();
  auto replayed = ReplayProduct::Create(io_, product, surroundings, *std::move(recording),
                                        options.replay_when_subscribed);
  if (!replayed.ok()) return replayed.status();
  return *std::move(replayed);
}

void Gateio::Start(transport::Server& server) {
  server_ = &server;
  tick_timer_.expires_after(kTick);
  ScheduleTick();
}

void Gateio::Stop() {
  stopped_ = true;
  tick_timer_.cancel();
  spot_->Stop();
  futures_->Stop();
  held_.Clear();
}

std::vector<Exchange*> Gateio::exchanges() { return {spot_.get(), futures_.get()}; }

bool Gateio::InForce(v1::FaultKind kind) {
  return faults_.InForce(kind, spot_->id()) || faults_.InForce(kind, futures_->id());
}

void Gateio::ApplyFaults() {
  if (stopped_) return;
  clock_.set_shift_ns((faults_.ClockShiftMs(spot_->id()) + faults_.ClockShiftMs(futures_->id())) *
                      1'000'000);
  const bool listening = !InForce(v1::FAULT_KIND_REFUSE_CONNECTIONS);
  if (absl::Status status = server_->SetListening(listening); !status.ok()) {
    log::Error("port_lost", {{"exchange", spot_->id()}, {"status", status}});
  }
  const bool hanging = InForce(v1::FAULT_KIND_HANG_CONNECTIONS);
  if (hanging_ && !hanging) server_->CutHanging();
  hanging_ = hanging;
}

void Gateio::ScheduleTick() {
  tick_timer_.async_wait([this](boost::system::error_code error) {
    if (error || stopped_) return;
    if (faults_.Expire()) ApplyFaults();
    spot_->OnTick();
    futures_->OnTick();
    if (trading_ != nullptr) trading_->OnTick();
    // From the planned time, so that intervals do not stretch; never into the past.
    const auto next = tick_timer_.expiry() + kTick;
    tick_timer_.expires_at(std::max(next, std::chrono::steady_clock::now()));
    ScheduleTick();
  });
}

void Gateio::OnRequest(const transport::HttpRequest& request, transport::Reply reply) {
  const std::string counted = CountedPath(request.path);
  ProductBase& product = ProductOfRequest(request.path);
  const faults::RequestFate fate = faults_.JudgeRequest(product.id(), request.path);
  product.CountRequest(counted);
  engine::Random random(++requests_);
  const std::string trace_id = fmt::format("{:016x}{:016x}", random.Next(), random.Next());
  // Whoever answers, this is the way out.
  const transport::Reply finish = [this, &product, trace_id, reply = std::move(reply),
                                   client_id =
                                       std::string(request.HeaderValue("X-Client-Request-Id")),
                                   delay_ms = fate.delay_ms](transport::HttpResponse response) {
    product.CountAnswer(response.status);
    response.headers.emplace_back("X-Gate-Trace-Id", trace_id);
    if (!client_id.empty()) response.headers.emplace_back("X-Client-Request-Id", client_id);
    if (delay_ms == 0) return reply(std::move(response));
    held_.After(delay_ms, [reply, response = std::move(response)] { reply(response); });
  };
  if (fate.status == 0 && trading_ != nullptr && NeedsKey(request.path) && !HasExpired(request)) {
    trading_->Handle(request, std::string_view(request.path).substr(kApi.size()),
                     counted.substr(kApi.size()), finish);
    return;
  }
  const RateLimiter::Decision rate =
      rate_limiter_.Count(counted, request.remote_address, clock_.NowNs());
  transport::HttpResponse response;
  if (fate.status != 0) {
    response = FaultResponse(fate);
  } else if (!rate.allowed) {
    response = ErrorResponse(429, "TOO_MANY_REQUESTS", "Request Rate limit Exceeded (211)");
  } else {
    response = Answer(request);
  }
  AddRateHeaders(rate, response);
  finish(std::move(response));
}

bool Gateio::HasExpired(const transport::HttpRequest& request) const {
  const std::string_view expiry = request.HeaderValue("x-gate-exptime");
  std::int64_t expiry_ms = 0;
  std::from_chars(expiry.data(), expiry.data() + expiry.size(), expiry_ms);
  return !expiry.empty() && clock_.NowNs() / 1'000'000 > expiry_ms;
}

transport::HttpResponse Gateio::Answer(const transport::HttpRequest& request) {
  if (HasExpired(request)) {
    return ErrorResponse(401, "REQUEST_EXPIRED", "request arrived after x-gate-exptime");
  }
  if (NeedsKey(request.path)) {
    return request.HeaderValue("KEY").empty()
               ? ErrorResponse(401, "MISSING_REQUIRED_HEADER", "Missing required header: KEY")
               : ErrorResponse(401, "INVALID_KEY", "Invalid key provided");
  }
  if (request.method != "GET") {
    return ErrorResponse(405, "METHOD_NOT_ALLOWED", "Request method not allowed");
  }
  return AnswerPublic(request);
}

transport::HttpResponse Gateio::AnswerPublic(const transport::HttpRequest& request) {
  const std::string_view path = request.path;
  if (path.starts_with(kSpotPath)) return spot_->Rest(request, path.substr(kSpotPath.size()));
  if (path.starts_with(kFuturesPath)) {
    return futures_->Rest(request, path.substr(kFuturesPath.size()));
  }
  if (path.starts_with(kApi)) return OtherRest(request, path.substr(kApi.size()));
  return ErrorResponse(404, "NOT_FOUND", "Request path not found");
}

ProductBase* Gateio::ProductOfSocket(std::string_view path) {
  if (path == "/ws/v4/" || path == "/ws/v4") return spot_.get();
  if (path == "/v4/ws/usdt" || path == "/v4/ws/usdt/") return futures_.get();
  return nullptr;
}

ProductBase& Gateio::ProductOfRequest(std::string_view path) {
  return path.starts_with("/api/v4/futures/") ? *futures_ : *spot_;
}

std::optional<transport::HttpResponse> Gateio::OnHandshake(const transport::HttpRequest& request) {
  ProductBase* const product = ProductOfSocket(request.path);
  if (product == nullptr) return ErrorResponse(404, "NOT_FOUND", "Request path not found");
  const faults::RequestFate fate = faults_.JudgeRequest(product->id(), "websocket");
  if (fate.status != 0) return FaultResponse(fate);
  if (spot_->ConnectionsFrom(request.remote_address) +
          futures_->ConnectionsFrom(request.remote_address) >=
      maximum_connections_) {
    return ErrorResponse(429, "TOO_MANY_REQUESTS", "too many connections from this address");
  }
  return std::nullopt;
}

std::unique_ptr<transport::SocketHandler> Gateio::OnSocket(const transport::HttpRequest& request,
                                                           transport::Socket& socket) {
  return ProductOfSocket(request.path)
      ->Open(socket, request.remote_address, request.HeaderValue("X-Gate-Size-Decimal") == "1");
}

bool Gateio::OnAccept() {
  return faults_.Strike(v1::FAULT_KIND_HANG_CONNECTIONS, spot_->id(), "", "") != nullptr ||
         faults_.Strike(v1::FAULT_KIND_HANG_CONNECTIONS, futures_->id(), "", "") != nullptr;
}

}  // namespace switchyard::simulator::gateio
