#include "tests/common/rpc/name_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <string_view>

namespace switchyard::rpc {
namespace {

// RFC 1035: the header is six 16-bit words; the question is a name, its type and its class.
constexpr std::size_t kHeader = 12;

sockaddr_in Loopback() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// The answer to the query, of which only what belongs to its one question is kept.
std::string Answer(std::string_view query, std::uint8_t last) {
  const std::size_t name_end = query.find('\0', kHeader);
  if (name_end == std::string_view::npos || name_end + 5 > query.size()) return "";
  const bool is_a = query.substr(name_end + 1, 2) == std::string_view("\0\1", 2);
  std::string answer(query.substr(0, 2));  // its id
  // An authoritative answer without error, to one question; an address if one was asked for.
  answer += std::string(is_a ? "\x84\0\0\1\0\1\0\0\0\0" : "\x84\0\0\1\0\0\0\0\0\0", 10);
  answer += query.substr(kHeader, name_end + 5 - kHeader);
  if (is_a) {
    // The name of the question, type A, class IN, no time to live, four bytes.
    answer += std::string("\xc0\x0c\0\1\0\1\0\0\0\0\0\4", 12);
    answer += std::string("\x7f\0\0", 3) + static_cast<char>(last);
  }
  return answer;
}

}  // namespace

NameServer::NameServer(std::uint8_t last) : last_(last), socket_(socket(AF_INET, SOCK_DGRAM, 0)) {
  sockaddr_in address = Loopback();
  socklen_t size = sizeof(address);
  bind(socket_, reinterpret_cast<const sockaddr*>(&address), size);
  getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
  address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  thread_ = std::thread([this] { Serve(); });
}

NameServer::~NameServer() {
  shutdown(socket_, SHUT_RDWR);  // recvfrom returns
  thread_.join();
  close(socket_);
}

void NameServer::Serve() {
  std::array<char, 512> buffer;
  while (true) {
    sockaddr_in client{};
    socklen_t size = sizeof(client);
    const ssize_t length = recvfrom(socket_, buffer.data(), buffer.size(), 0,
                                    reinterpret_cast<sockaddr*>(&client), &size);
    if (length <= 0) return;
    const std::string answer =
        Answer({buffer.data(), static_cast<std::size_t>(length)}, last_.load());
    sendto(socket_, answer.data(), answer.size(), 0, reinterpret_cast<const sockaddr*>(&client),
           size);
  }
}

}  // namespace switchyard::rpc
