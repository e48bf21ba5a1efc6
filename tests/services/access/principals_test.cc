#include "services/access/principals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "common/crypto/bytes.h"
#include "common/crypto/sha.h"
#include "common/status/status.h"

namespace switchyard::access {
namespace {

using common::v1::ROLE_ADMIN;
using common::v1::ROLE_READ;
using common::v1::ROLE_TRADE;
using common::v1::ROLE_UNSPECIFIED;
using testing::HasSubstr;
using testing::Not;

// printf %s 'open sesame' | sha256sum
constexpr char kOpenSesame[] = "41ef4bb0b23661e66301aac36066912dac037827b4ae63a7b1165a5aa93ed4eb";

std::string HashOf(const std::string& token) { return crypto::ToHex(crypto::Sha256(token)); }

// 2026-11-21T22:00:00Z.
constexpr TimeNs kNow = TimeNs::FromSeconds(1'795'298'400);

config::v1::AccessConfig Config() {
  config::v1::AccessConfig config;
  config::v1::PrincipalConfig& bot = *config.add_principals();
  bot.set_name("bot");
  bot.add_tokens()->set_sha256(HashOf("open sesame"));
  bot.mutable_tokens(0)->set_expires("2026-11-21T22:00:01Z");
  bot.add_certificates("bot.local");
  config::v1::GrantConfig& trade = *bot.add_grants();
  trade.set_role("trade");
  trade.set_exchange("gateio");
  trade.set_account("main");
  config::v1::PrincipalConfig& monitor = *config.add_principals();
  monitor.set_name("monitor");
  monitor.add_tokens()->set_sha256(HashOf("another"));
  monitor.add_grants()->set_role("read");
  config.add_routers("router.local");
  return config;
}

std::unique_ptr<Principals> Make(const config::v1::AccessConfig& config = Config()) {
  auto principals = Principals::Create(config, Limits{});
  EXPECT_TRUE(principals.ok()) << principals.status();
  return *std::move(principals);
}

struct Case {
  std::string name;
  Credentials credentials;
  std::string who;   // empty = refused
  std::string told;  // of a refusal
};

class IdentifyTest : public testing::TestWithParam<Case> {};

TEST_P(IdentifyTest, NamesTheCallerOrSaysWhyNot) {
  const auto principals = Make();
  const auto caller = principals->Identify(GetParam().credentials, kNow);
  if (!GetParam().who.empty()) {
    ASSERT_TRUE(caller.ok()) << caller.status();
    EXPECT_EQ(caller->is_router() ? "(router)" : caller->name(), GetParam().who);
    return;
  }
  ASSERT_FALSE(caller.ok());
  EXPECT_EQ(caller.status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(ReasonOf(caller.status()), common::v1::ERROR_REASON_CLIENT_NOT_AUTHENTICATED);
  EXPECT_THAT(std::string(caller.status().message()), HasSubstr(GetParam().told));
  EXPECT_THAT(std::string(caller.status().message()), Not(HasSubstr("sesame")));
}

INSTANTIATE_TEST_SUITE_P(
    Calls, IdentifyTest,
    testing::Values(
        Case{"token", {Transport::kTls, {}, {"Bearer open sesame"}, {}}, "bot", ""},
        Case{"token_any_case", {Transport::kTls, {}, {"bearer another"}, {}}, "monitor", ""},
        Case{"token_on_unix_socket",
             {Transport::kUnixSocket, {}, {"Bearer another"}, {}},
             "monitor",
             ""},
        Case{"token_over_plaintext",
             {Transport::kPlaintext, {}, {"Bearer open sesame"}, {}},
             "",
             "plaintext TCP"},
        Case{"unknown_token", {Transport::kTls, {}, {"Bearer sesame2"}, {}}, "", "not known"},
        Case{
            "prefix_of_a_token", {Transport::kTls, {}, {"Bearer open sesam"}, {}}, "", "not known"},
        Case{"no_bearer", {Transport::kTls, {}, {"Basic open sesame"}, {}}, "", "not `Bearer"},
        Case{"empty_bearer", {Transport::kTls, {}, {"Bearer "}, {}}, "", "not `Bearer"},
        Case{"two_tokens",
             {Transport::kTls, {}, {"Bearer open sesame", "Bearer another"}, {}},
             "",
             "more than"},
        Case{"certificate", {Transport::kTls, {"x", "bot.local"}, {}, {}}, "bot", ""},
        Case{"unknown_certificate", {Transport::kTls, {"x.local"}, {}, {}}, "", "(x.local)"},
        Case{"token_before_certificate",
             {Transport::kTls, {"bot.local"}, {"Bearer another"}, {}},
             "monitor",
             ""},
        Case{"bad_token_in_spite_of_certificate",
             {Transport::kTls, {"bot.local"}, {"Bearer sesame2"}, {}},
             "",
             "not known"},
        Case{"nothing", {Transport::kTls, {}, {}, {}}, "", "neither"},
        Case{"nothing_over_plaintext", {Transport::kPlaintext, {}, {}, {}}, "", "plaintext TCP"},
        Case{"router", {Transport::kTls, {"router.local"}, {}, {}}, "(router)", ""},
        Case{"router_for_somebody", {Transport::kTls, {"router.local"}, {}, {"bot"}}, "bot", ""},
        Case{"router_for_a_stranger",
             {Transport::kTls, {"router.local"}, {}, {"sesame"}},
             "",
             "not configured here"},
        Case{"router_for_two",
             {Transport::kTls, {"router.local"}, {}, {"bot", "monitor"}},
             "",
             "more than one"},
        Case{"forged_with_token",
             {Transport::kTls, {}, {"Bearer another"}, {"bot"}},
             "",
             "routers' certificates"},
        Case{"forged_with_certificate",
             {Transport::kTls, {"bot.local"}, {}, {"bot"}},
             "",
             "routers' certificates"},
        Case{"forged_over_plaintext", {Transport::kPlaintext, {}, {}, {"bot"}}, "", "not TLS"},
        Case{"forged_on_unix_socket", {Transport::kUnixSocket, {}, {}, {"bot"}}, "", "not TLS"},
        Case{"in_the_process", {Transport::kInProcess, {}, {}, {"bot"}}, "bot", ""}),
    [](const auto& info) { return info.param.name; });

TEST(Principals, TokensEnd) {
  const auto principals = Make();
  const Credentials credentials{Transport::kTls, {}, {"Bearer open sesame"}, {}};
  const auto late = principals->Identify(credentials, kNow + std::chrono::seconds(1));
  EXPECT_EQ(late.status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(std::string(late.status().message()), HasSubstr("ended at 2026-11-21T22:00:01"));
}

TEST(Principals, KnowTokensByTheHashThatOthersMake) {
  config::v1::AccessConfig config = Config();
  config.mutable_principals(0)->mutable_tokens(0)->set_sha256(kOpenSesame);
  const auto caller =
      Make(config)->Identify({Transport::kTls, {}, {"Bearer open sesame"}, {}}, kNow);
  EXPECT_TRUE(caller.ok()) << caller.status();
}

struct Right {
  std::string name;
  Role role;
  std::string exchange;
  std::string account;
  bool on_exchange;
  bool on_account;
};

class GrantTest : public testing::TestWithParam<Right> {};

TEST_P(GrantTest, CoversItsRoleExchangeAndAccountAlone) {
  const auto principals = Make();
  const auto caller = principals->Identify({Transport::kTls, {}, {"Bearer open sesame"}, {}}, kNow);
  ASSERT_TRUE(caller.ok()) << caller.status();
  const Right& right = GetParam();
  EXPECT_EQ(caller->MayOnExchange(right.role, right.exchange), right.on_exchange);
  EXPECT_EQ(caller->MayOnAccount(right.role, right.exchange, right.account), right.on_account);
}

INSTANTIATE_TEST_SUITE_P(
    Rights, GrantTest,
    testing::Values(Right{"its_own", ROLE_TRADE, "gateio", "main", true, true},
                    Right{"less", ROLE_READ, "gateio", "main", true, true},
                    Right{"more", ROLE_ADMIN, "gateio", "main", false, false},
                    Right{"nobody", ROLE_UNSPECIFIED, "gateio", "main", false, false},
                    Right{"other_exchange", ROLE_READ, "mexc", "main", false, false},
                    Right{"no_exchange", ROLE_READ, "", "main", false, false},
                    Right{"other_account", ROLE_READ, "gateio", "second", true, false},
                    Right{"all_accounts", ROLE_READ, "gateio", "", true, false}),
    [](const auto& info) { return info.param.name; });

TEST(Caller, OfAllExchangesMayReadEachAndTradeNone) {
  const auto principals = Make();
  const Caller caller = *principals->Identify({Transport::kTls, {}, {"Bearer another"}, {}}, kNow);
  EXPECT_TRUE(caller.Holds(ROLE_READ));
  EXPECT_TRUE(caller.MayOnAccount(ROLE_READ, "anything", ""));
  EXPECT_FALSE(caller.Holds(ROLE_TRADE));
  EXPECT_FALSE(caller.MayOnAccount(ROLE_TRADE, "gateio", "main"));
}

TEST(Caller, RoutersThemselvesAreGrantedNothingAndAnyoneEverything) {
  EXPECT_FALSE(Caller::Router().Holds(ROLE_READ));
  EXPECT_FALSE(Caller::Router().MayOnExchange(ROLE_READ, "gateio"));
  EXPECT_FALSE(Caller::Router().MayOnAccount(ROLE_READ, "gateio", "main"));
  EXPECT_TRUE(Caller::Anyone().MayOnAccount(ROLE_ADMIN, "gateio", ""));
}

TEST(Caller, SaysWhatIsMissing) {
  const auto principals = Make();
  const Caller caller = *principals->Identify({Transport::kTls, {}, {"Bearer another"}, {}}, kNow);
  const absl::Status denied =
      caller.Denied(ROLE_TRADE, "gateio", "main", "OrderService/PlaceOrder");
  EXPECT_EQ(denied.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ReasonOf(denied), common::v1::ERROR_REASON_NOT_GRANTED);
  EXPECT_EQ(denied.message(),
            "principal monitor has no trade grant on gateio account main for "
            "OrderService/PlaceOrder");
  EXPECT_EQ(MetadataOf(denied)["exchange"], "gateio");
}

struct Bad {
  std::string name;
  std::string field;
  std::function<void(config::v1::AccessConfig&)> spoil;
};

class BadAccessTest : public testing::TestWithParam<Bad> {};

TEST_P(BadAccessTest, StopsTheStartAndIsNamed) {
  config::v1::AccessConfig config = Config();
  GetParam().spoil(config);
  const absl::Status status = Principals::Create(config, Limits{}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(MetadataOf(status)["field"], "process.access." + GetParam().field);
}

INSTANTIATE_TEST_SUITE_P(
    Fields, BadAccessTest,
    testing::Values(
        Bad{"nobody", "principals", [](auto& config) { config.clear_principals(); }},
        Bad{"no_name", "principals[0].name",
            [](auto& config) { config.mutable_principals(0)->clear_name(); }},
        Bad{"bad_name", "principals[0].name",
            [](auto& config) { config.mutable_principals(0)->set_name("a b"); }},
        Bad{"same_name", "principals[1].name",
            [](auto& config) { config.mutable_principals(1)->set_name("bot"); }},
        Bad{"no_hash", "principals[0].tokens[0].sha256",
            [](auto& config) { config.mutable_principals(0)->mutable_tokens(0)->clear_sha256(); }},
        Bad{"short_hash", "principals[0].tokens[0].sha256",
            [](auto& config) {
              config.mutable_principals(0)->mutable_tokens(0)->set_sha256("abcd");
            }},
        Bad{"same_hash", "principals[1].tokens[0].sha256",
            [](auto& config) {
              *config.mutable_principals(1)->mutable_tokens(0) = config.principals(0).tokens(0);
            }},
        Bad{"bad_date", "principals[0].tokens[0].expires",
            [](auto& config) {
              config.mutable_principals(0)->mutable_tokens(0)->set_expires("tomorrow");
            }},
        Bad{"same_certificate", "principals[1].certificates[0]",
            [](auto& config) { config.mutable_principals(1)->add_certificates("bot.local"); }},
        Bad{"bad_role", "principals[0].grants[0].role",
            [](auto& config) {
              config.mutable_principals(0)->mutable_grants(0)->set_role("owner");
            }},
        Bad{"large_requests", "principals[0].limits.max_request_bytes",
            [](auto& config) {
              config.mutable_principals(0)->mutable_limits()->set_max_request_bytes(5u << 20);
            }},
        Bad{"empty_router", "routers[1]", [](auto& config) { config.add_routers(""); }}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace switchyard::access
