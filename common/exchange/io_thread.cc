#include "common/exchange/io_thread.h"

#include <pthread.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <thread>

namespace switchyard::exchange {

class IoThread::Impl {
 public:
  explicit Impl(std::string name) : name_(std::move(name).substr(0, 15)) {}

  void Start() {
    thread_ = std::thread([this] {
      pthread_setname_np(pthread_self(), name_.c_str());
      io_.run();
    });
  }
  void Stop() {
    work_.reset();
    io_.stop();
    if (thread_.joinable()) thread_.join();
  }

  const std::string name_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      io_.get_executor()};
  std::thread thread_;
};

IoThread::IoThread(std::string name) : impl_(std::make_unique<Impl>(std::move(name))) {}
IoThread::~IoThread() { Stop(); }
boost::asio::io_context& IoThread::io() { return impl_->io_; }
void IoThread::Start() { impl_->Start(); }
void IoThread::Stop() { impl_->Stop(); }
void IoThread::Post(std::function<void()> work) { boost::asio::post(impl_->io_, std::move(work)); }

bool IoThread::Run(std::function<void()> work) {
  if (!impl_->thread_.joinable() || impl_->io_.stopped()) return false;
  std::promise<void> done;
  Post([&] {
    work();
    done.set_value();
  });
  done.get_future().wait();
  return true;
}

bool IoThread::on_thread() const { return impl_->thread_.get_id() == std::this_thread::get_id(); }

class Timer::Impl {
 public:
  explicit Impl(boost::asio::io_context& io) : timer_(io) {}
  boost::asio::steady_timer timer_;
  std::uint64_t generation_ = 0;
};

Timer::Timer(IoThread& thread) : impl_(std::make_shared<Impl>(thread.io())) {}
Timer::~Timer() { Cancel(); }

void Timer::Start(std::chrono::nanoseconds delay, std::function<void()> expired) {
  impl_->timer_.expires_after(delay);
  // The generation catches a timer that had already expired when it was replaced or cancelled.
  impl_->timer_.async_wait([impl = impl_, generation = ++impl_->generation_,
                            expired = std::move(expired)](const boost::system::error_code& error) {
    if (!error && generation == impl->generation_) expired();
  });
}

void Timer::Cancel() {
  ++impl_->generation_;
  impl_->timer_.cancel();
}

}  // namespace switchyard::exchange
