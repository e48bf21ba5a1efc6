#include "services/process/ticker.h"

#include <utility>

namespace switchyard::process {

void Ticker::CallAfter(std::chrono::nanoseconds delay, std::function<void()> call) {
  const std::lock_guard lock(mutex_);
  calls_.emplace(clock_.Steady() + delay, std::move(call));
}

void Ticker::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Ticker::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Ticker::Tick(std::chrono::nanoseconds steady_now) {
  std::vector<std::function<void()>> due;
  {
    const std::lock_guard lock(mutex_);
    const auto end = calls_.upper_bound(steady_now);
    for (auto call = calls_.begin(); call != end; ++call) due.push_back(std::move(call->second));
    calls_.erase(calls_.begin(), end);
  }
  for (const auto& call : due) call();
  for (const Task& task : tasks_) task(steady_now);
}

void Ticker::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    Tick(clock_.Steady());
    lock.lock();
    wake_.wait_for(lock, kPeriod, [this] { return stopping_; });
  }
}

}  // namespace switchyard::process
