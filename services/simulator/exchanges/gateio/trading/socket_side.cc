#include "services/simulator/exchanges/gateio/trading/socket_side.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "fmt/format.h"
#include "services/simulator/engine/random.h"
#include "services/simulator/exchanges/gateio/channels.h"
#include "services/simulator/exchanges/gateio/trading/signature.h"
#include "services/simulator/json_writer.h"

namespace switchyard::simulator::gateio {
namespace {

constexpr int kInvalidArgument = 2;
constexpr int kAuthentication = 4;
constexpr RateLimit kSpotPace = {10, kNsPerS};
constexpr RateLimit kFuturesPace = {100, kNsPerS};

// Channels by product, with what their payload names.
enum class Payload { kNothing, kSymbols };
struct ChannelRow {
  std::string_view name;
  Payload payload;
};

constexpr std::array kSpotChannels = {
    ChannelRow{"orders", Payload::kSymbols},
    ChannelRow{"orders_v2", Payload::kSymbols},
    ChannelRow{"usertrades", Payload::kSymbols},
    ChannelRow{"usertrades_v2", Payload::kSymbols},
    ChannelRow{"priceorders", Payload::kSymbols},
    ChannelRow{"balances", Payload::kNothing},
    ChannelRow{"margin_balances", Payload::kNothing},
    ChannelRow{"funding_balances", Payload::kNothing},
    ChannelRow{"cross_balances", Payload::kNothing},
};
constexpr std::array kFuturesChannels = {
    ChannelRow{"orders", Payload::kSymbols},
    ChannelRow{"usertrades", Payload::kSymbols},
    ChannelRow{"positions", Payload::kSymbols},
    ChannelRow{"balances", Payload::kNothing},
    ChannelRow{"liquidates", Payload::kSymbols},
    ChannelRow{"auto_deleverages", Payload::kSymbols},
    ChannelRow{"position_closes", Payload::kSymbols},
    ChannelRow{"reduce_risk_limits", Payload::kSymbols},
    ChannelRow{"autoorders", Payload::kSymbols},
};

const ChannelRow* FindRow(Product product, std::string_view channel) {
  const std::string_view prefix = Prefix(product);
  if (!channel.starts_with(prefix)) return nullptr;
  channel.remove_prefix(prefix.size());
  const auto find = [&](const auto& rows) -> const ChannelRow* {
    const auto found = std::find_if(rows.begin(), rows.end(),
                                    [&](const ChannelRow& row) { return row.name == channel; });
    return found == rows.end() ? nullptr : &*found;
  };
  return product == Product::kSpot ? find(kSpotChannels) : find(kFuturesChannels);
}

// As captured from futures: a JSON text with a line feed at its end.
SocketError AuthenticationError(const ApiResult& error) {
  return {kAuthentication, ErrorBody(error) + "\n"};
}

}  // namespace

class SocketSide::Session final : public PrivateSession {
 public:
  Session(SocketSide& side, transport::Socket& socket, SubscriptionKeeper& keeper,
          std::string connection_id, bool decimal_sizes)
      : side_(side),
        parts_(side.parts_),
        socket_(socket),
        keeper_(keeper),
        connection_id_(std::move(connection_id)),
        decimal_sizes_(decimal_sizes) {}

  ~Session() override {
    for (const auto& [key, subscription] : subscriptions_) End(key, *subscription);
  }

  std::optional<SocketError> OnRequest(const PrivateRequest& request) override;
  void OnApi(std::string_view channel, std::string_view text) override;

 private:
  // One frame of the WebSocket API.
  struct Frame {
    std::string channel;
    std::string request_id;
    std::string parameters;  // as they came; empty = none
    Json payload;
    RateLimiter::Decision rate{true, 0, 0, 0};
  };

  // The symbols that a payload names ("" = all). Errors: the exchange's message.
  std::optional<SocketError> ReadSymbols(const PrivateRequest& request, const ChannelRow& row,
                                         engine::UserId user,
                                         std::vector<std::string>& symbols) const;
  std::optional<SocketError> Begin(const PrivateRequest& request, engine::UserId user,
                                   const std::vector<std::string>& symbols);
  void End(const PrivateChannels::Key& key, Subscription& subscription);

  void Login(const Frame& frame);
  // Checks login, signature, permission and limits. Not ok: the answer.
  ApiResult Admit(const SocketCall& call, Frame& frame, Caller& caller);
  void Perform(const SocketCall& call, const Frame& frame, Caller caller);
  void Acknowledge(const Frame& frame);
  void Answer(const Frame& frame, const ApiResult& result);
  void WriteHeader(JsonWriter& json, const Frame& frame, unsigned status);
  std::string TraceId();

