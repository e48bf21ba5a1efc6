#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "exchanges/lighter/channels.h"

namespace switchyard::exchanges::lighter {

// The private channels of one socket: asked for one after another, because a refusal does not say
// of which it is. Sends nothing itself. Connection thread.
class PrivateSubscriptions {
 public:
  static constexpr std::chrono::seconds kAnswerTimeout{5};
  static constexpr std::chrono::seconds kRefusalPause{10};

  explicit PrivateSubscriptions(std::span<const Channel> channels)
      : waiting_(channels.begin(), channels.end()), size_(channels.size()) {}

  // The channel to ask for now: the next one, or again the one that had no answer in time. It
  // counts as asked then. Nullopt: an answer or a pause is waited for, or all are confirmed.
  std::optional<Channel> Next(std::chrono::nanoseconds now);
  // The channel's first frame. False where it was not waited for.
  bool OnSnapshot(Channel channel);
  // A refusal without a name: of the channel that was asked for last. It is asked for again after a
  // pause. Nullopt where none waits for an answer: the refusal is of something else.
  std::optional<Channel> OnRefused(std::chrono::nanoseconds now);
  // The exchange says that the channel asked for is subscribed already.
  void OnAlreadySubscribed();

  bool all_confirmed() const { return waiting_.empty(); }
  std::size_t confirmed() const { return size_ - waiting_.size(); }

 private:
  std::vector<Channel> waiting_;  // the first one is the one asked for
  std::size_t size_;
  bool asked_ = false;
  std::chrono::nanoseconds next_at_{0};  // a timeout where asked, else a pause's end
};

}  // namespace switchyard::exchanges::lighter
