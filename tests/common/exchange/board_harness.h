#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/exchange/topic_board.h"
#include "tests/common/stream/stream_server.h"

// A topic board on the test's own thread, with real streams to real clients.
namespace switchyard::exchange {

using Levels = std::vector<model::Level>;
using marketdata::v1::MarketDataEvent;

// What a client knows of one topic, by the contract's rules alone.
class TopicReader {
 public:
  // Applies one event; false, with the rule that it breaks in `broken()`.
  bool Apply(const MarketDataEvent& event);

  bool valid() const { return valid_; }
  Levels bids() const { return Best(bids_.rbegin(), bids_.rend()); }
  Levels asks() const { return Best(asks_.begin(), asks_.end()); }
  std::uint64_t sequence() const { return sequence_; }
  std::uint64_t epoch() const { return epoch_; }
  const std::string& broken() const { return broken_; }

 private:
  using Side = std::map<std::int64_t, std::int64_t>;

  template <typename Iterator>
  static Levels Best(Iterator begin, Iterator end) {
    Levels levels;
    for (; begin != end; ++begin) levels.push_back({begin->first, begin->second});
    return levels;
  }
  bool Break(const std::string& rule);
  void Change(const google::protobuf::RepeatedField<std::int64_t>& prices,
              const google::protobuf::RepeatedField<std::int64_t>& quantities, Side& side);

  bool valid_ = false;
  bool started_ = false;
  bool snapshot_due_ = false;
  std::uint64_t epoch_ = 0;
  std::uint64_t sequence_ = 0;
  Side bids_, asks_;
  std::string broken_;
};

// A client and the stream that serves it.
struct BoardReader {
  std::shared_ptr<stream::EventStream> stream;
  std::unique_ptr<stream::StreamCall> call;

  // The next event; a default one at the end of the stream.
  MarketDataEvent Next();

 private:
  std::deque<MarketDataEvent> read_;
};

class BoardHarness {
 public:
  BoardHarness();
  ~BoardHarness();

  // A client whose stream is attached to nothing yet and acknowledged.
  BoardReader NewReader(stream::StreamOptions options = {});
  // Attaches and writes what that sends. Expects a grant.
  TopicGrant Attach(const BoardReader& reader, const TopicRequest& request);
  // Runs what the board has posted, and writes.
  void RunPosted();
  // Waits until something is posted: refreshes are, when a write is done. False after `patience`.
  bool AwaitPosted(std::chrono::milliseconds patience = std::chrono::seconds(20));

  // The book that the board may ask for, or null.
  const model::Book* valid_book = nullptr;
  std::vector<DemandKey> wanted, unwanted;
  stream::StreamServer server;
  model::Instrument instrument;
  std::unique_ptr<TopicBoard> board;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> posted_;
};

}  // namespace switchyard::exchange
