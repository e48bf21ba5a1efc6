#include "services/simulator/exchanges/gateio/session.h"

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <utility>

#include "fmt/format.h"
#include "services/simulator/exchanges/gateio/channels.h"
#include "services/simulator/json_writer.h"

namespace switchyard::simulator::gateio {
namespace {

using Json = nlohmann::json;

// Error codes of the WebSocket, as documented.
constexpr int kInvalidBody = 1;
constexpr int kInvalidArgument = 2;
constexpr int kAuthentication = 4;

// The exchange refuses requests whose `time` is farther from its own.
constexpr std::int64_t kMaximumTimeDifferenceS = 60;

std::string NewConnectionId() {
  static std::uint64_t count = 0;
  engine::Random random(0x5ee1 + ++count);
  return fmt::format("{:016x}", random.Next());
}

const Json* Find(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

std::string TextOf(const Json& object, const char* key) {
  const Json* value = Find(object, key);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

}  // namespace

// A request that is well-formed as far as it goes.
struct Session::Request {
  std::string channel;
  std::string event;
  std::int64_t time_s = 0;
  std::string id;       // JSON; empty = none given
  std::string payload;  // JSON; empty = none given
  std::vector<std::string> arguments;
  bool has_auth = false;
  std::string auth_method;
  std::string auth_key;
  std::string auth_sign;

  // False: not a request of this protocol.
  static bool Parse(std::string_view text, Request& request, Json& message) {
    message = Json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!message.is_object()) return false;
    const Json* time = Find(message, "time");
    const Json* id = Find(message, "id");
    const Json* payload = Find(message, "payload");
    request.channel = TextOf(message, "channel");
    request.event = TextOf(message, "event");
    if (id != nullptr && id->is_number_integer()) request.id = id->dump();
    if (payload != nullptr) request.payload = payload->dump();
    if (request.channel.empty() || time == nullptr || !time->is_number()) return false;
    request.time_s = time->get<std::int64_t>();
    const Json* auth = Find(message, "auth");
    request.has_auth = auth != nullptr && auth->is_object();
    if (request.has_auth) {
      request.auth_method = TextOf(*auth, "method");
      request.auth_key = TextOf(*auth, "KEY");
      request.auth_sign = TextOf(*auth, "SIGN");
    }
    if (payload == nullptr || payload->is_null() || request.event == "api") return true;
    if (!payload->is_array()) return false;
    for (const Json& item : *payload) {
      if (!item.is_string()) return false;
      request.arguments.push_back(item.get<std::string>());
    }
    return true;
  }
};

Session::Session(SessionHost& host, transport::Socket& socket, bool decimal_sizes)
    : host_(host),
      socket_(socket),
      decimal_sizes_(decimal_sizes),
      connection_id_(NewConnectionId()),
      private_(host.OpenPrivate(socket, connection_id_, decimal_sizes)) {}

Session::~Session() {
  private_.reset();
  for (const auto& [key, subscription] : subscriptions_) host_.Unsubscribe(key, *subscription);
  host_.OnSessionEnd(socket_);
}

void Session::OnText(std::string_view text) {
  Request request;
  Json message;
  if (!Request::Parse(text, request, message)) {
    Answer(request, kInvalidBody, "invalid request body");
    return;
  }
  const std::string prefix(Prefix(host_.product()));
  if (request.channel == prefix + "ping") {
    Pong(request);
    return;
  }
  if (request.event == "api") {
    const Json* payload = Find(message, "payload");
    const bool has_id = payload != nullptr && payload->is_object();
    if (private_ != nullptr && request.channel.starts_with(prefix)) {
      private_->OnApi(request.channel, text);
    } else {
      RefuseApi(request.channel, has_id ? TextOf(*payload, "req_id") : "");
    }
    return;
  }
  const std::int64_t now_s = host_.clock().NowNs() / 1'000'000'000;
  const bool subscribes = request.event == "subscribe";
  if (subscribes) host_.OnSubscribeFrame();
  if (std::abs(now_s - request.time_s) > kMaximumTimeDifferenceS) {
    Answer(request, kInvalidArgument, "invalid time: request expired");
  } else if (!subscribes && request.event != "unsubscribe") {
    Answer(request, kInvalidArgument, fmt::format("unknown event: {}", request.event));
  } else if (IsPrivateChannel(host_.product(), request.channel)) {
    OnPrivate(request);
  } else if (!FindChannel(host_.product(), request.channel)) {
    Answer(request, kInvalidArgument, fmt::format("unknown channel: {}", request.channel));
  } else if (subscribes) {
    OnSubscribe(request);
  } else {
    OnUnsubscribe(request);
  }
}

void Session::OnSubscribe(const Request& request) {
  const Channel channel = *FindChannel(host_.product(), request.channel);
  const auto topics = host_.Parse(channel, request.arguments, decimal_sizes_);
  if (!topics.ok()) {
    Answer(request, kInvalidArgument, std::string(topics.status().message()));
    return;
  }
  for (const TopicKey& key : *topics) {
    if (host_.RefusesSubscription(request.channel, key)) {
      Answer(request, kInvalidArgument, fmt::format("unknown currency pair: {}", key.symbol));
      return;
    }
    if (subscriptions_.contains(key)) {
      Answer(request, kInvalidArgument,
             channel == Channel::kObu ? fmt::format("Alert sub ob.{}.{}", key.symbol, key.depth)
                                      : fmt::format("duplicate subscription: {}", key.symbol));
      return;
    }
  }
  Answer(request, 0, "");
  for (const TopicKey& key : *topics) {
    // A payload may name a symbol twice.
    if (subscriptions_.contains(key)) continue;
    auto& subscription = subscriptions_[key];
    subscription =
        std::make_unique<Subscription>(socket_, request.channel, key.symbol, IsBook(channel));
    host_.Subscribe(key, *subscription);
    host_.Greet(key, *subscription);
  }
}

void Session::OnUnsubscribe(const Request& request) {
  const Channel channel = *FindChannel(host_.product(), request.channel);
  const auto topics = host_.Parse(channel, request.arguments, decimal_sizes_);
  if (!topics.ok()) {
    Answer(request, kInvalidArgument, std::string(topics.status().message()));
    return;
  }
  for (const TopicKey& key : *topics) {
    const auto found = subscriptions_.find(key);
    if (found == subscriptions_.end()) continue;
    host_.Unsubscribe(key, *found->second);
    subscriptions_.erase(found);
  }
  Answer(request, 0, "");
}

void Session::OnPrivate(const Request& request) {
  if (private_ == nullptr) {
    Answer(request, kAuthentication,
           "{\"label\":\"INVALID_KEY\",\"message\":\"Invalid key provided\"}\n");
    return;
  }
  const auto error = private_->OnRequest({request.channel, request.event, request.time_s,
                                          request.has_auth, request.auth_method, request.auth_key,
                                          request.auth_sign, request.arguments});
  if (error) {
    Answer(request, error->code, error->message);
  } else {
    Answer(request, 0, "");
  }
}

void Session::RefuseApi(std::string_view channel, std::string_view request_id) {
  auto frame = std::make_shared<std::string>();
  JsonWriter json(*frame);
  const std::string now_ms = std::to_string(host_.clock().NowNs() / 1'000'000);
  json.BeginObject().Text("request_id", request_id).Key("header");
  json.BeginObject()
      .Text("response_time", now_ms)
      .Text("status", "401")
      .Text("channel", channel)
      .Text("event", "api")
      .Text("conn_id", connection_id_)
      .Text("trace_id", TraceId())
      .EndObject();
  json.Key("data").BeginObject().Key("errs").BeginObject();
  json.Text("label", "INVALID_KEY").Text("message", "Invalid key provided");
  json.EndObject().EndObject().EndObject();
  socket_.Send(std::move(frame));
}

void Session::Answer(const Request& request, int code, std::string_view message) {
  auto frame = std::make_shared<std::string>();
  const std::int64_t now_ms = host_.clock().NowNs() / 1'000'000;
  const std::string trace_id = TraceId();
  JsonWriter json(*frame);
  json.BeginObject().Number("time", now_ms / 1000).Number("time_ms", now_ms);
  if (!request.id.empty()) json.Raw("id", request.id);
  json.Text("conn_id", connection_id_)
      .Text("trace_id", trace_id)
      .Text("channel", request.channel)
      .Text("event", request.event);
  if (!request.payload.empty()) json.Raw("payload", request.payload);
  if (code != 0) {
    json.Key("error").BeginObject();
    json.Number("code", code).Text("message", message).EndObject();
  }
  json.Key("result").BeginObject();
  json.Text("status", code == 0 ? "success" : "fail").EndObject();
  json.Text("requestId", trace_id).EndObject();
  socket_.Send(std::move(frame));
}

void Session::Pong(const Request& request) {
  auto frame = std::make_shared<std::string>();
  const std::int64_t now_ms = host_.clock().NowNs() / 1'000'000;
  JsonWriter json(*frame);
  json.BeginObject().Number("time", now_ms / 1000).Number("time_ms", now_ms);
  if (!request.id.empty()) json.Raw("id", request.id);
  json.Text("channel", std::string(Prefix(host_.product())) + "pong")
      .Text("event", "")
      .Raw("error", "null")
      .Raw("result", "null")
      .EndObject();
  socket_.Send(std::move(frame));
}

std::string Session::TraceId() {
  engine::Random random(engine::SeedFor(++answers_, connection_id_));
  return fmt::format("{:016x}{:016x}", random.Next(), random.Next());
}

}  // namespace switchyard::simulator::gateio
