#include "services/simulator/exchanges/lighter/session.h"

#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "fmt/format.h"
#include "services/simulator/exchanges/lighter/frames.h"
#include "services/simulator/exchanges/lighter/limits.h"
#include "services/simulator/json_writer.h"

namespace switchyard::simulator::lighter {
namespace {

using Json = nlohmann::json;

constexpr char kSend[] = "jsonapi/sendtx";
constexpr char kSendBatch[] = "jsonapi/sendtxbatch";

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

Session::Session(SessionHost& host, transport::Socket& socket, const std::string& session_id,
                 bool read_only)
    : host_(host), socket_(socket), read_only_(read_only) {
  std::string frame;
  JsonWriter(frame)
      .BeginObject()
      .Text("session_id", UuidOf(session_id))
      .Text("type", "connected")
      .EndObject();
  Send(std::move(frame));
}

Session::~Session() {
  *alive_ = false;
  for (const auto& [channel, claim] : claims_) End(claim);
  host_.OnSessionEnd(socket_);
}

void Session::OnText(std::string_view text) {
  const Json message = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  const std::string type = message.is_object() ? TextOf(message, "type") : std::string();
  const bool sends = type == kSend || type == kSendBatch;
  if (!host_.CountMessage(socket_, !sends)) return Refuse(Code::kTooManyMessages);
  if (!message.is_object()) return Refuse(Code::kInvalidJson);
  if (type == "pong") return;
  if (type == "ping") return Send(R"({"type":"pong"})");
  if (type == "subscribe") return OnSubscribe(TextOf(message, "channel"), TextOf(message, "auth"));
  if (type == "unsubscribe") return OnUnsubscribe(TextOf(message, "channel"));
  if (!sends) return Refuse(Code::kInvalidType);
  if (read_only_) return Refuse(Code::kNotSupported);
  const auto data = message.find("data");
  if (data == message.end() || !data->is_object()) return Refuse(Code::kInvalidData);
  const auto id = data->find("id");
  OnTransaction(type == kSendBatch, id == data->end() ? std::string() : id->dump(), data->dump());
}

void Session::OnTransaction(bool batch, std::string id, std::string data) {
  const auto send = [this, alive = alive_](std::string frame) {
    if (*alive) Send(std::move(frame));
  };
  const auto cut = [this, alive = alive_] {
    if (*alive) socket_.Close(0);
  };
  host_.private_side().Transact({batch, std::move(id), std::move(data), send, cut});
}

std::optional<Session::Claim> Session::PublicClaim(const std::string& channel) {
  std::string why;
  const auto key = ParseTopic(channel, host_.listings(), why);
  if (!key) {
    Refuse(Code::kInvalidChannel, why);
    return std::nullopt;
  }
  const Listing* const listing = host_.listings().Find(key->market_id);
  const std::string symbol = listing == nullptr ? "" : listing->symbol();
  const std::string name(lighter::NameOf(key->channel));
  return Claim{*key, std::make_unique<Subscription>(socket_, name, symbol, IsBook(key->channel))};
}

std::optional<Session::Claim> Session::PrivateClaim(const std::string& channel,
                                                    const std::string& token) {
  PrivateSide& side = host_.private_side();
  const auto topic = side.Parse(channel);
  const std::string why = topic ? side.Refuses(*topic, token) : std::string();
  if (!topic) {
    Refuse(Code::kInvalidChannel);
  } else if (!why.empty()) {
    Refuse(Code::kInvalidParameter, why);
  } else {
    return Claim{*topic, std::make_unique<Subscription>(socket_, topic->channel,
                                                        side.SymbolOf(*topic), false)};
  }
  return std::nullopt;
}

std::string Session::NameOf(const Claim& claim) {
  const auto* const key = std::get_if<TopicKey>(&claim.topic);
  return key != nullptr ? FrameChannel(*key)
                        : host_.private_side().FrameChannel(std::get<AccountTopic>(claim.topic));
}

bool Session::IsOneAccountTooMany(const Claim& claim) const {
  std::set<std::int64_t> accounts;
  const auto note = [&](const Claim& one) {
    const auto* const topic = std::get_if<AccountTopic>(&one.topic);
    if (topic != nullptr) accounts.insert(topic->account);
  };
  for (const auto& [channel, known] : claims_) note(known);
  note(claim);
  return accounts.size() > kAccountsPerConnection;
}

void Session::OnSubscribe(const std::string& channel, const std::string& token) {
  host_.OnSubscribeFrame();
  const std::string name = channel.substr(0, channel.find('/'));
  auto claim =
      host_.private_side().HasChannel(name) ? PrivateClaim(channel, token) : PublicClaim(channel);
  if (!claim) return;
  const Subscription& wanted = *claim->subscription;
  if (host_.RefusesSubscription(wanted.channel, wanted.symbol)) {
    return Refuse(Code::kFailedToSubscribe);
  }
  if (claims_.contains(channel)) {
    return Refuse(Code::kAlreadySubscribed,
                  std::string(MessageOf(Code::kAlreadySubscribed)) + NameOf(*claim));
  }
  if (claims_.size() >= kSubscriptionsPerConnection) return Refuse(Code::kTooManySubscriptions);
  if (IsOneAccountTooMany(*claim)) return Refuse(Code::kTooManyAccounts);
  const Claim& kept = claims_.emplace(channel, *std::move(claim)).first->second;
  std::visit([&](const auto& topic) { host_.Subscribe(topic, *kept.subscription); }, kept.topic);
}

void Session::OnUnsubscribe(const std::string& channel) {
  const auto found = claims_.find(channel);
  if (found == claims_.end()) {
    return Refuse(Code::kNotSubscribed, std::string(MessageOf(Code::kNotSubscribed)) + channel);
  }
  const std::string name = NameOf(found->second);
  End(found->second);
  claims_.erase(found);
  std::string frame;
  JsonWriter(frame).BeginObject().Text("type", "unsubscribed").Text("channel", name).EndObject();
  Send(std::move(frame));
}

void Session::End(const Claim& claim) {
  std::visit([&](const auto& topic) { host_.Unsubscribe(topic, *claim.subscription); },
             claim.topic);
}

void Session::Send(std::string frame) {
  socket_.Send(std::make_shared<const std::string>(std::move(frame)));
}

}  // namespace switchyard::simulator::lighter
