#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "services/simulator/delivery.h"
#include "services/simulator/exchanges/lighter/channels.h"
#include "services/simulator/exchanges/lighter/errors.h"
#include "services/simulator/exchanges/lighter/private_side.h"
#include "services/simulator/transport/socket.h"

namespace switchyard::simulator::lighter {

// What a session asks of the exchange around it.
class SessionHost {
 public:
  virtual ~SessionHost() = default;
  virtual const Listings& listings() const = 0;
  virtual PrivateSide& private_side() = 0;
  // A frame came; `counts` false: it is one that the limit of messages leaves out. False: too many
  // came from that address.
  virtual bool CountMessage(transport::Socket& socket, bool counts) = 0;
  virtual void OnSubscribeFrame() = 0;
  // True: a fault refuses it.
  virtual bool RefusesSubscription(std::string_view channel, std::string_view symbol) = 0;
  // Adds a subscriber and sends it its first frame.
  virtual void Subscribe(const TopicKey& key, Subscription& subscription) = 0;
  virtual void Unsubscribe(const TopicKey& key, Subscription& subscription) = 0;
  virtual void Subscribe(const AccountTopic& topic, Subscription& subscription) = 0;
  virtual void Unsubscribe(const AccountTopic& topic, Subscription& subscription) = 0;
  virtual void OnSessionEnd(transport::Socket& socket) = 0;
};

// One client's WebSocket: greeting, pings, subscriptions, transactions. I/O thread only.
class Session final : public transport::SocketHandler {
 public:
  // Both outlive the session. `session_id` is 32 hex digits.
  // `read_only`: the URL has `readonly=true`.
  Session(SessionHost& host, transport::Socket& socket, const std::string& session_id,
          bool read_only);
  ~Session() override;

  void OnText(std::string_view text) override;

 private:
  struct Claim {
    std::variant<TopicKey, AccountTopic> topic;
    std::unique_ptr<Subscription> subscription;
  };

  void OnSubscribe(const std::string& channel, const std::string& token);
  // Null: refused, and told so.
  std::optional<Claim> PublicClaim(const std::string& channel);
  std::optional<Claim> PrivateClaim(const std::string& channel, const std::string& token);
  void OnTransaction(bool batch, std::string id, std::string data);
  void End(const Claim& claim);
  std::string NameOf(const Claim& claim);
  // True: a claim would be of one account more than a connection may hear.
  bool IsOneAccountTooMany(const Claim& claim) const;
  void OnUnsubscribe(const std::string& channel);
  void Send(std::string frame);
  void Refuse(Code code, std::string_view message = {}) { Send(ErrorFrame(code, message)); }

  SessionHost& host_;
  transport::Socket& socket_;
  const bool read_only_;
  // False once the socket is gone: for answers that come later.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  // By the channel as it is subscribed: "order_book/0".
  std::map<std::string, Claim> claims_;
};

}  // namespace switchyard::simulator::lighter
