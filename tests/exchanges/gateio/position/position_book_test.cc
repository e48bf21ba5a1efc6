#include "exchanges/gateio/futures/position/position_book.h"

#include <gtest/gtest.h>

#include <string>

#include "common/status/status.h"
#include "exchanges/gateio/futures/position/closing_order.h"
#include "exchanges/gateio/futures/position/position_history.h"
#include "tests/exchanges/gateio/instruments.h"

namespace switchyard::exchanges::gateio::futures {
namespace {

using common::v1::POSITION_SIDE_LONG;
using common::v1::POSITION_SIDE_NET;
using common::v1::POSITION_SIDE_SHORT;
using std::chrono::seconds;

const std::shared_ptr<const model::InstrumentTable> kTable =
    TableOf({FuturesInstrument("BTC_USDT", "0.0001"), FuturesInstrument("ETH_USDT", "0.01")});

absl::StatusOr<std::vector<RawPosition>> Read(const std::string& list, model::Source source,
                                              std::chrono::nanoseconds at) {
  return ReadPositions(*json::Parse(list), *kTable, {source, at});
}

class PositionBookTest : public ::testing::Test {
 protected:
  void Rest(const std::string& list, std::chrono::nanoseconds asked_at) {
    const auto read = Read(list, model::Source::kRest, clock_.Steady());
    ASSERT_TRUE(read.ok()) << read.status();
    book_.Replace(*read, clock_.Now(), asked_at);
  }
  void Rest(const std::string& list) { Rest(list, clock_.Steady()); }
  std::vector<position::v1::Position> Push(const std::string& list) {
    const auto read = Read(list, model::Source::kWebSocket, clock_.Steady());
    EXPECT_TRUE(read.ok()) << read.status();
    return read.ok() ? book_.Apply(*read, clock_.Now()) : std::vector<position::v1::Position>();
  }
  position::v1::Position Only() {
    const auto all = book_.List({});
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? position::v1::Position() : all[0];
  }

