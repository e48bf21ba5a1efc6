#include "exchanges/gateio/private/private_socket.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "common/log/log.h"
#include "exchanges/gateio/errors.h"
#include "exchanges/gateio/private/private_lane.h"
#include "exchanges/gateio/private/private_message_handler.h"

namespace switchyard::exchanges::gateio {
namespace {

constexpr std::chrono::milliseconds kTick{100};
// A channel's binding is for all markets, so no instrument is looked up.
constexpr std::uint32_t kNoInstrument = ~std::uint32_t{0};

// Source: ccxt, gate pro, captured answer "Not login".
constexpr std::string_view kNotLoggedIn = "AUTHENTICATION_FAILED";

std::string LoginChannel(Product product) { return std::string(ProductName(product)) + ".login"; }

}  // namespace

PrivateSocket::PrivateSocket(Parts parts, const PrivateOptions& options, PrivateSocketHooks hooks)
    : parts_(parts),
      options_(options),
      hooks_(std::move(hooks)),
      names_{options.product},
      messages_(parts.metrics, parts.clock.local(), options.exchange),
      handlers_(names_),
      user_id_(options.user_id),
      api_(parts.clock, options.command_timeout),
      timer_(parts.thread) {}

PrivateSocket::~PrivateSocket() = default;

std::optional<std::size_t> PrivateSocket::Names::ChannelIndex(std::string_view house) const {
  const Channel channel = FromHouseName(product, house);
  if (channel < Channel::kOrders) return std::nullopt;
  return static_cast<std::size_t>(channel);
}

absl::Status PrivateSocket::Bind(std::string_view channel, Handler handler) {
  if (absl::Status bound = handlers_.Bind(channel, "", std::move(handler)); !bound.ok()) {
    return bound;
  }
  channels_.push_back(FromHouseName(options_.product, channel));
  return absl::OkStatus();
}

void PrivateSocket::Open() {
  OpenLane();
  Tick();
}

void PrivateSocket::OpenLane() {
  auto lane = PrivateLane::Create(*this, ++lanes_opened_);
  if (!lane.ok()) {
    log::Error("private_socket_impossible",
               {{"exchange", options_.exchange}, {"error", lane.status()}});
    return;
  }
  lanes_.push_back(*std::move(lane));
}

void PrivateSocket::SetUserId(std::string user_id) {
  user_id_ = std::move(user_id);
  for (const auto& lane : lanes_) lane->Pump();
}

PrivateLane* PrivateSocket::LoggedIn() const {
  for (const auto& lane : lanes_ | std::views::reverse) {
    if (lane->logged_in() && !lane->retired()) return lane.get();
  }
  return nullptr;
}

bool PrivateSocket::Request(std::string_view channel, std::string_view param, std::string what,
                            const ApiRequests::Done& done) {
  PrivateLane* const lane = LoggedIn();
  if (lane == nullptr) return false;
  std::string id = api_.NextId();
  const TimeNs now = parts_.clock.Now();
  std::string frame = ApiFrame(channel, id, param, now + options_.command_timeout, now);
  if (!lane->Send(std::move(frame)).ok()) return false;
  api_.Add(std::move(id), lane->number(), std::move(what), done);
  return true;
}

std::vector<exchange::ConnectionStatus> PrivateSocket::Status() const {
  std::vector<exchange::ConnectionStatus> all;
  for (const auto& lane : lanes_) all.push_back(lane->Status());
  return all;
}

void PrivateSocket::OnFrame(PrivateLane& lane, std::string_view frame, TimeNs received) {
  frame_.emplace();
  messages_.Handle(
      *this, frame,
      [&]() -> absl::Status {
        auto parsed = ParsePrivateFrame(options_.product, frame);
        if (!parsed.ok()) return parsed.status();
        *frame_ = *std::move(parsed);
        return absl::OkStatus();
      },
      frame_, Arrival{{*frame_, received}, lane});
}

exchange::PrivateMessage PrivateSocket::Detect(const std::optional<wire::PrivateFrame>& frame) {
  return KindOf(*frame);
}

void PrivateSocket::Dispatch(const Arrival& arrival) {
  handlers_.Dispatch(static_cast<std::size_t>(arrival.delivery.frame.channel), kNoInstrument,
                     arrival.delivery);
}

void PrivateSocket::OnLogin(const Arrival& arrival) {
  const wire::PrivateFrame& frame = arrival.delivery.frame;
  const wire::ApiAnswer& answer = *frame.api;
  if (frame.channel_name != LoginChannel(options_.product)) {
    // The exchange has forgotten the login: later requests go over REST until there is a new one.
    if (answer.label == kNotLoggedIn) arrival.lane.OnLoginAnswer(false);
    api_.OnAnswer(answer, frame.result);
    return;
  }
  const bool accepted = answer.label.empty() && answer.status < 300;
  if (accepted && answer.is_echo) return;
  arrival.lane.OnLoginAnswer(accepted);
  if (!accepted) {
    log::Error(
        "login_refused",
        {{"exchange", options_.exchange}, {"account", options_.account}, {"label", answer.label}});
    hooks_.clock_refused();
    return;
  }
  const auto user = json::OptionalText(frame.result, "uid");
  if (user.ok() && *user && !knows_user_id()) SetUserId(**user);
}

void PrivateSocket::OnAnswer(const Arrival& arrival) {
  const wire::PrivateFrame& frame = arrival.delivery.frame;
  if (frame.event == wire::Event::kUpgrade) {
    Renew();
    return;
  }
  absl::Status status;
  if (frame.refused) {
    status = FromWebSocketError(frame.channel_name, frame.error.code, frame.error.message);
    log::Error("private_subscription_refused", {{"exchange", options_.exchange},
                                                {"account", options_.account},
                                                {"channel", frame.channel_name},
                                                {"error", status}});
    if (status.code() == absl::StatusCode::kUnauthenticated) hooks_.clock_refused();
  }
  arrival.lane.OnAnswer(frame.request_id, frame.channel, status);
}

void PrivateSocket::OnMalformed(const absl::Status& why) {
  if (!ready_) return;  // what `ready` says covers it
  hooks_.lost(why);
  hooks_.ready();
}

void PrivateSocket::OnLaneReady(PrivateLane& lane) {
  for (const auto& other : lanes_) {
    if (other->number() < lane.number()) other->Retire();
  }
  if (std::exchange(ready_, true)) return;
  hooks_.ready();
}

void PrivateSocket::OnLaneClosed(PrivateLane& lane, const absl::Status& why) {
  api_.OnSocketClosed(lane.number(), why);
  const bool is_carried = std::ranges::any_of(
      lanes_, [](const auto& other) { return other->is_confirmed() && !other->retired(); });
  if (is_carried || !std::exchange(ready_, false)) return;
  hooks_.lost(why);
}

// A new socket beside the old one, unless one is on its way already.
void PrivateSocket::Renew() {
  if (!lanes_.empty() && !lanes_.back()->is_confirmed()) return;
  OpenLane();
}

void PrivateSocket::Tick() {
  api_.Sweep();
  const std::chrono::nanoseconds now = parts_.clock.Steady();
  std::erase_if(lanes_, [this](const auto& lane) {
    return lane->retired() && !api_.IsCarriedBy(lane->number());
  });
  for (const auto& lane : lanes_) lane->Tick();
  if (!lanes_.empty() && options_.rollover.count() != 0 && lanes_.back()->is_open() &&
      now - lanes_.back()->opened_at() > options_.rollover) {
    Renew();
  }
  timer_.Start(kTick, [this] { Tick(); });
}

}  // namespace switchyard::exchanges::gateio
