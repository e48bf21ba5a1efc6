#include "services/order/risk/kill_switch.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/services/order/risk/samples.h"

namespace switchyard::order::risk {
namespace {

constexpr TimeNs kTen = TimeNs::FromSeconds(10);
constexpr TimeNs kEleven = TimeNs::FromSeconds(11);

v1::SetKillSwitchRequest Request(const std::string& text) {
  return Parse<v1::SetKillSwitchRequest>(text);
}

TEST(KillSwitchTest, ThatIsOnRefusesAndSaysWhoWhenAndWhy) {
  const auto set =
      ChangedKillSwitch({}, Request("engaged: true reason: 'runaway quoter'"), "anna", kTen);
  ASSERT_TRUE(set.ok()) << set.status();
  const absl::Status status = CheckKillSwitch(*set);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_KILL_SWITCH);
  const std::string message(status.message());
  EXPECT_NE(message.find("anna"), std::string::npos) << message;
  EXPECT_NE(message.find("1970-01-01T00:00:10"), std::string::npos) << message;
  EXPECT_NE(message.find("runaway quoter"), std::string::npos) << message;
}

TEST(KillSwitchTest, ThatWasNeverSetOrIsReleasedRefusesNothing) {
  EXPECT_TRUE(CheckKillSwitch({}).ok());
  const auto set = ChangedKillSwitch({}, Request("engaged: true reason: 'x'"), "anna", kTen);
  const auto released =
      ChangedKillSwitch(*set, Request("engaged: false reason: 'fixed'"), "ben", kEleven);
  ASSERT_TRUE(released.ok()) << released.status();
  EXPECT_TRUE(CheckKillSwitch(*released).ok());
  EXPECT_EQ(released->set_by(), "ben");
  EXPECT_EQ(released->reason(), "fixed");
  EXPECT_EQ(released->change_time_ns(), kEleven.value);
}

TEST(KillSwitchTest, NeedsAReasonOfAtMost200Bytes) {
  ExpectField(ChangedKillSwitch({}, Request("engaged: true"), "anna", kTen).status(), "reason");
  v1::SetKillSwitchRequest request = Request("engaged: true");
  request.set_reason(std::string(200, 'x'));
  ExpectField(ChangedKillSwitch({}, request, "anna", kTen).status(), "");
  request.set_reason(std::string(201, 'x'));
  ExpectField(ChangedKillSwitch({}, request, "anna", kTen).status(), "reason");
}

TEST(KillSwitchTest, ReleasedCancelsNothing) {
  ExpectField(
      ChangedKillSwitch({}, Request("reason: 'x' cancel_open_orders: true"), "anna", kTen).status(),
      "cancel_open_orders");
}

TEST(KillSwitchTest, RepeatedKeepsItsTime) {
  const auto set = ChangedKillSwitch({}, Request("engaged: true reason: 'x'"), "anna", kTen);
  const auto again = ChangedKillSwitch(*set, Request("engaged: true reason: 'x'"), "anna", kEleven);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->change_time_ns(), kTen.value);
  const auto other = ChangedKillSwitch(*set, Request("engaged: true reason: 'x'"), "ben", kEleven);
  EXPECT_EQ(other->change_time_ns(), kEleven.value);
}

TEST(KillSwitchTest, FirstReleaseIsAChange) {
  const auto set = ChangedKillSwitch({}, Request("engaged: false reason: 'x'"), "", kTen);
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_EQ(set->change_time_ns(), kTen.value);
}

}  // namespace
}  // namespace switchyard::order::risk