  ManualClock clock_{TimeNs::FromSeconds(1'700'000'000)};
  PositionBook book_{"gateio_futures", "main", clock_};
};

constexpr char kLong[] = R"([{"contract":"BTC_USDT","mode":"single","size":"20000","leverage":"10",
    "entry_price":"50000","mark_price":"50100","value":"100200","unrealised_pnl":"200",
    "margin":"10000","maintenance_rate":"0.005","realised_pnl":"-5","pnl_fund":"-1.5",
    "liq_price":"45000","open_time":1699999000,"update_time":1699999500}])";

TEST_F(PositionBookTest, ContractsBecomeBaseUnitsExactly) {
  Rest(kLong);
  const auto position = Only();
  EXPECT_EQ(position.size().value(), "2");
  EXPECT_EQ(position.exchange(), "gateio_futures");
  EXPECT_EQ(position.account(), "main");
  EXPECT_EQ(position.notional().value(), "100200");
  EXPECT_FALSE(position.notional().derived());
  EXPECT_EQ(position.cumulative_funding().value(), "-1.5");
  EXPECT_EQ(position.open_time().value_time_ns(), 1'699'999'000'000'000'000);
  EXPECT_FALSE(position.open_time().derived());
}

TEST_F(PositionBookTest, AFractionOfAContractIsKept) {
  Push(R"([{"contract":"BTC_USDT","mode":"single","size":"-0.25","entry_price":1}])");
  const auto position = Only();
  EXPECT_EQ(position.size().value(), "0.000025");
  EXPECT_EQ(position.side(), common::v1::SIDE_SELL);
}

TEST_F(PositionBookTest, TheLiveMarkMovesWhatFollowsFromIt) {
  Rest(kLong);
  clock_.Advance(seconds(5));
  const auto touched = book_.Mark("BTC-USDT-PERP", *Decimal::Parse("50300"),
                                  {model::Source::kRest, clock_.Steady()});
  ASSERT_EQ(touched.size(), 1u);
  EXPECT_EQ(touched[0].mark_price().value(), "50300");
  EXPECT_EQ(touched[0].mark_price().age_ns(), 0);
  // 2 x 50300, and 2 x (50300 - 50000).
  EXPECT_EQ(touched[0].notional().value(), "100600");
  EXPECT_TRUE(touched[0].notional().derived());
  EXPECT_EQ(touched[0].unrealised_profit().value(), "600");
  EXPECT_TRUE(touched[0].unrealised_profit().derived());
  // As old as the size, its oldest input.
  EXPECT_EQ(touched[0].unrealised_profit().age_ns(), 5'000'000'000);
  EXPECT_EQ(touched[0].maintenance_margin().value(), "503");
  EXPECT_TRUE(book_.Mark("ETH-USDT-PERP", Decimal::FromInt(1), {}).empty());
}

TEST_F(PositionBookTest, AShortLosesWhenTheMarkRises) {
  Push(R"([{"contract":"BTC_USDT","mode":"dual_short","size":-10000,"entry_price":50000}])");
  const auto touched = book_.Mark("BTC-USDT-PERP", *Decimal::Parse("50100.5"), {});
  EXPECT_EQ(touched.at(0).unrealised_profit().value(), "-100.5");
}

TEST_F(PositionBookTest, AnOldMarkDoesNotReplaceAYoungerOne) {
  book_.Mark("BTC-USDT-PERP", Decimal::FromInt(1), {model::Source::kRest, seconds(0)});
  clock_.Advance(seconds(5));
  Rest(kLong);
  EXPECT_EQ(Only().mark_price().value(), "50100");
}

TEST_F(PositionBookTest, APushKeepsWhatItDoesNotTell) {
  Rest(kLong);
  clock_.Advance(seconds(3));
  const auto changed = Push(R"([{"contract":"BTC_USDT","mode":"single","size":30000,
      "entry_price":50010,"leverage":10,"margin":15000,"realised_pnl":-7,
      "time_ms":1700000002000}])");
  ASSERT_EQ(changed.size(), 1u);
  EXPECT_EQ(changed[0].size().value(), "3");
  EXPECT_EQ(changed[0].size().source(), common::v1::SOURCE_WEBSOCKET);
  EXPECT_EQ(changed[0].cumulative_funding().value(), "-1.5");
  EXPECT_EQ(changed[0].cumulative_funding().source(), common::v1::SOURCE_REST);
  EXPECT_EQ(changed[0].cumulative_funding().age_ns(), 3'000'000'000);
  EXPECT_EQ(changed[0].open_time().value_time_ns(), 1'699'999'000'000'000'000);
  // The value that REST told was of another size.
  EXPECT_EQ(changed[0].notional().value(), "150300");
  EXPECT_TRUE(changed[0].notional().derived());
}

TEST_F(PositionBookTest, AnOlderPushChangesNothing) {
  Push(R"([{"contract":"BTC_USDT","mode":"single","size":2,"time_ms":1700000002000}])");
  EXPECT_TRUE(Push(R"([{"contract":"BTC_USDT","mode":"single","size":1,"time_ms":1700000001999}])")
                  .empty());
  EXPECT_EQ(Only().size().value(), "0.0002");
}

TEST_F(PositionBookTest, AClosedPositionIsToldAndGone) {
  Rest(kLong);
  const auto changed = Push(
      R"([{"contract":"BTC_USDT","mode":"single","size":0,"entry_price":0,
           "time_ms":1700000002000}])");
  ASSERT_EQ(changed.size(), 1u);
  EXPECT_EQ(changed[0].size().value(), "0");
  EXPECT_EQ(changed[0].side(), common::v1::SIDE_UNSPECIFIED);
  EXPECT_TRUE(book_.List({}).empty());
  EXPECT_TRUE(book_.held().empty());
}

TEST_F(PositionBookTest, AReversedPositionIsANewOne) {
  Rest(kLong);
  const auto changed = Push(R"([{"contract":"BTC_USDT","mode":"single","size":-5,
      "entry_price":50100,"time_ms":1700000002000}])");
  ASSERT_EQ(changed.size(), 1u);
  EXPECT_EQ(changed[0].cumulative_funding().value(), "0");
  EXPECT_TRUE(changed[0].cumulative_funding().derived());
  EXPECT_EQ(changed[0].open_time().value_time_ns(), 1'700'000'002'000'000'000);
  EXPECT_TRUE(changed[0].open_time().derived());
  EXPECT_FALSE(changed[0].has_margin()) << "the margin of the long one";
}

TEST_F(PositionBookTest, WhatWasPushedAfterTheQuestionOutlivesTheAnswer) {
  Rest(kLong);
  const auto asked_at = clock_.Steady();
  clock_.Advance(seconds(1));
  Push(R"([{"contract":"ETH_USDT","mode":"single","size":7,"time_ms":1700000001000}])");
  Push(R"([{"contract":"BTC_USDT","mode":"single","size":1,"time_ms":1700000001000}])");
  clock_.Advance(seconds(1));
  Rest(kLong, asked_at);
  const auto all = book_.List({});
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].size().value(), "0.0001");
  EXPECT_EQ(all[1].size().value(), "0.07");
}

