#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/exchange/market_data_client.h"

namespace switchyard::status {

// One exchange of one service, as a process serves it.
struct Subject {
  std::string exchange;
  std::string component;  // `market_data`, `order`, `position` or `account`
  exchange::MarketDataClient* client = nullptr;
  // Names of the accounts that are configured for the component, ordered.
  std::vector<std::string> accounts{};
  // Open client streams; unset = none are possible.
  std::function<std::uint32_t()> client_streams{};
  // Asks in place of `client`; unset = `client` is asked.
  std::function<void(exchange::Reply<exchange::ClientStatus>)> read{};

  // False: the component has no connection of its own, and is always ready.
  bool connects() const { return client != nullptr || read; }
  // Where it connects.
  void GetStatus(exchange::Reply<exchange::ClientStatus> reply) const {
    read ? read(std::move(reply)) : client->GetStatus(std::move(reply));
  }
};

// What is known of each subject.
struct Report {
  exchange::ClientStatus status;
  // Grows when readiness, a connection or its state changes; 0 = never heard of.
  std::uint64_t version = 0;
};

// How all exchanges of a process are, as of their last answer: polled, because clients live on
// their own threads. Subjects are added before anything is served; then any thread. The clients are
// stopped before this goes.
class StatusBoard {
 public:
  void Add(Subject subject);
  const std::vector<Subject>& subjects() const { return subjects_; }

  // Asks every client that does not owe an answer already.
  void Poll();
  // Indices as in subjects().
  Report Read(std::size_t subject) const;

 private:
  void Update(std::size_t subject, absl::StatusOr<exchange::ClientStatus> status);

  struct Entry {
    Report report;
    bool asked = false;
  };

  std::vector<Subject> subjects_;
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;  // guarded by mutex_
};

}  // namespace switchyard::status
