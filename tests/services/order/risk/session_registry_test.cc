#include "services/order/risk/session_registry.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/services/order/risk/samples.h"

namespace switchyard::order::risk {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

class SessionRegistryTest : public testing::Test {
 protected:
  // "session: order order; session: ..."
  std::string Expired() {
    std::string text;
    for (const ExpiredSession& session : registry_.TakeExpired()) {
      text += session.session_id + ":";
      for (const std::string& key : session.order_keys) text += " " + key;
      text += ";";
    }
    return text;
  }
  void Bind(const std::string& key, const std::string& session, seconds grace = seconds(10)) {
    const absl::Status status = registry_.Bind(key, session, grace);
    EXPECT_TRUE(status.ok()) << status;
  }

  ManualClock clock_{TimeNs::FromSeconds(1'000)};
  SessionRegistry registry_{clock_};
};

TEST_F(SessionRegistryTest, RefusesAnOrderOfASessionWithoutStream) {
  const absl::Status status = registry_.Bind("a", "s", seconds(10));
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_SESSION_NOT_CONNECTED);
  clock_.Advance(seconds(60));
  EXPECT_EQ(Expired(), "");
}

TEST_F(SessionRegistryTest, RefusesAnOrderWithinTheGraceOfAnAbsentClient) {
  registry_.StreamOpened("s");
  Bind("a", "s");
  registry_.StreamClosed("s");
  EXPECT_EQ(ReasonOf(registry_.Bind("b", "s", seconds(10))),
            common::v1::ERROR_REASON_SESSION_NOT_CONNECTED);
}

TEST_F(SessionRegistryTest, TellsTheOrdersOfAClientThatStaysAway) {
  registry_.StreamOpened("s");
  registry_.StreamOpened("other");
  Bind("a", "s");
  Bind("b", "s");
  Bind("c", "other");
  registry_.StreamClosed("s");
  clock_.Advance(seconds(10) - nanoseconds(1));
  EXPECT_EQ(Expired(), "");
  clock_.Advance(nanoseconds(1));
  EXPECT_EQ(Expired(), "s: a b;");
  EXPECT_EQ(Expired(), "");
}

TEST_F(SessionRegistryTest, AReturnWithinTheGraceCancelsNothing) {
  registry_.StreamOpened("s");
  Bind("a", "s");
  for (int i = 0; i < 5; ++i) {
    registry_.StreamClosed("s");
    clock_.Advance(seconds(10) - nanoseconds(1));
    registry_.StreamOpened("s");
    clock_.Advance(seconds(60));
    EXPECT_EQ(Expired(), "");
  }
}

TEST_F(SessionRegistryTest, AReturnBeforeTheExpiryIsNoticedCancelsNothing) {
  registry_.StreamOpened("s");
  Bind("a", "s");
  registry_.StreamClosed("s");
  clock_.Advance(seconds(20));
  registry_.StreamOpened("s");
  EXPECT_EQ(Expired(), "");
}

TEST_F(SessionRegistryTest, AReturnAfterExpiryDoesNotTakeTheOrdersBack) {
  registry_.StreamOpened("s");
  Bind("a", "s");
  registry_.StreamClosed("s");
  clock_.Advance(seconds(10));
  EXPECT_EQ(Expired(), "s: a;");
  registry_.StreamOpened("s");
  registry_.StreamClosed("s");
  clock_.Advance(seconds(60));
  EXPECT_EQ(Expired(), "");
}

TEST_F(SessionRegistryTest, OneOfSeveralStreamsIsPresence) {
  registry_.StreamOpened("s");
  registry_.StreamOpened("s");
  Bind("a", "s");
  registry_.StreamClosed("s");
  clock_.Advance(seconds(60));
  EXPECT_TRUE(registry_.IsPresent("s"));
  EXPECT_EQ(Expired(), "");
  registry_.StreamClosed("s");
  EXPECT_FALSE(registry_.IsPresent("s"));
  clock_.Advance(seconds(10));
  EXPECT_EQ(Expired(), "s: a;");
}

TEST_F(SessionRegistryTest, TheEndOfOneOfSeveralStreamsIsNoAbsence) {
  registry_.StreamOpened("s");
  registry_.StreamOpened("s");
  registry_.StreamClosed("s");
  EXPECT_TRUE(registry_.IsPresent("s"));
  Bind("a", "s");
}

TEST_F(SessionRegistryTest, EachOrderHasItsOwnGrace) {
  registry_.StreamOpened("s");
  Bind("slow", "s", seconds(30));
  Bind("fast", "s", seconds(1));
  registry_.StreamClosed("s");
  EXPECT_EQ(registry_.NextExpiry(), clock_.Steady() + seconds(1));
  clock_.Advance(seconds(1));
  EXPECT_EQ(Expired(), "s: fast;");
  EXPECT_EQ(registry_.NextExpiry(), clock_.Steady() + seconds(29));
  clock_.Advance(seconds(29));
  EXPECT_EQ(Expired(), "s: slow;");
  EXPECT_EQ(registry_.NextExpiry(), std::nullopt);
}

TEST_F(SessionRegistryTest, FinishedOrdersAreForgotten) {
  registry_.StreamOpened("s");
  Bind("a", "s");
  Bind("b", "s");
  registry_.Unbind("a");
  registry_.Unbind("a");
  registry_.Unbind("never");
  registry_.StreamClosed("s");
  clock_.Advance(seconds(10));
  EXPECT_EQ(Expired(), "s: b;");
}

TEST_F(SessionRegistryTest, BindingAgainReplaces) {
  registry_.StreamOpened("s");
  registry_.StreamOpened("t");
  Bind("a", "s", seconds(1));
  Bind("a", "s", seconds(5));
  Bind("b", "s", seconds(1));
  Bind("b", "t", seconds(1));
  Bind("b", "t", seconds(1));
  registry_.StreamClosed("s");
  clock_.Advance(seconds(1));
  EXPECT_EQ(Expired(), "");
  clock_.Advance(seconds(4));
  EXPECT_EQ(Expired(), "s: a;");
  registry_.StreamClosed("t");
  clock_.Advance(seconds(1));
  EXPECT_EQ(Expired(), "t: b;");
}

TEST_F(SessionRegistryTest, AfterARestartClientsHaveTheirFullGrace) {
  clock_.Advance(seconds(500));
  registry_.Restore("a", "s", seconds(10));
  registry_.Restore("b", "t", seconds(10));
  clock_.Advance(seconds(9));
  registry_.StreamOpened("t");
  EXPECT_EQ(Expired(), "");
  clock_.Advance(seconds(1));
  EXPECT_EQ(Expired(), "s: a;");
  EXPECT_EQ(registry_.NextExpiry(), std::nullopt);
}

TEST_F(SessionRegistryTest, StreamsWithoutSessionAndUnknownEndsAreNothing) {
  registry_.StreamOpened("");
  EXPECT_FALSE(registry_.IsPresent(""));
  registry_.StreamClosed("");
  registry_.StreamClosed("never");
  EXPECT_EQ(registry_.NextExpiry(), std::nullopt);
}

TEST_F(SessionRegistryTest, TellsHowLongTheClientWasAbsent) {
  registry_.StreamOpened("s");
  Bind("a", "s");
  registry_.StreamClosed("s");
  clock_.Advance(seconds(12));
  const std::vector<ExpiredSession> expired = registry_.TakeExpired();
  ASSERT_EQ(expired.size(), 1u);
  EXPECT_EQ(expired[0].absent_for, seconds(12));
}

struct GraceCase {
  std::string name;
  std::uint32_t asked;
  milliseconds want;
};

class GraceTest : public testing::TestWithParam<GraceCase> {};

TEST_P(GraceTest, IsClamped) { EXPECT_EQ(GraceOf(GetParam().asked), GetParam().want); }

INSTANTIATE_TEST_SUITE_P(Values, GraceTest,
                         testing::Values(GraceCase{"standard", 0, milliseconds(10'000)},
                                         GraceCase{"too_short", 1, milliseconds(1'000)},
                                         GraceCase{"shortest", 1'000, milliseconds(1'000)},
                                         GraceCase{"between", 1'234, milliseconds(1'234)},
                                         GraceCase{"longest", 600'000, milliseconds(600'000)},
                                         GraceCase{"too_long", 600'001, milliseconds(600'000)},
                                         GraceCase{"far_too_long", 4'294'967'295,
                                                   milliseconds(600'000)}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace switchyard::order::risk
