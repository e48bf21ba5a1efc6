#pragma once

#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "tests/common/net/test_servers.h"

namespace switchyard::exchanges::gateio {

// Gate.io's WebSocket as a test wants it: answers pings and subscriptions by itself, unless told to
// hold an answer back, and sends what it is given. Any thread. Bounds are generous deadlines: they
// end a test that hangs and decide nothing else.
class ScriptedExchange {
 public:
  ScriptedExchange();

  const net::Endpoint& endpoint() const { return endpoint_; }

  // Waits until socket `index` (in the order of connecting) has subscribed to `channel`. False
  // after 20 s.
  bool AwaitSubscribed(std::size_t index, const std::string& channel);
  // How often it has subscribed to or left `channel`; waits until it was so often.
  std::size_t Requests(std::size_t index, const std::string& channel);
  bool AwaitRequests(std::size_t index, const std::string& channel, std::size_t count);
  // Waits until the client has closed socket `index`.
  bool AwaitClosed(std::size_t index);
  // Sends one frame on socket `index`.
  void Send(std::size_t index, const std::string& text);
  // Cuts socket `index`.
  void Cut(std::size_t index);
  // Subscriptions to `channel` are not answered until Release.
  void Hold(const std::string& channel);
  void Release(const std::string& channel);

 private:
  struct Socket {
    net::testing::ServerConnection* connection = nullptr;  // null once closed
    std::set<std::string> subscribed;
    std::map<std::string, std::size_t> requests;  // by channel
    std::map<std::string, std::string> held;      // answers by channel
  };

  void Serve(net::testing::ServerConnection& connection);
  void Answer(std::size_t index, const std::string& request);
  // mutex_ held.
  void SendLocked(std::size_t index, const std::string& text);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Socket> sockets_;
  std::set<std::string> hold_;
  net::testing::TestServer server_;  // last: its scripts use what is above
  net::Endpoint endpoint_;
};

}  // namespace switchyard::exchanges::gateio
