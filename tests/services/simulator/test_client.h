#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace switchyard::simulator::testing {

struct HttpAnswer {
  unsigned status = 0;  // 0 = none came: refused, cut or too late
  std::map<std::string, std::string> headers;
  std::string body;
};

using Headers = std::map<std::string, std::string>;

// One request on a connection of its own. `tls` does not verify certificates.
HttpAnswer Get(std::uint16_t port, const std::string& target, const Headers& headers = {},
               bool tls = false, std::chrono::milliseconds timeout = std::chrono::seconds(10));
HttpAnswer Request(const std::string& method, std::uint16_t port, const std::string& target,
                   const Headers& headers, const std::string& body = {},
                   std::chrono::milliseconds timeout = std::chrono::seconds(10));

// A blocking WebSocket client.
class TestSocket {
 public:
  // Connects; `connected` says whether the handshake succeeded.
  TestSocket(std::uint16_t port, const std::string& path, const Headers& headers = {},
             bool tls = false);
  ~TestSocket();
  TestSocket(TestSocket&&) noexcept;

  bool connected() const;
  // Status of a refused handshake; 0 = there was no answer.
  unsigned refusal_status() const;
  const HttpAnswer& refusal() const;
  void Send(const std::string& text);
  // The next frame; empty = none in time, or the socket is closed.
  std::optional<std::string> Receive(std::chrono::milliseconds timeout = std::chrono::seconds(10));
  bool closed() const;
  // What the server closed with; 0 = cut.
  std::uint16_t close_code() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace switchyard::simulator::testing
