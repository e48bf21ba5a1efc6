#include "exchanges/gateio/market_data/market_data_manager.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "common/status/status.h"
#include "exchanges/gateio/futures/market_data/market_data_manager.h"
#include "exchanges/gateio/spot/market_data/market_data_manager.h"
#include "tests/exchanges/gateio/fake_rest.h"
#include "tests/exchanges/gateio/instruments.h"

namespace switchyard::exchanges::gateio {
namespace {

using std::chrono::seconds;

constexpr TimeNs kNow = TimeNs::FromSeconds(1'700'000'000);

std::string PairJson(const std::string& id, int precision, const std::string& status = "tradable") {
  const std::size_t line = id.rfind('_');
  return R"({"id":")" + id + R"(","base":")" + id.substr(0, line) + R"(","quote":")" +
         id.substr(line + 1) + R"(","fee":"0.2","amount_precision":4,"precision":)" +
         std::to_string(precision) + R"(,"trade_status":")" + status + R"("})";
}

// Keeps the last reply.
template <typename T>
struct Kept {
  absl::StatusOr<T> value = absl::UnknownError("no reply");
  exchange::Reply<T> reply() {
    return [this](absl::StatusOr<T> answer) { value = std::move(answer); };
  }
};

class SpotManagerTest : public testing::Test {
 protected:
  using Table = std::shared_ptr<const model::InstrumentTable>;

  absl::StatusOr<Table> Load(const std::string& body, int status = 200) {
    rest_.Answer(net::HttpResponse{status, {}, body});
    Kept<Table> kept;
    manager_.LoadInstruments(kept.reply());
    return kept.value;
  }

  FakeRest rest_;
  ManualClock clock_{kNow};
  retry::RateLimiter limiter_;
  RestReader<FakeRest> reader_{rest_, limiter_, clock_, seconds(3)};
  spot::MarketDataManager<FakeRest> manager_{reader_};
};

TEST_F(SpotManagerTest, IdsStayAcrossLoadsAndDelistedOnesStayToo) {
  ASSERT_TRUE(Load("[" + PairJson("BTC_USDT", 1) + "," + PairJson("ETH_USDT", 2) + "]").ok());
  const auto table =
      Load("[" + PairJson("NEW_USDT", 3) + "," + PairJson("ETH_USDT", 2, "sellable") + "]");
  ASSERT_TRUE(table.ok()) << table.status();
  ASSERT_EQ((*table)->all().size(), 3u);
  EXPECT_EQ((*table)->Find("BTC-USDT")->id.value, 0u);
  EXPECT_EQ((*table)->Find("BTC-USDT")->status, model::InstrumentStatus::kDelisted);
  EXPECT_EQ((*table)->Find("ETH-USDT")->id.value, 1u);
  EXPECT_EQ((*table)->Find("ETH-USDT")->status, model::InstrumentStatus::kSellOnly);
  EXPECT_EQ((*table)->Find("NEW-USDT")->id.value, 2u);
  EXPECT_EQ((*table)->loaded_at(), kNow);
}

TEST_F(SpotManagerTest, ScalesNeverShrink) {
  ASSERT_TRUE(Load("[" + PairJson("BTC_USDT", 3) + "]").ok());
  const int scale = manager_.instruments()->Find("BTC-USDT")->price_scale;
  ASSERT_TRUE(Load("[" + PairJson("BTC_USDT", 1) + "]").ok());
  EXPECT_EQ(manager_.instruments()->Find("BTC-USDT")->price_scale, scale);
  EXPECT_EQ(manager_.instruments()->Find("BTC-USDT")->tick.ToShortString(), "0.1");
}

TEST_F(SpotManagerTest, TheOldTableStaysWhenALoadFails) {
  ASSERT_TRUE(Load("[" + PairJson("BTC_USDT", 1) + "]").ok());
  const auto before = manager_.instruments();
  EXPECT_FALSE(Load("<html>", 502).ok());
  EXPECT_FALSE(Load("[]").ok());
  EXPECT_FALSE(Load("[" + PairJson("A_B", 1) + "," + PairJson("A_B", 1) + "]").ok());
  EXPECT_EQ(manager_.instruments(), before);
}

TEST_F(SpotManagerTest, AStrangeListingDoesNotTakeTheOthersAway) {
  const auto table =
      Load(R"([{"id":"ODD"},)" + PairJson("BTC_USDT", 1) + "," + PairJson("FINE_USDT", 40) + "]");
  ASSERT_TRUE(table.ok()) << table.status();
  ASSERT_EQ((*table)->all().size(), 1u);
  EXPECT_EQ((*table)->all()[0].symbol, "BTC-USDT");
}

TEST_F(SpotManagerTest, AnInventedStatusKeepsItsText) {
  const auto table = Load("[" + PairJson("BTC_USDT", 1, "auction") + "]");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ((*table)->all()[0].status, model::InstrumentStatus::kUnrecognised);
  EXPECT_EQ((*table)->all()[0].raw_status, "auction");
}

TEST_F(SpotManagerTest, CheapCoinsHaveRoomForLargeQuantities) {
  const auto table = Load("[" + PairJson("PEPE_USDT", 12) + "," + PairJson("BTC_USDT", 1) + "]");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ((*table)->Find("PEPE-USDT")->quantity_scale, 4);
  EXPECT_EQ((*table)->Find("BTC-USDT")->quantity_scale, 10);
}

TEST_F(SpotManagerTest, ReadsABookAtTheInstrumentsScales) {
  rest_.Answer(Ok(R"({"id":1000,"current":1735787107100,"update":1735787107099,)"
                  R"("asks":[["100.2","1"]],"bids":[["100.1","3"],["100.0","0.5"]]})"));
  Kept<BookSnapshot> kept;
  manager_.ReadOrderBook(SpotInstrument("BTC_USDT"), 100, kept.reply());
  ASSERT_TRUE(kept.value.ok()) << kept.value.status();
  EXPECT_EQ(kept.value->id, 1'000u);
  EXPECT_EQ(kept.value->time, TimeNs::FromMillis(1'735'787'107'099));
  EXPECT_EQ(kept.value->bids[1], (model::Level{100'000, 5'000'000'000}));
  EXPECT_EQ(kept.value->asks[0].price, 100'200);
}

TEST_F(SpotManagerTest, ABookWithoutItsIdCannotBeContinued) {
  rest_.Answer(Ok(R"({"current":1,"asks":[],"bids":[]})"));
  Kept<BookSnapshot> kept;
  manager_.ReadOrderBook(SpotInstrument("BTC_USDT"), 100, kept.reply());
  EXPECT_EQ(kept.value.status().code(), absl::StatusCode::kInternal);
}

std::string TradeJson(int id) {
  return R"({"id":")" + std::to_string(id) +
         R"(","create_time_ms":"1710327648162.5","side":"buy","amount":"1","price":"2"})";
}

