// Tokens: what they say, when they are replaced, and that a wrong clock does not keep a bad one.
#include "exchanges/lighter/private/auth_tokens.h"

#include <gtest/gtest.h>

#include <string>

namespace switchyard::exchanges::lighter {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t kStart = 1'700'000'000;
constexpr std::string_view kKey =
    "0x01020304050607080102030405060708010203040506070801020304050607080102030405060708";

class AuthTokensTest : public testing::Test {
 protected:
  std::string Token() { return std::string(tokens_.Current().value()); }
  // What the token says of itself, without its signature.
  static std::string MessageOf(const std::string& token) {
    return token.substr(0, token.rfind(':'));
  }

  ManualClock clock_{TimeNs::FromSeconds(kStart)};
  signing::PrivateKey key_ = signing::PrivateKey::FromHex(kKey).value();
  AuthTokens tokens_{key_, {1077, 4}, clock_};
};

TEST_F(AuthTokensTest, SaysItsDeadlineAccountAndKey) {
  const std::string token = Token();
  EXPECT_EQ(MessageOf(token), "1700025200:1077:4");  // 7 h later
  EXPECT_EQ(token.size(), MessageOf(token).size() + 1 + 160);
  EXPECT_EQ(tokens_.generation(), 1u);
}

TEST_F(AuthTokensTest, IsKeptUntilHalfAnHourBeforeItsEnd) {
  const std::string first = Token();
  clock_.Advance(hours(6) + minutes(30) - seconds(1));
  EXPECT_FALSE(tokens_.IsDue());
  EXPECT_EQ(Token(), first);
  EXPECT_EQ(tokens_.generation(), 1u);
  clock_.Advance(seconds(1));
  EXPECT_TRUE(tokens_.IsDue());
  EXPECT_EQ(MessageOf(Token()), "1700048600:1077:4");  // 6.5 h + 7 h after the start
  EXPECT_EQ(tokens_.generation(), 2u);
  EXPECT_FALSE(tokens_.IsDue());
}

TEST_F(AuthTokensTest, ARefusedOneIsReplacedEvenWithinTheSameSecond) {
  const std::string first = Token();
  tokens_.OnRefused(1);
  EXPECT_TRUE(tokens_.IsDue());
  const std::string second = Token();
  EXPECT_EQ(MessageOf(second), "1700025201:1077:4");
  tokens_.OnRefused(2);
  EXPECT_EQ(MessageOf(Token()), "1700025202:1077:4");
  EXPECT_EQ(tokens_.generation(), 3u);
}

TEST_F(AuthTokensTest, TheRefusalOfAnEarlierOneChangesNothing) {
  Token();
  tokens_.OnRefused(1);
  const std::string second = Token();
  tokens_.OnRefused(1);
  EXPECT_FALSE(tokens_.IsDue());
  EXPECT_EQ(Token(), second);
}

// The exchange takes a token from 8 h before its deadline.
TEST(AuthTokensClockTest, OneThatIsNotGoodYetByANewOffsetIsReplaced) {
  class SteppedClock final : public Clock {
   public:
    TimeNs Now() const override { return TimeNs::FromSeconds(now); }
    std::chrono::nanoseconds Steady() const override { return seconds(1); }
    std::int64_t now = kStart;
  };
  SteppedClock clock;
  const auto key = signing::PrivateKey::FromHex(kKey).value();
  AuthTokens tokens(key, {1077, 4}, clock);
  ASSERT_TRUE(tokens.Current().ok());
  clock.now -= 3600;
  EXPECT_FALSE(tokens.IsDue());
  clock.now -= 1;
  EXPECT_TRUE(tokens.IsDue());
  const std::string token(tokens.Current().value());
  EXPECT_TRUE(token.starts_with("1700021599:1077:4:")) << token.substr(0, 20);
}

TEST(AuthTokensOwnerTest, AnIndexOutOfRangeIsAnError) {
  ManualClock clock{TimeNs::FromSeconds(kStart)};
  const auto key = signing::PrivateKey::FromHex(kKey).value();
  AuthTokens tokens(key, {1077, 255}, clock);
  EXPECT_EQ(tokens.Current().status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(tokens.generation(), 0u);
}

}  // namespace
}  // namespace switchyard::exchanges::lighter
