#include "services/order/reads/order_waits.h"

#include <utility>

namespace switchyard::order {
namespace {

bool IsMet(v1::WaitCondition condition, const v1::Order& order) {
  if (order.outcome_unknown()) return false;
  if (IsTerminal(order.state())) return true;
  return condition != v1::WAIT_CONDITION_TERMINAL && order.state() != v1::ORDER_STATE_PENDING_NEW;
}

}  // namespace

void OrderWaits::Answer(std::uint64_t number, Done done, bool timed_out) {
  const OrderRecord* const record = desk_.ledger.Find(number);
  v1::Order order;
  if (record != nullptr) order = record->order;
  desk_.turns.Answer(
      [done = std::move(done), order = std::move(order), timed_out] { done(order, timed_out); });
}

void OrderWaits::Wait(std::uint64_t number, v1::WaitCondition condition,
                      std::chrono::nanoseconds until, Done done) {
  const OrderRecord* const record = desk_.ledger.Find(number);
  if (record == nullptr || IsMet(condition, record->order)) {
    return Answer(number, std::move(done), /*timed_out=*/false);
  }
  waiting_.emplace(number, Waiting{condition, until, std::move(done)});
}

void OrderWaits::OnChanged(std::uint64_t number) {
  const OrderRecord* const record = desk_.ledger.Find(number);
  const auto [first, last] = waiting_.equal_range(number);
  for (auto each = first; each != last;) {
    if (record != nullptr && !IsMet(each->second.condition, record->order)) {
      ++each;
      continue;
    }
    Answer(number, std::move(each->second.done), /*timed_out=*/false);
    each = waiting_.erase(each);
  }
}

void OrderWaits::Tick() {
  const auto now = desk_.clock.Steady();
  for (auto each = waiting_.begin(); each != waiting_.end();) {
    if (now < each->second.until) {
      ++each;
      continue;
    }
    Answer(each->first, std::move(each->second.done), /*timed_out=*/true);
    each = waiting_.erase(each);
  }
}

void OrderWaits::EndAll() {
  for (auto& [number, each] : std::exchange(waiting_, {})) {
    Answer(number, std::move(each.done), /*timed_out=*/true);
  }
}

}  // namespace switchyard::order
