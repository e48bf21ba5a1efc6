#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

namespace switchyard::rpc {

// A DNS server on 127.0.0.1 for which every name has one IPv4 address. Answers on a thread of its
// own until it is destroyed.
class NameServer {
 public:
  // Of 127.0.0.0/8: `last` is its last byte.
  explicit NameServer(std::uint8_t last);
  ~NameServer();
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;

  // What names lead to from now on. Any thread.
  void Move(std::uint8_t last) { last_ = last; }
  // "127.0.0.1:PORT".
  const std::string& address() const { return address_; }

 private:
  void Serve();

  std::atomic<std::uint8_t> last_;
  int socket_;
  std::string address_;
  std::thread thread_;
};

}  // namespace switchyard::rpc