TEST_F(SpotManagerTest, TradesComeNewestFirstPageByPage) {
  Kept<model::TradesPage> kept;
  const model::Instrument instrument = SpotInstrument("BTC_USDT");
  rest_.Answer(Ok("[" + TradeJson(8) + "," + TradeJson(9) + "]"));
  manager_.ListTrades(instrument, {"BTC-USDT", 2, ""}, kept.reply());
  ASSERT_TRUE(kept.value.ok()) << kept.value.status();
  EXPECT_EQ(kept.value->trades[0].trade_id, "9");
  EXPECT_EQ(kept.value->next_page_token, "8");
  // The next page repeats nothing, whatever the exchange sends.
  rest_.Answer(Ok("[" + TradeJson(8) + "," + TradeJson(7) + "]"));
  manager_.ListTrades(instrument, {"BTC-USDT", 2, "8"}, kept.reply());
  ASSERT_EQ(kept.value->trades.size(), 1u);
  EXPECT_EQ(kept.value->trades[0].trade_id, "7");
  rest_.Answer(Ok("[" + TradeJson(6) + "]"));
  manager_.ListTrades(instrument, {"BTC-USDT", 2, "7"}, kept.reply());
  EXPECT_EQ(kept.value->next_page_token, "");
}

TEST_F(SpotManagerTest, CandlesComeOldestFirstPageByPage) {
  Kept<model::CandlesPage> kept;
  const model::Instrument instrument = SpotInstrument("BTC_USDT");
  exchange::CandlesQuery query{"BTC-USDT", 60, TimeNs::FromSeconds(600), TimeNs::FromSeconds(780),
                               2,          ""};
  rest_.Answer(
      Ok(R"([["660","1","2","3","0.5","1","9","true"],["600","1","2","3","0.5","1","9","true"]])"));
  manager_.ListCandles(instrument, query, kept.reply());
  ASSERT_TRUE(kept.value.ok()) << kept.value.status();
  ASSERT_EQ(kept.value->candles.size(), 2u);
  EXPECT_EQ(kept.value->candles[0].open_time, TimeNs::FromSeconds(600));
  EXPECT_EQ(kept.value->next_page_token, "720");
  EXPECT_EQ(rest_.targets().back(),
            "/api/v4/spot/candlesticks?currency_pair=BTC_USDT&interval=1m&from=600&to=719");
  query.page_token = "720";
  rest_.Answer(Ok(R"([["720","1","2","3","0.5","1","9","false"]])"));
  manager_.ListCandles(instrument, query, kept.reply());
  EXPECT_EQ(kept.value->candles.size(), 1u);
  EXPECT_TRUE(kept.value->candles[0].closed);
  EXPECT_EQ(kept.value->next_page_token, "");
}

