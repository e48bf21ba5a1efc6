#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "switchyard/marketdata/v1/market_data_service.pb.h"
#include "tests/integration/contract_client/book_checker.h"

namespace grpc {
class Channel;
class ClientContext;
}  // namespace grpc

namespace switchyard::contract_client {

struct StreamOptions {
  std::string exchange;
  std::vector<std::string> symbols;
  std::uint32_t depth = 10;
  // Called on the client's thread, no lock held: a message was checked; another length of silence
  // is too long from now on.
  std::function<void()> on_message, on_silence_limit;
};

// One client: streams the books of all symbols and checks every event, on a thread of its own.
// Opens a lost stream again (UNAVAILABLE, or silence for three heartbeats, which is a violation).
class StreamClient {
 public:
  // Starts at once.
  StreamClient(std::shared_ptr<grpc::Channel> channel, StreamOptions options);
  StreamClient(const StreamClient&) = delete;
  StreamClient& operator=(const StreamClient&) = delete;
  // As Stop.
  ~StreamClient();

  // Ends the stream and waits for the thread. Twice is the same as once.
  void Stop();

  // Gives each topic's checker to `visit`, with the depth that was granted; the stream stands still
  // meanwhile. Any thread.
  template <typename Visit>
  void ForEach(Visit visit) {
    const std::lock_guard lock(mutex_);
    for (auto& [symbol, topic] : topics_) visit(symbol, topic.checker, topic.granted_depth);
  }

  // Streams that were opened. Any thread.
  int streams_opened() const;
  // What each stream that was opened again had ended with, and how old it was. Any thread.
  std::vector<std::string> lost_streams() const;
  // Why it ended for good; OK while it runs. Any thread.
  absl::Status failure() const;

  // Cancels the stream when nothing came for three heartbeats. Returns when to look again, unless
  // on_silence_limit is called before. Any thread.
  std::chrono::steady_clock::time_point CheckSilence();

 private:
  struct Topic {
    std::uint32_t granted_depth;
    BookChecker checker;
  };

  void Run();
  // Reads one stream to its end; false when there shall be no other.
  bool ReadStream();
  void OnAcknowledgement(const common::v1::StreamAcknowledgement& acknowledgement);
  void OnMessage(const marketdata::v1::StreamMarketDataResponse& response);

  const std::shared_ptr<grpc::Channel> channel_;
  const StreamOptions options_;

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable stop_changed_;
  bool stopping_ = false;
  grpc::ClientContext* context_ = nullptr;
  std::map<std::string, Topic> topics_;
  int streams_opened_ = 0;
  std::vector<std::string> lost_streams_;
  absl::Status failure_;
  std::chrono::steady_clock::time_point last_message_;
  std::chrono::milliseconds silence_limit_;

  std::thread thread_;
};

}  // namespace switchyard::contract_client
