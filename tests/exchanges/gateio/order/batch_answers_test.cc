// What answers to commands say of each order, the samples of batches among them.
#include <gtest/gtest.h>

#include <string>

#include "common/status/status.h"
#include "exchanges/gateio/order/batch_answers.h"
#include "exchanges/gateio/order/order_protocol.h"
#include "tests/exchanges/gateio/golden.h"
#include "tests/exchanges/gateio/order/markets.h"

namespace switchyard::exchanges::gateio {
namespace {

using exchange::CommandFate;
using exchange::CommandResult;
using json::Json;

class AnswersTest : public testing::Test {
 protected:
  static Json Sample(const std::string& file, const std::string& name, const char* field) {
    for (const GoldenEntry& entry : LoadGolden(file)) {
      if (entry.name == name) return *json::Parse(entry.raw.at(field));
    }
    ADD_FAILURE() << "no sample " << name;
    return {};
  }
  std::vector<CommandResult> Batch(const OrderReports& reports, const model::InstrumentTable& table,
                                   const std::vector<std::string>& ids, const Json& answer) {
    return BatchResultsOf(reports, "batch", ids, answer, {table, TimeNs(1)},
                          TimeNs::FromSeconds(1'700'000'000));
  }

  const OrderReports& spot_ = spot::Reports();
  const OrderReports& futures_ = futures::Reports();
  const std::shared_ptr<const model::InstrumentTable> pairs_ = SpotMarkets();
  const std::shared_ptr<const model::InstrumentTable> contracts_ = FuturesMarkets();
};

TEST_F(AnswersTest, AnOrderIsConfirmed) {
  const CommandResult result =
      ResultOf(spot_, "place", Sample("spot_rest_responses", "order_create_open", "body"),
               {*pairs_, TimeNs(1)});
  EXPECT_EQ(result.fate, CommandFate::kConfirmed);
  ASSERT_TRUE(result.report.has_value());
  EXPECT_EQ(result.report->exchange_order_id, "1700664330");
}

TEST_F(AnswersTest, AnAcknowledgementConfirmsWithoutAReport) {
  const CommandResult result = ResultOf(
      spot_, "place", Sample("spot_rest_responses", "order_ack_mode", "body"), {*pairs_, {}});
  EXPECT_EQ(result.fate, CommandFate::kConfirmed);
  EXPECT_FALSE(result.report.has_value());
}

TEST_F(AnswersTest, SomethingElseLeavesTheOutcomeUnknown) {
  for (const char* const text : {"{}", "[]", "null", R"({"message":"hello"})"}) {
    const CommandResult result = ResultOf(spot_, "place", *json::Parse(text), {*pairs_, {}});
    EXPECT_EQ(result.fate, CommandFate::kUnknown) << text;
    EXPECT_EQ(ReasonOf(result.status), common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN);
  }
}

TEST_F(AnswersTest, ItemsBelongToTheOrdersThatTheyName) {
  const Json answer = Sample("spot_rest_responses", "batch_ok_and_error", "body");
  // Asked for in the other order.
  const auto results = Batch(spot_, *pairs_, {"t-742", "t-740"}, answer);
  EXPECT_EQ(results[0].fate, CommandFate::kRefused);
  EXPECT_EQ(ReasonOf(results[0].status), common::v1::ERROR_REASON_INSUFFICIENT_FUNDS);
  EXPECT_EQ(results[1].fate, CommandFate::kConfirmed);
  EXPECT_EQ(results[1].report->exchange_order_id, "775453816782");
}

TEST_F(AnswersTest, NamelessRefusalsBelongToTheirPlaceInAWholeAnswer) {
  const Json answer = Sample("futures_rest_responses", "batch_orders", "body");
  const auto results = Batch(futures_, *contracts_, {"t-my-custom-id", "t-other"}, answer);
  EXPECT_EQ(results[0].fate, CommandFate::kConfirmed);
  EXPECT_EQ(results[1].fate, CommandFate::kRefused);
  EXPECT_EQ(ReasonOf(results[1].status), common::v1::ERROR_REASON_INSUFFICIENT_FUNDS);
  // One item too few: whose refusal it is cannot be told.
  const auto partial = Batch(futures_, *contracts_, {"t-a", "t-my-custom-id", "t-b"}, answer);
  EXPECT_EQ(partial[0].fate, CommandFate::kUnknown);
  EXPECT_EQ(partial[1].fate, CommandFate::kConfirmed);
  EXPECT_EQ(partial[2].fate, CommandFate::kUnknown);
}

TEST_F(AnswersTest, CancelBatchesOfBothProductsAreUnderstood) {
  const auto pairs = Batch(spot_, *pairs_, {"1700664343", "1"},
                           Sample("spot_rest_responses", "cancel_batch", "body"));
  EXPECT_EQ(pairs[0].fate, CommandFate::kConfirmed);
  EXPECT_EQ(pairs[1].fate, CommandFate::kRefused);
  EXPECT_EQ(ReasonOf(pairs[1].status), common::v1::ERROR_REASON_UNKNOWN_ORDER);
  const Json by_rest = Sample("futures_rest_responses", "batch_cancel", "body");
  const Json by_socket =
      Sample("ws_api", "futures_order_cancel_ids_result", "message")["data"]["result"];
  for (const Json& answer : {by_rest, by_socket}) {
    const auto contracts = Batch(futures_, *contracts_, {"1694883366", "123"}, answer);
    EXPECT_EQ(contracts[0].fate, CommandFate::kConfirmed);
    EXPECT_EQ(contracts[1].fate, CommandFate::kRefused);
    EXPECT_EQ(ReasonOf(contracts[1].status), common::v1::ERROR_REASON_UNKNOWN_ORDER);
  }
}

TEST_F(AnswersTest, AFaultInOneItemLeavesThatOneUnknown) {
  const auto results =
      Batch(spot_, *pairs_, {"t-1"},
            *json::Parse(R"([{"text":"t-1","label":"SERVER_ERROR","message":"m"}])"));
  EXPECT_EQ(results[0].fate, CommandFate::kUnknown);
}

TEST_F(AnswersTest, AConditionalOrderIsKnownByItsId) {
  exchange::PlaceCommand command{"BTC-USDT-PERP", "t-sw1-a", {}};
  const CommandResult result =
      ConditionalResultOf(command, "place", *json::Parse(R"({"id":1432329})"), TimeNs(5));
  EXPECT_EQ(result.fate, CommandFate::kConfirmed);
  EXPECT_EQ(result.report->exchange_order_id, "1432329");
  EXPECT_EQ(result.report->exchange_client_id, "t-sw1-a");
  EXPECT_EQ(result.report->trigger_state, order::v1::TRIGGER_STATE_WAITING);
  EXPECT_EQ(ConditionalResultOf(command, "place", *json::Parse("{}"), {}).fate,
            CommandFate::kUnknown);
}

TEST(AmendedResultTest, TheOrdersOwnIdConfirmsAndAnythingElseSettlesNothing) {
  const auto result = [](const std::string& body) {
    return AmendedResultOf("2007048638370418688", "amend", *json::Parse(body));
  };
  EXPECT_EQ(result(R"({"id":2007048638370418688})").fate, CommandFate::kConfirmed);
  for (const char* const body : {R"({"id":2007048638370418689})", "{}", "[]"}) {
    EXPECT_EQ(result(body).fate, CommandFate::kUnknown) << body;
    EXPECT_EQ(ReasonOf(result(body).status), common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN);
  }
}

}  // namespace
}  // namespace switchyard::exchanges::gateio
