// Accounts: every sample with exact values, and who says each figure.
#include "exchanges/lighter/account/account_decoder.h"

#include <gtest/gtest.h>

#include <string>

#include "common/status/status.h"
#include "tests/exchanges/lighter/order/private_samples.h"

namespace switchyard::exchanges::lighter {
namespace {

namespace v1 = account::v1;
using common::v1::SourcedDecimal;
using json::Json;

// "5 stated by WEBSOCKET".
std::string Text(const SourcedDecimal& figure) {
  if (figure.value().empty()) return "none";
  return figure.value() + (figure.derived() ? " derived from " : " stated by ") +
         common::v1::Source_Name(figure.source()).substr(std::string("SOURCE_").size());
}

std::string Text(const v1::Balance& balance) {
  return balance.currency() + " " + v1::Wallet_Name(balance.wallet()) + " total " +
         balance.total() + " available " + balance.available() + " locked " + balance.locked();
}

absl::StatusOr<RawAccount> ReadOf(const Json& body, std::int64_t account_index) {
  const auto answer = ReadAccountAnswer(json::Serialise(body), account_index);
  return answer.ok() ? DecodeAccount(*answer, "USDC") : absl::StatusOr<RawAccount>(answer.status());
}

TEST(AccountDecoderTest, GoldenAccountPositions) {
  const auto read = ReadOf(GoldenMessage("private/rest_account_positions"), 1077);
  ASSERT_TRUE(read.ok()) << read.status();
  const v1::Account& account = read->account;
  EXPECT_EQ(account.exchange_account_id(), "1077");
  EXPECT_EQ(account.currency(), "USDC");
  EXPECT_EQ(account.position_mode(), v1::POSITION_MODE_ONE_WAY);
  EXPECT_EQ(account.exchange_statistics().at("total_order_count"), "0");
  EXPECT_EQ(account.exchange_statistics().at("l1_address"),
            "0x15f43D1f2DeE81424aFd891943262aa90F22cc2A");
  EXPECT_TRUE(read->balances.empty());
}

// Which figures are the exchange's own word, and which are not, on either path.
TEST(AccountDecoderTest, R64_FiguresOfRestSayWhoStatesThem) {
  const auto read = ReadOf(GoldenMessage("private/rest_account_positions"), 1077);
  ASSERT_TRUE(read.ok()) << read.status();
  const v1::AccountFigures& total = read->account.total();
  EXPECT_EQ(Text(total.available()), "12582.743947 stated by REST");
  EXPECT_EQ(Text(total.collateral()), "9100.242706 stated by REST");
  EXPECT_EQ(Text(total.total_asset_value()), "15298.072264000002 stated by REST");
  EXPECT_EQ(Text(total.equity()), "15298.072264000002 derived from REST");
  EXPECT_EQ(Text(total.unrealised_profit()), "6197.829558 derived from REST");
  EXPECT_EQ(Text(total.margin_used()), "none");
  EXPECT_EQ(Text(total.withdrawable()), "none");
  EXPECT_EQ(Text(read->account.cross().total_asset_value()), "15298.072264000002 stated by REST");
  EXPECT_EQ(Text(read->account.cross().margin_used()), "none");
}

TEST(AccountDecoderTest, R64_FiguresOfTheStreamSayWhoStatesThem) {
  const auto read = ReadUserStats(GoldenMessage("private/ws_user_stats_subscribed"), "USDC");
  ASSERT_TRUE(read.ok()) << read.status();
  for (const v1::AccountFigures* const figures : {&read->total(), &read->cross()}) {
    EXPECT_EQ(Text(figures->available()), "39.168314 stated by WEBSOCKET");
    EXPECT_EQ(Text(figures->collateral()), "39.995369 stated by WEBSOCKET");
    EXPECT_EQ(Text(figures->equity()), "39.995169 derived from WEBSOCKET");
    EXPECT_EQ(Text(figures->total_asset_value()), "39.995169 derived from WEBSOCKET");
    EXPECT_EQ(Text(figures->margin_used()), "0.826855 derived from WEBSOCKET");
    EXPECT_EQ(Text(figures->margin_usage()), "0.0207 stated by WEBSOCKET");
    EXPECT_EQ(Text(figures->leverage()), "0.41 stated by WEBSOCKET");
    EXPECT_EQ(Text(figures->buying_power()), "0 stated by WEBSOCKET");
    EXPECT_EQ(Text(figures->unrealised_profit()), "none");
  }
  EXPECT_EQ(read->exchange_time_ns(), 1'781'161'854'677'000'000);
  EXPECT_EQ(read->exchange_statistics().at("margin_usage"), "2.07");
}

TEST(AccountDecoderTest, GoldenAccountFull) {
  const auto read = ReadOf(GoldenMessage("private/rest_account_full"), 123456);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(Text(read->account.cross().margin_used()), "0 stated by REST");
  EXPECT_EQ(Text(read->account.cross().maintenance_margin()), "0 stated by REST");
  EXPECT_EQ(Text(read->account.total().unrealised_profit()), "0 derived from REST");
  ASSERT_EQ(read->balances.size(), 2u);
  EXPECT_EQ(Text(read->balances[0]), "USDC WALLET_SPOT total 0 available 0 locked 0");
  EXPECT_EQ(Text(read->balances[1]), "USDC WALLET_CONTRACT total 0 available  locked ");
}

// All its numbers are texts.
TEST(AccountDecoderTest, GoldenAccountBasic) {
  const auto read = ReadOf(GoldenMessage("private/rest_account_basic"), 1077);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(Text(read->account.total().available()), "7996.489834 stated by REST");
  EXPECT_EQ(Text(read->account.total().collateral()), "9000 stated by REST");
  EXPECT_EQ(Text(read->account.total().total_asset_value()), "9536.789088 stated by REST");
}

TEST(AccountDecoderTest, GoldenAssets) {
  const auto read = ReadAssets(GoldenMessage("private/ws_account_all_assets_subscribed")["assets"],
                               model::Source::kWebSocket);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ(Text(read->at(0)), "USDC WALLET_SPOT total 10 available 10 locked 0");
  EXPECT_EQ(read->at(0).derived_fields(0), "available");
  EXPECT_EQ(read->at(0).freshness().source(), common::v1::SOURCE_WEBSOCKET);
  EXPECT_EQ(Text(read->at(1)), "USDC WALLET_CONTRACT total 39.995369556 available  locked ");
  // Documentation example, without margin.
  const auto documented = ReadAssets(GoldenMessage("private/ws_account_all_update")["assets"],
                                     model::Source::kWebSocket);
  ASSERT_EQ(documented->size(), 1u);
  EXPECT_EQ(Text(documented->at(0)), "ETH WALLET_SPOT total 1 available 1 locked 0");
}

TEST(AccountDecoderTest, WhatIsMissingOrWrongIsAnError) {
  Json body = GoldenMessage("private/rest_account_positions");
  EXPECT_EQ(ReasonOf(ReadOf(body, 1078).status()), common::v1::ERROR_REASON_UNKNOWN_ACCOUNT);
  body["accounts"][0]["collateral"] = nullptr;
  EXPECT_EQ(ReasonOf(ReadOf(body, 1077).status()),
            common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE);
  EXPECT_FALSE(ReadOf(Json::object(), 1077).ok());
  Json frame = GoldenMessage("private/ws_user_stats_subscribed");
  frame["stats"]["total_stats"]["available_balance"] = "plenty";
  EXPECT_EQ(ReasonOf(ReadUserStats(frame, "USDC").status()),
            common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE);
  EXPECT_FALSE(ReadAssets(Json("assets"), model::Source::kRest).ok());
}

}  // namespace
}  // namespace switchyard::exchanges::lighter
