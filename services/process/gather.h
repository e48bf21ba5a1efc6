#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace switchyard::process {

// Collects one answer from each of several sources and hands them over once: when all are in, or
// when Expire says that the rest comes too late. Any thread; lives as long as somebody may answer.
template <typename T>
class Gather {
 public:
  // Nullopt: no answer in time.
  using Answers = std::vector<std::optional<absl::StatusOr<T>>>;
  using Done = std::function<void(Answers answers)>;

  // `done` runs on the thread of the last answer, or of Expire; with no sources, of Expire.
  Gather(std::size_t sources, Done done)
      : answers_(sources), missing_(sources), done_(std::move(done)) {}

  // At most once per source. False: too late, the answer was dropped.
  bool Set(std::size_t source, absl::StatusOr<T> answer) {
    {
      const std::lock_guard lock(mutex_);
      if (finished_) return false;
      answers_[source] = std::move(answer);
      if (--missing_ > 0) return true;
      finished_ = true;
    }
    done_(std::move(answers_));
    return true;
  }

  void Expire() {
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(finished_, true)) return;
    }
    done_(std::move(answers_));
  }

 private:
  std::mutex mutex_;  // guards what follows until finished_
  Answers answers_;
  std::size_t missing_;
  bool finished_ = false;
  Done done_;
};

}  // namespace switchyard::process
