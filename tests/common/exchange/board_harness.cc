#include "tests/common/exchange/board_harness.h"

#include <gtest/gtest.h>

#include <utility>

namespace switchyard::exchange {
namespace {

constexpr std::uint32_t kDepths[] = {5, 10, 50};

}  // namespace

bool TopicReader::Break(const std::string& rule) {
  broken_ = rule;
  return false;
}

void TopicReader::Change(const google::protobuf::RepeatedField<std::int64_t>& prices,
                         const google::protobuf::RepeatedField<std::int64_t>& quantities,
                         Side& side) {
  for (int i = 0; i < prices.size(); ++i) {
    if (quantities[i] == 0) {
      // What is removed must have been there, or reader and board disagree.
      if (side.erase(prices[i]) == 0) Break("removes a level that is not there");
    } else {
      side[prices[i]] = quantities[i];
    }
  }
}

bool TopicReader::Apply(const MarketDataEvent& event) {
  const bool next = event.epoch() == epoch_ && event.sequence() == sequence_ + 1;
  const auto& book = event.order_book();
  if (started_ && event.epoch() < epoch_) return Break("an epoch returned");
  if (started_ && event.sequence() > sequence_ + 1) return Break("the sequence has a hole");
  switch (event.kind()) {
    case marketdata::v1::EVENT_KIND_SNAPSHOT:
      bids_.clear();
      asks_.clear();
      Change(book.bid_price_mantissas(), book.bid_quantity_mantissas(), bids_);
      Change(book.ask_price_mantissas(), book.ask_quantity_mantissas(), asks_);
      valid_ = true;
      break;
    case marketdata::v1::EVENT_KIND_DELTA:
      if (!valid_) return Break("a delta without a snapshot");
      if (!next) return Break("a delta that does not continue");
      Change(book.bid_price_mantissas(), book.bid_quantity_mantissas(), bids_);
      Change(book.ask_price_mantissas(), book.ask_quantity_mantissas(), asks_);
      break;
    case marketdata::v1::EVENT_KIND_STALE:
      if (event.payload_case() != MarketDataEvent::PAYLOAD_NOT_SET) return Break("stale content");
      valid_ = false;
      break;
    default:
      return Break("not an event of a book");
  }
  started_ = true;
  epoch_ = event.epoch();
  sequence_ = event.sequence();
  return broken_.empty();
}

MarketDataEvent BoardReader::Next() {
  if (read_.empty()) {
    for (MarketDataEvent& event : call->ReadEvents(1)) read_.push_back(std::move(event));
  }
  if (read_.empty()) return {};
  MarketDataEvent event = std::move(read_.front());
  read_.pop_front();
  return event;
}

BoardHarness::BoardHarness() {
  instrument.symbol = "BTC-USDT";
  instrument.kind = model::InstrumentKind::kPerpetual;  // has every channel
  instrument.price_scale = 2;
  instrument.quantity_scale = 8;
  board = std::make_unique<TopicBoard>(
      TopicBoardOptions{.exchange = "acme", .book_depths = kDepths}, server.clock(),
      TopicBoard::Hooks{
          .post =
              [this](std::function<void()> work) {
                const std::lock_guard lock(mutex_);
                posted_.push_back(std::move(work));
                changed_.notify_all();
              },
          .valid_book = [this](model::InstrumentId) { return valid_book; },
          .wanted = [this](const DemandKey& key) { wanted.push_back(key); },
          .unwanted = [this](const DemandKey& key) { unwanted.push_back(key); },
      });
}

// Streams end before the board that they may ask.
BoardHarness::~BoardHarness() { server.Shutdown(std::chrono::milliseconds(0)); }

BoardReader BoardHarness::NewReader(stream::StreamOptions options) {
  BoardReader reader;
  reader.stream = server.NewStream(options);
  reader.call = server.Call();
  reader.stream->Acknowledge(stream::Acknowledgement());
  return reader;
}

TopicGrant BoardHarness::Attach(const BoardReader& reader, const TopicRequest& request) {
  TopicGrant grant = board->Attach(instrument, request, reader.stream);
  EXPECT_TRUE(grant.status.ok()) << grant.status;
  board->Flush();
  return grant;
}

bool BoardHarness::AwaitPosted(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [this] { return !posted_.empty(); });
}

void BoardHarness::RunPosted() {
  std::deque<std::function<void()>> work;
  {
    const std::lock_guard lock(mutex_);
    work.swap(posted_);
  }
  for (const auto& run : work) run();
  board->Flush();
}

}  // namespace switchyard::exchange
