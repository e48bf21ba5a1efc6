#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "services/simulator/faults/fault_table.h"
#include "services/simulator/transport/socket.h"

namespace switchyard::simulator {

// One client's claim on one stream of frames, and what faults made of it.
struct Subscription {
  Subscription(transport::Socket& where, std::string what, std::string of, bool book)
      : socket(where), channel(std::move(what)), symbol(std::move(of)), is_book(book) {}
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

  struct Delayed {
    std::int64_t due_ns;  // steady clock
    transport::Frame frame;
  };

  transport::Socket& socket;
  const std::string channel;  // the exchange's own full name
  const std::string symbol;   // the exchange's own
  const bool is_book;         // its frames show bids and asks
  bool silent = false;        // acknowledged, and nothing is ever sent
  transport::Frame held;      // waits for its successor
  std::int64_t held_ns = 0;   // since when, steady clock
  std::deque<Delayed> delayed;
};

// Makes the frames that faults need, in the exchange's own form.
class FrameForger {
 public:
  virtual ~FrameForger() = default;
  // A book frame with one bid more, which crosses the book.
  virtual std::string Crossed(const Subscription& subscription, const std::string& frame) = 0;
  // A frame of a kind that no client knows.
  virtual std::string Unknown() = 0;
};

struct DeliveryCounts {
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
};

// The one way of an exchange's data frames to sockets, and where faults strike them. I/O thread
// only.
class Delivery {
 public:
  // `faults` and `forger` must outlive it.
  Delivery(std::string exchange, faults::FaultTable& faults, FrameForger& forger);

  void Deliver(Subscription& subscription, transport::Frame frame) {
    if (faults_.concerns_frames() || subscription.silent || subscription.held != nullptr ||
        !subscription.delayed.empty()) {
      DeliverStruck(subscription, std::move(frame));
    } else {
      Send(subscription, std::move(frame));
    }
  }

  // Sends what has become due. To be called every few milliseconds.
  void OnTick(std::int64_t steady_now_ns);
  // Sends what is held back for successors that will not come.
  void ReleaseHeld();
  // The subscription is about to die.
  void Forget(Subscription& subscription) { waiting_.erase(&subscription); }

  const DeliveryCounts& counts() const { return counts_; }

 private:
  // A held frame whose successor does not come is sent after this.
  static constexpr std::int64_t kMaximumHoldNs = 300'000'000;

  void DeliverStruck(Subscription& subscription, transport::Frame frame);
  void Queue(Subscription& subscription, transport::Frame frame, std::int64_t delay_ms);
  void Send(Subscription& subscription, transport::Frame frame) {
    ++counts_.frames;
    counts_.bytes += frame->size();
    subscription.socket.Send(std::move(frame));
  }

  const std::string exchange_;
  faults::FaultTable& faults_;
  FrameForger& forger_;
  DeliveryCounts counts_;
  // Those with held or delayed frames.
  std::unordered_set<Subscription*> waiting_;
};

}  // namespace switchyard::simulator
