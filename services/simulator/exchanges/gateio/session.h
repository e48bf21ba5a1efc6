#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "services/simulator/exchanges/gateio/feed.h"
#include "services/simulator/exchanges/gateio/private_side.h"
#include "services/simulator/transport/socket.h"

namespace switchyard::simulator::gateio {

// What a session asks of the exchange around it.
class SessionHost {
 public:
  virtual ~SessionHost() = default;
  virtual Product product() const = 0;
  virtual const ExchangeClock& clock() const = 0;
  // Topics of a payload. Errors: InvalidArgument with the exchange's message.
  virtual absl::StatusOr<std::vector<TopicKey>> Parse(Channel channel,
                                                      const std::vector<std::string>& payload,
                                                      bool decimal_sizes) = 0;
  virtual void Subscribe(const TopicKey& key, Subscription& subscription) = 0;
  virtual void Greet(const TopicKey& key, Subscription& subscription) = 0;
  virtual void Unsubscribe(const TopicKey& key, Subscription& subscription) = 0;
  // A subscribe frame came. True: a fault refuses it.
  virtual bool RefusesSubscription(std::string_view channel, const TopicKey& key) = 0;
  virtual void OnSubscribeFrame() = 0;
  virtual void OnSessionEnd(transport::Socket& socket) = 0;
  // The private half of a new socket; null: there is none.
  virtual std::unique_ptr<PrivateSession> OpenPrivate(transport::Socket& socket,
                                                      const std::string& connection_id,
                                                      bool decimal_sizes) = 0;
};

// One client's WebSocket: requests, acknowledgements, pings. I/O thread only.
class Session final : public transport::SocketHandler {
 public:
  // Both outlive the session. `decimal_sizes`: the handshake had X-Gate-Size-Decimal.
  Session(SessionHost& host, transport::Socket& socket, bool decimal_sizes);
  ~Session() override;

  void OnText(std::string_view text) override;

 private:
  struct Request;

  void OnSubscribe(const Request& request);
  void OnUnsubscribe(const Request& request);
  void OnPrivate(const Request& request);
  void RefuseApi(std::string_view channel, std::string_view request_id);
  // Sends an answer; a code other than 0 makes it an error.
  void Answer(const Request& request, int code, std::string_view message);
  void Pong(const Request& request);
  std::string TraceId();

  SessionHost& host_;
  transport::Socket& socket_;
  const bool decimal_sizes_;
  const std::string connection_id_;
  std::uint64_t answers_ = 0;
  std::map<TopicKey, std::unique_ptr<Subscription>> subscriptions_;
  std::unique_ptr<PrivateSession> private_;
};

}  // namespace switchyard::simulator::gateio
