#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "services/simulator/delivery.h"

namespace switchyard::simulator::lighter {

// What a private subscription is for.
struct AccountTopic {
  std::string channel;
  std::int64_t account = 0;
  std::int64_t market_id = -1;  // channels of one market

  friend auto operator<=>(const AccountTopic&, const AccountTopic&) = default;
};

// A transaction, or a batch, as it came over a socket.
struct SocketTransaction {
  bool batch = false;
  std::string id;    // JSON; empty = none given
  std::string data;  // JSON
  // Both do nothing once the socket is gone.
  std::function<void(std::string)> send;
  std::function<void()> cut;
};

// The private half of the exchange, as sockets see it. I/O thread only.
class PrivateSide {
 public:
  virtual ~PrivateSide() = default;
  // Channels by name, those of transactions too.
  virtual bool HasChannel(std::string_view name) const = 0;
  // The topic of "account_orders/0/1234". Empty: no such channel, market or account.
  virtual std::optional<AccountTopic> Parse(std::string_view text) const = 0;
  // The exchange's symbol that a topic is about; empty = of none or of several.
  virtual std::string SymbolOf(const AccountTopic& topic) const = 0;
  // The name that frames carry: "account_orders:0", "account_all:1234".
  virtual std::string FrameChannel(const AccountTopic& topic) const = 0;
  // Empty: the token may hear the topic; else why not.
  virtual std::string Refuses(const AccountTopic& topic, std::string_view token) = 0;
  // Adds a subscriber and sends it the snapshot. It must be removed before it dies.
  virtual void Add(const AccountTopic& topic, Subscription& subscription) = 0;
  virtual void Remove(const AccountTopic& topic, Subscription& subscription) = 0;
  // Answers by `send`, now, later or never.
  virtual void Transact(const SocketTransaction& transaction) = 0;
};

}  // namespace switchyard::simulator::lighter
