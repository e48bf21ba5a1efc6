// Every signing vector, to the byte: the text that is signed, the signature, the headers and
// frames.
#include <gtest/gtest.h>

#include <string>

#include "exchanges/gateio/auth.h"
#include "tests/exchanges/gateio/golden.h"

namespace switchyard::exchanges::gateio {
namespace {

using json::Json;

std::string Text(const GoldenEntry& entry, const char* field) {
  return entry.fields.value(field, "");
}

std::string HeaderOf(const net::HttpRequest& request, std::string_view name) {
  std::string found;
  for (const auto& [key, value] : request.headers) {
    if (key == name) found += value;
  }
  return found;
}

class RestSigningTest : public testing::TestWithParam<GoldenEntry> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RestSigningTest);

TEST_P(RestSigningTest, SignsToTheByte) {
  const GoldenEntry& entry = GetParam();
  const std::int64_t seconds = entry.fields.at("timestamp_s").get<std::int64_t>();
  const Auth auth(Text(entry, "api_key"), Text(entry, "secret"));
  EXPECT_EQ(RestSigningText(Text(entry, "method"), Text(entry, "path"),
                            Text(entry, "query_signed_unencoded"), Text(entry, "body"), seconds),
            Text(entry, "signing_input"));
  net::HttpRequest request;
  request.method = Text(entry, "method");
  request.target = Text(entry, "path");
  const std::string query = Text(entry, "query_on_url");
  if (!query.empty()) request.target += "?" + query;
  request.body = Text(entry, "body");
  ASSERT_TRUE(auth.Sign(TimeNs::FromSeconds(seconds), request).ok());
  EXPECT_EQ(HeaderOf(request, "SIGN"), Text(entry, "signature"));
  for (const char* const name : {"KEY", "Timestamp", "SIGN"}) {
    EXPECT_EQ(HeaderOf(request, name), entry.fields.at("headers").at(name)) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Vectors, RestSigningTest,
                         testing::ValuesIn(LoadGolden("signing_rest", {"vectors"})), EntryName());

class RestExampleTest : public testing::TestWithParam<GoldenEntry> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RestExampleTest);

TEST_P(RestExampleTest, IsReproduced) {
  const Auth auth(Text(GetParam(), "api_key"), Text(GetParam(), "secret"));
  EXPECT_EQ(auth.Signature(Text(GetParam(), "signing_input")), Text(GetParam(), "signature"));
}

INSTANTIATE_TEST_SUITE_P(Documentation, RestExampleTest,
                         testing::ValuesIn(LoadGolden("signing_rest", {"official_examples"})),
                         EntryName());

class ChannelSigningTest : public testing::TestWithParam<GoldenEntry> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ChannelSigningTest);

TEST_P(ChannelSigningTest, SignsToTheByte) {
  const GoldenEntry& entry = GetParam();
  const Json& message = entry.fields.at("message");
  const std::int64_t seconds = message.at("time").get<std::int64_t>();
  const std::string channel = message.at("channel"), event = message.at("event");
  EXPECT_EQ(ChannelSigningText(channel, event, seconds), Text(entry, "signing_input"));
  const Auth auth(Text(entry, "api_key"), Text(entry, "secret"));
  const auto object = json::Parse(auth.ChannelAuth(channel, event, TimeNs::FromSeconds(seconds)));
  ASSERT_TRUE(object.ok()) << object.status();
  EXPECT_EQ(*object, message.at("auth"));
}

INSTANTIATE_TEST_SUITE_P(Vectors, ChannelSigningTest,
                         testing::ValuesIn(LoadGolden("signing_ws", {"subscribe_auth"})),
                         EntryName());

class LoginTest : public testing::TestWithParam<GoldenEntry> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(LoginTest);

