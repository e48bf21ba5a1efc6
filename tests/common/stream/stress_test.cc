// Many streams, threads and ends at once: what a sanitizer is to see. Three seconds.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/stream/event_stream.h"
#include "tests/common/stream/stream_server.h"

namespace switchyard::stream {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kPushers = 4;
constexpr std::size_t kClients = 20;
constexpr std::chrono::seconds kDuration{3};
constexpr std::chrono::seconds kPatience{20};
constexpr std::uint64_t kEventsWanted = 1'000;

using Steady = std::chrono::steady_clock;

// Streams that are open or have just ended. Any thread.
class OpenStreams {
 public:
  void Add(std::shared_ptr<EventStream> stream) {
    const std::lock_guard lock(mutex_);
    streams_.push_back(std::move(stream));
  }
  std::vector<std::shared_ptr<EventStream>> All() {
    const std::lock_guard lock(mutex_);
    std::erase_if(streams_, [](const auto& stream) { return stream->finished(); });
    return streams_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::shared_ptr<EventStream>> streams_;
};

// One connection thread with one topic: pushes to every stream, answers Refresh on its own thread,
// and now and then ends a stream.
class Pusher final : public TopicOwner {
 public:
  Pusher(TopicId id, OpenStreams& streams, const Clock& clock)
      : topic_{this, id, SlowReader::kConflate}, streams_(streams), clock_(clock), random_(id) {}

  void Refresh(std::shared_ptr<EventStream> stream, std::vector<TopicId> /*topics*/) override {
    const std::lock_guard lock(mutex_);
    wanted_.push_back(std::move(stream));
    changed_.notify_one();
  }

  void Run(const std::atomic<bool>& stop) {
    while (!stop.load()) {
      AnswerRefreshes();
      const auto streams = streams_.All();
      const std::uint64_t burst = 1 + random_() % 8;
      for (std::uint64_t i = 0; i < burst; ++i) {
        const EncodedEvent event = Event(marketdata::v1::EVENT_KIND_DELTA, ++sequence_);
        for (const auto& stream : streams) {
          stream->Push(event, topic_);
          flush_list_.Add(stream);
        }
      }
      flush_list_.FlushAll();
      for (const auto& stream : streams) stream->Tick(clock_.Steady());
      if (!streams.empty() && random_() % 200 == 0) {
        streams[random_() % streams.size()]->Finish(absl::UnavailableError("chosen"));
      }
    }
  }

 private:
  EncodedEvent Event(marketdata::v1::EventKind kind, std::uint64_t sequence) const {
    MarketDataEvent event = EventOf(std::to_string(topic_.id), sequence, 500);
    event.set_kind(kind);
    return EncodedEvent::Encode(event);
  }

  void AnswerRefreshes() {
    std::vector<std::shared_ptr<EventStream>> wanted;
    {
      // As a connection thread waits for its socket: others must get to run, too.
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, milliseconds(1), [this] { return !wanted_.empty(); });
      wanted.swap(wanted_);
    }
    for (const auto& stream : wanted) {
      stream->PushFresh(Event(marketdata::v1::EVENT_KIND_SNAPSHOT, sequence_), topic_);
      flush_list_.Add(stream);
    }
    flush_list_.FlushAll();
  }

  const TopicRef topic_;
  OpenStreams& streams_;
  const Clock& clock_;
  std::mt19937_64 random_;
  std::uint64_t sequence_ = 0;
  FlushList flush_list_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::shared_ptr<EventStream>> wanted_;
};

// What clients saw.
struct Findings {
  std::atomic<int> calls{0};
  std::atomic<int> late_acknowledgements{0};
  std::atomic<int> holes{0};
  std::atomic<std::uint64_t> events{0};
  std::atomic<std::uint64_t> snapshots{0};
};

// Opens stream after stream and leaves each in another way; now and then reads slowly.
class Client {
 public:
  Client(const std::string& address, std::uint64_t seed, Findings& findings)
      : channel_(NewChannel(address)), findings_(findings), random_(seed) {}

