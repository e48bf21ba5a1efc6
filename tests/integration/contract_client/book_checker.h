#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "clients/cli/local_book.h"
#include "common/time/time.h"
#include "switchyard/marketdata/v1/events.pb.h"
#include "tests/integration/contract_client/samples.h"

namespace switchyard::contract_client {

// What one topic's events showed; sums over clients with Merge.
struct TopicStatistics {
  std::uint64_t snapshots = 0;
  std::uint64_t rest_snapshots = 0;  // among them, those with source REST
  std::uint64_t deltas = 0;
  std::uint64_t stales = 0;
  std::uint64_t unknown_removals = 0;
  std::map<std::string, std::uint64_t> stale_reasons;
  std::map<std::string, std::uint64_t> violations;  // by name
  std::vector<std::string> examples;                // the first violations in full
  Samples stale_ns;                                 // from STALE to the next SNAPSHOT, here
  Samples latency_ns;                               // from the exchange's socket to here

  void Merge(const TopicStatistics& other);
  std::uint64_t violation_count() const;
};

// Holds the events of one topic against the contract. One thread.
class BookChecker {
 public:
  // `granted_depth` is what the acknowledgement said.
  BookChecker(std::string topic, std::uint32_t granted_depth);

  // Takes the topic's next event, received at `clock`'s now.
  void OnEvent(const marketdata::v1::MarketDataEvent& event, const Clock& clock);
  // A new stream begins, perhaps of another process: nothing of the old one binds it.
  void OnNewStream();
  // Notes what is wrong beside the events' own order.
  void Report(const std::string& name, const std::string& what);

  const clients::cli::LocalBook& book() const { return book_; }
  const TopicStatistics& statistics() const { return statistics_; }
  const std::string& topic() const { return topic_; }

 private:
  const std::string topic_;
  const std::uint32_t granted_depth_;
  clients::cli::LocalBook book_;
  TopicStatistics statistics_;
  std::optional<std::chrono::nanoseconds> stale_since_;  // of the steady clock
};

}  // namespace switchyard::contract_client
