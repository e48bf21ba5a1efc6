#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "common/time/time.h"

namespace switchyard::process {

// The slow clock of a process: one thread that runs everything periodic (heartbeats, status) every
// 100 ms, and what shall happen after a delay. Tasks must not block.
class Ticker {
 public:
  static constexpr std::chrono::milliseconds kPeriod{100};
  using Task = std::function<void(std::chrono::nanoseconds steady_now)>;

  // `clock` must outlive this object.
  explicit Ticker(const Clock& clock) : clock_(clock) {}
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;
  ~Ticker() { Stop(); }

  // Runs at every tick. Before Start only.
  void AddTask(Task task) { tasks_.push_back(std::move(task)); }
  // Runs once at the first tick after `delay`; dropped when the ticker ends before. Any thread.
  void CallAfter(std::chrono::nanoseconds delay, std::function<void()> call);

  void Start();
  // Waits for a tick under way. Idempotent.
  void Stop();

  // One tick. Called by the thread; by tests instead of it.
  void Tick(std::chrono::nanoseconds steady_now);

 private:
  void Run();

  const Clock& clock_;
  std::vector<Task> tasks_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::multimap<std::chrono::nanoseconds, std::function<void()>> calls_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace switchyard::process
