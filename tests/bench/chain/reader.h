#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "switchyard/marketdata/v1/market_data_service.grpc.pb.h"

namespace switchyard::bench {

// Where the time of sending is in an event.
enum class StampPlace : std::uint8_t {
  kFirstBid,  // a real service's: the quantity of the best bid
  kEpoch,     // the floor's
};

// Samples count from `begin` to before `end`, steady nanoseconds.
struct Window {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

struct ReaderReport {
  std::uint64_t events = 0;             // within the window
  std::uint64_t messages = 0;           // that carried them
  std::uint64_t snapshots = 0;          // within the window; of a fast reader: none
  std::uint64_t holes = 0;              // broken sequences
  std::vector<std::int64_t> latencies;  // nanoseconds from frame to client
  std::int64_t interrupted_at = 0;      // first STALE event or marker heartbeat
  std::int64_t resumed_at = 0;          // first event behind it
};

// A client's stream, read by gRPC's callbacks; the same for the floor and what is measured.
class Reader final : public grpc::ClientReadReactor<marketdata::v1::StreamMarketDataResponse> {
 public:
  struct Options {
    std::shared_ptr<grpc::Channel> channel;
    marketdata::v1::StreamMarketDataRequest request;
    StampPlace place = StampPlace::kFirstBid;
    // Each topic's sequence is checked.
    bool check_sequence = false;
    // Stuck: reads nothing behind its first event.
    bool stuck = false;
  };
  explicit Reader(Options options);
  // Cancels the call and waits for its end.
  ~Reader() override;

  // Until so many events have come in all, or the acknowledgement. Ends the benchmark after 20 s.
  void AwaitEvents(std::uint64_t count);
  void AwaitAcknowledgement();
  // Waits for the first event behind an interruption; false after `timeout_ns`.
  bool AwaitResumption(std::int64_t timeout_ns);
  // Call before the window begins, and before the load for what it must hold.
  void SetWindow(Window window, std::size_t expected_events);
  // Ends the call. Once.
  ReaderReport Finish();

  void OnReadDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

 private:
  // The last event of a topic.
  struct Position {
    std::uint64_t epoch = 0;
    std::uint64_t sequence = 0;
  };

  void Cancel();
  void TakeLocked(std::int64_t now);
  void TakeEventLocked(const marketdata::v1::MarketDataEvent& event, std::int64_t now);
  void CheckSequenceLocked(const marketdata::v1::MarketDataEvent& event);
  std::int64_t StampOf(const marketdata::v1::MarketDataEvent& event) const;
  template <typename Condition>
  bool Wait(std::int64_t timeout_ns, Condition condition);

  const Options options_;
  std::unique_ptr<marketdata::v1::MarketDataService::Stub> stub_;
  grpc::ClientContext context_;
  marketdata::v1::StreamMarketDataResponse message_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t waited_events_ = 0;  // 0 = nobody waits
  std::uint64_t all_events_ = 0;
  bool acknowledged_ = false;
  bool parked_ = false;  // stuck, with no read under way
  bool canceled_ = false;
  bool done_ = false;
  grpc::Status status_;
  Window window_;
  std::unordered_map<std::string, Position> positions_;  // by symbol
  std::int64_t last_stamp_us_ = 0;
  ReaderReport report_;
};

}  // namespace switchyard::bench
