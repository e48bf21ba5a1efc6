#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>

#include "services/order/desk/desk_context.h"
#include "switchyard/order/v1/order_service.pb.h"

namespace switchyard::order {

// Callers that wait until an order is open or has ended. The owner's thread alone.
class OrderWaits {
 public:
  using Done = std::function<void(const v1::Order& order, bool timed_out)>;

  explicit OrderWaits(DeskContext& desk) : desk_(desk) {}

  // Answers when the condition is true, or when `until` (steady) has passed. The order exists.
  void Wait(std::uint64_t number, v1::WaitCondition condition, std::chrono::nanoseconds until,
            Done done);
  // The order changed. At the end of a turn.
  void OnChanged(std::uint64_t number);
  void Tick();
  // Answers all that wait, as if their time were over.
  void EndAll();

 private:
  struct Waiting {
    v1::WaitCondition condition;
    std::chrono::nanoseconds until;
    Done done;
  };

  void Answer(std::uint64_t number, Done done, bool timed_out);

  DeskContext& desk_;
  std::multimap<std::uint64_t, Waiting> waiting_;
};

}  // namespace switchyard::order