TEST_F(PositionBookTest, WhatTheAnswerLacksIsGone) {
  Push(R"([{"contract":"ETH_USDT","mode":"single","size":7}])");
  clock_.Advance(seconds(1));
  Rest(kLong);
  EXPECT_EQ(book_.held(), std::vector<std::string>{"BTC-USDT-PERP"});
}

TEST_F(PositionBookTest, BothSidesOfAContractAreApart) {
  Push(R"([{"contract":"BTC_USDT","mode":"dual_long","size":3},
           {"contract":"BTC_USDT","mode":"dual_short","size":-2}])");
  const auto all = book_.List({"BTC-USDT-PERP"});
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].position_side(), POSITION_SIDE_LONG);
  EXPECT_EQ(all[1].position_side(), POSITION_SIDE_SHORT);
  EXPECT_TRUE(book_.List({"ETH-USDT-PERP"}).empty());
}

TEST_F(PositionBookTest, FundingThatTheExchangeDoesNotTellIsAskedFor) {
  Rest(R"([{"contract":"BTC_USDT","mode":"single","size":1,"open_time":1699999000}])");
  ASSERT_EQ(book_.funding_gaps().size(), 1u);
  EXPECT_EQ(book_.funding_gaps()[0].open_time, TimeNs::FromSeconds(1'699'999'000));
  book_.SetFunding("BTC-USDT-PERP", POSITION_SIDE_NET, *Decimal::Parse("-0.5"), {});
  EXPECT_TRUE(book_.funding_gaps().empty());
  EXPECT_EQ(Only().cumulative_funding().value(), "-0.5");
  EXPECT_TRUE(Only().cumulative_funding().derived());
  book_.ForgetSummedFunding();
  EXPECT_EQ(book_.funding_gaps().size(), 1u);
}

TEST_F(PositionBookTest, CrossMarginHasItsLimitAsLeverage) {
  Push(
      R"([{"contract":"BTC_USDT","mode":"single","size":1,"leverage":0,
           "cross_leverage_limit":25}])");
  EXPECT_EQ(Only().margin_mode(), common::v1::MARGIN_MODE_CROSS);
  EXPECT_EQ(Only().leverage().value(), "25");
}

struct BadPosition {
  std::string name, list;
};
class BadPositionTest : public ::testing::TestWithParam<BadPosition> {};

TEST_P(BadPositionTest, IsAnErrorAndNotAFlatPosition) {
  const auto read = Read(GetParam().list, model::Source::kRest, {});
  EXPECT_EQ(read.status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(ReasonOf(read.status()), common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE);
}

INSTANTIATE_TEST_SUITE_P(
    Lists, BadPositionTest,
    ::testing::Values(
        BadPosition{"no_list", R"("text")"},
        BadPosition{"no_size", R"([{"contract":"BTC_USDT","mode":"single"}])"},
        BadPosition{"size_is_no_number",
                    R"([{"contract":"BTC_USDT","mode":"single","size":"many"}])"},
        BadPosition{"another_mode", R"([{"contract":"BTC_USDT","mode":"triple","size":1}])"},
        BadPosition{"a_long_one_below_zero",
                    R"([{"contract":"BTC_USDT","mode":"dual_long","size":-1}])"},
        BadPosition{"a_short_one_above_zero",
                    R"([{"contract":"BTC_USDT","mode":"dual_short","size":1}])"},
        BadPosition{"an_unknown_contract", R"([{"contract":"NEW_USDT","mode":"single","size":1}])"},
        BadPosition{"a_price_that_is_none",
                    R"([{"contract":"BTC_USDT","mode":"single","size":1,"entry_price":"x"}])"}),
    [](const auto& info) { return info.param.name; });

TEST(ReadPositions, AFlatPositionOfAnUnknownContractIsLeftOut) {
  const auto read =
      Read(R"([{"contract":"NEW_USDT","mode":"single","size":0}])", model::Source::kRest, {});
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(read->empty());
}

exchange::CloseCommand Close(common::v1::Side side, const std::string& quantity) {
  exchange::CloseCommand command;
  command.position.set_symbol("BTC-USDT-PERP");
  command.position.set_side(side);
  command.exchange_client_id = "t-swc-1";
  command.quantity = *Decimal::Parse(quantity);
  return command;
}

TEST(ClosingRequest, ALongIsSoldAndNeverOpened) {
  auto command = Close(common::v1::SIDE_BUY, "2");
  command.worst_price = *Decimal::Parse("47500.0");
  const auto request = ClosingRequest(command, *kTable->Find("BTC-USDT-PERP"));
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->method, "POST");
  EXPECT_EQ(request->path, "/futures/usdt/orders");
  EXPECT_EQ(request->body, R"({"contract":"BTC_USDT","size":-20000,"price":"47500","tif":"ioc",)"
                           R"("reduce_only":true,"text":"t-swc-1"})");
}

