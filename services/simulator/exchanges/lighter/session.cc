#include "services/simulator/exchanges/lighter/session.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "fmt/format.h"
#include "services/simulator/exchanges/lighter/frames.h"
#include "services/simulator/exchanges/lighter/limits.h"
#include "services/simulator/json_writer.h"

namespace switchyard::simulator::lighter {
namespace {

using Json = nlohmann::json;

std::string TextOf(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// "01234567-89ab-..." of 32 hex digits.
std::string UuidOf(const std::string& hex) {
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                     hex.substr(16, 4), hex.substr(20, 12));
}

}  // namespace

Session::Session(SessionHost& host, transport::Socket& socket, const std::string& session_id)
    : host_(host), socket_(socket) {
  std::string frame;
  JsonWriter(frame)
      .BeginObject()
      .Text("session_id", UuidOf(session_id))
      .Text("type", "connected")
      .EndObject();
  Send(std::move(frame));
}

Session::~Session() {
  for (const auto& [channel, claim] : claims_) host_.Unsubscribe(claim.key, *claim.subscription);
  host_.OnSessionEnd(socket_);
}

void Session::OnText(std::string_view text) {
  const bool welcome = host_.CountMessage(socket_);
  if (!welcome) return Refuse(Code::kTooManyMessages);
  const Json message = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!message.is_object()) return Refuse(Code::kInvalidJson);
  const std::string type = TextOf(message, "type");
  if (type == "pong") return;
  if (type == "ping") return Send(R"({"type":"pong"})");
  if (type == "subscribe") return OnSubscribe(TextOf(message, "channel"));
  if (type == "unsubscribe") return OnUnsubscribe(TextOf(message, "channel"));
  Refuse(Code::kInvalidType);
}

void Session::OnSubscribe(const std::string& channel) {
  host_.OnSubscribeFrame();
  std::string why;
  const auto key = ParseTopic(channel, host_.listings(), why);
  if (!key) return Refuse(Code::kInvalidChannel, why);
  const std::string name(NameOf(key->channel));
  const Listing* const listing = host_.listings().Find(key->market_id);
  const std::string symbol = listing == nullptr ? "" : listing->symbol();
  if (host_.RefusesSubscription(name, symbol)) return Refuse(Code::kFailedToSubscribe);
  if (claims_.contains(channel)) {
    return Refuse(Code::kAlreadySubscribed,
                  std::string(MessageOf(Code::kAlreadySubscribed)) + FrameChannel(*key));
  }
  if (claims_.size() >= kSubscriptionsPerConnection) return Refuse(Code::kTooManySubscriptions);
  Claim& claim = claims_[channel];
  claim.key = *key;
  claim.subscription = std::make_unique<Subscription>(socket_, name, symbol, IsBook(key->channel));
  host_.Subscribe(*key, *claim.subscription);
}

void Session::OnUnsubscribe(const std::string& channel) {
  const auto found = claims_.find(channel);
  if (found == claims_.end()) {
    return Refuse(Code::kNotSubscribed, std::string(MessageOf(Code::kNotSubscribed)) + channel);
  }
  const std::string name = FrameChannel(found->second.key);
  host_.Unsubscribe(found->second.key, *found->second.subscription);
  claims_.erase(found);
  std::string frame;
  JsonWriter(frame).BeginObject().Text("type", "unsubscribed").Text("channel", name).EndObject();
  Send(std::move(frame));
}

void Session::Send(std::string frame) {
  socket_.Send(std::make_shared<const std::string>(std::move(frame)));
}

}  // namespace switchyard::simulator::lighter
