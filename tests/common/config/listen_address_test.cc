#include "common/config/listen_address.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string>

namespace switchyard::config {
namespace {

using testing::HasSubstr;

struct Bad {
  std::string name, text;
};
class BadAddressTest : public testing::TestWithParam<Bad> {};

TEST_P(BadAddressTest, IsInvalidArgumentAndNamed) {
  const absl::Status status = ParseListenAddress(GetParam().text).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr('"' + GetParam().text + '"'));
}

INSTANTIATE_TEST_SUITE_P(
    Texts, BadAddressTest,
    testing::Values(Bad{"empty", ""}, Bad{"no_port", "localhost"}, Bad{"empty_port", "localhost:"},
                    Bad{"named_port", "localhost:http"}, Bad{"port_too_high", "localhost:65536"},
                    Bad{"negative_port", "localhost:-1"}, Bad{"ipv6_bare", "::1:80"},
                    Bad{"ipv6_empty", "[]:80"}, Bad{"url", "http://localhost:80"},
                    Bad{"unix_nothing", "unix:"}),
    [](const auto& info) { return info.param.name; });

struct Good {
  std::string name, text, host;
  int port;
  std::string unix_path, shown;
};
class GoodAddressTest : public testing::TestWithParam<Good> {};

TEST_P(GoodAddressTest, IsTakenApart) {
  const auto address = ParseListenAddress(GetParam().text);
  ASSERT_TRUE(address.ok()) << address.status();
  EXPECT_EQ(address->host, GetParam().host);
  EXPECT_EQ(address->port, GetParam().port);
  EXPECT_EQ(address->unix_path, GetParam().unix_path);
  EXPECT_EQ(address->ToString(), GetParam().shown);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, GoodAddressTest,
    testing::Values(Good{"ipv4", "127.0.0.1:0", "127.0.0.1", 0, "", "127.0.0.1:0"},
                    Good{"name", "localhost:65535", "localhost", 65535, "", "localhost:65535"},
                    Good{"all", ":50051", "0.0.0.0", 50051, "", "0.0.0.0:50051"},
                    Good{"ipv6", "[::1]:80", "::1", 80, "", "[::1]:80"},
                    Good{"unix", "unix:/run/a.sock", "", 0, "/run/a.sock", "unix:/run/a.sock"},
                    Good{"unix_url", "unix:///run/a.sock", "", 0, "/run/a.sock",
                         "unix:/run/a.sock"}),
    [](const auto& info) { return info.param.name; });

// A socket that listens on loopback while it lives.
class Listener {
 public:
  Listener() : descriptor_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(descriptor_, reinterpret_cast<sockaddr*>(&name), sizeof(name)), 0);
    EXPECT_EQ(listen(descriptor_, 1), 0);
    socklen_t size = sizeof(name);
    getsockname(descriptor_, reinterpret_cast<sockaddr*>(&name), &size);
    port_ = ntohs(name.sin_port);
  }
  ~Listener() { close(descriptor_); }
  std::uint16_t port() const { return port_; }

 private:
  const int descriptor_;
  std::uint16_t port_ = 0;
};

TEST(CheckBindableTest, PortInUseIsUnavailableAndNamed) {
  const Listener listener;
  const ListenAddress address{"127.0.0.1", listener.port(), ""};
  const absl::Status status = CheckBindable(address);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr(address.ToString()));
}

TEST(CheckBindableTest, AddressOfAnotherMachineIsInvalid) {
  // 192.0.2.0/24 is for documentation (RFC 5737) and belongs to no interface.
  EXPECT_EQ(CheckBindable({"192.0.2.1", 0, ""}).code(), absl::StatusCode::kInvalidArgument);
}

TEST(CheckBindableTest, MalformedHostIsInvalid) {
  EXPECT_EQ(CheckBindable({"not a host", 0, ""}).code(), absl::StatusCode::kInvalidArgument);
}

TEST(CheckBindableTest, FreePortIsFineAndStaysFree) {
  const ListenAddress address{"127.0.0.1", 0, ""};
  EXPECT_TRUE(CheckBindable(address).ok());
  EXPECT_TRUE(CheckBindable(address).ok());
}

class UnixAddressTest : public testing::Test {
 protected:
  UnixAddressTest() {
    char folder[] = "/tmp/switchyard_address_XXXXXX";
    folder_ = mkdtemp(folder);
    path_ = folder_ + "/socket";
  }
  ~UnixAddressTest() override {
    unlink(path_.c_str());
    rmdir(folder_.c_str());
  }
  // A socket file at path_; its owner listens until the descriptor is closed.
  int Bind() {
    const int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::strncpy(name.sun_path, path_.c_str(), sizeof(name.sun_path) - 1);
    EXPECT_EQ(bind(descriptor, reinterpret_cast<sockaddr*>(&name), sizeof(name)), 0);
    EXPECT_EQ(listen(descriptor, 1), 0);
    return descriptor;
  }
  std::string folder_;
  std::string path_;
};

TEST_F(UnixAddressTest, ServedSocketIsUnavailable) {
  const int descriptor = Bind();
  EXPECT_EQ(CheckBindable({"", 0, path_}).code(), absl::StatusCode::kUnavailable);
  close(descriptor);
}

TEST_F(UnixAddressTest, SocketOfADeadProcessIsFine) {
  close(Bind());
  EXPECT_TRUE(CheckBindable({"", 0, path_}).ok());
}

TEST_F(UnixAddressTest, MissingFolderIsInvalid) {
  EXPECT_EQ(CheckBindable({"", 0, folder_ + "/none/socket"}).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(UnixAddressTest, TooLongPathIsInvalid) {
  EXPECT_EQ(CheckBindable({"", 0, folder_ + "/" + std::string(200, 'x')}).code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace switchyard::config
