// Reads and the stream of PositionService.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/status/status.h"
#include "tests/services/position/position_harness.h"

namespace switchyard {
namespace {

namespace v1 = position::v1;
using common::v1::POSITION_SIDE_LONG;
using common::v1::POSITION_SIDE_NET;
using common::v1::POSITION_SIDE_SHORT;
using common::v1::STATE_EVENT_KIND_DELTA;
using common::v1::STATE_EVENT_KIND_SNAPSHOT;
using common::v1::STATE_EVENT_KIND_STALE;
using testing::MakePosition;
using Stub = v1::PositionService::Stub;

template <typename Request>
Request On(const std::string& account) {
  Request request;
  request.set_exchange("alpha");
  request.set_account(account);
  return request;
}

class PositionReadsTest : public ::testing::Test {
 protected:
  absl::StatusOr<v1::ListPositionsResponse> List(const v1::ListPositionsRequest& request) {
    return testing::Ask<v1::ListPositionsResponse>(*harness_.stub, &Stub::ListPositions, request);
  }
  absl::StatusOr<v1::GetPositionResponse> Get(const v1::GetPositionRequest& request) {
    return testing::Ask<v1::GetPositionResponse>(*harness_.stub, &Stub::GetPosition, request);
  }

  testing::PositionHarness harness_;
  testing::FakePositionClient& main_ = harness_.main;
};

TEST_F(PositionReadsTest, ListsInOrderAndByPages) {
  main_.positions->positions = {MakePosition("ETH-USDT", "1", POSITION_SIDE_NET),
                                MakePosition("BTC-USDT-PERP", "-3", POSITION_SIDE_SHORT),
                                MakePosition("BTC-USDT-PERP", "2", POSITION_SIDE_LONG)};
  main_.positions->source = model::Source::kWebSocket;
  main_.positions->age = std::chrono::milliseconds(7);
  auto request = On<v1::ListPositionsRequest>("main");
  request.set_max_age_ns(1'000);
  request.set_page_size(2);
  const auto first = List(request);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_EQ(first->positions_size(), 2);
  EXPECT_EQ(first->positions(0).position_side(), POSITION_SIDE_LONG);
  EXPECT_EQ(first->positions(1).position_side(), POSITION_SIDE_SHORT);
  EXPECT_EQ(first->freshness().source(), common::v1::SOURCE_WEBSOCKET);
  EXPECT_EQ(first->freshness().age_ns(), 7'000'000);
  EXPECT_EQ(main_.max_ages.back().count(), 1'000);
  request.set_page_token(first->next_page_token());
  const auto second = List(request);
  ASSERT_TRUE(second.ok()) << second.status();
  ASSERT_EQ(second->positions_size(), 1);
  EXPECT_EQ(second->positions(0).symbol(), "ETH-USDT");
  EXPECT_EQ(second->next_page_token(), "");
}

TEST_F(PositionReadsTest, AnUnknownSymbolIsNotFound) {
  auto request = On<v1::ListPositionsRequest>("main");
  request.add_symbols("NO-SUCH");
  EXPECT_EQ(ReasonOf(List(request).status()), common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT);
}

TEST_F(PositionReadsTest, AccountsAreApart) {
  auto request = On<v1::ListPositionsRequest>("second");
  const auto answer = List(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->positions_size(), 0);
}

TEST_F(PositionReadsTest, AFlatPositionHasSizeZero) {
  auto request = On<v1::GetPositionRequest>("second");
  request.set_symbol("BTC-USDT-PERP");
  const auto answer = Get(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->position().size().value(), "0");
  EXPECT_EQ(answer->position().side(), common::v1::SIDE_UNSPECIFIED);
  EXPECT_EQ(answer->position().position_side(), POSITION_SIDE_NET);
  EXPECT_EQ(answer->position().settle_currency(), "USDT");
  EXPECT_EQ(answer->position().account(), "second");
}

TEST_F(PositionReadsTest, TheExchangesErrorIsPassedOn) {
  main_.positions =
      MakeError(absl::StatusCode::kUnauthenticated, common::v1::ERROR_REASON_BAD_KEY, "wrong key");
  auto request = On<v1::GetPositionRequest>("main");
  request.set_symbol("BTC-USDT-PERP");
  EXPECT_EQ(ReasonOf(Get(request).status()), common::v1::ERROR_REASON_BAD_KEY);
}

TEST_F(PositionReadsTest, FundingPaymentsGoOnWithTheirToken) {
  v1::FundingPayment payment;
  payment.set_payment_id("f1");
  main_.funding->items = {payment};
  main_.funding->next_page_token = "100";
  auto request = On<v1::ListFundingPaymentsRequest>("main");
  request.set_symbol("BTC-USDT-PERP");
  request.set_start_time_ns(5);
  request.set_end_time_ns(9);
  const auto ask = [&] {
    return testing::Ask<v1::ListFundingPaymentsResponse>(*harness_.stub, &Stub::ListFundingPayments,
                                                         request);
  };
  const auto first = ask();
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->payments(0).payment_id(), "f1");
  EXPECT_EQ(main_.last_history.symbol, "BTC-USDT-PERP");
  EXPECT_EQ(main_.last_history.start.value, 5);
  EXPECT_EQ(main_.last_history.end.value, 9);
  EXPECT_EQ(main_.last_history.page_size, 100u);
  request.set_page_token(first->next_page_token());
  ASSERT_TRUE(ask().ok());
  EXPECT_EQ(main_.last_history.page_token, "100");
  // A token continues its own list alone.
  request.set_symbol("");
  EXPECT_EQ(ReasonOf(ask().status()), common::v1::ERROR_REASON_INVALID_PAGE_TOKEN);
}

TEST_F(PositionReadsTest, LiquidationsAreListed) {
  v1::Liquidation liquidation;
  liquidation.set_liquidation_id("l1");
  main_.liquidations->items = {liquidation};
  const auto answer = testing::Ask<v1::ListLiquidationsResponse>(
      *harness_.stub, &Stub::ListLiquidations, On<v1::ListLiquidationsRequest>("main"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->liquidations(0).liquidation_id(), "l1");
}

using Reader = testing::StreamReader<v1::StreamPositionsResponse, v1::PositionEvent>;

class PositionStreamTest : public PositionReadsTest {
 protected:
  Reader Open(std::uint32_t mark_interval_ms = 0) {
    auto request = On<v1::StreamPositionsRequest>("main");
    request.set_mark_interval_ms(mark_interval_ms);
    return {*harness_.stub, &Stub::StreamPositions, request};
  }
  exchange::PositionListener& listener() { return *main_.listener; }
};

TEST_F(PositionStreamTest, AcknowledgesFirstAndThenSendsTheSnapshot) {
  listener().OnSnapshot({MakePosition("BTC-USDT-PERP", "2", POSITION_SIDE_NET),
                         MakePosition("ETH-USDT", "0", POSITION_SIDE_NET)});
  Reader reader = Open();
  const auto first = reader.Next();
  ASSERT_TRUE(first && first->has_acknowledgement());
  ASSERT_EQ(first->acknowledgement().results_size(), 1);
  EXPECT_EQ(first->acknowledgement().results(0).status().code(), 0u);
  EXPECT_EQ(first->acknowledgement().heartbeat_interval_ms(), 5'000u);
  const v1::PositionEvent event = reader.NextEvent();
  EXPECT_EQ(event.kind(), STATE_EVENT_KIND_SNAPSHOT);
  EXPECT_EQ(event.exchange(), "alpha");
  EXPECT_EQ(event.account(), "main");
  ASSERT_EQ(event.positions_size(), 1) << "flat ones are no part of a snapshot";
  EXPECT_GT(event.positions(0).size().age_ns(), 5'000'000) << "it has grown older since";
}

TEST_F(PositionStreamTest, ChangesFollowInSequenceAndAClosedOneIsTold) {
  Reader reader = Open();
  ASSERT_TRUE(reader.Next()->has_acknowledgement());
  listener().OnSnapshot({MakePosition("BTC-USDT-PERP", "2", POSITION_SIDE_NET)});
  const v1::PositionEvent snapshot = reader.NextEvent();
  listener().OnChange({MakePosition("BTC-USDT-PERP", "3", POSITION_SIDE_NET)});
  const v1::PositionEvent grown = reader.NextEvent();
  EXPECT_EQ(grown.kind(), STATE_EVENT_KIND_DELTA);
  EXPECT_EQ(grown.epoch(), snapshot.epoch());
  EXPECT_EQ(grown.sequence(), snapshot.sequence() + 1);
  EXPECT_EQ(grown.positions(0).size().value(), "3");
  listener().OnChange({MakePosition("BTC-USDT-PERP", "0", POSITION_SIDE_NET)});
  const v1::PositionEvent closed = reader.NextEvent();
  EXPECT_EQ(closed.sequence(), snapshot.sequence() + 2);
  EXPECT_EQ(closed.positions(0).size().value(), "0");
  // Whoever comes now hears of none.
  Reader late = Open();
  ASSERT_TRUE(late.Next()->has_acknowledgement());
  EXPECT_EQ(late.NextEvent().positions_size(), 0);
}

TEST_F(PositionStreamTest, StaleIsToldOnceAndTheNextSnapshotBeginsAnEpoch) {
  Reader reader = Open();
  ASSERT_TRUE(reader.Next()->has_acknowledgement());
  listener().OnSnapshot({MakePosition("BTC-USDT-PERP", "2", POSITION_SIDE_NET)});
  const v1::PositionEvent before = reader.NextEvent();
  listener().OnStale(model::StaleReason::kDisconnected);
  listener().OnStale(model::StaleReason::kDisconnected);
  // Neither is told: what is known is wrong.
  listener().OnChange({MakePosition("BTC-USDT-PERP", "9", POSITION_SIDE_NET)});
  listener().OnMark({MakePosition("BTC-USDT-PERP", "9", POSITION_SIDE_NET)});
  harness_.host.TickAfter(std::chrono::seconds(60));
  const v1::PositionEvent stale = reader.NextEvent();
  EXPECT_EQ(stale.kind(), STATE_EVENT_KIND_STALE);
  EXPECT_EQ(stale.reason(), common::v1::STALE_REASON_DISCONNECTED);
  EXPECT_EQ(stale.sequence(), before.sequence() + 1);
  EXPECT_EQ(stale.positions_size(), 0);
  // Who comes meanwhile is told as well.
  Reader late = Open();
  ASSERT_TRUE(late.Next()->has_acknowledgement());
  EXPECT_EQ(late.NextEvent().kind(), STATE_EVENT_KIND_STALE);
  listener().OnSnapshot({MakePosition("BTC-USDT-PERP", "4", POSITION_SIDE_NET)});
  const v1::PositionEvent after = reader.NextEvent();
  EXPECT_EQ(after.kind(), STATE_EVENT_KIND_SNAPSHOT);
  EXPECT_NE(after.epoch(), before.epoch());
  EXPECT_EQ(after.positions(0).size().value(), "4");
}

TEST_F(PositionStreamTest, MarksAreSentAtTheAskedInterval) {
  Reader fast = Open(100), slow = Open(60'000);
  ASSERT_TRUE(fast.Next()->has_acknowledgement());
  ASSERT_TRUE(slow.Next()->has_acknowledgement());
  listener().OnSnapshot({MakePosition("BTC-USDT-PERP", "2", POSITION_SIDE_NET)});
  EXPECT_EQ(fast.NextEvent().kind(), STATE_EVENT_KIND_SNAPSHOT);
  const std::uint64_t slow_sequence = slow.NextEvent().sequence();
  listener().OnMark({MakePosition("BTC-USDT-PERP", "2", POSITION_SIDE_NET)});
  harness_.host.TickAfter(std::chrono::seconds(1));
  EXPECT_EQ(fast.NextEvent().kind(), STATE_EVENT_KIND_DELTA);
  // The slow one has heard nothing: its next event is a change, without a hole before it.
  listener().OnChange({MakePosition("BTC-USDT-PERP", "5", POSITION_SIDE_NET)});
  const v1::PositionEvent change = slow.NextEvent();
  EXPECT_EQ(change.positions(0).size().value(), "5");
  EXPECT_EQ(change.sequence(), slow_sequence + 1);
}

TEST_F(PositionStreamTest, AMarkOfAClosedPositionIsNotTold) {
  Reader reader = Open(100);
  ASSERT_TRUE(reader.Next()->has_acknowledgement());
  listener().OnSnapshot({});
  EXPECT_EQ(reader.NextEvent().kind(), STATE_EVENT_KIND_SNAPSHOT);
  listener().OnMark({MakePosition("BTC-USDT-PERP", "2", POSITION_SIDE_NET)});
  harness_.host.TickAfter(std::chrono::seconds(1));
  listener().OnChange({MakePosition("ETH-USDT", "1", POSITION_SIDE_NET)});
  EXPECT_EQ(reader.NextEvent().positions(0).symbol(), "ETH-USDT");
}

TEST_F(PositionStreamTest, AStreamThatIsNotOfferedIsRefused) {
  v1::StreamPositionsRequest request;
  request.set_exchange("beta");
  Reader reader(*harness_.stub, &Stub::StreamPositions, request);
  EXPECT_EQ(ReasonOf(reader.Finish()), common::v1::ERROR_REASON_NOT_IN_CAPABILITIES);
}

TEST_F(PositionStreamTest, ReadersAreCountedAndForgotten) {
  {
    Reader reader = Open();
    ASSERT_TRUE(reader.Next()->has_acknowledgement());
    listener().OnSnapshot({});
    EXPECT_EQ(reader.NextEvent().kind(), STATE_EVENT_KIND_SNAPSHOT);
    EXPECT_EQ(harness_.service->OpenStreams("alpha"), 1u);
    EXPECT_EQ(harness_.service->OpenStreams("beta"), 0u);
  }
  harness_.host.Shutdown();
  EXPECT_EQ(harness_.service->OpenStreams("alpha"), 0u);
}

}  // namespace
}  // namespace switchyard
