#include "services/simulator/exchanges/gateio/live_product.h"

#include "fmt/format.h"
#include "services/simulator/exchanges/gateio/book_view.h"
#include "services/simulator/exchanges/gateio/rest.h"

namespace switchyard::simulator::gateio {
namespace {

constexpr std::uint32_t kMaximumSteps = 1'000'000;
constexpr std::int32_t kMaximumMove = 500'000;

void WriteLevels(const std::vector<ShownLevel>& levels, const Listing& listing,
                 google::protobuf::RepeatedPtrField<v1::BookLevel>& out) {
  for (const ShownLevel& level : levels) {
    v1::BookLevel& row = *out.Add();
    row.set_price(engine::DecimalText(level.price, listing.price_scale()));
    row.set_quantity(engine::DecimalText(level.quantity, listing.quantity_scale()));
  }
}

}  // namespace

LiveProduct::LiveProduct(boost::asio::io_context& io, Product product,
                         const Surroundings& surroundings, const LiveOptions& options)
    : ProductBase(product, surroundings),
      listings_(product, options.symbols != 0 ? options.symbols : KnownInstruments(product),
                options.seed, clock().NowNs()),
      feed_(listings_, clock(), delivery(), options.feed),
      flow_(io, clock(), {[this] { return HasSubscriptions(); }, [this] { return Congested(); }}),
      changes_metric_(metrics().AddCounter("switchyard_simulator_book_changes_total",
                                           "Steps of the order flow.", {{"exchange", id()}})) {
  for (const auto& listing : listings_.all()) {
    listing->market.set_listener(this);
    flow_.Add(listing->market, options.updates_per_second);
  }
}

LiveProduct::~LiveProduct() {
  for (const auto& listing : listings_.all()) listing->market.set_listener(nullptr);
}

transport::HttpResponse LiveProduct::Rest(const transport::HttpRequest& request,
                                          std::string_view path) {
  const RestContext context = {listings_, clock()};
  return product() == Product::kSpot ? SpotRest(context, request, path)
                                     : FuturesRest(context, request, path);
}

void LiveProduct::OnTick() {
  feed_.OnTick();
  delivery().OnTick(SteadyNowNs());
  PublishCounts();
}

void LiveProduct::OnChange(engine::Market& market) {
  changes_metric_.Increment();
  feed_.OnChange(market);
  if (faults().concerns_sequence()) BreakSequence(market);
  if (change_listener_) change_listener_(market);
}

void LiveProduct::BreakSequence(engine::Market& market) {
  const std::string& symbol = market.spec().symbol;
  if (const v1::Fault* skip = faults().Strike(v1::FAULT_KIND_SKIP_SEQUENCE, id(), "", symbol)) {
    feed_.SkipSequence(market, static_cast<std::uint64_t>(skip->amount()));
  }
  if (faults().Strike(v1::FAULT_KIND_RESTART_SEQUENCE, id(), "", symbol) != nullptr) {
    feed_.RestartSequence(market);
  }
}

bool LiveProduct::HasSymbol(std::string_view symbol) const {
  return listings_.Find(symbol) != nullptr;
}

absl::StatusOr<v1::GetBookResponse> LiveProduct::Book(const std::string& symbol,
                                                      std::uint32_t depth) {
  const Listing* const listing = listings_.Find(symbol);
  if (listing == nullptr) {
    return absl::NotFoundError(fmt::format("{} lists no {}", id(), symbol));
  }
  ShownBook book;
  CopyTop(listing->market.book(), depth, book);
  v1::GetBookResponse response;
  response.set_sequence(listing->market.sequence());
  WriteLevels(book.bids, *listing, *response.mutable_bids());
  WriteLevels(book.asks, *listing, *response.mutable_asks());
  return response;
}

absl::Status LiveProduct::SetFlow(const v1::SetFlowRequest& request) {
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
    for (std::uint32_t i = 0; i < request.steps(); ++i) market.Step(clock().NowNs());
    if (request.move_per_million() != 0) market.Move(request.move_per_million(), clock().NowNs());
  }
  if (request.has_updates_per_second() && request.updates_per_second() == 0) {
    feed_.PushPending();
    delivery().ReleaseHeld();
  }
  return absl::OkStatus();
}

absl::StatusOr<std::uint64_t> LiveProduct::StartReplay(std::uint32_t) {
  return absl::FailedPreconditionError(fmt::format("{} has no recording", id()));
}

absl::StatusOr<std::vector<TopicKey>> LiveProduct::Parse(Channel channel,
                                                         const std::vector<std::string>& payload,
                                                         bool decimal_sizes) {
  return ParsePayload(listings_.symbols(), channel, payload, decimal_sizes);
}

void LiveProduct::Greet(const TopicKey& key, Subscription& subscription) {
  feed_.Greet(key, subscription);
}

std::string LiveProduct::CrossingPrice(const std::string& symbol) {
  const Listing& listing = *listings_.Find(symbol);
  const std::int64_t best_ask = listing.market.book().Best(engine::Side::kSell);
  return engine::DecimalText(best_ask + listing.instrument.market.spacing, listing.price_scale());
}

void LiveProduct::OnSubscribed(const TopicKey& key, Subscription& subscription) {
  feed_.Subscribe(key, subscription);
}

void LiveProduct::OnUnsubscribed(const TopicKey& key, Subscription& subscription) {
  feed_.Unsubscribe(key, subscription);
}

}  // namespace switchyard::simulator::gateio
