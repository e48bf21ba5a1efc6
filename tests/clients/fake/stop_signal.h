#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace switchyard::clients::fake {

// Tells the scripts of a server that it ends. Any thread.
class StopSignal {
 public:
  void Set() {
    const std::lock_guard lock(mutex_);
    is_set_ = true;
    changed_.notify_all();
  }
  // Waits until it is set, for `patience` at most. True when it is.
  bool WaitFor(std::chrono::milliseconds patience) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [this] { return is_set_; });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool is_set_ = false;
};

}  // namespace switchyard::clients::fake
