#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "switchyard/order/v1/order.pb.h"

namespace switchyard::order {

// What became of one order of a command.
struct CommandOutcome {
  absl::Status status{};             // OK, or why not
  std::optional<v1::Order> order{};  // as it is now; absent = refused before the journal
  bool replayed = false;
};

// Gathers the outcomes of a list, in whatever order they come, and hands them over once. One
// thread.
class OutcomeList {
 public:
  using Done = std::function<void(CommandOutcome outcome)>;
  using AllDone = std::function<void(std::vector<CommandOutcome> outcomes)>;

  // `count` > 0 outcomes are awaited.
  OutcomeList(std::size_t count, AllDone done)
      : outcomes_(count), missing_(count), done_(std::move(done)) {}

  // Takes the outcome at `index`, once.
  static Done At(const std::shared_ptr<OutcomeList>& list, std::size_t index) {
    return [list, index](CommandOutcome outcome) {
      list->outcomes_[index] = std::move(outcome);
      if (--list->missing_ == 0) list->done_(std::move(list->outcomes_));
    };
  }

 private:
  std::vector<CommandOutcome> outcomes_;
  std::size_t missing_;
  AllDone done_;
};

}  // namespace switchyard::order
