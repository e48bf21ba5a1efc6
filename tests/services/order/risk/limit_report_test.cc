#include "services/order/risk/limit_report.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "tests/services/order/risk/samples.h"

namespace switchyard::order::risk {
namespace {

using std::chrono::seconds;

class LimitReportTest : public testing::Test {
 protected:
  LimitReportTest() { market_.best_bid = D("99"), market_.best_ask = D("100"); }

  void Configure(const std::string& risk) {
    config::v1::AccountConfig account;
    *account.mutable_risk() = Parse<config::v1::RiskConfig>(risk);
    table_ = ParseLimits(account).value();
  }
  // One line a limit: kind, symbol, limit, used, and the input's source and seconds.
  std::vector<std::string> Lines(const std::string& symbol) {
    const MarketLookup lookup = [this](std::string_view) {
      return heard_ ? std::optional(market_) : std::nullopt;
    };
    std::vector<std::string> lines;
    for (const v1::RiskLimit& limit :
         ReportLimits({table_, exposure_, 3, seconds(100)}, symbol, lookup)) {
      std::string line = v1::RiskLimitKind_Name(limit.kind()).substr(16) + " " + limit.symbol() +
                         " " + limit.limit() + " [" + limit.used() + "]";
      if (limit.has_input()) {
        line += " " + common::v1::Source_Name(limit.input().source()).substr(7) + " " +
                std::to_string(limit.input().age_ns() / 1'000'000'000);
      }
      if (limit.max_input_age_ns() > 0) {
        line += " of " + std::to_string(limit.max_input_age_ns() / 1'000'000'000);
      }
      lines.push_back(line);
    }
    return lines;
  }
  void Open(const std::string& symbol, const std::string& quantity) {
    exposure_.Put(symbol, {.symbol = symbol,
                           .side = common::v1::SIDE_BUY,
                           .position_side = common::v1::POSITION_SIDE_UNSPECIFIED,
                           .quantity = D(quantity)});
  }

  LimitTable table_;
  Exposure exposure_{seconds(0)};
  MarketInput market_;
  bool heard_ = true;
};

using Text = std::vector<std::string>;

constexpr char kAll[] =
    "max_open_orders: 9 max_orders_per_second: 8 price_collar: '0.10' max_input_age_ms: 7000 "
    "symbols { max_order_quantity: '1' max_order_notional: '2' max_position_quantity: '3' "
    "max_position_notional: '4' }";

TEST_F(LimitReportTest, TellsNothingUsedWhereAnInputIsMissing) {
  Configure(kAll);
  heard_ = false;
  EXPECT_EQ(Lines("A"),
            (Text{"OPEN_ORDERS  9 [0]", "PRICE_COLLAR  0.1 [] of 7", "ORDER_RATE  8 [3]",
                  "ORDER_QUANTITY A 1 []", "ORDER_NOTIONAL A 2 [] of 7",
                  "POSITION_QUANTITY A 3 [] of 7", "POSITION_NOTIONAL A 4 [] of 7"}));
}

TEST_F(LimitReportTest, TellsUseAndTheAgeOfTheOlderInput) {
  Configure(kAll);
  exposure_.SetPositions({{"A", common::v1::POSITION_SIDE_NET, D("-2.50")}}, seconds(90));
  exposure_.PositionsLost(seconds(98));
  Open("A", "1");
  market_.age = seconds(4);
  market_.source = model::Source::kRest;
  EXPECT_EQ(Lines("A"),
            (Text{"OPEN_ORDERS  9 [1]", "PRICE_COLLAR  0.1 [] REST 4 of 7", "ORDER_RATE  8 [3]",
                  "ORDER_QUANTITY A 1 []", "ORDER_NOTIONAL A 2 [] REST 4 of 7",
                  "POSITION_QUANTITY A 3 [2.5] WEBSOCKET 2 of 7",
                  "POSITION_NOTIONAL A 4 [250] REST 4 of 7"}));
}

TEST_F(LimitReportTest, WithoutASymbolTellsConfiguredAndUsedMarkets) {
  Configure(
      "symbols { max_position_quantity: '3' } "
      "symbols { symbol: 'B' max_order_quantity: '1' }");
  exposure_.SetPositions({{"A", common::v1::POSITION_SIDE_LONG, D("2")},
                          {"A", common::v1::POSITION_SIDE_SHORT, D("-5")}},
                         seconds(90));
  Open("C", "1.5");
  EXPECT_EQ(Lines(""),
            (Text{"PRICE_COLLAR  0.05 [] of 5", "POSITION_QUANTITY A 3 [5] WEBSOCKET 0 of 5",
                  "ORDER_QUANTITY B 1 []", "POSITION_QUANTITY C 3 [1.5] WEBSOCKET 0 of 5"}));
}

TEST_F(LimitReportTest, LeavesOutLimitsThatAreNotSet) {
  Configure("");
  EXPECT_EQ(Lines("A"), (Text{"PRICE_COLLAR  0.05 [] WEBSOCKET 0 of 5"}));
}

}  // namespace
}  // namespace switchyard::order::risk
