// every sample of a WebSocket message that a public connection may carry: what is understood,
// in both the file's spacing and none, and every level against an independent reading of the JSON.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/exchanges/gateio/describe.h"
#include "tests/exchanges/gateio/frames.h"
#include "tests/exchanges/gateio/golden.h"

namespace switchyard::exchanges::gateio {
namespace {

using json::Json;

const std::set<std::string>& PrivateChannels() {
  static const std::set<std::string> kChannels = {"spot.orders",
                                                  "spot.usertrades",
                                                  "spot.balances",
                                                  "spot.priceorders",
                                                  "futures.orders",
                                                  "futures.usertrades",
                                                  "futures.positions",
                                                  "futures.balances",
                                                  "futures.liquidates",
                                                  "futures.autoorders",
                                                  "futures.position_closes",
                                                  "futures.auto_deleverages",
                                                  "futures.reduce_risk_limits"};
  return kChannels;
}

// The levels of a side as (price, quantity), by nlohmann's reading.
std::vector<std::pair<std::string, std::string>> LevelsOf(const Json& side) {
  std::vector<std::pair<std::string, std::string>> levels;
  for (const Json& level : side) {
    const bool pair = level.is_array();
    levels.emplace_back(*json::RequireText(level, pair ? "0" : "p"),
                        *json::RequireText(level, pair ? "1" : "s"));
  }
  return levels;
}

void ExpectSide(const std::vector<wire::Level>& understood, const Json& message,
                const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const Json* const side = json::Find(message, "result." + name);
    if (side == nullptr || !side->is_array()) continue;
    const auto wanted = LevelsOf(*side);
    ASSERT_EQ(understood.size(), wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      EXPECT_EQ(understood[i].price, wanted[i].first) << name << " " << i;
      EXPECT_EQ(understood[i].quantity, wanted[i].second) << name << " " << i;
    }
  }
}

// Parses `text`, checks its levels, and says what was understood.
void Understand(const std::string& text, const Json& message, Json* understood) {
  const Product product = ProductOf(text);
  PublicParser parser(product);
  wire::Push push;
  const Frame frame(text);
  const absl::Status status = parser.Parse(frame.view(), push);
  ASSERT_TRUE(status.ok()) << status;
  *understood = Describe(product, push);
  if (push.event != wire::Event::kUpdate) return;
  if (push.channel == Channel::kBookUpdate || push.channel == Channel::kBookStream) {
    ExpectSide(push.book_update.bids, message, {"b"});
    ExpectSide(push.book_update.asks, message, {"a"});
  } else if (push.channel == Channel::kBookSnapshot) {
    ExpectSide(push.book_snapshot.bids, message, {"bids"});
    ExpectSide(push.book_snapshot.asks, message, {"asks"});
  }
}

class PublicFramesGoldenTest : public testing::TestWithParam<GoldenEntry> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PublicFramesGoldenTest);

TEST_P(PublicFramesGoldenTest, IsUnderstood) {
  const GoldenEntry& entry = GetParam();
  const Json message = entry.fields.value("message", Json());
  if (PrivateChannels().contains(message.value("channel", "")) &&
      message.value("event", "") == "update") {
    GTEST_SKIP() << "private";
  }
  if (entry.fields.value("direction", "") == "c->s") GTEST_SKIP() << "sent, not received";
  Json spaced, minified;
  ASSERT_NO_FATAL_FAILURE(Understand(entry.raw.at("message"), message, &spaced));
  ASSERT_NO_FATAL_FAILURE(Understand(entry.Minified("message"), message, &minified));
  EXPECT_EQ(spaced, minified);
  CheckAgainstExpected(entry, minified);
}

INSTANTIATE_TEST_SUITE_P(SpotPush, PublicFramesGoldenTest,
                         testing::ValuesIn(LoadGolden("spot_ws_push")), EntryName());
INSTANTIATE_TEST_SUITE_P(FuturesPush, PublicFramesGoldenTest,
                         testing::ValuesIn(LoadGolden("futures_ws_push")), EntryName());
INSTANTIATE_TEST_SUITE_P(Control, PublicFramesGoldenTest,
                         testing::ValuesIn(LoadGolden("ws_control")), EntryName());

// The frames of the order book sequences; what comes of them is the book's matter.
class SequenceFramesGoldenTest : public testing::TestWithParam<GoldenEntry> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SequenceFramesGoldenTest);

TEST_P(SequenceFramesGoldenTest, EveryPushIsUnderstood) {
  const Json& pushes = GetParam().fields.at("pushes");
  ASSERT_FALSE(pushes.empty());
  for (const Json& push : pushes) {
    const Json& message = push.at("message");
    Json understood;
    ASSERT_NO_FATAL_FAILURE(Understand(message.dump(), message, &understood));
    EXPECT_EQ(understood.at("event"), "update");
    EXPECT_EQ(understood.at("channel"), GetParam().fields.at("kind"));
    EXPECT_EQ(understood.at("last_id"), *json::RequireInt64(message, "result.u"));
    const auto first = json::OptionalInt64(message, "result.U");
    EXPECT_EQ(understood.value("first_id", std::int64_t{0}), first->value_or(0));
    EXPECT_EQ(understood.value("full", false),
              json::OptionalBool(message, "result.full")->value_or(false));
  }
}

INSTANTIATE_TEST_SUITE_P(Sequences, SequenceFramesGoldenTest,
                         testing::ValuesIn(LoadGolden("orderbook_sequences", {"sequences"})),
                         EntryName());

TEST(GoldenFilesTest, AreThere) {
  ExpectEntriesOf({"spot_ws_push", "futures_ws_push", "ws_control"});
  ExpectEntriesOf({"orderbook_sequences"}, {"sequences"});
}

}  // namespace
}  // namespace switchyard::exchanges::gateio
