#include "common/net/internal/http_wire.h"

#include <gtest/gtest.h>

#include <string>

namespace switchyard::net::internal {
namespace {

const Endpoint kEndpoint{"api.example", 443, true};

TEST(SerializeRequestTest, SendsTargetAndBodyByteForByte) {
  const HttpRequest request{.method = "POST",
                            .target = "/v1/orders?b=2&a=%2F",
                            .headers = {{"KEY", "k"}, {"Content-Type", "application/json"}},
                            .body = "{\"x\": 1}"};
  const absl::StatusOr<std::string> wire = SerializeRequest(request, kEndpoint, "agent");
  ASSERT_TRUE(wire.ok()) << wire.status();
  EXPECT_EQ(*wire,
            "POST /v1/orders?b=2&a=%2F HTTP/1.1\r\n"
            "Host: api.example\r\n"
            "User-Agent: agent\r\n"
            "KEY: k\r\n"
            "Content-Type: application/json\r\n"
            "Content-Length: 8\r\n"
            "\r\n"
            "{\"x\": 1}");
}

TEST(SerializeRequestTest, KeepsGivenHostAndAgent) {
  const HttpRequest request{.headers = {{"host", "other"}, {"user-agent", "mine"}}};
  const absl::StatusOr<std::string> wire = SerializeRequest(request, kEndpoint, "agent");
  ASSERT_TRUE(wire.ok()) << wire.status();
  EXPECT_EQ(*wire, "GET / HTTP/1.1\r\nhost: other\r\nuser-agent: mine\r\n\r\n");
}

TEST(SerializeRequestTest, AnnouncesTheLengthThatIsSent) {
  const HttpRequest request{.method = "PUT", .headers = {{"content-length", "99"}}};
  const absl::StatusOr<std::string> wire = SerializeRequest(request, kEndpoint, "");
  ASSERT_TRUE(wire.ok()) << wire.status();
  EXPECT_EQ(*wire, "PUT / HTTP/1.1\r\nHost: api.example\r\nContent-Length: 0\r\n\r\n");
}

struct BadRequest {
  std::string name;
  HttpRequest request;
};

class SerializeBadRequestTest : public testing::TestWithParam<BadRequest> {};

TEST_P(SerializeBadRequestTest, IsInvalidArgument) {
  EXPECT_EQ(SerializeRequest(GetParam().request, kEndpoint, "agent").status().code(),
            absl::StatusCode::kInvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(
    Requests, SerializeBadRequestTest,
    testing::Values(BadRequest{"empty_method", {.method = ""}},
                    BadRequest{"method_with_space", {.method = "GET /"}},
                    BadRequest{"empty_target", {.target = ""}},
                    BadRequest{"relative_target", {.target = "x"}},
                    BadRequest{"target_with_space", {.target = "/a b"}},
                    BadRequest{"target_with_line_break", {.target = "/a\r\nX: y"}},
                    BadRequest{"header_name_with_colon", {.headers = {{"a:b", "c"}}}},
                    BadRequest{"empty_header_name", {.headers = {{"", "c"}}}},
                    BadRequest{"header_value_with_line_break", {.headers = {{"a", "b\r\nc: d"}}}},
                    BadRequest{"chunked_request", {.headers = {{"transfer-encoding", "chunked"}}}}),
    [](const auto& info) { return info.param.name; });

TEST(HttpResponseTest, FindsHeadersWhateverTheirCase) {
  const HttpResponse response{.headers = {{"Retry-After", "7"}, {"retry-after", "9"}}};
  ASSERT_NE(response.FindHeader("RETRY-AFTER"), nullptr);
  EXPECT_EQ(*response.FindHeader("RETRY-AFTER"), "7");
  EXPECT_EQ(response.FindHeader("Retry"), nullptr);
}

}  // namespace
}  // namespace switchyard::net::internal