TEST(ClosingRequest, AShortIsBoughtAtTheMarketWhereNoPriceIsGiven) {
  const auto request =
      ClosingRequest(Close(common::v1::SIDE_SELL, "0.0003"), *kTable->Find("BTC-USDT-PERP"));
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->body, R"({"contract":"BTC_USDT","size":3,"price":"0","tif":"ioc",)"
                           R"("reduce_only":true,"text":"t-swc-1"})");
}

TEST(ClosingRequest, PartsOfAContractAreSentAsText) {
  const auto request =
      ClosingRequest(Close(common::v1::SIDE_BUY, "0.00025"), *kTable->Find("BTC-USDT-PERP"));
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_NE(request->body.find(R"("size":"-2.5")"), std::string::npos) << request->body;
}

TEST(ClosingText, IsGateiosFormAndTheSameForTheSameRequest) {
  const std::string text = ClosingText("request-1");
  EXPECT_EQ(text, ClosingText("request-1"));
  EXPECT_NE(text, ClosingText("request-2"));
  EXPECT_TRUE(text.starts_with("t-"));
  EXPECT_EQ(text.size(), 30u);
}

TEST(DecodeClosingOrder, KeepsTheWholeId) {
  const auto report =
      DecodeClosingOrder(R"({"id":299207900263708423,"size":-20000,"price":"47500","text":"t-x"})",
                         *kTable->Find("BTC-USDT-PERP"));
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->exchange_order_id, "299207900263708423");
  EXPECT_EQ(report->terms.quantity->ToShortString(), "2");
  EXPECT_EQ(report->terms.price->ToShortString(), "47500");
}

TEST(MarginRequest, GoesToTheSideOfADualPosition) {
  exchange::MarginCommand command{"BTC-USDT-PERP", POSITION_SIDE_NET, *Decimal::Parse("-2.50")};
  const model::Instrument& instrument = *kTable->Find("BTC-USDT-PERP");
  RestRequest request = MarginRequest(command, instrument);
  EXPECT_EQ(request.path, "/futures/usdt/positions/BTC_USDT/margin");
  EXPECT_EQ(PlainQuery(request), "change=-2.5");
  command.position_side = POSITION_SIDE_SHORT;
  request = MarginRequest(command, instrument);
  EXPECT_EQ(request.path, "/futures/usdt/dual_comp/positions/BTC_USDT/margin");
  EXPECT_EQ(PlainQuery(request), "change=-2.5&dual_side=dual_short");
}

TEST(Liquidations, OfBothListsComeInOneOrderAndGoOnWhereEachStopped) {
  const std::string liquidates =
      R"([{"time":30,"contract":"BTC_USDT","size":1,"order_id":1},
          {"time":10,"contract":"BTC_USDT","size":1,"order_id":2}])";
  const std::string deleverages =
      R"([{"time":20,"contract":"ETH_USDT","trade_size":-5,"position_size":-1,"order_id":3}])";
  exchange::HistoryQuery query;
  query.page_size = 2;
  const auto page = MergeLiquidations(liquidates, deleverages, {*kTable, {}}, query, {});
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->items.size(), 2u);
  EXPECT_EQ(page->items[0].liquidation_id(), "liq-30-1");
  EXPECT_EQ(page->items[1].liquidation_id(), "adl-20-3");
  EXPECT_EQ(page->items[1].position_side(), POSITION_SIDE_SHORT);
  EXPECT_EQ(page->items[1].quantity(), "0.05");
  EXPECT_EQ(page->next_page_token, "1.1");
  const auto offsets = LiquidationOffsets::Parse("1.1");
  ASSERT_TRUE(offsets.ok());
  EXPECT_EQ(offsets->liquidates, 1);
  EXPECT_EQ(offsets->auto_deleverages, 1);
  EXPECT_EQ(ReasonOf(LiquidationOffsets::Parse("1").status()),
            common::v1::ERROR_REASON_INVALID_PAGE_TOKEN);
}

}  // namespace
}  // namespace switchyard::exchanges::gateio::futures
