#include "services/simulator/exchanges/lighter/hub.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "services/simulator/exchanges/lighter/errors.h"
#include "services/simulator/exchanges/lighter/text.h"

namespace switchyard::simulator::lighter {
namespace {

constexpr std::size_t kTimesKept = 1'000;
// An unpaced sender waits when a reader has more than this before it.
constexpr std::size_t kCongestedBytes = 256 << 10;
// Closes that the exchange makes by itself; its code is not documented.
constexpr std::uint16_t kGoingAway = 1001;

bool Selects(const v1::Fault& fault, const Subscription& subscription) {
  return (fault.channel().empty() || fault.channel() == subscription.channel) &&
         (fault.symbol().empty() || fault.symbol() == subscription.symbol);
}

}  // namespace

Hub::Hub(const Parts& parts)
    : parts_(parts),
      delivery_(kExchangeId, parts.faults, *this),
      feed_(parts.listings, parts.clock, delivery_, parts.feed),
      messages_(kMessagesPerMinute * parts.limit_scale),
      connections_(kNewConnectionsPerMinute * parts.limit_scale),
      open_sockets_metric_(parts.metrics.AddGauge("switchyard_simulator_open_sockets",
                                                  "Open WebSockets.", {{"exchange", kExchangeId}})),
      subscriptions_metric_(parts.metrics.AddGauge("switchyard_simulator_subscriptions",
                                                   "Live subscriptions.",
                                                   {{"exchange", kExchangeId}})),
      frames_metric_(parts.metrics.AddCounter("switchyard_simulator_frames_total",
                                              "Data frames sent.", {{"exchange", kExchangeId}})),
      bytes_metric_(parts.metrics.AddCounter("switchyard_simulator_frame_bytes_total",
                                             "Bytes of data frames sent.",
                                             {{"exchange", kExchangeId}})) {}

std::string_view Hub::RefusesConnection(const std::string& address) {
  const auto open = std::count_if(sockets_.begin(), sockets_.end(),
                                  [&](const auto& row) { return row.second.address == address; });
  if (open >= static_cast<std::int64_t>(kConnections) * parts_.limit_scale ||
      !connections_.Spend(address, 1, SteadyNowNs())) {
    return MessageOf(Code::kTooManyConnections);
  }
  return {};
}

std::unique_ptr<transport::SocketHandler> Hub::Open(transport::Socket& socket,
                                                    const std::string& address, bool read_only) {
  sockets_.emplace(&socket, OpenSocket{address, SocketLife(SteadyNowNs()), {}});
  ++accepted_sockets_;
  Remember(accept_times_ns_);
  open_sockets_metric_.Add(1);
  return std::make_unique<Session>(*this, socket, HexOf(accepted_sockets_, 16), read_only);
}

void Hub::OnTick() {
  static const transport::Frame kPing = std::make_shared<const std::string>(R"({"type":"ping"})");
  feed_.OnTick();
  const std::int64_t now_ns = SteadyNowNs();
  delivery_.OnTick(now_ns);
  for (auto& [socket, open] : sockets_) {
    switch (open.life.Look(now_ns)) {
      case SocketLife::Duty::kNone:
        break;
      case SocketLife::Duty::kPing:
        socket->Send(kPing);
        break;
      case SocketLife::Duty::kCut:
        socket->Close(kGoingAway);
        break;
    }
  }
  PublishCounts();
}

void Hub::CountAnswer(unsigned status) {
  parts_.metrics
      .AddCounter("switchyard_simulator_requests_total", "REST requests.",
                  {{"exchange", kExchangeId}, {"status", std::to_string(status)}})
      .Increment();
}

v1::ExchangeStatistics Hub::Statistics() const {
  v1::ExchangeStatistics statistics;
  statistics.set_exchange(kExchangeId);
  statistics.set_open_sockets(static_cast<std::uint32_t>(sockets_.size()));
  statistics.set_accepted_sockets(accepted_sockets_);
  statistics.set_subscriptions(static_cast<std::uint32_t>(subscription_count_));
  statistics.set_subscribe_frames(subscribe_frames_);
  statistics.set_frames_sent(delivery_.counts().frames);
  statistics.mutable_requests()->insert(requests_.begin(), requests_.end());
  statistics.mutable_subscribe_time_ns()->Assign(subscribe_times_ns_.begin(),
                                                 subscribe_times_ns_.end());
  statistics.mutable_accept_time_ns()->Assign(accept_times_ns_.begin(), accept_times_ns_.end());
  return statistics;
}

std::uint64_t Hub::CloseSockets(const v1::Fault& fault) {
  engine::Random random(fault.seed());
  const bool all = fault.channel().empty() && fault.symbol().empty();
  std::vector<transport::Socket*> chosen;
  for (auto& [socket, open] : sockets_) {
    const bool selected =
        all || std::any_of(open.subscriptions.begin(), open.subscriptions.end(),
                           [&](const Subscription* one) { return Selects(fault, *one); });
    if (!selected || (fault.count() != 0 && chosen.size() == fault.count())) continue;
    if (fault.per_million() == 0 || random.Chance(fault.per_million())) {
      chosen.push_back(socket);
    }
  }
  for (transport::Socket* socket : chosen) {
    socket->Close(static_cast<std::uint16_t>(fault.close_code()));
  }
  return chosen.size();
}

bool Hub::Congested() const {
  return std::any_of(sockets_.begin(), sockets_.end(),
                     [](const auto& row) { return row.first->queued_bytes() > kCongestedBytes; });
}

bool Hub::CountMessage(transport::Socket& socket, bool counts) {
  OpenSocket& open = sockets_.at(&socket);
  const std::int64_t now_ns = SteadyNowNs();
  open.life.OnFrame(now_ns);
  return !counts || messages_.Spend(open.address, 1, now_ns);
}

void Hub::OnSubscribeFrame() {
  ++subscribe_frames_;
  Remember(subscribe_times_ns_);
}

bool Hub::RefusesSubscription(std::string_view channel, std::string_view symbol) {
  return parts_.faults.Strike(v1::FAULT_KIND_REJECT_SUBSCRIPTION, kExchangeId, channel, symbol) !=
         nullptr;
}

void Hub::Subscribe(const TopicKey& key, Subscription& subscription) {
  Attach(subscription);
  feed_.Subscribe(key, subscription);
  MaySilence(subscription);
}

void Hub::Subscribe(const AccountTopic& topic, Subscription& subscription) {
  Attach(subscription);
  private_side_->Add(topic, subscription);
  MaySilence(subscription);
}

void Hub::Unsubscribe(const AccountTopic& topic, Subscription& subscription) {
  private_side_->Remove(topic, subscription);
  Detach(subscription);
}

void Hub::MaySilence(Subscription& subscription) {
  // The snapshot is the acknowledgement; there is no other.
  subscription.silent = parts_.faults.Strike(v1::FAULT_KIND_ACKNOWLEDGE_ONLY, kExchangeId,
                                             subscription.channel, subscription.symbol) != nullptr;
}

void Hub::Unsubscribe(const TopicKey& key, Subscription& subscription) {
  feed_.Unsubscribe(key, subscription);
  Detach(subscription);
}

void Hub::Attach(Subscription& subscription) {
  sockets_.at(&subscription.socket).subscriptions.insert(&subscription);
  ++subscription_count_;
  subscriptions_metric_.Add(1);
}

void Hub::Detach(Subscription& subscription) {
  delivery_.Forget(subscription);
  sockets_.at(&subscription.socket).subscriptions.erase(&subscription);
  --subscription_count_;
  subscriptions_metric_.Add(-1);
}

void Hub::OnSessionEnd(transport::Socket& socket) {
  sockets_.erase(&socket);
  open_sockets_metric_.Add(-1);
}

std::string Hub::Crossed(const Subscription& subscription, const std::string& frame) {
  const Listing& listing = *parts_.listings.FindSymbol(subscription.symbol);
  const std::int64_t ask = listing.market.book().Best(engine::Side::kSell);
  const std::string price = Fixed(ask + listing.instrument.market.spacing, listing.price_scale());
  if (subscription.channel == NameOf(Channel::kTicker)) {
    static constexpr std::string_view kBid = "\"b\":{\"price\":\"";
    const std::size_t start = frame.find(kBid) + kBid.size();
    return frame.substr(0, start) + price + frame.substr(frame.find('"', start));
  }
  static constexpr std::string_view kBids = "\"bids\":[";
  const std::size_t start = frame.find(kBids) + kBids.size();
  const std::string level =
      fmt::format(R"({{"price":"{}","size":"{}"}})", price, Fixed(1, listing.size_scale()));
  return frame.substr(0, start) + level + (frame[start] == ']' ? "" : ",") + frame.substr(start);
}

std::string Hub::Unknown() {
  return fmt::format(
      R"({{"channel":"weather:0","timestamp":{},"type":"update/weather","weather":{{"rain":"0.3"}}}})",
      parts_.clock.NowNs() / 1'000'000);
}

void Hub::PublishCounts() {
  const DeliveryCounts& counts = delivery_.counts();
  frames_metric_.Increment(counts.frames - published_.frames);
  bytes_metric_.Increment(counts.bytes - published_.bytes);
  published_ = counts;
}

void Hub::Remember(std::deque<std::int64_t>& times) {
  times.push_back(parts_.clock.NowNs());
  if (times.size() > kTimesKept) times.pop_front();
}

}  // namespace switchyard::simulator::lighter