  // Also on a machine that is too busy to do much before `end`, something is seen.
  void RunUntil(Steady::time_point end) {
    do {
      OneCall();
    } while (Steady::now() < end ||
             (findings_.events.load() < kEventsWanted && Steady::now() < end + kPatience));
  }

 private:
  void OneCall() {
    StreamCall call(channel_, milliseconds(20 + random_() % 400));
    findings_.calls.fetch_add(1);
    const std::uint64_t messages_before_cancel = random_() % 100;
    StreamMarketDataResponse message;
    std::map<std::string, std::uint64_t> sequences;
    for (std::uint64_t i = 0; call.Read(message); ++i) {
      if (message.has_acknowledgement() != (i == 0)) findings_.late_acknowledgements.fetch_add(1);
      for (const MarketDataEvent& event : message.events()) Check(event, sequences);
      if (i == messages_before_cancel && random_() % 2 == 0) call.Cancel();
      if (random_() % 8 == 0) std::this_thread::yield();
    }
    call.Drain();
  }

  void Check(const MarketDataEvent& event, std::map<std::string, std::uint64_t>& sequences) {
    findings_.events.fetch_add(1);
    const auto [last, first_of_topic] = sequences.try_emplace(event.symbol(), event.sequence());
    if (event.kind() == marketdata::v1::EVENT_KIND_SNAPSHOT) {
      findings_.snapshots.fetch_add(1);
    } else if (!first_of_topic && event.sequence() != last->second + 1) {
      findings_.holes.fetch_add(1);
    }
    last->second = event.sequence();
  }

  const std::shared_ptr<grpc::Channel> channel_;
  Findings& findings_;
  std::mt19937_64 random_;
};

TEST(EventStreamStressTest, NoEventIsLostAndEveryStreamEndsOnce) {
  OpenStreams streams;
  std::atomic<int> made{0};
  StreamServer* current = nullptr;
  std::vector<std::unique_ptr<Pusher>> pushers;  // outlive the streams
  StreamServer server([&] {
    made.fetch_add(1);
    auto stream =
        EventStream::Create({.heartbeat_interval = milliseconds(0), .max_queued_events = 40},
                            current->counters(), current->clock(), [&] { current->CountEnd(); });
    stream->Acknowledge(Acknowledgement());
    streams.Add(stream);
    return stream;
  });
  current = &server;
  for (TopicId id = 1; id <= kPushers; ++id) {
    pushers.push_back(std::make_unique<Pusher>(id, streams, server.clock()));
  }

  Findings findings;
  std::atomic<bool> stop_pushers{false};
  std::vector<std::thread> threads;
  for (const auto& pusher : pushers) {
    threads.emplace_back([&] { pusher->Run(stop_pushers); });
  }
  const auto end = Steady::now() + kDuration;
  std::vector<std::thread> clients;
  for (std::size_t i = 1; i < kClients; ++i) {
    clients.emplace_back([&, i] { Client(server.address(), 1'000 + i, findings).RunUntil(end); });
  }
  Client(server.address(), 1'000, findings).RunUntil(end);
  // The other clients' last calls are under way.
  server.Shutdown(milliseconds(50));
  for (std::thread& client : clients) client.join();
  stop_pushers.store(true);
  for (std::thread& thread : threads) thread.join();

  server.AwaitEnds(made.load());
  EXPECT_EQ(server.ends(), made.load());
  EXPECT_EQ(server.counters().open_streams.load(), 0);
  EXPECT_TRUE(streams.All().empty());
  EXPECT_EQ(findings.late_acknowledgements.load(), 0);
  EXPECT_EQ(findings.holes.load(), 0);
  EXPECT_GE(findings.calls.load(), static_cast<int>(kClients));
  EXPECT_GE(findings.events.load(), kEventsWanted);
}

}  // namespace
}  // namespace switchyard::stream
