#include "services/router/wire_message.h"

#include <gtest/gtest.h>

#include <string>

#include "switchyard/marketdata/v1/market_data_service.pb.h"

namespace switchyard::router {
namespace {

using marketdata::v1::MarketDataEvent;
using marketdata::v1::StreamMarketDataResponse;

grpc::ByteBuffer Events(int count, const std::string& symbol) {
  StreamMarketDataResponse response;
  for (int i = 0; i < count; ++i) response.add_events()->set_symbol(symbol);
  return Serialise(response);
}

TEST(KindOf, LooksAtTheFirstTag) {
  StreamMarketDataResponse acknowledgement;
  acknowledgement.mutable_acknowledgement();
  StreamMarketDataResponse heartbeat;
  heartbeat.mutable_heartbeat();
  EXPECT_EQ(KindOf(Events(1, "A")), MessageKind::kEvents);
  EXPECT_EQ(KindOf(Serialise(acknowledgement)), MessageKind::kAcknowledgement);
  EXPECT_EQ(KindOf(Serialise(heartbeat)), MessageKind::kHeartbeat);
  EXPECT_EQ(KindOf(grpc::ByteBuffer()), MessageKind::kUnknown);
  const grpc::Slice other("\x22\x01x");
  EXPECT_EQ(KindOf(grpc::ByteBuffer(&other, 1)), MessageKind::kUnknown);
  // The tag may stand in any slice.
  const grpc::Slice slices[] = {grpc::Slice(""), grpc::Slice("\x0a"),
                                grpc::Slice(std::string(1, 0))};
  EXPECT_EQ(KindOf(grpc::ByteBuffer(slices, 3)), MessageKind::kEvents);
}

TEST(EventBatch, PassesASingleMessageOnAsItIs) {
  EventBatch batch;
  // More than the bound: not ours to cut.
  grpc::ByteBuffer message = Events(100, "A");
  const std::size_t size = message.Length();
  EXPECT_TRUE(batch.Add(message));
  EXPECT_FALSE(batch.empty());
  EXPECT_EQ(batch.Take().Length(), size);
  EXPECT_TRUE(batch.empty());
}

TEST(EventBatch, JoinsMessagesIntoOneThatDecodes) {
  EventBatch batch;
  MarketDataEvent stale;
  stale.set_symbol("STALE");
  grpc::ByteBuffer first = Events(2, "A");
  grpc::ByteBuffer second = Events(3, "B");
  EXPECT_TRUE(batch.Add(first));
  EXPECT_TRUE(batch.Add(stream::EncodedEvent::Encode(stale)));
  EXPECT_TRUE(batch.Add(second));
  const grpc::ByteBuffer joined = batch.Take();
  EXPECT_EQ(CountEvents(joined), 6u);
  StreamMarketDataResponse response;
  ASSERT_TRUE(Parse(joined, &response));
  ASSERT_EQ(response.events_size(), 6);
  EXPECT_EQ(response.events(1).symbol(), "A");
  EXPECT_EQ(response.events(2).symbol(), "STALE");
  EXPECT_EQ(response.events(5).symbol(), "B");
}

TEST(EventBatch, HoldsAtMost64Events) {
  EventBatch batch;
  grpc::ByteBuffer first = Events(40, "A");
  grpc::ByteBuffer too_many = Events(25, "B");
  grpc::ByteBuffer just_enough = Events(24, "C");
  EXPECT_TRUE(batch.Add(first));
  EXPECT_FALSE(batch.Add(too_many));
  EXPECT_EQ(CountEvents(too_many), 25u);
  EXPECT_TRUE(batch.Add(just_enough));
  EXPECT_EQ(CountEvents(batch.Take()), 64u);
}

TEST(EventBatch, HoldsAtMost256KiB) {
  EventBatch batch;
  grpc::ByteBuffer first = Events(1, std::string(200 * 1024, 'a'));
  grpc::ByteBuffer second = Events(1, std::string(100 * 1024, 'b'));
  EXPECT_TRUE(batch.Add(first));
  EXPECT_FALSE(batch.Add(second));
  EXPECT_EQ(second.Length(), Events(1, std::string(100 * 1024, 'b')).Length());
}

}  // namespace
}  // namespace switchyard::router
