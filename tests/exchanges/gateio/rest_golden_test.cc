// every sample of a REST answer that public reads may get, and every refusal.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>

#include "exchanges/gateio/errors.h"
#include "exchanges/gateio/futures/market_data/market_data_manager.h"
#include "exchanges/gateio/spot/market_data/market_data_manager.h"
#include "tests/exchanges/gateio/describe.h"
#include "tests/exchanges/gateio/golden.h"
#include "tests/exchanges/gateio/instruments.h"

namespace switchyard::exchanges::gateio {
namespace {

using json::Json;
constexpr TimeNs kNow = TimeNs::FromSeconds(1'800'000'000);

template <typename T, typename... More>
Json DescribeOr(const absl::StatusOr<T>& value, const More&... more) {
  return value.ok() ? Describe(*value, more...) : Describe(value.status());
}

Json DescribeInstruments(const absl::StatusOr<std::vector<model::Instrument>>& instruments) {
  if (!instruments.ok()) return Describe(instruments.status());
  Json out = Json::array();
  for (const model::Instrument& instrument : *instruments) out.push_back(Describe(instrument));
  return out;
}

// A page wide enough for every sample.
CandleRange Range(std::uint32_t interval_seconds) {
  return {0, kNow.Seconds(), kNow.Seconds(), kNow.Seconds(), interval_seconds};
}

using Decode = std::function<Json(const std::string& body)>;

// By the endpoint without its query.
const std::map<std::string, Decode>& Decoders() {
  static const model::Instrument spot = SpotInstrument("BTC_USDT");
  static const model::Instrument contract = FuturesInstrument("BTC_USDT", "0.0001");
  static const auto spot_table = TableOf({spot});
  static const auto contract_table = TableOf({contract});
  static const std::map<std::string, Decode> kDecoders = {
      {"GET /spot/time",
       [](const std::string& body) {
         const auto time = spot::MarketData::DecodeServerTime(body);
         return time.ok() ? Json(time->value) : Describe(time.status());
       }},
      {"GET /spot/currency_pairs",
       [](const std::string& body) {
         return DescribeInstruments(spot::MarketData::DecodeInstruments(body));
       }},
      {"GET /spot/currency_pairs/BTC_USDT",
       [](const std::string& body) {
         return DescribeInstruments(spot::MarketData::DecodeInstruments(body));
       }},
      {"GET /spot/order_book",
       [](const std::string& body) {
         const Units units = UnitsOf(spot);
         return DescribeOr(spot::MarketData::DecodeOrderBook(body, units), units);
       }},
      {"GET /spot/trades",
       [](const std::string& body) {
         return DescribeOr(spot::MarketData::DecodeTrades(body, UnitsOf(spot), {}));
       }},
      {"GET /spot/candlesticks",
       [](const std::string& body) {
         return DescribeOr(spot::MarketData::DecodeCandles(body, spot, Range(3'600)));
       }},
      {"GET /spot/tickers",
       [](const std::string& body) {
         return DescribeOr(spot::MarketData::DecodeTickers(body, *spot_table, {}, kNow));
       }},
      {"GET /futures/usdt/contracts",
       [](const std::string& body) {
         return DescribeInstruments(futures::MarketData::DecodeInstruments(body));
       }},
      {"GET /futures/usdt/contracts/0G_USDT",
       [](const std::string& body) {
         return DescribeInstruments(futures::MarketData::DecodeInstruments(body));
       }},
      {"GET /futures/usdt/order_book",
       [](const std::string& body) {
         const Units units = UnitsOf(contract);
         return DescribeOr(futures::MarketData::DecodeOrderBook(body, units), units);
       }},
      {"GET /futures/usdt/trades",
       [](const std::string& body) {
         return DescribeOr(futures::MarketData::DecodeTrades(body, UnitsOf(contract), {}));
       }},
      {"GET /futures/usdt/candlesticks",
       [](const std::string& body) {
         return DescribeOr(futures::MarketData::DecodeCandles(body, contract, Range(86'400)));
       }},
      {"GET /futures/usdt/tickers",
       [](const std::string& body) {
         return DescribeOr(futures::MarketData::DecodeTickers(body, *contract_table, {}, kNow));
       }},
      {"GET /futures/usdt/funding_rate",
       [](const std::string& body) {
         return DescribeOr(futures::FundingAdapter::DecodeHistory(body, contract, {}, kNow));
       }},
  };
  return kDecoders;
}

class RestGoldenTest : public testing::TestWithParam<GoldenEntry> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RestGoldenTest);

TEST_P(RestGoldenTest, IsUnderstood) {
  const GoldenEntry& entry = GetParam();
  const std::string endpoint = entry.fields.value("endpoint", "");
  const std::string body = entry.Minified("body");
  const int http_status = entry.fields.value("http_status", 0);
  if (endpoint == "any" || http_status >= 400) {
    const absl::Status status = FromRest("read", {http_status, {}, body}, kNow);
    EXPECT_FALSE(status.ok());
    CheckAgainstExpected(entry, Describe(status));
    return;
  }
  const auto decoder = Decoders().find(endpoint.substr(0, endpoint.find('?')));
  if (decoder == Decoders().end()) GTEST_SKIP() << "private, or a read that nothing here makes";
  CheckAgainstExpected(entry, decoder->second(body));
}

INSTANTIATE_TEST_SUITE_P(Spot, RestGoldenTest, testing::ValuesIn(LoadGolden("spot_rest_responses")),
                         EntryName());
INSTANTIATE_TEST_SUITE_P(Futures, RestGoldenTest,
                         testing::ValuesIn(LoadGolden("futures_rest_responses")), EntryName());

// The running rate comes from the same answer as the instruments.
class FundingGoldenTest : public testing::TestWithParam<GoldenEntry> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(FundingGoldenTest);

TEST_P(FundingGoldenTest, ContractsCarryTheRunningRate) {
  if (!GetParam().fields.value("endpoint", "").starts_with("GET /futures/usdt/contracts")) {
    GTEST_SKIP() << "no contracts";
  }
  const std::string body = GetParam().Minified("body");
  const auto contracts = futures::MarketData::DecodeInstruments(body);
  ASSERT_TRUE(contracts.ok()) << contracts.status();
  const auto table = TableOf(*contracts);
  const auto rates = futures::FundingAdapter::DecodeRates(body, *table, {}, kNow);
  ASSERT_TRUE(rates.ok()) << rates.status();
  ASSERT_EQ(rates->rates.size(), contracts->size());
  GoldenEntry entry = GetParam();
  entry.name += "_funding";
  CheckAgainstExpected(entry, Describe(*rates));
}

INSTANTIATE_TEST_SUITE_P(Contracts, FundingGoldenTest,
                         testing::ValuesIn(LoadGolden("futures_rest_responses")), EntryName());

TEST(GoldenFilesTest, AreThere) {
  ExpectEntriesOf({"spot_rest_responses", "futures_rest_responses"});
}

}  // namespace
}  // namespace switchyard::exchanges::gateio
