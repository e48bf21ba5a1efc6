#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace switchyard::contract_client {

// Percentiles of many numbers in bounded memory: beyond kMost, each number replaces a random one
// with the probability that keeps the rest a fair sample. One thread.
class Samples {
 public:
  static constexpr std::size_t kMost = 1 << 16;

  void Add(std::int64_t value) {
    ++count_;
    largest_ = count_ == 1 ? value : std::max(largest_, value);
    if (values_.size() < kMost) {
      values_.push_back(value);
      return;
    }
    const std::uint64_t place =
        std::uniform_int_distribution<std::uint64_t>(0, count_ - 1)(random_);
    if (place < kMost) values_[place] = value;
  }

  // Of both; counts add up, the sample is of what both kept.
  void Merge(const Samples& other) {
    if (other.count_ == 0) return;
    largest_ = count_ == 0 ? other.largest_ : std::max(largest_, other.largest_);
    count_ += other.count_;
    values_.insert(values_.end(), other.values_.begin(), other.values_.end());
  }

  std::uint64_t count() const { return count_; }
  std::int64_t largest() const { return largest_; }

  // `percent` 0 to 100, by nearest rank; 0 when there are none.
  std::int64_t Percentile(int percent) const {
    if (values_.empty()) return 0;
    std::vector<std::int64_t> sorted = values_;
    const std::size_t rank = (sorted.size() - 1) * static_cast<std::size_t>(percent) / 100;
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(rank),
                     sorted.end());
    return sorted[rank];
  }

 private:
  std::uint64_t count_ = 0;
  std::int64_t largest_ = 0;
  std::vector<std::int64_t> values_;
  std::minstd_rand random_{1};
};

}  // namespace switchyard::contract_client