TEST_P(LoginTest, IsTheOfficialFrame) {
  const GoldenEntry& entry = GetParam();
  const Json& message = entry.fields.at("message");
  const std::string channel = message.at("channel");
  const Product product = channel.starts_with("spot.") ? Product::kSpot : Product::kFutures;
  const std::int64_t seconds = message.at("time").get<std::int64_t>();
  EXPECT_EQ(ApiSigningText(channel, "", seconds), Text(entry, "signing_input"));
  const Auth auth(Text(entry, "api_key"), Text(entry, "secret"));
  const std::string request_id = message.at("payload").at("req_id");
  const auto frame =
      json::Parse(auth.LoginFrame(product, request_id, TimeNs::FromSeconds(seconds)));
  ASSERT_TRUE(frame.ok()) << frame.status();
  EXPECT_EQ(*frame, message);
}

INSTANTIATE_TEST_SUITE_P(Vectors, LoginTest,
                         testing::ValuesIn(LoadGolden("signing_ws", {"api_login_official"})),
                         EntryName());

// Requests over the socket sign the bytes of their own req_param.
class ApiSigningTest : public testing::TestWithParam<GoldenEntry> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ApiSigningTest);

TEST_P(ApiSigningTest, SignsToTheByte) {
  const GoldenEntry& entry = GetParam();
  const Json& message = entry.fields.at("message");
  const std::string input = Text(entry, "signing_input");
  const std::string channel = message.at("channel");
  // Between the channel's line and the time's.
  const std::size_t begin = std::string("api\n").size() + channel.size() + 1;
  const std::string req_param = input.substr(begin, input.rfind('\n') - begin);
  EXPECT_EQ(*json::Parse(req_param), message.at("payload").at("req_param"));
  EXPECT_EQ(ApiSigningText(channel, req_param, message.at("time").get<std::int64_t>()), input);
  const Auth auth(Text(entry, "api_key"), Text(entry, "secret"));
  EXPECT_EQ(auth.Signature(input), Text(entry, "signature"));
  EXPECT_EQ(auth.Signature(input), message.at("payload").at("signature"));
}

INSTANTIATE_TEST_SUITE_P(Vectors, ApiSigningTest,
                         testing::ValuesIn(LoadGolden("signing_ws", {"api_signed_ccxt_form"})),
                         EntryName());

TEST(AuthTest, SigningAgainReplacesTheFirstSignature) {
  const Auth auth("key", "secret");
  net::HttpRequest request;
  request.target = "/api/v4/spot/accounts";
  ASSERT_TRUE(auth.Sign(TimeNs::FromSeconds(1), request).ok());
  const std::string first = HeaderOf(request, "SIGN");
  ASSERT_TRUE(auth.Sign(TimeNs::FromSeconds(2), request).ok());
  EXPECT_EQ(request.headers.size(), 3u);
  EXPECT_EQ(HeaderOf(request, "Timestamp"), "2");
  EXPECT_NE(HeaderOf(request, "SIGN"), first);
}

TEST(AuthTest, TheTimeIsWholeSecondsRoundedDown) {
  const Auth auth("key", "secret");
  net::HttpRequest request;
  ASSERT_TRUE(auth.Sign(TimeNs::FromMillis(1'999), request).ok());
  EXPECT_EQ(HeaderOf(request, "Timestamp"), "1");
}

TEST(AuthTest, ABrokenQueryIsRefusedUnsigned) {
  const Auth auth("key", "secret");
  for (const char* const target : {"/a?b=%", "/a?b=%4", "/a?b=%zz"}) {
    net::HttpRequest request;
    request.target = target;
    EXPECT_EQ(auth.Sign(TimeNs(), request).code(), absl::StatusCode::kInvalidArgument) << target;
    EXPECT_TRUE(request.headers.empty());
  }
}

TEST(GoldenFilesTest, AreThere) {
  ExpectEntriesOf({"signing_rest"}, {"vectors"});
  ExpectEntriesOf({"signing_rest"}, {"official_examples"});
  for (const char* const list : {"subscribe_auth", "api_login_official", "api_signed_ccxt_form"}) {
    ExpectEntriesOf({"signing_ws"}, {list});
  }
}

}  // namespace
}  // namespace switchyard::exchanges::gateio