TEST_F(SpotManagerTest, TheLatestCandlesReachTheFormingOne) {
  Kept<model::CandlesPage> kept;
  const std::int64_t forming = kNow.Seconds() / 60 * 60;
  rest_.Answer(Ok(R"([[")" + std::to_string(forming) + R"(","1","2","3","0.5","1","9","false"]])"));
  manager_.ListCandles(SpotInstrument("BTC_USDT"), {"BTC-USDT", 60, {}, {}, 1, ""}, kept.reply());
  ASSERT_TRUE(kept.value.ok()) << kept.value.status();
  ASSERT_EQ(kept.value->candles.size(), 1u);
  EXPECT_FALSE(kept.value->candles[0].closed);
}

TEST_F(SpotManagerTest, AnIntervalThatIsNotOfferedIsRefused) {
  Kept<model::CandlesPage> kept;
  manager_.ListCandles(SpotInstrument("BTC_USDT"), {"BTC-USDT", 61, {}, {}, 1, ""}, kept.reply());
  EXPECT_EQ(kept.value.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(rest_.targets().empty());
}

TEST_F(SpotManagerTest, TickersAreOrderedAndOnlyThoseAskedFor) {
  ASSERT_TRUE(Load("[" + PairJson("BTC_USDT", 1) + "," + PairJson("ETH_USDT", 2) + "," +
                   PairJson("ADA_USDT", 4) + "]")
                  .ok());
  const std::string body = R"([{"currency_pair":"BTC_USDT","last":"1"},{"currency_pair":"X_Y"},)"
                           R"({"currency_pair":"ETH_USDT"},{"currency_pair":"ADA_USDT"}])";
  Kept<model::TickersReply> kept;
  rest_.Answer(Ok(body));
  manager_.ListTickers({}, kept.reply());
  ASSERT_TRUE(kept.value.ok()) << kept.value.status();
  ASSERT_EQ(kept.value->tickers.size(), 3u);
  EXPECT_EQ(kept.value->tickers[0].symbol, "ADA-USDT");
  rest_.Answer(Ok(body));
  manager_.ListTickers({"ETH-USDT", "BTC-USDT"}, kept.reply());
  ASSERT_EQ(kept.value->tickers.size(), 2u);
  EXPECT_EQ(kept.value->tickers[0].symbol, "BTC-USDT");
  EXPECT_EQ(kept.value->tickers[0].receive_time, kNow);
}

TEST_F(SpotManagerTest, AnUnknownSymbolIsNotAskedFor) {
  Kept<model::TickersReply> kept;
  manager_.ListTickers({"BTC-USDT"}, kept.reply());
  EXPECT_EQ(kept.value.status().code(), absl::StatusCode::kUnavailable);
  ASSERT_TRUE(Load("[" + PairJson("BTC_USDT", 1) + "]").ok());
  manager_.ListTickers({"NO-SUCH"}, kept.reply());
  EXPECT_EQ(kept.value.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(kept.value.status()), common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT);
}

std::string ContractJson(const std::string& name, const std::string& more) {
  return R"({"name":")" + name +
         R"(","order_price_round":"0.1","funding_interval":28800,"funding_next_apply":1700006400,)"
         R"("funding_rate":"0.0001","mark_price":"65000",)" +
         more + "}";
}

class FuturesManagerTest : public testing::Test {
 protected:
  absl::StatusOr<std::vector<model::Instrument>> Decode(const std::string& contract) {
    return futures::MarketData::DecodeInstruments("[" + contract + "]");
  }

  FakeRest rest_;
  ManualClock clock_{kNow};
  retry::RateLimiter limiter_;
  RestReader<FakeRest> reader_{rest_, limiter_, clock_, seconds(3)};
  futures::MarketDataManager<FakeRest> manager_{reader_};
};

TEST_F(FuturesManagerTest, WholeContractsBecomeBaseUnits) {
  const auto decoded = Decode(ContractJson(
      "BTC_USDT", R"("quanto_multiplier":"0.0001","order_size_min":1,"order_size_max":1000000)"));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  const model::Instrument& contract = decoded->front();
  EXPECT_EQ(contract.symbol, "BTC-USDT-PERP");
  EXPECT_EQ(contract.direction, model::ContractDirection::kLinear);
  EXPECT_EQ(contract.step.ToShortString(), "0.0001");
  EXPECT_EQ(contract.min_quantity->ToShortString(), "0.0001");
  EXPECT_EQ(contract.max_quantity->ToShortString(), "100");
  EXPECT_EQ(contract.quantity_scale, 4);
  EXPECT_EQ(contract.price_scale, 1);
}