  SocketSide& side_;
  const Parts& parts_;
  transport::Socket& socket_;
  SubscriptionKeeper& keeper_;
  const std::string connection_id_;
  const bool decimal_sizes_;
  std::map<PrivateChannels::Key, std::unique_ptr<Subscription>> subscriptions_;
  const ApiKey* login_ = nullptr;
  std::uint64_t login_epoch_ = 0;
  std::uint64_t answers_ = 0;
  // Answers that wait ask whether the socket is still there.
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

std::unique_ptr<PrivateSession> SocketSide::Open(transport::Socket& socket,
                                                 SubscriptionKeeper& keeper,
                                                 const std::string& connection_id,
                                                 bool decimal_sizes) {
  return std::make_unique<Session>(*this, socket, keeper, connection_id, decimal_sizes);
}

bool SocketSide::HasChannel(std::string_view channel) const {
  if (FindRow(product(), channel) != nullptr) return true;
  const std::string_view prefix = Prefix(product());
  return channel.starts_with(prefix) && calls_.contains(channel.substr(prefix.size()));
}

std::optional<SocketError> SocketSide::Session::ReadSymbols(
    const PrivateRequest& request, const ChannelRow& row, engine::UserId user,
    std::vector<std::string>& symbols) const {
  std::vector<std::string> names = request.arguments;
  if (side_.product() == Product::kFutures) {
    // The account comes first.
    if (names.empty() || names.front() != std::to_string(user)) {
      return SocketError{kInvalidArgument, "invalid user id in payload"};
    }
    names.erase(names.begin());
  }
  if (row.payload == Payload::kNothing) {
    symbols.emplace_back();
    return std::nullopt;
  }
  if (names.empty()) return SocketError{kInvalidArgument, "payload names nothing"};
  for (const std::string& name : names) {
    if (name != "!all" && parts_.listings.Find(name) == nullptr) {
      return SocketError{
          kInvalidArgument,
          fmt::format("unknown {}: {}",
                      side_.product() == Product::kSpot ? "currency pair" : "contract", name)};
    }
    symbols.push_back(name == "!all" ? std::string() : name);
  }
  return std::nullopt;
}

std::optional<SocketError> SocketSide::Session::OnRequest(const PrivateRequest& request) {
  const ChannelRow* const row = FindRow(side_.product(), request.channel);
  if (row == nullptr) {
    return SocketError{kInvalidArgument, fmt::format("unknown channel: {}", request.channel)};
  }
  if (!request.has_auth) {
    return AuthenticationError(Failure(401, "MISSING_REQUIRED_HEADER", "Missing auth"));
  }
  ApiResult error;
  const ApiKey* const key = side_.authenticator_.Subscribe(
      {request.channel, request.event, request.time_s, request.method, request.key, request.sign},
      error);
  if (key == nullptr) return AuthenticationError(error);
  const Group group = side_.product() == Product::kSpot ? Group::kSpot : Group::kFutures;
  error = Authenticator::CheckAccess(*key, group, /*writes=*/false);
  if (!error.ok()) return AuthenticationError(error);
  std::vector<std::string> symbols;
  if (auto bad = ReadSymbols(request, *row, key->user, symbols)) return bad;
  if (request.event == "subscribe") return Begin(request, key->user, symbols);
  for (const std::string& symbol : symbols) {
    const auto found = subscriptions_.find({key->user, request.channel, symbol});
    if (found == subscriptions_.end()) continue;
    End(found->first, *found->second);
    subscriptions_.erase(found);
  }
  return std::nullopt;
}

std::optional<SocketError> SocketSide::Session::Begin(const PrivateRequest& request,
                                                      engine::UserId user,
                                                      const std::vector<std::string>& symbols) {
  const std::string_view exchange = ExchangeId(side_.product());
  for (const std::string& symbol : symbols) {
    if (parts_.faults.Strike(v1::FAULT_KIND_REJECT_SUBSCRIPTION, exchange, request.channel,
                             symbol) != nullptr) {
      return SocketError{kInvalidArgument, fmt::format("unknown currency pair: {}", symbol)};
    }
    if (subscriptions_.contains({user, request.channel, symbol})) {
      return SocketError{kInvalidArgument,
                         fmt::format("duplicate subscription: {}", request.channel)};
    }
  }
  for (const std::string& symbol : symbols) {
    const PrivateChannels::Key key = {user, request.channel, symbol};
    auto& subscription = subscriptions_[key];
    if (subscription != nullptr) continue;  // a payload may name a symbol twice
    subscription = std::make_unique<Subscription>(socket_, request.channel, symbol, false);
    subscription->silent = parts_.faults.Strike(v1::FAULT_KIND_ACKNOWLEDGE_ONLY, exchange,
                                                request.channel, symbol) != nullptr;
    keeper_.Attach(*subscription);
    parts_.channels.Add(key, *subscription, keeper_.delivery(), decimal_sizes_);
  }
  return std::nullopt;
}

void SocketSide::Session::End(const PrivateChannels::Key& key, Subscription& subscription) {
  parts_.channels.Remove(key, subscription);
  keeper_.Detach(subscription);
}

void SocketSide::Session::OnApi(std::string_view channel, std::string_view text) {
  Frame frame;
  frame.channel = std::string(channel);
  const auto message = json::Parse(text);
  if (message.ok()) {
    const auto payload = message->find("payload");
    if (payload != message->end() && payload->is_object()) frame.payload = *payload;
  }
  if (!frame.payload.is_object()) {
    return Answer(frame, Failure(400, "INVALID_ARGUMENT", "request params error"));
  }
  frame.request_id = TextOf(frame.payload, "req_id");
  frame.parameters = std::string(RawMember(text, "payload", "req_param"));
  const std::string_view name = channel.substr(Prefix(side_.product()).size());
  if (name == "login") return Login(frame);
  const auto found = side_.calls_.find(name);
  if (found == side_.calls_.end()) {
    return Answer(frame, Failure(400, "INVALID_ARGUMENT", "unknown channel"));
  }
  Caller caller;
  const ApiResult refused = Admit(found->second, frame, caller);
  if (!refused.ok()) return Answer(frame, refused);
  Perform(found->second, frame, caller);
}

void SocketSide::Session::Login(const Frame& frame) {
  const std::string key = TextOf(frame.payload, "api_key");
  const std::string signature = TextOf(frame.payload, "signature");
  const std::string timestamp = TextOf(frame.payload, "timestamp");
  ApiResult error;
  const ApiKey* const found = side_.authenticator_.Api(
      {frame.channel, key, signature, timestamp, frame.parameters, true}, error);
  if (found == nullptr) return Answer(frame, error);
  login_ = found;
  login_epoch_ = side_.login_epoch_;
  ++side_.logins_;
  std::string body;
  JsonWriter(body)
      .BeginObject()
      .Text("api_key", found->key)
      .Text("uid", std::to_string(found->user))
      .EndObject();
  Answer(frame, Success(std::move(body)));
}

ApiResult SocketSide::Session::Admit(const SocketCall& call, Frame& frame, Caller& caller) {
  if (login_ == nullptr || login_epoch_ != side_.login_epoch_) {
    login_ = nullptr;
    return Failure(400, "AUTHENTICATION_FAILED", "Not login");
  }
  const std::string signature = TextOf(frame.payload, "signature");
  ApiResult error;
  if (!signature.empty()) {
    // Not needed after a login, and right where it is given.
    const std::string key = TextOf(frame.payload, "api_key");
    const std::string timestamp = TextOf(frame.payload, "timestamp");
    if (side_.authenticator_.Api(
            {frame.channel, key, signature, timestamp, frame.parameters, false}, error) ==
        nullptr) {
      return error;
    }
  }
  const bool spot = side_.product() == Product::kSpot;
  error = Authenticator::CheckAccess(*login_, spot ? Group::kSpot : Group::kFutures, call.commands);
  if (!error.ok()) return error;
  const auto headers = frame.payload.find("req_header");
  if (headers != frame.payload.end() && headers->is_object()) {
    const auto expiry_ms = IntegerOf(*headers, "x-gate-exptime", 0);
    if (!expiry_ms || (*expiry_ms != 0 && parts_.clock.NowNs() / kNsPerMs > *expiry_ms)) {
      return Failure(400, "REQUEST_EXPIRED", "request arrived after x-gate-exptime");
    }
  }
  caller.user = login_->user;
  caller.websocket = true;
  caller.decimal_sizes = decimal_sizes_;
  if (!call.commands) return {};
  const auto parameters = frame.payload.find("req_param");
  const bool batch = parameters != frame.payload.end() && parameters->is_array();
  const std::string pair = spot && parameters != frame.payload.end() && !parameters->empty()
                               ? TextOf(batch ? parameters->front() : *parameters, "currency_pair")
                               : std::string();
  frame.rate = parts_.limiter.Count(
      fmt::format("{} socket {}", Prefix(side_.product()), pair), std::to_string(login_->user),
      parts_.clock.NowNs(), spot ? kSpotPace : kFuturesPace,
      batch ? std::max<std::int64_t>(1, static_cast<std::int64_t>(parameters->size())) : 1);
  if (frame.rate.allowed) return {};
  return Failure(429, "TOO_MANY_REQUESTS",
                 fmt::format("Request Rate limit Exceeded ({})", spot ? 211 : 311));
}

void SocketSide::Session::Perform(const SocketCall& call, const Frame& frame, Caller caller) {
  const auto found = frame.payload.find("req_param");
  const Json parameters = found == frame.payload.end() ? Json::object() : *found;
  faults::OrderFate fate;
  if (call.commands) {
    const std::string symbol =
        side_.symbol_of_order_ ? side_.symbol_of_order_(caller, parameters) : std::string();
    fate = parts_.faults.JudgeOrder(
        {ExchangeId(side_.product()), {}, frame.channel, symbol, call.places});
    caller.fill_parts = fate.parts;
  }
  ApiResult result;
  if (!fate.swallow) {
    // What is held back is the acknowledgement too.
    const bool acknowledges = call.acknowledges && !fate.lose_answer && fate.answer_delay_ms == 0;
    if (acknowledges) Acknowledge(frame);
    result = call.answer(caller, parameters);
  }
  if (fate.swallow || fate.lose_answer) {
    if (fate.cut) socket_.Close(0);
    return;
  }
  if (fate.error_status != 0 && result.ok()) {
    result = Failure(fate.error_status, "SERVER_ERROR", "lost by a fault");
  }
  if (fate.answer_delay_ms == 0) return Answer(frame, result);
  parts_.held.After(fate.answer_delay_ms, [this, frame, result, acknowledges = call.acknowledges,
                                           alive = std::weak_ptr<bool>(alive_)] {
    if (alive.expired()) return;
    if (acknowledges) Acknowledge(frame);
    Answer(frame, result);
  });
}

void SocketSide::Session::WriteHeader(JsonWriter& json, const Frame& frame, unsigned status) {
  const std::int64_t now_ns = parts_.clock.NowNs();
  json.Key("header")
      .BeginObject()
      .Text("response_time", std::to_string(now_ns / kNsPerMs))
      .Text("status", std::to_string(status))
      .Text("channel", frame.channel)
      .Text("event", "api")
      .Text("client_id", "127.0.0.1-0xc000000000")
      .Text("conn_id", connection_id_)
      .Text("conn_trace_id", connection_id_ + connection_id_)
      .Text("trace_id", TraceId())
      .Number("x_in_time", now_ns / 1000)
      .Number("x_out_time", now_ns / 1000);
  if (frame.rate.limit != 0) {
    json.Number("x_gate_ratelimit_requests_remain", frame.rate.remaining)
        .Number("x_gate_ratelimit_limit", frame.rate.limit)
        // Misspelt by the exchange, but not where it refuses.
        .Number(
            status == 429 ? "x_gate_ratelimit_reset_timestamp" : "x_gat_ratelimit_reset_timestamp",
            frame.rate.reset_s * 1000);
  }
  json.EndObject();
}

void SocketSide::Session::Acknowledge(const Frame& frame) {
  auto text = std::make_shared<std::string>();
  JsonWriter json(*text);
  json.BeginObject().Text("request_id", frame.request_id).Bool("ack", true);
  WriteHeader(json, frame, 200);
  json.Key("data")
      .BeginObject()
      .Key("result")
      .BeginObject()
      .Text("req_id", frame.request_id)
      .Raw("req_header", "null")
      .Raw("req_param", frame.parameters.empty() ? "null" : frame.parameters);
  if (side_.product() == Product::kSpot) {
    json.Text("api_key", "").Text("timestamp", "").Text("signature", "");
  }
  json.EndObject().EndObject().EndObject();
  socket_.Send(std::move(text));
}

void SocketSide::Session::Answer(const Frame& frame, const ApiResult& result) {
  auto text = std::make_shared<std::string>();
  JsonWriter json(*text);
  json.BeginObject().Text("request_id", frame.request_id);
  if (side_.product() == Product::kFutures) json.Bool("ack", false);
  // Created is told as done here.
  WriteHeader(json, frame, result.status == 201 ? 200 : result.status);
  json.Key("data").BeginObject();
  if (result.ok()) {
    json.Raw("result", result.body);
  } else {
    json.Key("errs")
        .BeginObject()
        .Text("label", result.label)
        .Text("message", result.message)
        .EndObject();
  }
  json.EndObject().EndObject();
  socket_.Send(std::move(text));
}

std::string SocketSide::Session::TraceId() {
  engine::Random random(engine::SeedFor(++answers_, connection_id_));
  return fmt::format("{:016x}{:016x}", random.Next(), random.Next());
}

}  // namespace switchyard::simulator::gateio
