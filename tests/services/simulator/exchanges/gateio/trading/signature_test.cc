#include "services/simulator/exchanges/gateio/trading/signature.h"

#include <gtest/gtest.h>

namespace switchyard::simulator::gateio {
namespace {

// The official vectors of gateio.md section 2, key "key", secret "secret".
TEST(SignatureTest, AnsweredQueriesAreSignedAsDocumented) {
  EXPECT_EQ(SignRest("secret", {"GET", "/api/v4/futures/orders",
                                "contract=BTC_USD&status=finished&limit=50", "", "1541993715"}),
            "55f84ea195d6fe57ce62464daaa7c3c02fa9d1dde954e4c898289c9a2407a3d6fb3faf24deff16790d726b"
            "66ac9f74526668b13bd01029199cc4fcc522418b8a");
  EXPECT_EQ(SignRest("secret", {"POST", "/api/v4/futures/orders", "",
                                R"({"contract":"BTC_USD","type":"limit","size":100,"price":6800,)"
                                R"("time_in_force":"gtc"})",
                                "1541993715"}),
            "eae42da914a590ddf727473aff25fc87d50b64783941061f47a3fdb92742541fc4c2c14017581b4199a141"
            "8d54471c269c03a38d788d802e2c306c37636389f0");
}

// gateio.md section 7, secret "gate-test-secret".
TEST(SignatureTest, SubscriptionsAreSignedAsDocumented) {
  EXPECT_EQ(SignSubscribe("gate-test-secret", "spot.orders", "subscribe", 1'700'000'000),
            "1f0a8bf2b514e5ed31bbcc3dff91861117bc2b0a23ac4fcf75aa25d7603a2ff0c99a9ecb46813ec38ee101"
            "0a0c8c543dc59b9a8801ff1b6ee49a38de4c32ce3b");
}

TEST(SignatureTest, ComparesWholeTexts) {
  EXPECT_TRUE(SignaturesMatch("abc", "abc"));
  EXPECT_FALSE(SignaturesMatch("abc", "abd"));
  EXPECT_FALSE(SignaturesMatch("abc", "abcd"));
}

struct RawCase {
  std::string name, json, want;
};

class RawMemberTest : public ::testing::TestWithParam<RawCase> {};

TEST_P(RawMemberTest, FindsTheBytes) {
  EXPECT_EQ(RawMember(GetParam().json, "payload", "req_param"), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, RawMemberTest,
    ::testing::Values(
        RawCase{"object", R"({"time":1,"payload":{"req_id":"x","req_param":{"b":1.50,"a":"}"}}})",
                R"({"b":1.50,"a":"}"})"},
        RawCase{"spaces", "{ \"payload\" : { \"req_param\" : [ 1, {\"x\": [2]} ] } }",
                "[ 1, {\"x\": [2]} ]"},
        RawCase{"quoted", R"({"a":"\"payload\"","payload":{"s":"\\\"","req_param":""}})", R"("")"},
        RawCase{"absent", R"({"payload":{"req_id":"x"}})", ""},
        RawCase{"no_payload", R"({"req_param":{}})", ""}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace switchyard::simulator::gateio