TEST_F(FuturesManagerTest, SplitContractsHaveTheirSmallestOrderAsStep) {
  const auto decoded =
      Decode(ContractJson("ETH_USDT", R"("quanto_multiplier":"0.01","order_size_min":"0.1",)"
                                      R"("order_size_max":"1000","enable_decimal":true)"));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  const model::Instrument& contract = decoded->front();
  EXPECT_EQ(contract.step.ToShortString(), "0.001");
  EXPECT_EQ(contract.min_quantity->ToShortString(), "0.001");
  std::int64_t quantity = 0;
  ASSERT_TRUE(ToQuantity("1053.5", UnitsOf(contract), &quantity));
  EXPECT_EQ(Decimal::FromMantissa(quantity, contract.quantity_scale)->ToShortString(), "10.535");
}

TEST_F(FuturesManagerTest, MultipliersOfAnySizeAreExact) {
  for (const auto& [multiplier, scale] : {std::pair("9.6", 1), std::pair("100000000", 0)}) {
    const auto decoded = Decode(ContractJson(
        "A_USDT", R"("order_size_min":1,"quanto_multiplier":")" + std::string(multiplier) + "\""));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(decoded->front().quantity_scale, scale);
    std::int64_t quantity = 0;
    ASSERT_TRUE(ToQuantity("3", UnitsOf(decoded->front()), &quantity));
    const Decimal three = *Decimal::Multiply(Decimal::FromInt(3), *Decimal::Parse(multiplier));
    EXPECT_EQ(*Decimal::FromMantissa(quantity, scale), three);
  }
}

TEST_F(FuturesManagerTest, AContractWithoutAMultiplierIsNotOffered) {
  EXPECT_FALSE(Decode(ContractJson("BTC_USD", R"("quanto_multiplier":"0")")).ok());
  EXPECT_FALSE(Decode(ContractJson("BTC_USDT", R"("order_size_min":1)")).ok());
}

TEST_F(FuturesManagerTest, RunningRatesComeFromTheContracts) {
  const std::string body = "[" + ContractJson("ETH_USDT", R"("quanto_multiplier":"0.01")") + "," +
                           ContractJson("BTC_USDT", R"("quanto_multiplier":"0.0001")") + "]";
  rest_.Answer(Ok(body));
  Kept<std::shared_ptr<const model::InstrumentTable>> table;
  manager_.LoadInstruments(table.reply());
  ASSERT_TRUE(table.value.ok()) << table.value.status();
  rest_.Answer(Ok(body));
  Kept<model::FundingRatesReply> kept;
  manager_.ListFundingRates({}, kept.reply());
  ASSERT_TRUE(kept.value.ok()) << kept.value.status();
  ASSERT_EQ(kept.value->rates.size(), 2u);
  const model::FundingRate& rate = kept.value->rates[0];
  EXPECT_EQ(rate.symbol, "BTC-USDT-PERP");
  EXPECT_EQ(rate.kind, model::FundingRateKind::kPredicted);
  EXPECT_EQ(rate.rate.ToShortString(), "0.0001");
  EXPECT_EQ(rate.interval_seconds, 28'800u);
  EXPECT_EQ(rate.next_payment_time, TimeNs::FromSeconds(1'700'006'400));
  EXPECT_EQ(rate.receive_time, kNow);
}

TEST_F(FuturesManagerTest, PaidRatesComeNewestFirstPageByPage) {
  const model::Instrument contract = FuturesInstrument("BTC_USDT", "0.0001");
  exchange::FundingHistoryQuery query{"", TimeNs::FromSeconds(100), TimeNs::FromSeconds(400), 2,
                                      ""};
  rest_.Answer(Ok(R"([{"t":200,"r":"0.1"},{"t":300,"r":"0.2"}])"));
  Kept<model::FundingRatesReply> kept;
  manager_.ListFundingRateHistory(contract, query, kept.reply());
  ASSERT_TRUE(kept.value.ok()) << kept.value.status();
  EXPECT_EQ(kept.value->rates[0].payment_time, TimeNs::FromSeconds(300));
  EXPECT_EQ(kept.value->rates[0].kind, model::FundingRateKind::kLast);
  EXPECT_EQ(kept.value->next_page_token, "200");
  query.page_token = "200";
  rest_.Answer(Ok(R"([{"t":99,"r":"0.1"},{"t":400,"r":"0.1"}])"));
  manager_.ListFundingRateHistory(contract, query, kept.reply());
  EXPECT_EQ(rest_.targets().back(),
            "/api/v4/futures/usdt/funding_rate?contract=BTC_USDT&limit=2&from=100&to=199");
  EXPECT_TRUE(kept.value->rates.empty());
}

}  // namespace
}  // namespace switchyard::exchanges::gateio
