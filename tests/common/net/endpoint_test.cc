#include "common/net/endpoint.h"

#include <gtest/gtest.h>

#include <string>

namespace switchyard::net {
namespace {

struct GoodUrl {
  std::string name;
  std::string url;
  Url want;
};

class ParseUrlTest : public testing::TestWithParam<GoodUrl> {};

TEST_P(ParseUrlTest, FindsEndpointAndTarget) {
  const absl::StatusOr<Url> url = ParseUrl(GetParam().url);
  ASSERT_TRUE(url.ok()) << url.status();
  EXPECT_EQ(url->endpoint.host, GetParam().want.endpoint.host);
  EXPECT_EQ(url->endpoint.port, GetParam().want.endpoint.port);
  EXPECT_EQ(url->endpoint.tls, GetParam().want.endpoint.tls);
  EXPECT_EQ(url->target, GetParam().want.target);
}

INSTANTIATE_TEST_SUITE_P(
    Urls, ParseUrlTest,
    testing::Values(
        GoodUrl{"http_by_default_port", "http://a.example", {{"a.example", 80, false}, "/"}},
        GoodUrl{"https_by_default_port", "https://a.example/", {{"a.example", 443, true}, "/"}},
        GoodUrl{"ws", "ws://a.example/v4/ws", {{"a.example", 80, false}, "/v4/ws"}},
        GoodUrl{"wss", "wss://a.example/v4/ws", {{"a.example", 443, true}, "/v4/ws"}},
        GoodUrl{"port", "https://a.example:8443/x", {{"a.example", 8443, true}, "/x"}},
        GoodUrl{"highest_port", "http://a:65535", {{"a", 65535, false}, "/"}},
        GoodUrl{"query", "http://a/x?y=1&z=%20", {{"a", 80, false}, "/x?y=1&z=%20"}},
        GoodUrl{"query_without_path", "http://a?y=1", {{"a", 80, false}, "/?y=1"}},
        GoodUrl{"fragment", "http://a/x#part", {{"a", 80, false}, "/x"}},
        GoodUrl{"ipv4", "ws://127.0.0.1:9/x", {{"127.0.0.1", 9, false}, "/x"}},
        GoodUrl{"ipv6", "ws://[::1]/x", {{"::1", 80, false}, "/x"}},
        GoodUrl{"ipv6_with_port", "wss://[2001:db8::1]:444", {{"2001:db8::1", 444, true}, "/"}}),
    [](const auto& info) { return info.param.name; });

struct BadUrl {
  std::string name;
  std::string url;
};

class ParseBadUrlTest : public testing::TestWithParam<BadUrl> {};

TEST_P(ParseBadUrlTest, IsInvalidArgument) {
  EXPECT_EQ(ParseUrl(GetParam().url).status().code(), absl::StatusCode::kInvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(
    Urls, ParseBadUrlTest,
    testing::Values(BadUrl{"empty", ""}, BadUrl{"no_scheme", "a.example/x"},
                    BadUrl{"other_scheme", "ftp://a"}, BadUrl{"no_host", "http:///x"},
                    BadUrl{"user_information", "http://user:secret@a/"},
                    BadUrl{"port_zero", "http://a:0"}, BadUrl{"port_too_big", "http://a:65536"},
                    BadUrl{"port_empty", "http://a:"}, BadUrl{"port_with_text", "http://a:80b"},
                    BadUrl{"port_negative", "http://a:-1"}, BadUrl{"space", "http://a/x y"},
                    BadUrl{"line_break", "http://a/x\r\nHost: b"},
                    BadUrl{"space_in_host", "http://a b/"}, BadUrl{"open_bracket", "http://[::1"},
                    BadUrl{"text_after_bracket", "http://[::1]x"},
                    BadUrl{"name_in_brackets", "http://[localhost]"}),
    [](const auto& info) { return info.param.name; });

TEST(ParseUrlTest, ErrorDoesNotRepeatTheUrl) {
  const absl::Status status = ParseUrl("http://a:b/?token=hunter2").status();
  EXPECT_EQ(std::string(status.message()).find("hunter2"), std::string::npos);
}

TEST(HostHeaderTest, NamesThePortOnlyWhereItIsNotTheDefault) {
  EXPECT_EQ(HostHeader({"a", 443, true}), "a");
  EXPECT_EQ(HostHeader({"a", 80, false}), "a");
  EXPECT_EQ(HostHeader({"a", 80, true}), "a:80");
  EXPECT_EQ(HostHeader({"::1", 443, true}), "[::1]");
  EXPECT_EQ(HostHeader({"::1", 9, true}), "[::1]:9");
}

}  // namespace
}  // namespace switchyard::net
