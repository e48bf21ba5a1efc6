#pragma once

#include <cassert>
#include <thread>

namespace switchyard::net::internal {

// Finds calls from a foreign thread in debug builds. The thread is known from
// the first callback on: set-up and tear-down may happen elsewhere while the
// io_context does not run.
class ThreadCheck {
 public:
  // To be called first in handlers.
  void Bind() {
#ifndef NDEBUG
    if (thread_ == std::thread::id()) thread_ = std::this_thread::get_id();
#endif
  }

  // To be called first in entry points.
  void Check() const {
#ifndef NDEBUG
    assert(thread_ == std::thread::id() || thread_ == std::this_thread::get_id());
#endif
  }

 private:
#ifndef NDEBUG
  std::thread::id thread_;
#endif
};

}  // namespace switchyard::net::internal
