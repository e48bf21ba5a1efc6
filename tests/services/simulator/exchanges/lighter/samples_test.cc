#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <regex>
#include <set>
#include <string>

#include "tests/services/simulator/exchanges/lighter/client.h"

// Holds what the simulator says against what the exchange was seen to say: the same keys, the same
// JSON types, and decimals where there were decimals.
namespace switchyard::simulator::testing {
namespace {

using Keys = std::set<std::string>;

Json Sample(const std::string& name) {
  std::ifstream file("tests/services/simulator/exchanges/lighter/samples/" + name + ".json");
  EXPECT_TRUE(file.good()) << name;
  return Json::parse(file, nullptr, false)["body"];
}

std::string KindOf(const Json& value) {
  if (value.is_number()) return "number";
  if (!value.is_string()) return value.type_name();
  static const std::regex kDecimal(R"(-?\d+(\.\d+)?)");
  return std::regex_match(value.get<std::string>(), kDecimal) ? "decimal text" : "text";
}

// `absent`: keys of the sample that need not be there. `more`: keys beyond the sample's, which
// later documents have.
struct Differences {
  Keys absent;
  Keys more;
};

void Compare(const Json& sample, const Json& ours, const Differences& allowed,
             const std::string& path) {
  if (sample.is_array() && ours.is_array()) {
    if (!sample.empty() && !ours.empty()) Compare(sample[0], ours[0], allowed, path + "[0]");
    return;
  }
  if (!sample.is_object() || !ours.is_object()) {
    EXPECT_EQ(KindOf(ours), KindOf(sample)) << path << ": " << ours;
    return;
  }
  for (const auto& [key, value] : sample.items()) {
    if (!ours.contains(key)) {
      EXPECT_TRUE(allowed.absent.contains(key)) << path << '.' << key << " is missing";
    } else {
      Compare(value, ours[key], allowed, path + "." + key);
    }
  }
  for (const auto& [key, value] : ours.items()) {
    EXPECT_TRUE(sample.contains(key) || allowed.more.contains(key))
        << path << '.' << key << " is not in the sample";
  }
}

class SamplesTest : public LighterTest {
 protected:
  // What the first subscription to a channel brings.
  Json Snapshot(const std::string& channel) {
    TestSocket socket = Open();
    return Subscribe(socket, channel);
  }
  // The first update of a channel.
  Json Update(const std::string& channel, const std::string& symbol) {
    TestSocket socket = Open();
    Subscribe(socket, channel);
    for (int i = 0; i < 100; ++i) {
      Step(symbol, 20);
      const std::vector<Json> frames = DrainJson(socket);
      if (!frames.empty()) return frames.front();
    }
    return {};
  }
};

// The names that trades have had since 2026, and those that are left out where they say nothing.
const Differences kTrades = {{"taker_position_sign_changed", "maker_fee"},
                             {"trade_id_str", "ask_id_str", "bid_id_str", "ask_client_id_str",
                              "bid_client_id_str", "transaction_time"}};

TEST_F(SamplesTest, PerpetualDetailsHaveTheKeysOfSeptember2026) {
  const Json rows = RestJson("orderBookDetails?market_id=0");
  ASSERT_EQ(rows["order_book_details"].size(), 1u);
  EXPECT_TRUE(rows["spot_order_book_details"].empty());
  Compare(Sample("rest_orderBookDetails_2026_09_row"), rows["order_book_details"][0],
          {{},
           {"daily_chart", "market_config", "strategy_index", "funding_clamp_small",
            "funding_clamp_big", "base_interest_rate"}},
          "row");
}

TEST_F(SamplesTest, SpotDetailsHaveTheKeysOfTheSchema) {
  const Json rows = RestJson("orderBookDetails?filter=spot");
  ASSERT_GE(rows["spot_order_book_details"].size(), 2u);
  EXPECT_TRUE(rows["order_book_details"].empty());
  Json sample = Sample("rest_orderBookDetails_schema_strings")["spot_order_book_details"][0];
  // The page writes the map as a text.
  sample["daily_chart"] = Json::object();
  Compare(sample, rows["spot_order_book_details"][0],
          {{}, {"is_maker_fee_enabled", "is_taker_fee_enabled", "created_at"}}, "row");
}

TEST_F(SamplesTest, OrderBooksRowsAreTheExchanges) {
  Compare(Sample("rest_orderBooks_widened_ids"), RestJson("orderBooks"), {}, "orderBooks");
}

TEST_F(SamplesTest, OrderBookOrdersAreTheExchanges) {
  Compare(Sample("rest_orderBookOrders"), RestJson("orderBookOrders?market_id=0&limit=5"),
          {{}, {"transaction_time"}}, "orders");
}

TEST_F(SamplesTest, RecentTradesAreTheExchanges) {
  Step("ETH", 500);
  Compare(Sample("rest_recentTrades"), RestJson("recentTrades?market_id=0&limit=3"),
          {{}, {"taker_position_sign_changed"}}, "trades");
}

TEST_F(SamplesTest, CandlesAreTheExchanges) {
  // The page's own sample has four more fields whose values are the word "string".
  Compare(Sample("rest_candles"),
          RestJson("candles?market_id=0&resolution=1m&start_timestamp=0&end_timestamp=5000000000000"
                   "&count_back=100"),
          {{"C", "H", "L", "O"}, {}}, "candles");
}

TEST_F(SamplesTest, FundingsAreTheExchanges) {
  Compare(Sample("rest_fundings"),
          RestJson("fundings?market_id=0&resolution=1h&start_timestamp=1&end_timestamp="
                   "5000000000000&count_back=3"),
          {}, "fundings");
  Compare(Sample("rest_funding-rates"), RestJson("funding-rates"), {}, "rates");
}

TEST_F(SamplesTest, TheRootTellsSecondsAndANetwork) {
  const Json status = Json::parse(Rest("/").body, nullptr, false);
  for (const char* key : {"status", "network_id", "timestamp"}) {
    EXPECT_TRUE(status[key].is_number_integer()) << key;
  }
  const std::int64_t now_s = std::chrono::duration_cast<std::chrono::seconds>(
                                 std::chrono::system_clock::now().time_since_epoch())
                                 .count();
  EXPECT_NEAR(static_cast<double>(status["timestamp"].get<std::int64_t>()),
              static_cast<double>(now_s), 60.0);
}

TEST_F(SamplesTest, ASocketIsGreetedWithASession) {
  TestSocket socket = Open(false);
  const Json greeting = Next(socket);
  Compare(Sample("ws_connected"), greeting, {}, "greeting");
  EXPECT_EQ(greeting["session_id"].get<std::string>().size(), 36u);
}

TEST_F(SamplesTest, BookFramesAreTheExchanges) {
  Compare(Sample("ws_order_book_subscribed"), Snapshot("order_book/0"), {}, "snapshot");
  const Json update = Update("order_book/0", "ETH");
  EXPECT_EQ(update["type"], "update/order_book");
  Compare(Sample("ws_order_book_update_2025_12"), update, {{}, {"last_updated_at"}}, "update");
}

TEST_F(SamplesTest, TickerFramesAreTheExchanges) {
  EXPECT_EQ(Snapshot("ticker/0")["type"], "subscribed/ticker");
  Compare(Sample("ws_ticker_update"), Update("ticker/0", "ETH"), {}, "ticker");
}

TEST_F(SamplesTest, MarketStatsFramesAreTheExchanges) {
  const Keys newer = {"symbol", "mid_price", "timestamp", "base_interest_rate"};
  Compare(Sample("ws_market_stats_update"), Snapshot("market_stats/0"), {{}, newer}, "stats");
  const Json all = Snapshot("market_stats/all");
  EXPECT_EQ(all["channel"], "market_stats:all");
  Compare(Sample("ws_market_stats_all_update")["market_stats"]["96"], all["market_stats"]["4"],
          {{}, newer}, "stats of all");
  Compare(Sample("ws_spot_market_stats_update"), Snapshot("spot_market_stats/2048"),
          {{}, {"symbol", "index_price", "best_bid_price", "best_ask_price", "timestamp"}}, "spot");
}

TEST_F(SamplesTest, TradeFramesAreTheExchanges) {
  Compare(Sample("ws_trade_subscribed"), Snapshot("trade/0"), kTrades, "trades");
}

TEST_F(SamplesTest, CandleAndHeightFramesAreTheExchanges) {
  Step("ETH", 2'000);
  Compare(Sample("ws_candle_subscribed"), Snapshot("candle/0/1m"), {{"v", "V", "i"}, {}}, "candle");
  Json height = Sample("ws_height_update");
  height["type"] = "subscribed/height";
  Compare(height, Snapshot("height"), {}, "height");
}

TEST_F(SamplesTest, ErrorsAndUnsubscriptionsAreTheExchangesWordForWord) {
  TestSocket socket = Open();
  EXPECT_EQ(Subscribe(socket, "order_book/77777"), Sample("ws_error_nested"));
  Subscribe(socket, "order_book/0");
  SendJson(socket, {{"type", "unsubscribe"}, {"channel", "order_book/0"}});
  EXPECT_EQ(Next(socket), Sample("ws_unsubscribed"));
}

}  // namespace
}  // namespace switchyard::simulator::testing
