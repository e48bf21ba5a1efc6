#include "services/simulator/exchanges/lighter/signatures/auth_token.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "absl/status/status.h"
#include "tests/services/simulator/exchanges/lighter/signatures/golden.h"

namespace switchyard::simulator::lighter::signatures {
namespace {

using std::chrono::hours;
using std::chrono::nanoseconds;

constexpr char kStranger[] =
    "76df3a5f051f2bd7287d48abd20ea57b5be2bf23eb677fffb3333f9d81a9aa01bdd0cedbba2e7e29";

TokenContext ContextAt(TimeNs now, const std::string& public_key_hex) {
  return {.now = now, .keys = ContextOf(0, public_key_hex).keys, .is_issued = [](std::string_view) {
            return false;
          }};
}

absl::StatusCode CodeAt(const std::string& text, TimeNs now, const std::string& key) {
  return VerifyAuthToken(text, ContextAt(now, key)).status().code();
}

class Tokens : public testing::TestWithParam<Vector> {
 protected:
  const std::string token_ = GetParam().Text("token");
  const std::string key_ = GetParam().Text("public_key_hex");
  const TimeNs deadline_ = TimeNs::FromSeconds(std::stoll(token_));
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Tokens);
INSTANTIATE_TEST_SUITE_P(Golden, Tokens, testing::ValuesIn(LoadVectors("auth_token_vectors")),
                         VectorName());

TEST_P(Tokens, AreGoodInTheEightHoursBeforeTheirDeadline) {
  const auto token = VerifyAuthToken(token_, ContextAt(deadline_ - hours(8), key_));
  ASSERT_TRUE(token.ok()) << token.status();
  const std::string message = std::to_string(deadline_.Seconds()) + ":" +
                              std::to_string(token->account_index) + ":" +
                              std::to_string(token->api_key_index);
  EXPECT_EQ(message, GetParam().Text("message"));
  EXPECT_EQ(token->scope, TokenScope::kOwner);
  EXPECT_EQ(token->deadline, deadline_);
  EXPECT_EQ(CodeAt(token_, deadline_ - nanoseconds(1), key_), absl::StatusCode::kOk);
  EXPECT_EQ(CodeAt(token_, deadline_, key_), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(CodeAt(token_, deadline_ - hours(8) - nanoseconds(1), key_),
            absl::StatusCode::kUnauthenticated);
}

TEST_P(Tokens, AreSignedByTheKeyThatTheyName) {
  EXPECT_EQ(CodeAt(token_, deadline_ - hours(1), kStranger), absl::StatusCode::kUnauthenticated);
  TokenContext context = ContextAt(deadline_ - hours(1), key_);
  context.keys = [](std::int64_t, std::int64_t) -> absl::StatusOr<PublicKey> {
    return Refuse(Refusal::kApiKeyNotFound, "there is none");
  };
  const absl::Status status = VerifyAuthToken(token_, context).status();
  EXPECT_EQ(CodeOf(status), static_cast<int>(Refusal::kApiKeyNotFound));
}

TEST_P(Tokens, AreRefusedWithAnyByteChanged) {
  for (std::size_t i = 0; i < token_.size(); ++i) {
    std::string changed = token_;
    changed[i] = changed[i] == '1' ? '2' : '1';
    EXPECT_NE(CodeAt(changed, deadline_ - hours(1), key_), absl::StatusCode::kOk) << "byte " << i;
  }
}

TEST_P(Tokens, AreRefusedWhenCut) {
  for (std::size_t size = 0; size < token_.size(); ++size) {
    EXPECT_EQ(CodeAt(token_.substr(0, size), deadline_ - hours(1), key_),
              absl::StatusCode::kInvalidArgument)
        << size;
  }
}

TEST(GoldenFiles, HaveTheirVectors) { ExpectCount(LoadVectors("auth_token_vectors"), 7); }

struct Malformed {
  std::string name, text;
};

class MalformedTokens : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedTokens, AreInvalidArguments) {
  EXPECT_EQ(CodeAt(GetParam().text, TimeNs::FromSeconds(1'700'000'000), kStranger),
            absl::StatusCode::kInvalidArgument);
}

const std::string kDigits(160, '0');
INSTANTIATE_TEST_SUITE_P(
    All, MalformedTokens,
    testing::Values(Malformed{"empty", ""}, Malformed{"colons", ":::"},
                    Malformed{"no_deadline", ":1:2:" + kDigits},
                    Malformed{"deadline_no_number", "17000x:1:2:" + kDigits},
                    Malformed{"deadline_negative", "-1700000001:1:2:" + kDigits},
                    Malformed{"deadline_beyond_time", "9223372036854775807:1:2:" + kDigits},
                    Malformed{"deadline_beyond_64_bits", "99999999999999999999:1:2:" + kDigits},
                    Malformed{"account_too_high", "1700000001:281474976710655:2:" + kDigits},
                    Malformed{"all_keys", "1700000001:1:255:" + kDigits},
                    Malformed{"space", "1700000001: 1:2:" + kDigits},
                    Malformed{"signature_short", "1700000001:1:2:" + kDigits.substr(2)},
                    Malformed{"signature_long", "1700000001:1:2:" + kDigits + "00"},
                    Malformed{"signature_no_hex", "1700000001:1:2:g" + kDigits.substr(1)},
                    Malformed{"a_part_too_many", "1700000001:1:2:" + kDigits + ":"},
                    Malformed{"read_only_scope", "ro:1:some:1700000001:abcd"},
                    Malformed{"read_only_account", "ro::all:1700000001:abcd"},
                    Malformed{"read_only_deadline", "ro:1:all:soon:abcd"},
                    Malformed{"read_only_without_digits", "ro:1:all:1700000001:"},
                    Malformed{"read_only_no_hex", "ro:1:all:1700000001:wxyz"},
                    Malformed{"read_only_cut", "ro:1:all:1700000001"}),
    [](const auto& info) { return info.param.name; });

TEST(SignedTokens, OfZerosAreRefused) {
  EXPECT_EQ(CodeAt("1700000001:1:2:" + kDigits, TimeNs::FromSeconds(1'700'000'000), kStranger),
            absl::StatusCode::kUnauthenticated);
}

TEST(ReadOnlyTokens, AreGoodWhileIssuedAndNotExpired) {
  const std::string text = "ro:281474976639642:single:1800000000:0123456789abcdef";
  const std::string of_all = "ro:12345:all:1800000000:0123456789abcdef";
  TokenContext context = ContextAt(TimeNs::FromSeconds(1'799'999'999), kStranger);
  context.is_issued = [&](std::string_view token) { return token == text || token == of_all; };

  const auto one = VerifyAuthToken(text, context);
  ASSERT_TRUE(one.ok()) << one.status();
  EXPECT_EQ(one->account_index, 281474976639642);
  EXPECT_EQ(one->api_key_index, -1);
  EXPECT_EQ(one->scope, TokenScope::kReadOne);
  const auto all = VerifyAuthToken(of_all, context);
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->scope, TokenScope::kReadAll);

  EXPECT_EQ(VerifyAuthToken("ro:12345:single:1800000000:0123456789abcdef", context).status().code(),
            absl::StatusCode::kUnauthenticated);
  context.now = TimeNs::FromSeconds(1'800'000'000);
  EXPECT_EQ(VerifyAuthToken(text, context).status().code(), absl::StatusCode::kUnauthenticated);
}

}  // namespace
}  // namespace switchyard::simulator::lighter::signatures
