#include "services/simulator/exchanges/gateio/product_base.h"

#include <algorithm>
#include <vector>

#include "fmt/format.h"
#include "services/simulator/exchanges/gateio/channels.h"

namespace switchyard::simulator::gateio {
namespace {

constexpr std::size_t kTimesKept = 1000;
// An unpaced sender waits when a reader has more than this before it.
constexpr std::size_t kCongestedBytes = 256 << 10;

std::string IdOf(Product product) {
  return product == Product::kSpot ? "gateio" : "gateio_futures";
}

bool Selects(const v1::Fault& fault, const Subscription& subscription) {
  return (fault.channel().empty() || fault.channel() == subscription.channel) &&
         (fault.symbol().empty() || fault.symbol() == subscription.symbol);
}

}  // namespace

ProductBase::ProductBase(Product product, const Surroundings& surroundings)
    : product_(product),
      id_(IdOf(product)),
      clock_(surroundings.clock),
      faults_(surroundings.faults),
      metrics_(surroundings.metrics),
      delivery_(id_, faults_, *this),
      open_sockets_metric_(metrics_.AddGauge("switchyard_simulator_open_sockets",
                                             "Open WebSockets.", {{"exchange", id_}})),
      subscriptions_metric_(metrics_.AddGauge("switchyard_simulator_subscriptions",
                                              "Live subscriptions.", {{"exchange", id_}})),
      frames_metric_(metrics_.AddCounter("switchyard_simulator_frames_total", "Data frames sent.",
                                         {{"exchange", id_}})),
      bytes_metric_(metrics_.AddCounter("switchyard_simulator_frame_bytes_total",
                                        "Bytes of data frames sent.", {{"exchange", id_}})) {}

std::unique_ptr<transport::SocketHandler> ProductBase::Open(transport::Socket& socket,
                                                            const std::string& remote_address,
                                                            bool decimal_sizes) {
  sockets_[&socket].remote_address = remote_address;
  ++accepted_sockets_;
  Remember(accept_times_ns_);
  open_sockets_metric_.Add(1);
  return std::make_unique<Session>(*this, socket, decimal_sizes);
}

std::size_t ProductBase::ConnectionsFrom(std::string_view remote_address) const {
  return static_cast<std::size_t>(
      std::count_if(sockets_.begin(), sockets_.end(),
                    [&](const auto& row) { return row.second.remote_address == remote_address; }));
}

void ProductBase::CountAnswer(unsigned status) {
  metrics_
      .AddCounter("switchyard_simulator_requests_total", "REST requests.",
                  {{"exchange", id_}, {"status", std::to_string(status)}})
      .Increment();
}

bool ProductBase::HasChannel(std::string_view channel) const {
  return FindChannel(product_, channel).has_value() ||
         (private_side_ != nullptr && private_side_->HasChannel(channel));
}

v1::ExchangeStatistics ProductBase::Statistics() const {
  v1::ExchangeStatistics statistics;
  statistics.set_exchange(id_);
  statistics.set_open_sockets(static_cast<std::uint32_t>(sockets_.size()));
  statistics.set_accepted_sockets(accepted_sockets_);
  statistics.set_subscriptions(static_cast<std::uint32_t>(subscription_count_));
  statistics.set_subscribe_frames(subscribe_frames_);
  statistics.set_frames_sent(delivery_.counts().frames);
  for (const auto& [endpoint, count] : requests_) {
    (*statistics.mutable_requests())[endpoint] = count;
  }
  statistics.mutable_subscribe_time_ns()->Assign(subscribe_times_ns_.begin(),
                                                 subscribe_times_ns_.end());
  statistics.mutable_accept_time_ns()->Assign(accept_times_ns_.begin(), accept_times_ns_.end());
  return statistics;
}

std::uint64_t ProductBase::CloseSockets(const v1::Fault& fault) {
  engine::Random random(fault.seed());
  const bool all = fault.channel().empty() && fault.symbol().empty();
  std::vector<transport::Socket*> chosen;
  for (const auto& [socket, open] : sockets_) {
    const bool selected =
        all || std::any_of(open.subscriptions.begin(), open.subscriptions.end(),
                           [&](const Subscription* one) { return Selects(fault, *one); });
    if (!selected || (fault.count() != 0 && chosen.size() == fault.count())) continue;
    if (fault.per_million() == 0 || random.Chance(fault.per_million())) chosen.push_back(socket);
  }
  for (transport::Socket* socket : chosen) {
    socket->Close(static_cast<std::uint16_t>(fault.close_code()));
  }
  return chosen.size();
}

absl::StatusOr<v1::ListClientOrdersResponse> ProductBase::ClientOrders(
    const v1::ListClientOrdersRequest& request) {
  return private_side_ == nullptr ? NoAccounts() : private_side_->ClientOrders(request);
}

absl::StatusOr<v1::ListClientFillsResponse> ProductBase::ClientFills(
    const v1::ListClientFillsRequest& request) {
  return private_side_ == nullptr ? NoAccounts() : private_side_->ClientFills(request);
}

absl::Status ProductBase::PayFunding(const std::string& symbol) {
  return private_side_ == nullptr ? NoAccounts() : private_side_->PayFunding(symbol);
}

absl::StatusOr<std::uint64_t> ProductBase::StrikeAccounts(const v1::Fault& fault) {
  return private_side_ == nullptr ? NoAccounts() : private_side_->StrikeAccounts(fault);
}

absl::Status ProductBase::NoAccounts() const {
  return absl::FailedPreconditionError(fmt::format("{} replays and has no accounts", id_));
}

void ProductBase::Subscribe(const TopicKey& key, Subscription& subscription) {
  Attach(subscription);
  subscription.silent = faults_.Strike(v1::FAULT_KIND_ACKNOWLEDGE_ONLY, id_, subscription.channel,
                                       subscription.symbol) != nullptr;
  OnSubscribed(key, subscription);
}

void ProductBase::Unsubscribe(const TopicKey& key, Subscription& subscription) {
  OnUnsubscribed(key, subscription);
  Detach(subscription);
}

void ProductBase::Attach(Subscription& subscription) {
  sockets_[&subscription.socket].subscriptions.insert(&subscription);
  ++subscription_count_;
  subscriptions_metric_.Add(1);
}

void ProductBase::Detach(Subscription& subscription) {
  delivery_.Forget(subscription);
  sockets_[&subscription.socket].subscriptions.erase(&subscription);
  --subscription_count_;
  subscriptions_metric_.Add(-1);
}

bool ProductBase::RefusesSubscription(std::string_view channel, const TopicKey& key) {
  return faults_.Strike(v1::FAULT_KIND_REJECT_SUBSCRIPTION, id_, channel, key.symbol) != nullptr;
}

void ProductBase::OnSubscribeFrame() {
  ++subscribe_frames_;
  Remember(subscribe_times_ns_);
}

void ProductBase::OnSessionEnd(transport::Socket& socket) {
  sockets_.erase(&socket);
  open_sockets_metric_.Add(-1);
}

std::unique_ptr<PrivateSession> ProductBase::OpenPrivate(transport::Socket& socket,
                                                         const std::string& connection_id,
                                                         bool decimal_sizes) {
  if (private_side_ == nullptr) return nullptr;
  return private_side_->Open(socket, *this, connection_id, decimal_sizes);
}

std::string ProductBase::Crossed(const Subscription& subscription, const std::string& frame) {
  const std::string price = CrossingPrice(subscription.symbol);
  if (subscription.channel.ends_with(".book_ticker")) {
    static constexpr std::string_view kBid = "\"b\":\"";
    const std::size_t start = frame.find(kBid) + kBid.size();
    return frame.substr(0, start) + price + frame.substr(frame.find('"', start));
  }
  const bool pairs = product_ == Product::kSpot || subscription.channel.ends_with(".obu");
  const std::string level =
      pairs ? fmt::format("[\"{}\",\"1\"]", price) : fmt::format("{{\"p\":\"{}\",\"s\":1}}", price);
  for (const std::string_view bids : {"\"b\":[", "\"bids\":["}) {
    const std::size_t found = frame.find(bids);
    if (found == std::string::npos) continue;
    const std::size_t start = found + bids.size();
    return frame.substr(0, start) + level + (frame[start] == ']' ? "" : ",") + frame.substr(start);
  }
  // An obu frame without a bid side gets one; futures.order_book is a bare list of signed sizes.
  static constexpr std::string_view kResult = "\"result\":{";
  const std::size_t result = frame.find(kResult);
  if (result != std::string::npos) {
    return std::string(frame).insert(result + kResult.size(), "\"b\":[" + level + "],");
  }
  const std::size_t list = frame.find("\"result\":[") + 10;
  const std::string row =
      fmt::format("{{\"p\":\"{}\",\"s\":1,\"c\":\"{}\",\"id\":0}},", price, subscription.symbol);
  return std::string(frame).insert(list, row);
}

std::string ProductBase::Unknown() {
  const std::int64_t now_ms = clock_.NowNs() / 1'000'000;
  return fmt::format(
      R"({{"time":{},"time_ms":{},"channel":"{}weather","event":"forecast","result":{{"rain":"0.3"}}}})",
      now_ms / 1000, now_ms, Prefix(product_));
}

bool ProductBase::Congested() const {
  return std::any_of(sockets_.begin(), sockets_.end(),
                     [](const auto& row) { return row.first->queued_bytes() > kCongestedBytes; });
}

void ProductBase::PublishCounts() {
  const DeliveryCounts& counts = delivery_.counts();
  frames_metric_.Increment(counts.frames - published_.frames);
  bytes_metric_.Increment(counts.bytes - published_.bytes);
  published_ = counts;
}

void ProductBase::Remember(std::deque<std::int64_t>& times) {
  times.push_back(clock_.NowNs());
  if (times.size() > kTimesKept) times.pop_front();
}

}  // namespace switchyard::simulator::gateio
