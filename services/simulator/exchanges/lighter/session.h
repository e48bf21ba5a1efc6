#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "services/simulator/delivery.h"
#include "services/simulator/exchanges/lighter/channels.h"
#include "services/simulator/exchanges/lighter/errors.h"
#include "services/simulator/transport/socket.h"

namespace switchyard::simulator::lighter {

// What a session asks of the exchange around it.
class SessionHost {
 public:
  virtual ~SessionHost() = default;
  virtual const Listings& listings() const = 0;
  // A frame came. False: too many came from that address.
  virtual bool CountMessage(transport::Socket& socket) = 0;
  virtual void OnSubscribeFrame() = 0;
  // True: a fault refuses it.
  virtual bool RefusesSubscription(std::string_view channel, std::string_view symbol) = 0;
  // Adds a subscriber and sends it its first frame.
  virtual void Subscribe(const TopicKey& key, Subscription& subscription) = 0;
  virtual void Unsubscribe(const TopicKey& key, Subscription& subscription) = 0;
  virtual void OnSessionEnd(transport::Socket& socket) = 0;
};

// One client's WebSocket: greeting, pings, subscriptions. I/O thread only.
class Session final : public transport::SocketHandler {
 public:
  // Both outlive the session. `session_id` is 32 hex digits.
  Session(SessionHost& host, transport::Socket& socket, const std::string& session_id);
  ~Session() override;

  void OnText(std::string_view text) override;

 private:
  struct Claim {
    TopicKey key;
    std::unique_ptr<Subscription> subscription;
  };

  void OnSubscribe(const std::string& channel);
  void OnUnsubscribe(const std::string& channel);
  void Send(std::string frame);
  void Refuse(Code code, std::string_view message = {}) { Send(ErrorFrame(code, message)); }

  SessionHost& host_;
  transport::Socket& socket_;
  // By the channel as it is subscribed: "order_book/0".
  std::map<std::string, Claim> claims_;
};

}  // namespace switchyard::simulator::lighter
