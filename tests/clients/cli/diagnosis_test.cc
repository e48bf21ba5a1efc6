// What `yard doctor` says about each thing that can be wrong, and what it tells to do.
#include "clients/cli/diagnosis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/status/status.h"

namespace switchyard::clients::cli {
namespace {

using status::v1::ConnectionState;
using status::v1::GetStatusResponse;
using ::testing::HasSubstr;

constexpr TimeNs kNow = TimeNs::FromSeconds(1'700'000'000);
constexpr std::int64_t kSecond = 1'000'000'000;

status::v1::ExchangeStatus& AddEntry(GetStatusResponse& response, const std::string& component) {
  auto& entry = *response.add_statuses();
  entry.set_exchange("alpha");
  entry.set_component(component);
  entry.set_ready(true);
  return entry;
}

void AddConnection(status::v1::ExchangeStatus& entry, const std::string& name,
                   ConnectionState state, const std::string& error = "") {
  auto& connection = *entry.add_connections();
  connection.set_name(name);
  connection.set_state(state);
  connection.set_last_error(error);
}

Finding Of(const std::vector<Finding>& findings, const std::string& check) {
  for (const Finding& finding : findings) {
    if (finding.check == check) return finding;
  }
  ADD_FAILURE() << "nothing about " << check;
  return {};
}

struct ReadCase {
  std::string name;
  absl::Status status;
  std::string advice;
};

class FailedReadTest : public ::testing::TestWithParam<ReadCase> {};

TEST_P(FailedReadTest, SaysWhatToDo) {
  const auto finding = JudgeRead("alpha", "main", "balances", GetParam().status);
  ASSERT_TRUE(finding.has_value());
  EXPECT_EQ(finding->level, Level::kFailed);
  EXPECT_EQ(finding->subject, "alpha main");
  EXPECT_THAT(finding->advice, HasSubstr(GetParam().advice));
}

absl::Status Error(absl::StatusCode code, common::v1::ErrorReason reason) {
  return MakeError(code, reason, "the exchange said so", {{"exchange", "alpha"}});
}

INSTANTIATE_TEST_SUITE_P(
    Reads, FailedReadTest,
    testing::Values(
        ReadCase{"key", Error(absl::StatusCode::kUnauthenticated, common::v1::ERROR_REASON_BAD_KEY),
                 "does not know the API key"},
        ReadCase{"secret",
                 Error(absl::StatusCode::kUnauthenticated, common::v1::ERROR_REASON_BAD_SIGNATURE),
                 "secret does not belong"},
        ReadCase{"clock",
                 Error(absl::StatusCode::kUnauthenticated, common::v1::ERROR_REASON_BAD_TIMESTAMP),
                 "synchronise this machine's clock"},
        ReadCase{
            "permission",
            Error(absl::StatusCode::kPermissionDenied, common::v1::ERROR_REASON_KEY_PERMISSION),
            "give the API key this right"},
        ReadCase{"grant",
                 Error(absl::StatusCode::kPermissionDenied, common::v1::ERROR_REASON_NOT_GRANTED),
                 "granted to you"},
        ReadCase{"token",
                 Error(absl::StatusCode::kUnauthenticated,
                       common::v1::ERROR_REASON_CLIENT_NOT_AUTHENTICATED),
                 "a token or a certificate"},
        ReadCase{
            "backend",
            Error(absl::StatusCode::kUnavailable, common::v1::ERROR_REASON_BACKEND_UNAVAILABLE),
            "start the service"},
        ReadCase{"limit", absl::ResourceExhaustedError("429"), "try again later"},
        ReadCase{"away", absl::UnavailableError("no route"), "see that the exchange is reached"}),
    [](const auto& info) { return info.param.name; });

TEST(ReadTest, WhatAnExchangeDoesNotHaveIsNoFinding) {
  EXPECT_FALSE(JudgeRead("alpha", "main", "positions", absl::UnimplementedError("")).has_value());
  EXPECT_EQ(JudgeRead("alpha", "main", "positions", absl::OkStatus())->level, Level::kOk);
}

TEST(ReachTest, NobodyThereIsTold) {
  const Finding finding =
      JudgeReach("host:1", absl::UnavailableError("refused"), {}, std::chrono::seconds(0), kNow);
  EXPECT_EQ(finding.level, Level::kFailed);
  EXPECT_THAT(finding.advice, HasSubstr("--router"));
  EXPECT_THAT(finding.advice, HasSubstr("TLS"));
  EXPECT_THAT(JudgeReach("host:1", absl::UnauthenticatedError(""), {}, {}, kNow).advice,
              HasSubstr("a token or a certificate"));
}

TEST(ReachTest, WhoAnswersIsNamed) {
  GetStatusResponse response;
  response.set_version("switchyard 1");
  response.set_start_time_ns(kNow.value - 90 * kSecond);
  const Finding finding =
      JudgeReach("host:1", absl::OkStatus(), response, std::chrono::milliseconds(3), kNow);
  EXPECT_EQ(finding.level, Level::kOk);
  EXPECT_THAT(finding.what, HasSubstr("switchyard 1"));
}

TEST(ExchangesTest, AHealthyExchangeIsFiveLinesOfOk) {
  GetStatusResponse response;
  auto& entry = AddEntry(response, "market_data");
  AddConnection(entry, "ws-0", status::v1::CONNECTION_STATE_READY);
  entry.set_valid_books(2);
  entry.set_clock_offset_ns(kSecond / 100);
  const auto findings = JudgeExchanges(response);
  EXPECT_EQ(findings.size(), 5u);
  EXPECT_EQ(WorstOf(findings), Level::kOk);
}

TEST(ExchangesTest, ARouterWithoutABackendNamesTheServiceToStart) {
  GetStatusResponse response;
  auto& entry = AddEntry(response, "order");
  entry.set_ready(false);
  AddConnection(entry, "backend", status::v1::CONNECTION_STATE_BACKOFF, "refused");
  const Finding services = Of(JudgeExchanges(response), "services");
  EXPECT_EQ(services.level, Level::kFailed);
  EXPECT_THAT(services.what, HasSubstr("order"));
  EXPECT_THAT(services.advice, HasSubstr("alpha_order"));
}

TEST(ExchangesTest, AnExchangeWithoutAnAnswerFails) {
  GetStatusResponse response;
  auto& error = *response.add_errors();
  error.set_exchange("alpha");
  error.mutable_status()->set_code(14);
  error.mutable_status()->set_message("nobody answers");
  const Finding services = Of(JudgeExchanges(response), "services");
  EXPECT_EQ(services.level, Level::kFailed);
  EXPECT_THAT(services.what, HasSubstr("nobody answers"));
  EXPECT_EQ(WorstOf(JudgeExchanges(GetStatusResponse())), Level::kFailed) << "nothing is served";
}

TEST(ExchangesTest, AConnectionThatIsDownFailsAndOneThatComesBackWarns) {
  GetStatusResponse response;
  auto& entry = AddEntry(response, "market_data");
  AddConnection(entry, "ws-0", status::v1::CONNECTION_STATE_BACKOFF, "reset by peer");
  EXPECT_EQ(Of(JudgeExchanges(response), "connections").level, Level::kWarning);
  AddConnection(entry, "ws-1", status::v1::CONNECTION_STATE_DOWN, "no route");
  const Finding connections = Of(JudgeExchanges(response), "connections");
  EXPECT_EQ(connections.level, Level::kFailed);
  EXPECT_THAT(connections.what, HasSubstr("ws-1 is DOWN: no route"));
  EXPECT_THAT(connections.advice, HasSubstr("firewall"));
}

TEST(ExchangesTest, ASilentConnectionWarns) {
  GetStatusResponse response;
  auto& entry = AddEntry(response, "market_data");
  AddConnection(entry, "ws-0", status::v1::CONNECTION_STATE_READY);
  entry.mutable_connections(0)->set_subscriptions(3);
  entry.mutable_connections(0)->set_last_message_age_ns(31 * kSecond);
  EXPECT_EQ(Of(JudgeExchanges(response), "connections").level, Level::kWarning);
  entry.mutable_connections(0)->set_last_message_age_ns(29 * kSecond);
  EXPECT_EQ(Of(JudgeExchanges(response), "connections").level, Level::kOk);
}

TEST(ExchangesTest, StaleBooksWarnAndNoValidOneFails) {
  GetStatusResponse response;
  auto& entry = AddEntry(response, "market_data");
  entry.set_stale_books(1);
  entry.set_valid_books(4);
  EXPECT_EQ(Of(JudgeExchanges(response), "books").what, "1 of 5 are stale");
  EXPECT_EQ(Of(JudgeExchanges(response), "books").level, Level::kWarning);
  entry.set_valid_books(0);
  EXPECT_EQ(Of(JudgeExchanges(response), "books").level, Level::kFailed);
}

TEST(ExchangesTest, AClockThatIsOffWarnsAndOneThatIsFarOffFails) {
  GetStatusResponse response;
  auto& entry = AddEntry(response, "order");
  const auto level = [&](std::int64_t offset_ns) {
    entry.set_clock_offset_ns(offset_ns);
    return Of(JudgeExchanges(response), "clock").level;
  };
  EXPECT_EQ(level(kSecond / 2 - 1), Level::kOk);
  EXPECT_EQ(level(-kSecond), Level::kWarning);
  EXPECT_EQ(level(60 * kSecond), Level::kFailed);
  EXPECT_THAT(Of(JudgeExchanges(response), "clock").what, HasSubstr("ahead of"));
  EXPECT_THAT(Of(JudgeExchanges(response), "clock").advice, HasSubstr("chrony"));
}

TEST(ExchangesTest, ALimitThatIsNearlyUsedUpWarns) {
  GetStatusResponse response;
  auto& limit = *AddEntry(response, "order").add_limits();
  limit.set_name("rest:orders");
  limit.set_limit(100);
  limit.set_remaining(10);
  EXPECT_EQ(Of(JudgeExchanges(response), "limits").level, Level::kOk);
  limit.set_remaining(9);
  const Finding limits = Of(JudgeExchanges(response), "limits");
  EXPECT_EQ(limits.level, Level::kWarning);
  EXPECT_THAT(limits.what, HasSubstr("rest:orders: 9 of 100"));
}

TEST(ExchangesTest, OfManyProblemsTheFirstAreToldAndTheRestCounted) {
  GetStatusResponse response;
  auto& entry = AddEntry(response, "market_data");
  for (int i = 0; i < 5; ++i) AddConnection(entry, "ws", status::v1::CONNECTION_STATE_DOWN);
  EXPECT_THAT(Of(JudgeExchanges(response), "connections").what, HasSubstr("and 2 more"));
}

TEST(ServerClockTest, WhatTheWaitExplainsIsNoFault) {
  using std::chrono::milliseconds;
  EXPECT_EQ(JudgeServerClock("a", milliseconds(-900), milliseconds(500)).level, Level::kOk);
  EXPECT_EQ(JudgeServerClock("a", milliseconds(1'100), milliseconds(500)).level, Level::kWarning);
  EXPECT_EQ(JudgeServerClock("a", milliseconds(-9'000), milliseconds(500)).level, Level::kFailed);
}

TEST(TradingTest, WhatKeepsOrdersBackIsTold) {
  order::v1::GetRiskLimitsResponse limits;
  limits.set_refusal("the account's state is not known");
  EXPECT_EQ(JudgeTrading("alpha", "main", limits).level, Level::kFailed);
  EXPECT_THAT(JudgeTrading("alpha", "main", limits).what, HasSubstr("state is not known"));
  limits.set_accepting_orders(true);
  EXPECT_EQ(JudgeTrading("alpha", "main", limits).level, Level::kOk);
  limits.set_unknown_orders(2);
  EXPECT_EQ(JudgeTrading("alpha", "main", limits).level, Level::kWarning);
  limits.mutable_kill_switch()->set_engaged(true);
  limits.mutable_kill_switch()->set_reason("bad feed");
  const Finding killed = JudgeTrading("alpha", "main", limits);
  EXPECT_EQ(killed.level, Level::kWarning) << "somebody's wish";
  EXPECT_THAT(killed.advice, HasSubstr("yard kill release alpha --account=main"));
  EXPECT_EQ(JudgeTrading("alpha", "main", absl::UnavailableError("")).level, Level::kFailed);
}

TEST(JournalsTest, EachStateOfTheFolderIsJudged) {
  JournalFolder folder{.path = "/j", .files = {}};
  EXPECT_EQ(JudgeJournals(folder).front().level, Level::kFailed);
  folder.exists = true;
  EXPECT_THAT(JudgeJournals(folder).front().advice, HasSubstr("service's user"));
  folder.writable = true;
  folder.free_bytes = 10 << 20;
  EXPECT_EQ(JudgeJournals(folder).front().level, Level::kFailed);
  folder.free_bytes = 100 << 20;
  EXPECT_EQ(JudgeJournals(folder).front().level, Level::kWarning);
  folder.free_bytes = std::uint64_t{10} << 30;
  EXPECT_EQ(JudgeJournals(folder).front().level, Level::kOk);
  folder.files = {{.name = "a.b.journal", .exists = true, .used_by = 7},
                  {.name = "a.c.journal", .exists = true, .used_by = 0},
                  {.name = "a.d.journal", .exists = false, .used_by = 0}};
  const auto findings = JudgeJournals(folder);
  ASSERT_EQ(findings.size(), 4u);
  EXPECT_EQ(findings[1].level, Level::kOk);
  EXPECT_EQ(findings[2].level, Level::kWarning);
  EXPECT_EQ(findings[3].level, Level::kFailed);
  EXPECT_THAT(findings[3].advice, HasSubstr("yard journal restore"));
}

TEST(ConfigurationTest, AFaultIsNamedAsTheProcessWouldNameIt) {
  const Finding finding =
      JudgeConfiguration("/c.yaml", "", absl::InvalidArgumentError("orders.drain: unknown field"));
  EXPECT_EQ(finding.level, Level::kFailed);
  EXPECT_EQ(finding.what, "orders.drain: unknown field");
  EXPECT_EQ(JudgeConfiguration("/c.yaml", "router", absl::OkStatus()).level, Level::kOk);
}

}  // namespace
}  // namespace switchyard::clients::cli
