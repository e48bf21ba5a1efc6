#include "exchanges/lighter/market_data/market_rows.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/status/status.h"
#include "tests/exchanges/lighter/describe.h"
#include "tests/exchanges/lighter/samples.h"

namespace switchyard::exchanges::lighter {
namespace {

using json::Json;

// A row that can be read; a test changes what it is about.
Json Row(const std::string& symbol, const std::string& type = "perp", std::int64_t id = 1) {
  return {{"symbol", symbol},
          {"market_id", id},
          {"market_type", type},
          {"status", "active"},
          {"min_base_amount", "0.0050"},
          {"min_quote_amount", "10.000000"},
          {"supported_size_decimals", 4},
          {"supported_price_decimals", 2},
          {"min_initial_margin_fraction", 200}};
}

std::string Answer(const std::vector<Json>& rows) {
  return Json({{"code", 200}, {"order_book_details", rows}}).dump();
}

absl::StatusOr<std::vector<model::Instrument>> Instruments(const std::vector<Json>& rows) {
  auto markets = DecodeMarkets(Answer(rows));
  if (!markets.ok()) return markets.status();
  return ToInstruments(*markets, "lighter", "USDC");
}

struct Bad {
  std::string name, field;
  Json value;
};

class BadRowTest : public testing::TestWithParam<Bad> {};

TEST_P(BadRowTest, IsLeftOutAndTheOthersStay) {
  Json bad = Row("BAD", "perp", 2);
  if (GetParam().value.is_null()) {
    bad.erase(GetParam().field);
  } else {
    bad[GetParam().field] = GetParam().value;
  }
  const auto instruments = Instruments({bad, Row("ETH")});
  ASSERT_TRUE(instruments.ok()) << instruments.status();
  ASSERT_EQ(instruments->size(), 1U);
  EXPECT_EQ(instruments->front().symbol, "ETH-USDC-PERP");
  // Alone it is an answer of which nothing can be read.
  const auto none = Instruments({bad});
  EXPECT_EQ(none.status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(ReasonOf(none.status()), common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BadRowTest,
    testing::Values(Bad{"no_market_type", "market_type", nullptr},
                    Bad{"new_market_type", "market_type", "option"},
                    Bad{"no_id", "market_id", nullptr}, Bad{"fractional_id", "market_id", "1.5"},
                    Bad{"no_symbol", "symbol", nullptr}, Bad{"no_status", "status", nullptr},
                    Bad{"no_decimals", "supported_price_decimals", nullptr},
                    Bad{"negative_decimals", "supported_size_decimals", -1},
                    Bad{"endless_decimals", "supported_size_decimals", 19},
                    Bad{"perpetual_with_a_slash", "symbol", "BAD/USDC"},
                    Bad{"no_base", "symbol", ""}, Bad{"no_amount", "min_base_amount", "abc"}),
    [](const auto& info) { return info.param.name; });

TEST(MarketRowsTest, AnEmptyAnswerIsAnError) {
  EXPECT_EQ(DecodeMarkets(R"({"code":200})").status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(DecodeMarkets(R"({"code":200,"order_book_details":{}})").status().code(),
            absl::StatusCode::kInternal);
}

TEST(MarketRowsTest, ARefusalStaysOne) {
  EXPECT_EQ(DecodeMarkets(R"({"code":23000,"message":"Too Many Requests!"})").status().code(),
            absl::StatusCode::kResourceExhausted);
}

TEST(MarketRowsTest, IdsAreOf64BitsAndSayNothingOfTheKind) {
  const auto instruments = Instruments({Row("ETH", "perp", 1LL << 60), Row("ETH/USDC", "spot", 3)});
  ASSERT_TRUE(instruments.ok()) << instruments.status();
  ASSERT_EQ(instruments->size(), 2U);
  EXPECT_EQ((*instruments)[0].symbol, "ETH-USDC");
  EXPECT_EQ((*instruments)[0].kind, model::InstrumentKind::kSpot);
  EXPECT_EQ((*instruments)[1].symbol, "ETH-USDC-PERP");
  EXPECT_EQ((*instruments)[1].exchange_id, "1152921504606846976");
}

TEST(MarketRowsTest, OfTwoMarketsWithOneSymbolTheTradingOneStays) {
  Json old_row = Row("PEPE", "perp", 9);
  old_row["status"] = "inactive";
  auto instruments = Instruments({old_row, Row("1000PEPE", "perp", 4)});
  ASSERT_TRUE(instruments.ok()) << instruments.status();
  ASSERT_EQ(instruments->size(), 1U);
  EXPECT_EQ(instruments->front().exchange_symbol, "1000PEPE");
  // Both trade: the one in whole tokens.
  instruments = Instruments({Row("1000PEPE", "perp", 4), Row("PEPE", "perp", 9)});
  ASSERT_TRUE(instruments.ok()) << instruments.status();
  ASSERT_EQ(instruments->size(), 1U);
  EXPECT_EQ(instruments->front().exchange_symbol, "PEPE");
}

TEST(MarketRowsTest, AnUnknownStatusIsKeptAsItIsSpelt) {
  Json row = Row("ETH");
  row["status"] = "paused";
  const auto instruments = Instruments({row});
  ASSERT_TRUE(instruments.ok());
  EXPECT_EQ(instruments->front().status, model::InstrumentStatus::kUnrecognised);
  EXPECT_EQ(instruments->front().raw_status, "paused");
}

TEST(MarketRowsTest, MarginFractionsAreReadAsTheyAre) {
  Json row = Row("ETH");
  row["default_initial_margin_fraction"] = 500;
  row["maintenance_margin_fraction"] = "120";
  row["closeout_margin_fraction"] = 80;
  const auto market = ReadMarket(row);
  ASSERT_TRUE(market.ok()) << market.status();
  EXPECT_EQ(market->default_initial_margin_fraction, 500);
  EXPECT_EQ(market->min_initial_margin_fraction, 200);
  EXPECT_EQ(market->maintenance_margin_fraction, 120);
  EXPECT_EQ(market->closeout_margin_fraction, 80);
}

// Lots of 1000 tokens.

struct Lot {
  std::string symbol, base, tick, step, min_quantity, multiplier;
  int price_scale, quantity_scale;
};

class LotTest : public testing::TestWithParam<Lot> {};

TEST_P(LotTest, IsConvertedExactly) {
  const Lot& lot = GetParam();
  const auto instruments = Instruments({Row(lot.symbol)});
  ASSERT_TRUE(instruments.ok()) << instruments.status();
  const model::Instrument& instrument = instruments->front();
  EXPECT_EQ(instrument.symbol, lot.base + "-USDC-PERP");
  EXPECT_EQ(instrument.base, lot.base);
  EXPECT_EQ(instrument.tick.ToString(), lot.tick);
  EXPECT_EQ(instrument.step.ToString(), lot.step);
  EXPECT_EQ(instrument.min_quantity->ToString(), lot.min_quantity);
  EXPECT_EQ(instrument.multiplier.ToString(), lot.multiplier);
  EXPECT_EQ(instrument.price_scale, lot.price_scale);
  EXPECT_EQ(instrument.quantity_scale, lot.quantity_scale);
  EXPECT_EQ(instrument.min_notional->ToString(), "10.000000");
}

INSTANTIATE_TEST_SUITE_P(
    Symbols, LotTest,
    testing::Values(Lot{"ETH", "ETH", "0.01", "0.0001", "0.0050", "1", 2, 4},
                    Lot{"1000PEPE", "PEPE", "0.00001", "0.1", "5", "1000", 5, 1},
                    Lot{"kBONK", "BONK", "0.00001", "0.1", "5", "1000", 5, 1},
                    Lot{"1000000MOG", "MOG", "0.00000001", "100", "5000", "1000000", 8, 0},
                    // Names that only look like it.
                    Lot{"1INCH", "1INCH", "0.01", "0.0001", "0.0050", "1", 2, 4},
                    Lot{"100X", "100X", "0.01", "0.0001", "0.0050", "1", 2, 4},
                    Lot{"2000CAT", "2000CAT", "0.01", "0.0001", "0.0050", "1", 2, 4},
                    Lot{"1000", "1000", "0.01", "0.0001", "0.0050", "1", 2, 4},
                    Lot{"KAITO", "KAITO", "0.01", "0.0001", "0.0050", "1", 2, 4},
                    Lot{"kaito", "kaito", "0.01", "0.0001", "0.0050", "1", 2, 4}),
    [](const auto& info) { return info.param.symbol; });

// Samples.

class MarketSampleTest : public testing::TestWithParam<Sample> {};

TEST_P(MarketSampleTest, MeansItsInstruments) {
  // Some samples are one row of an answer.
  std::string body = GetParam().body;
  if (!body.starts_with(R"({"code")")) body = R"({"order_book_details":[)" + body + "]}";
  Json understood = Json::array();
  const auto markets = DecodeMarkets(body);
  if (markets.ok()) {
    const auto instruments = ToInstruments(*markets, "lighter", "USDC");
    ASSERT_TRUE(instruments.ok()) << instruments.status();
    for (const model::Instrument& instrument : *instruments) {
      understood.push_back(Describe(instrument));
    }
  }
  Sample sample = GetParam();
  sample.name = "markets_" + sample.name;
  CheckAgainstExpected(sample, understood);
}

INSTANTIATE_TEST_SUITE_P(Samples, MarketSampleTest,
                         testing::ValuesIn(LoadSamples("rest_orderBookD")), SampleName());
INSTANTIATE_TEST_SUITE_P(ListSamples, MarketSampleTest,
                         testing::ValuesIn(LoadSamples("rest_orderBooks")), SampleName());
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(MarketSampleTest);

}  // namespace
}  // namespace switchyard::exchanges::lighter
