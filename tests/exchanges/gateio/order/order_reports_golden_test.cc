// every sample of an order, a fill, a trigger order, a liquidation: over REST, on the private
// channels, in answers of the WebSocket API.
#include <gtest/gtest.h>

#include <string>

#include "exchanges/gateio/futures/order/liquidations.h"
#include "exchanges/gateio/order/order_protocol.h"
#include "exchanges/gateio/private/private_message_handler.h"
#include "exchanges/gateio/rest/answer.h"
#include "tests/exchanges/gateio/golden.h"
#include "tests/exchanges/gateio/order/describe_order.h"
#include "tests/exchanges/gateio/order/markets.h"

namespace switchyard::exchanges::gateio {
namespace {

using json::Json;

Product ProductOf(const GoldenEntry& entry) {
  return entry.file.find("spot") != std::string::npos ? Product::kSpot : Product::kFutures;
}

Origin OriginOf(Product product) {
  static const auto spot = SpotMarkets();
  static const auto futures = FuturesMarkets();
  return {product == Product::kSpot ? *spot : *futures, TimeNs(1), model::Source::kRest};
}

template <typename T>
Json DescribeOr(const absl::StatusOr<T>& value, Json (*describe)(const T&)) {
  return value.ok() ? describe(*value) : Json(std::string(value.status().message()));
}

enum class Kind { kNone, kOrder, kFill, kConditional, kLiquidation, kDeleverage };

Kind KindOfChannel(Channel channel) {
  switch (channel) {
    case Channel::kOrders:
      return Kind::kOrder;
    case Channel::kFills:
      return Kind::kFill;
    case Channel::kTriggerOrders:
      return Kind::kConditional;
    case Channel::kOwnLiquidations:
      return Kind::kLiquidation;
    case Channel::kAutoDeleverages:
      return Kind::kDeleverage;
    default:
      return Kind::kNone;
  }
}

Kind KindOfEndpoint(const std::string& endpoint) {
  if (endpoint.find("price_orders") != std::string::npos) return Kind::kConditional;
  if (endpoint.find("my_trades") != std::string::npos) return Kind::kFill;
  if (endpoint.find("liquidates") != std::string::npos) return Kind::kLiquidation;
  if (endpoint.find("orders") != std::string::npos) return Kind::kOrder;
  return Kind::kNone;
}

Json Understand(Kind kind, Product product, const Json& item) {
  const OrderReports& reports = OrderProtocolOf(product).reports;
  const Origin origin = OriginOf(product);
  switch (kind) {
    case Kind::kOrder:
      return DescribeOr(reports.ReadOrder(item, origin), &DescribeOrder);
    case Kind::kFill:
      return DescribeOr(reports.ReadFill(item, origin), &DescribeFill);
    case Kind::kConditional:
      return DescribeOr(reports.ReadConditional(item, origin), &DescribeOrder);
    case Kind::kLiquidation:
      return DescribeOr(futures::ReadLiquidation(item, origin), &DescribeLiquidation);
    case Kind::kDeleverage:
      return DescribeOr(futures::ReadAutoDeleverage(item, origin), &DescribeLiquidation);
    case Kind::kNone:
      return nullptr;
  }
  return nullptr;
}

// Each item of a list; lists of open orders hold lists.
Json UnderstandAll(Kind kind, Product product, const Json& body) {
  Json out = Json::array();
  const auto add = [&](const Json& item) { out.push_back(Understand(kind, product, item)); };
  if (!body.is_array()) {
    add(body);
    return out;
  }
  for (const Json& item : body) {
    if (!item.contains("orders")) {
      add(item);
      continue;
    }
    for (const Json& order : item["orders"]) add(order);
  }
  return out;
}

void Check(const GoldenEntry& entry, const Json& understood) {
  // Expectations of orders are beside those of market data.
  GoldenEntry renamed = entry;
  renamed.file = "orders_" + entry.file;
  const Json expected = ExpectedOf(renamed);
  ASSERT_FALSE(expected.is_null()) << "nothing is expected: " << understood.dump(1);
  EXPECT_EQ(understood, expected) << "understood: " << understood.dump(1)
                                  << "\nexpected: " << expected.dump(1);
}

std::vector<GoldenEntry> RestEntries(const std::string& file) {
  std::vector<GoldenEntry> out;
  for (GoldenEntry& entry : LoadGolden(file)) {
    const Json& body = entry.fields["body"];
    if (KindOfEndpoint(entry.fields.value("endpoint", "")) == Kind::kNone) continue;
    if (entry.name == "batch_cancel" || entry.name == "cancel_batch") continue;  // batch_answers
    if (body.is_object() && body.contains("label")) continue;                    // errors
    out.push_back(std::move(entry));
  }
  return out;
}

class RestReportTest : public testing::TestWithParam<GoldenEntry> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RestReportTest);

TEST_P(RestReportTest, IsUnderstood) {
  const GoldenEntry& entry = GetParam();
  const auto body = json::Parse(entry.raw.at("body"));
  ASSERT_TRUE(body.ok());
  Check(entry,
        UnderstandAll(KindOfEndpoint(entry.fields.value("endpoint", "")), ProductOf(entry), *body));
}

INSTANTIATE_TEST_SUITE_P(Spot, RestReportTest,
                         testing::ValuesIn(RestEntries("spot_rest_responses")), EntryName());
INSTANTIATE_TEST_SUITE_P(Futures, RestReportTest,
                         testing::ValuesIn(RestEntries("futures_rest_responses")), EntryName());

std::vector<GoldenEntry> PushEntries(const std::string& file) {
  std::vector<GoldenEntry> out;
  for (GoldenEntry& entry : LoadGolden(file)) {
    const Channel channel = FromWireName(ProductOf(entry), entry.fields.value("channel", ""));
    if (KindOfChannel(channel) != Kind::kNone) out.push_back(std::move(entry));
  }
  return out;
}

class PushReportTest : public testing::TestWithParam<GoldenEntry> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PushReportTest);

