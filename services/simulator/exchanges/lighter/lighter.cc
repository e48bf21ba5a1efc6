#include "services/simulator/exchanges/lighter/lighter.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include "common/log/log.h"
#include "fmt/format.h"
#include "services/simulator/exchanges/lighter/errors.h"
#include "services/simulator/exchanges/lighter/text.h"
#include "services/simulator/html_page.h"

namespace switchyard::simulator::lighter {
namespace {

constexpr std::string_view kApi = "/api/v1/";
constexpr std::string_view kStream = "/stream";
constexpr auto kTick = std::chrono::milliseconds(10);
constexpr std::uint32_t kMaximumSteps = 1'000'000;
constexpr std::int32_t kMaximumMove = 500'000;

// The answer that a fault gives in place of the true one.
transport::HttpResponse FaultAnswer(const faults::RequestFate& fate) {
  transport::HttpResponse response =
      fate.html ? HtmlPage(fate.status, fate.html_bytes)
                : ErrorAnswer(fate.status == 429 ? Code::kTooManyRequests : Code::kInternal, {},
                              fate.status);
  if (fate.retry_after_s != 0) {
    response.headers.emplace_back("Retry-After", std::to_string(fate.retry_after_s));
  }
  return response;
}

void WriteLevels(std::span<const engine::Level> levels, std::size_t depth, const Listing& listing,
                 google::protobuf::RepeatedPtrField<v1::BookLevel>& out) {
  const std::size_t count = depth == 0 ? levels.size() : std::min(depth, levels.size());
  for (std::size_t i = 0; i < count; ++i) {
    const engine::Level& level = levels[levels.size() - 1 - i];
    v1::BookLevel& row = *out.Add();
    row.set_price(Fixed(level.price, listing.price_scale()));
    row.set_quantity(Fixed(level.quantity, listing.size_scale()));
  }
}

}  // namespace

Lighter::Lighter(boost::asio::io_context& io, const LighterOptions& options,
                 faults::FaultTable& faults, metrics::Metrics& metrics)
    : faults_(faults),
      tick_timer_(io),
      listings_(options.symbols == 0 ? KnownInstruments() : options.symbols, options.seed,
                clock_.NowNs()),
      hub_({listings_, clock_, faults, metrics, options.limit_scale, options.feed}),
      flow_(io, clock_,
            {[this] { return hub_.HasSubscriptions(); }, [this] { return hub_.Congested(); }}),
      held_(io),
      trading_({listings_, clock_, faults, hub_.delivery(), held_, options.limit_scale}),
      rest_limit_(kRestWeightPerMinute * options.limit_scale),
      rest_{listings_, clock_,
            [this](engine::OrderId id, engine::Side side) { return trading_.Resting(id, side); }},
      changes_metric_(metrics.AddCounter("switchyard_simulator_book_changes_total",
                                         "Steps of the order flow.", {{"exchange", id_}})) {
  hub_.set_private_side(trading_);
  for (const auto& listing : listings_.all()) {
    listing->market.set_listener(this);
    flow_.Add(listing->market, options.updates_per_second);
  }
}

Lighter::~Lighter() {
  for (const auto& listing : listings_.all()) listing->market.set_listener(nullptr);
}

void Lighter::Start(transport::Server& server) {
  server_ = &server;
  tick_timer_.expires_after(kTick);
  ScheduleTick();
}

void Lighter::Stop() {
  stopped_ = true;
  tick_timer_.cancel();
  flow_.Stop();
  held_.Clear();
}

void Lighter::ApplyFaults() {
  if (stopped_) return;
  clock_.set_shift_ns(faults_.ClockShiftMs(id_) * 1'000'000);
  const bool listening = !faults_.InForce(v1::FAULT_KIND_REFUSE_CONNECTIONS, id_);
  if (absl::Status status = server_->SetListening(listening); !status.ok()) {
    log::Error("port_lost", {{"exchange", id_}, {"status", status}});
  }
  const bool hanging = faults_.InForce(v1::FAULT_KIND_HANG_CONNECTIONS, id_);
  if (hanging_ && !hanging) server_->CutHanging();
  hanging_ = hanging;
}

void Lighter::ScheduleTick() {
  tick_timer_.async_wait([this](boost::system::error_code error) {
    if (error || stopped_) return;
    if (faults_.Expire()) ApplyFaults();
    hub_.OnTick();
    trading_.OnTick();
    // From the planned time, so that intervals do not stretch; never into the past.
    const auto next = tick_timer_.expiry() + kTick;
    tick_timer_.expires_at(std::max(next, std::chrono::steady_clock::now()));
    ScheduleTick();
  });
}

void Lighter::OnChange(engine::Market& market) {
  changes_metric_.Increment();
  Listing& listing = listings_.Of(market);
  trading_.desk().BeginChange();
  listing.KeepTrades([this](const engine::Fill& fill, engine::Side side) {
    return trading_.desk().PartyOf(fill, side);
  });
  hub_.feed().OnChange(listing);
  if (faults_.concerns_sequence()) BreakSequence(listing);
  trading_.desk().OnChange(listing);
}

void Lighter::BreakSequence(Listing& listing) {
  const std::string& symbol = listing.symbol();
  if (const v1::Fault* skip = faults_.Strike(v1::FAULT_KIND_SKIP_SEQUENCE, id_, "", symbol)) {
    hub_.feed().SkipSequence(listing, static_cast<std::uint64_t>(skip->amount()));
  }
  if (faults_.Strike(v1::FAULT_KIND_RESTART_SEQUENCE, id_, "", symbol) != nullptr) {
    hub_.feed().RestartSequence(listing);
  }
}

void Lighter::OnRequest(const transport::HttpRequest& request, transport::Reply reply) {
  const std::string_view path = request.path;
  const std::string_view endpoint =
      path.starts_with(kApi) ? path.substr(kApi.size()) : std::string_view();
  hub_.CountRequest(request.path);
  const faults::RequestFate fate = faults_.JudgeRequest(id_, path);
  // Whoever answers, this is the way out.
  const transport::Reply finish = [this, reply = std::move(reply),
                                   delay_ms = fate.delay_ms](transport::HttpResponse response) {
    hub_.CountAnswer(response.status);
    if (delay_ms == 0) return reply(std::move(response));
    held_.After(delay_ms, [reply, response = std::move(response)] { reply(response); });
  };
  if (fate.status != 0) return finish(FaultAnswer(fate));
  if (!rest_limit_.Spend(PayerOf(request), WeightOf(endpoint), SteadyNowNs())) {
    return finish(ErrorAnswer(Code::kTooManyRequests, {}, 429));
  }
  Answer(request, endpoint, finish);
}

std::string Lighter::PayerOf(const transport::HttpRequest& request) {
  const auto account = trading_.AccountOf(request);
  return account ? std::to_string(*account) : request.remote_address;
}

void Lighter::Answer(const transport::HttpRequest& request, std::string_view endpoint,
                     const transport::Reply& reply) {
  if (trading_.Handle(request, endpoint, reply)) return;
  if (request.method != "GET") return reply(ErrorAnswer(Code::kNotFound, {}, 405));
  reply(endpoint.empty() ? RootRest(rest_, request.path) : PublicRest(rest_, request, endpoint));
}

std::optional<transport::HttpResponse> Lighter::OnHandshake(const transport::HttpRequest& request) {
  if (request.path != kStream) return ErrorAnswer(Code::kNotFound, {}, 404);
  const faults::RequestFate fate = faults_.JudgeRequest(id_, "websocket");
  if (fate.status != 0) return FaultAnswer(fate);
  const std::string_view refusal = hub_.RefusesConnection(request.remote_address);
  if (!refusal.empty()) return ErrorAnswer(Code::kTooManyConnections, refusal, 429);
  return std::nullopt;
}

std::unique_ptr<transport::SocketHandler> Lighter::OnSocket(const transport::HttpRequest& request,
                                                            transport::Socket& socket) {
  return hub_.Open(socket, request.remote_address, request.Parameter("readonly") == "true");
}

bool Lighter::OnAccept() {
  return faults_.Strike(v1::FAULT_KIND_HANG_CONNECTIONS, id_, "", "") != nullptr;
}

bool Lighter::HasChannel(std::string_view channel) const {
  return trading_.HasChannel(channel) ||
         std::any_of(kChannels.begin(), kChannels.end(),
                     [&](const ChannelName& row) { return row.name == channel; });
}

bool Lighter::HasSymbol(std::string_view symbol) const {
  return listings_.FindSymbol(symbol) != nullptr;
}

absl::StatusOr<v1::GetBookResponse> Lighter::Book(const std::string& symbol, std::uint32_t depth) {
  const Listing* const listing = listings_.FindSymbol(symbol);
  if (listing == nullptr) return absl::NotFoundError(fmt::format("{} lists no {}", id_, symbol));
  const engine::OrderBook& book = listing->market.book();
  v1::GetBookResponse response;
  response.set_sequence(listing->market.sequence());
  WriteLevels(book.Levels(engine::Side::kBuy), depth, *listing, *response.mutable_bids());
  WriteLevels(book.Levels(engine::Side::kSell), depth, *listing, *response.mutable_asks());
  return response;
}

absl::Status Lighter::SetFlow(const v1::SetFlowRequest& request) {
  if (request.steps() > kMaximumSteps) {
    return absl::InvalidArgumentError(fmt::format("steps is out of range: {}", request.steps()));
  }
  if (request.move_per_million() < -kMaximumMove || request.move_per_million() > kMaximumMove) {
    return absl::InvalidArgumentError(
        fmt::format("move_per_million is out of range: {}", request.move_per_million()));
  }
  for (const auto& listing : listings_.all()) {
    if (!request.symbol().empty() && request.symbol() != listing->symbol()) continue;
    engine::Market& market = listing->market;
    if (request.has_updates_per_second()) flow_.SetRate(market, request.updates_per_second());
    for (std::uint32_t i = 0; i < request.steps(); ++i) market.Step(clock_.NowNs());
    if (request.move_per_million() != 0) market.Move(request.move_per_million(), clock_.NowNs());
  }
  if (request.has_updates_per_second() && request.updates_per_second() == 0) {
    hub_.feed().PushPending();
    hub_.delivery().ReleaseHeld();
  }
  return absl::OkStatus();
}

absl::StatusOr<std::uint64_t> Lighter::StartReplay(std::uint32_t) {
  return absl::FailedPreconditionError(fmt::format("{} has no recording", id_));
}

}  // namespace switchyard::simulator::lighter
