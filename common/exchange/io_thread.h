#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace switchyard::exchange {

// One io_context and the thread that runs it. What lives on it (sockets, books, managers) is made
// and destroyed there or while it is stopped.
class IoThread {
 public:
  // `name` as threads are shown by the system; at most 15 characters are kept.
  explicit IoThread(std::string name);
  // As Stop.
  ~IoThread();
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  boost::asio::io_context& io();
  // Begins to run; what was posted before runs then. Once.
  void Start();
  // Lets the handler that runs end, drops the rest, joins. Idempotent; not from the thread itself.
  void Stop();
  // Runs `work` on the thread, later. Any thread. Dropped once stopped.
  void Post(std::function<void()> work);
  // Posts and waits. Not from the thread itself. False if the thread is not running.
  bool Run(std::function<void()> work);
  bool on_thread() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// A one-shot timer of an IoThread. Its thread only. Destruction cancels.
class Timer {
 public:
  explicit Timer(IoThread& thread);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Replaces what was set.
  void Start(std::chrono::nanoseconds delay, std::function<void()> expired);
  void Cancel();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace switchyard::exchange
