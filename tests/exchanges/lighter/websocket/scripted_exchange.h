#pragma once

#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "tests/common/net/test_servers.h"

namespace switchyard::exchanges::lighter {

// Lighter's WebSocket as a test wants it: answers pings, subscribes with the frame that the test
// has given for the channel, acknowledges unsubscribes, and sends what it is given. Channels are
// named as requests name them ("order_book/0"). Any thread. Bounds are generous deadlines: they end
// a test that hangs and decide nothing else.
class ScriptedExchange {
 public:
  ScriptedExchange();

  const net::Endpoint& endpoint() const { return endpoint_; }

  // What a subscription to `channel` is answered with, from now on; nothing where it is empty.
  void Answer(const std::string& channel, const std::string& frame);
  // Waits until socket `index` (in the order of connecting) has subscribed to `channel` so often in
  // all, or has left it so often. False after 20 s.
  bool AwaitSubscribes(std::size_t index, const std::string& channel, std::size_t count);
  bool AwaitUnsubscribes(std::size_t index, const std::string& channel, std::size_t count);
  // Waits until the client has sent `frame` on socket `index`.
  bool AwaitFrame(std::size_t index, const std::string& frame);
  std::size_t Subscribes(std::size_t index, const std::string& channel);
  // Sends one frame on socket `index`.
  void Send(std::size_t index, const std::string& text);
  // Cuts socket `index`.
  void Cut(std::size_t index);

 private:
  struct Socket {
    net::testing::ServerConnection* connection = nullptr;  // null once closed
    std::map<std::string, std::size_t> subscribes, unsubscribes;
    std::set<std::string> frames;
  };

  void Serve(net::testing::ServerConnection& connection);
  void OnRequest(std::size_t index, const std::string& request);
  // mutex_ held.
  void SendLocked(std::size_t index, const std::string& text);
  template <typename Condition>
  bool Await(Condition condition);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Socket> sockets_;
  std::map<std::string, std::string> answers_;
  net::testing::TestServer server_;  // last: its scripts use what is above
  net::Endpoint endpoint_;
};

}  // namespace switchyard::exchanges::lighter
