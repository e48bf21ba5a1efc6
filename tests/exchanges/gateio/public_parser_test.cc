#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/status/status.h"
#include "exchanges/gateio/websocket/public_message_handler.h"
#include "tests/exchanges/gateio/frames.h"
#include "tests/exchanges/gateio/golden.h"

namespace switchyard::exchanges::gateio {
namespace {

// Parses one spot frame; the frame and the parser live as long as the object.
struct Parsed {
  explicit Parsed(std::string_view text, Product product = Product::kSpot)
      : frame(text), parser(product), status(parser.Parse(frame.view(), push)) {}

  Frame frame;
  PublicParser parser;
  wire::Push push;
  absl::Status status;
};

TEST(PublicParserTest, ReadsTheResultBeforeChannelAndEvent) {
  const Parsed parsed(R"({"result":{"s":"BTC_USDT","u":7,"U":5,"b":[["1.5","2"]],"a":[]},)"
                      R"("event":"update","time":1,"channel":"spot.order_book_update"})");
  ASSERT_TRUE(parsed.status.ok()) << parsed.status;
  EXPECT_EQ(parsed.push.event, wire::Event::kUpdate);
  EXPECT_EQ(parsed.push.symbol, "BTC_USDT");
  EXPECT_EQ(parsed.push.book_update.first_id, 5u);
  EXPECT_EQ(parsed.push.book_update.last_id, 7u);
  ASSERT_EQ(parsed.push.book_update.bids.size(), 1u);
  EXPECT_EQ(parsed.push.book_update.bids[0].price, "1.5");
}

TEST(PublicParserTest, ReadsAnAnswerWhoseResultStandsBeforeItsEvent) {
  const Parsed parsed(
      R"({"channel":"spot.obu","result":{"status":"fail"},"event":"subscribe","id":9})");
  ASSERT_TRUE(parsed.status.ok()) << parsed.status;
  EXPECT_EQ(parsed.push.event, wire::Event::kSubscribed);
  EXPECT_TRUE(parsed.push.refused);
  EXPECT_EQ(parsed.push.request_id, 9);
}

TEST(PublicParserTest, TakesAPushWithoutEventAsAnUpdate) {
  const Parsed parsed(
      R"({"channel":"spot.obu","result":{"s":"ob.A_B_USDT.400","full":true,"u":3}})");
  ASSERT_TRUE(parsed.status.ok()) << parsed.status;
  EXPECT_EQ(parsed.push.event, wire::Event::kUpdate);
  EXPECT_EQ(parsed.push.symbol, "A_B_USDT");
  EXPECT_EQ(parsed.push.book_update.level, "400");
  EXPECT_TRUE(parsed.push.book_update.full);
}

TEST(PublicParserTest, AMissingOrNullSideHasNoLevels) {
  const Parsed parsed(R"({"channel":"spot.order_book_update","event":"update",)"
                      R"("result":{"s":"A_B","u":3,"U":2,"b":null}})");
  ASSERT_TRUE(parsed.status.ok()) << parsed.status;
  EXPECT_TRUE(parsed.push.book_update.bids.empty());
  EXPECT_TRUE(parsed.push.book_update.asks.empty());
}

TEST(PublicParserTest, TakesSizesAndIdsAsNumbersOrStrings) {
  const Parsed parsed(
      R"({"channel":"futures.order_book_update","event":"update","result":{"s":"A_B","u":"3",)"
      R"("U":2,"b":[{"p":"1","s":"0.25"}],"a":[{"s":7,"p":1.5},["2",8]]}})",
      Product::kFutures);
  ASSERT_TRUE(parsed.status.ok()) << parsed.status;
  EXPECT_EQ(parsed.push.book_update.last_id, 3u);
  EXPECT_EQ(parsed.push.book_update.bids[0].quantity, "0.25");
  EXPECT_EQ(parsed.push.book_update.asks[0].price, "1.5");
  EXPECT_EQ(parsed.push.book_update.asks[0].quantity, "7");
  EXPECT_EQ(parsed.push.book_update.asks[1].quantity, "8");
}

TEST(PublicParserTest, AnEmptySideOfATickerHasNoPrice) {
  const Parsed parsed(R"({"channel":"futures.book_ticker","event":"update",)"
                      R"("result":{"t":0,"u":0,"s":"BSW_USDT","b":"","B":0,"a":"","A":0}})",
                      Product::kFutures);
  ASSERT_TRUE(parsed.status.ok()) << parsed.status;
  EXPECT_EQ(parsed.push.book_ticker.bid.price, "");
  EXPECT_EQ(parsed.push.book_ticker.ask.price, "");
}

TEST(PublicParserTest, ReadsNamesInAnyScriptAndWithEscapes) {
  const Parsed plain(R"({"channel":"futures.order_book_update","event":"update",)"
                     R"("result":{"s":"人生K线_USDT","u":3,"U":2}})",
                     Product::kFutures);
  const Parsed escaped(R"({"channel":"futures.order_book_update","event":"update",)"
                       R"("result":{"s":"\u4eba\u751fK\u7ebf_USDT","u":3,"U":2}})",
                       Product::kFutures);
  EXPECT_EQ(plain.push.symbol, "人生K线_USDT");
  EXPECT_EQ(escaped.push.symbol, "人生K线_USDT");
}

TEST(PublicParserTest, ZeroMillisecondsFallBackToSeconds) {
  const Parsed parsed(
      R"({"time":1684930165,"time_ms":0,"channel":"spot.trades","event":"subscribe",)"
      R"("result":{"status":"success"}})");
  EXPECT_EQ(parsed.push.time, TimeNs::FromSeconds(1'684'930'165));
  EXPECT_FALSE(parsed.push.refused);
}

TEST(PublicParserTest, NothingOfTheFrameBeforeIsLeftInAnswers) {
  PublicParser parser(Product::kSpot);
  wire::Push push;
  const Frame refused(
      R"({"channel":"spot.trades","event":"subscribe","id":4,"payload":["A_B"],)"
      R"("error":{"code":2,"message":"unknown currency pair: A_B"},"result":null})");
  ASSERT_TRUE(parser.Parse(refused.view(), push).ok());
  ASSERT_TRUE(push.refused);
  const Frame accepted(
      R"({"channel":"spot.trades","event":"subscribe","error":null,"result":{"status":"success"}})");
  ASSERT_TRUE(parser.Parse(accepted.view(), push).ok());
  EXPECT_FALSE(push.refused);
  EXPECT_TRUE(push.error.message.empty());
  EXPECT_TRUE(push.payload.empty());
  EXPECT_EQ(push.request_id, 0);
}

TEST(PublicParserTest, ASteadyStreamKeepsItsVectors) {
  PublicParser parser(Product::kSpot);
  wire::Push push;
  const Frame frame(
      R"({"channel":"spot.order_book_update","event":"update","result":{"s":"A_B","u":3,"U":2,)"
      R"("b":[["1","2"],["0.9","2"]],"a":[["1.1","2"]]}})");
  ASSERT_TRUE(parser.Parse(frame.view(), push).ok());
  const wire::Level* const first = push.book_update.bids.data();
  ASSERT_TRUE(parser.Parse(frame.view(), push).ok());
  EXPECT_EQ(push.book_update.bids.data(), first);
  EXPECT_EQ(push.book_update.bids.size(), 2u);
}

struct Outcome {
  std::string name, frame;
  wire::Event want;
};

class UnknownFrameTest : public testing::TestWithParam<Outcome> {};

TEST_P(UnknownFrameTest, IsNoError) {
  const Parsed parsed(GetParam().frame);
  ASSERT_TRUE(parsed.status.ok()) << parsed.status;
  EXPECT_EQ(parsed.push.event, GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Frames, UnknownFrameTest,
    testing::Values(
        Outcome{"no_channel", R"({"id":1,"result":{}})", wire::Event::kUnknown},
        Outcome{"empty_object", R"({})", wire::Event::kUnknown},
        Outcome{"unknown_channel", R"({"channel":"spot.new","event":"update","result":[1]})",
                wire::Event::kUnknown},
        Outcome{"channel_of_the_other_product",
                R"({"channel":"futures.trades","event":"update","result":[]})",
                wire::Event::kUnknown},
        Outcome{"private_channel", R"({"channel":"spot.orders","event":"update","result":[{}]})",
                wire::Event::kUnknown},
        Outcome{"unknown_event", R"({"channel":"spot.trades","event":"later","result":{}})",
                wire::Event::kUnknown},
        Outcome{"retired_protocol", R"({"method":"trades.update","params":["BTC_USDT",[]]})",
                wire::Event::kUnknown},
        Outcome{
            "answer_of_the_order_api",
            R"({"request_id":"1","ack":true,"header":{"channel":"spot.order_place"},"data":{}})",
            wire::Event::kUnknown},
        Outcome{"upgrade", R"({"channel":"spot.system","event":"upgrade","result":null})",
                wire::Event::kUpgrade}),
    [](const auto& info) { return info.param.name; });

struct Malformed {
  std::string name, frame;
};

class UnreadableFrameTest : public testing::TestWithParam<Malformed> {};

TEST_P(UnreadableFrameTest, IsInternal) {
  const Parsed parsed(GetParam().frame);
  EXPECT_EQ(parsed.status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(ReasonOf(parsed.status), common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE);
}

INSTANTIATE_TEST_SUITE_P(Frames, UnreadableFrameTest,
                         testing::Values(Malformed{"empty", ""}, Malformed{"white_space", "  \n"},
                                         Malformed{"text", "pong"}, Malformed{"list", "[1,2]"},
                                         Malformed{"page", "<html><body>502</body></html>"},
                                         Malformed{"not_utf8", "{\"channel\":\"spot.trades\xff\"}"},
                                         Malformed{"cut",
                                                   R"({"channel":"spot.obu","result":{"u")"}),
                         [](const auto& info) { return info.param.name; });

class MalformedFrameTest : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedFrameTest, IsInternalAndNamesTheChannel) {
  const Parsed parsed(GetParam().frame);
  EXPECT_EQ(parsed.status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(ReasonOf(parsed.status), common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE);
  EXPECT_NE(std::string(parsed.status.message()).find("'spot."), std::string::npos);
}

std::string Update(const std::string& result) {
  return R"({"channel":"spot.order_book_update","event":"update","result":)" + result + "}";
}

INSTANTIATE_TEST_SUITE_P(
    Frames, MalformedFrameTest,
    testing::Values(
        Malformed{"no_result", R"({"channel":"spot.trades","event":"update"})"},
        Malformed{"result_is_text", R"({"channel":"spot.trades","event":"update","result":"x"})"},
        Malformed{"no_symbol", Update(R"({"u":3,"U":2,"b":[],"a":[]})")},
        Malformed{"no_last_id", Update(R"({"s":"A_B","U":2,"b":[],"a":[]})")},
        Malformed{"neither_first_id_nor_full", Update(R"({"s":"A_B","u":2})")},
        Malformed{"id_below_zero", Update(R"({"s":"A_B","u":-2,"U":1})")},
        Malformed{"id_with_fraction", Update(R"({"s":"A_B","u":2.5,"U":1})")},
        Malformed{"id_is_text", Update(R"({"s":"A_B","u":"two","U":1})")},
        Malformed{"time_is_text", Update(R"({"s":"A_B","u":2,"U":1,"t":"bingbong"})")},
        Malformed{"full_is_number", Update(R"({"s":"A_B","u":2,"U":1,"full":1})")},
        Malformed{"side_is_object", Update(R"({"s":"A_B","u":2,"U":1,"b":{}})")},
        Malformed{"level_of_one", Update(R"({"s":"A_B","u":2,"U":1,"b":[["1"]]})")},
        Malformed{"level_without_price", Update(R"({"s":"A_B","u":2,"U":1,"b":[{"s":1}]})")},
        Malformed{"level_is_number", Update(R"({"s":"A_B","u":2,"U":1,"b":[1]})")},
        Malformed{"price_is_bool", Update(R"({"s":"A_B","u":2,"U":1,"b":[[true,"1"]]})")},
        Malformed{"price_is_empty", Update(R"({"s":"A_B","u":2,"U":1,"b":[["","1"]]})")},
        Malformed{
            "trade_without_id",
            R"({"channel":"spot.trades","event":"update","result":{"currency_pair":"A_B","price":"1","amount":"1"}})"},
        Malformed{
            "nested_lists",
            R"({"channel":"spot.tickers","event":"update","result":[[{"currency_pair":"A_B"}]]})"},
        Malformed{"candle_without_name",
                  R"({"channel":"spot.candlesticks","event":"update","result":{"t":"1","o":"1"}})"},
        Malformed{"error_is_text",
                  R"({"channel":"spot.trades","event":"subscribe","error":"no","result":null})"}),
    [](const auto& info) { return info.param.name; });

// What a status of either kind has to be; the sanitizers watch the rest.
void ExpectTerminates(PublicParser& parser, std::string_view text, wire::Push& push) {
  const Frame frame(text);
  const absl::Status status = parser.Parse(frame.view(), push);
  if (status.ok()) return;
  ASSERT_EQ(status.code(), absl::StatusCode::kInternal);
  ASSERT_EQ(ReasonOf(status), common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE);
}

// The frames of which something is read.
std::vector<GoldenEntry> ReadFrames() {
  std::vector<GoldenEntry> all;
  for (const char* const file : {"spot_ws_push", "futures_ws_push", "ws_control"}) {
    for (GoldenEntry& entry : LoadGolden(file)) {
      const Parsed parsed(entry.Minified("message"), ProductOf(entry.Minified("message")));
      if (parsed.push.event != wire::Event::kUnknown) all.push_back(std::move(entry));
    }
  }
  return all;
}

class RobustnessTest : public testing::TestWithParam<GoldenEntry> {
 protected:
  // Long frames add nothing but time: their ends are looked at, and a part of the middle.
  static bool Skips(std::size_t at, std::size_t size) {
    return at > 500 && at + 100 < size && at % 37 != 0;
  }
};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RobustnessTest);

TEST_P(RobustnessTest, EveryPrefixEndsWithAStatus) {
  const std::string text = GetParam().Minified("message");
  PublicParser parser(ProductOf(text));
  wire::Push push;
  for (std::size_t size = 0; size < text.size(); ++size) {
    if (Skips(size, text.size())) continue;
    ASSERT_NO_FATAL_FAILURE(ExpectTerminates(parser, text.substr(0, size), push)) << size;
  }
}

TEST_P(RobustnessTest, EveryByteMayChange) {
  constexpr char kBytes[] = {'\0', '"', '\\', '{', '}', '[', ']',  ',',    ':',    '-',
                             '.',  '0', 'n',  't', 'e', ' ', '\n', '\x7f', '\x80', '\xff'};
  std::string text = GetParam().Minified("message");
  PublicParser parser(ProductOf(text));
  wire::Push push;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (Skips(at, text.size())) continue;
    const char original = text[at];
    for (const char byte : kBytes) {
      text[at] = byte;
      ASSERT_NO_FATAL_FAILURE(ExpectTerminates(parser, text, push)) << at;
    }
    for (int bit = 0; bit < 8; ++bit) {
      text[at] = static_cast<char>(original ^ (1 << bit));
      ASSERT_NO_FATAL_FAILURE(ExpectTerminates(parser, text, push)) << at;
    }
    text[at] = original;
  }
}

TEST_P(RobustnessTest, EveryByteMayBeMissing) {
  const std::string text = GetParam().Minified("message");
  PublicParser parser(ProductOf(text));
  wire::Push push;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (Skips(at, text.size())) continue;
    std::string without = text;
    without.erase(at, 1);
    ASSERT_NO_FATAL_FAILURE(ExpectTerminates(parser, without, push)) << at;
  }
}

INSTANTIATE_TEST_SUITE_P(Goldens, RobustnessTest, testing::ValuesIn(ReadFrames()), EntryName());

TEST(GoldenFilesTest, AreThere) {
  ExpectEntriesOf({"spot_ws_push", "futures_ws_push", "ws_control"});
}

}  // namespace
}  // namespace switchyard::exchanges::gateio
