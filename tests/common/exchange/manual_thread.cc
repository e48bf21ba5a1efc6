#include "tests/common/exchange/manual_thread.h"

namespace switchyard::exchange {

void ManualThread::Advance(std::chrono::nanoseconds span) {
  const std::chrono::nanoseconds until = clock_.Steady() + span;
  while (!due_.empty() && due_.begin()->first.first <= until) {
    auto next = due_.extract(due_.begin());
    clock_.Advance(next.key().first - clock_.Steady());
    next.mapped()();
  }
  clock_.Advance(until - clock_.Steady());
}

void ManualTimer::Start(std::chrono::nanoseconds delay, std::function<void()> expired) {
  Cancel();
  due_ = {thread_.clock_.Steady() + delay, ++thread_.started_};
  thread_.due_.emplace(due_, std::move(expired));
}

}  // namespace switchyard::exchange
