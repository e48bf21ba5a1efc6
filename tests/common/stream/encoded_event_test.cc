#include "common/stream/encoded_event.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "switchyard/marketdata/v1/market_data_service.pb.h"

namespace switchyard::stream {
namespace {

using marketdata::v1::MarketDataEvent;
using marketdata::v1::StreamMarketDataResponse;

std::string Bytes(const EncodedEvent& event) {
  return {reinterpret_cast<const char*>(event.data()), event.size()};
}

MarketDataEvent EventOf(std::size_t bytes) {
  MarketDataEvent event;
  event.set_symbol(std::string(bytes, 's'));
  event.set_sequence(bytes);
  return event;
}

TEST(EncodedEventTest, EqualsTheRecordThatProtobufWrites) {
  // Around each length at which the varint grows.
  for (const std::size_t bytes :
       {0U, 1U, 100U, 122U, 123U, 124U, 127U, 16'370U, 16'380U, 16'390U}) {
    StreamMarketDataResponse response;
    *response.add_events() = EventOf(bytes);
    EXPECT_EQ(Bytes(EncodedEvent::Encode(EventOf(bytes))), response.SerializeAsString()) << bytes;
  }
}

TEST(EncodedEventTest, ConcatenatedRecordsAreABatch) {
  std::string bytes;
  for (std::size_t i = 1; i <= 64; ++i) bytes += Bytes(EncodedEvent::Encode(EventOf(i * 10)));
  StreamMarketDataResponse response;
  ASSERT_TRUE(response.ParseFromString(bytes));
  ASSERT_EQ(response.events_size(), 64);
  EXPECT_EQ(response.events(63).SerializeAsString(), EventOf(640).SerializeAsString());
}

TEST(EncodedEventTest, CopiesShareAndMovesEmpty) {
  EncodedEvent event = EncodedEvent::Encode(EventOf(1'000));
  const EncodedEvent copy = event;
  EXPECT_EQ(copy.data(), event.data());
  EncodedEvent moved = std::move(event);
  EXPECT_EQ(moved.data(), copy.data());
  moved = EncodedEvent();
  EXPECT_TRUE(moved.empty());
  EXPECT_EQ(copy.size(), EncodedEvent::Encode(EventOf(1'000)).size());
}

TEST(EncodedEventTest, ADefaultOneIsEmpty) { EXPECT_TRUE(EncodedEvent().empty()); }

}  // namespace
}  // namespace switchyard::stream