TEST_P(PushReportTest, IsUnderstood) {
  const GoldenEntry& entry = GetParam();
  const auto frame = ParsePrivateFrame(ProductOf(entry), entry.raw.at("message"));
  ASSERT_TRUE(frame.ok()) << frame.status();
  Check(entry, UnderstandAll(KindOfChannel(frame->channel), ProductOf(entry), frame->result));
}

INSTANTIATE_TEST_SUITE_P(Spot, PushReportTest, testing::ValuesIn(PushEntries("spot_ws_push")),
                         EntryName());
INSTANTIATE_TEST_SUITE_P(Futures, PushReportTest, testing::ValuesIn(PushEntries("futures_ws_push")),
                         EntryName());

class ApiReportTest : public testing::TestWithParam<GoldenEntry> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ApiReportTest);

TEST_P(ApiReportTest, IsUnderstood) {
  const GoldenEntry& entry = GetParam();
  const Product product = entry.name.starts_with("spot") ? Product::kSpot : Product::kFutures;
  const auto frame = ParsePrivateFrame(product, entry.raw.at("message"));
  ASSERT_TRUE(frame.ok()) << frame.status();
  ASSERT_TRUE(frame->api.has_value());
  Json understood = {{"request_id", frame->api->request_id}, {"status", frame->api->status}};
  if (frame->api->is_echo) understood["echo"] = true;
  if (!frame->api->label.empty()) understood["label"] = frame->api->label;
  if (frame->api->limit_remaining) understood["remaining"] = *frame->api->limit_remaining;
  if (frame->api->limit) understood["limit"] = *frame->api->limit;
  if (frame->api->limit_reset) understood["reset_ms"] = frame->api->limit_reset->Millis();
  const bool tells_order = !frame->api->is_echo && frame->result.contains("status");
  if (tells_order) understood["order"] = Understand(Kind::kOrder, product, frame->result);
  if (frame->result.contains("uid")) understood["uid"] = frame->result["uid"];
  Check(entry, understood);
}

std::vector<GoldenEntry> ApiAnswers() {
  std::vector<GoldenEntry> out;
  for (GoldenEntry& entry : LoadGolden("ws_api")) {
    if (entry.fields.value("direction", "") == "s->c") out.push_back(std::move(entry));
  }
  return out;
}

INSTANTIATE_TEST_SUITE_P(Answers, ApiReportTest, testing::ValuesIn(ApiAnswers()), EntryName());

TEST(GoldenFilesTest, AreThere) {
  ExpectEntriesOf({"spot_rest_responses", "futures_rest_responses", "spot_ws_push",
                   "futures_ws_push", "ws_api"});
}

}  // namespace
}  // namespace switchyard::exchanges::gateio
