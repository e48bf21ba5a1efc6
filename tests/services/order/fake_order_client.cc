#include "tests/services/order/fake_order_client.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <utility>

#include "common/status/status.h"

namespace switchyard::testing {
namespace {

using exchange::CommandFate;
using exchange::CommandResult;
using exchange::Reply;

bool Terminal(const model::OrderReport& report) {
  return report.state >= order::v1::ORDER_STATE_FILLED;
}

bool TakesEffect(FakeOrderClient::Act act) {
  using Act = FakeOrderClient::Act;
  return act == Act::kConfirm || act == Act::kAcknowledge || act == Act::kLoseAnswer ||
         act == Act::kHold;
}

absl::Status Unknown() {
  return MakeError(absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_ORDER,
                   "no such order");
}

bool Contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool IsWithin(TimeNs time, const exchange::HistoryQuery& query) {
  return time >= query.start && (!query.end.given() || time < query.end);
}

// Page tokens are the numbers of the items that come next.
template <typename T>
void CutToPage(const exchange::HistoryQuery& query, exchange::Page<T>& page) {
  const std::size_t first = query.page_token.empty() ? 0 : std::stoul(query.page_token);
  const std::size_t end = std::min(first + query.page_size, page.items.size());
  if (end < page.items.size()) page.next_page_token = std::to_string(end);
  page.items = std::vector<T>(page.items.begin() + static_cast<std::ptrdiff_t>(first),
                              page.items.begin() + static_cast<std::ptrdiff_t>(end));
}

}  // namespace

void FakeOrderClient::Next(Act act) {
  const std::lock_guard lock(mutex_);
  script_.push_back(act);
}

void FakeOrderClient::FailReads(absl::Status status) {
  const std::lock_guard lock(mutex_);
  reads = std::move(status);
}

exchange::OrderListener& FakeOrderClient::listener() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return listener_ != nullptr; });
  return *listener_;
}

FakeOrderClient::Act FakeOrderClient::Take(const std::string& what) {
  ++commands_;
  Act act = Act::kConfirm;
  if (!permits_) {
    act = Act::kNoPermit;
  } else if (!script_.empty()) {
    act = script_.front();
    script_.erase(script_.begin());
  }
  if (act == Act::kNoPermit) {
    without_permit_.push_back(what);
  } else if (act != Act::kNotSent) {
    sent_.push_back(what);
  }
  changed_.notify_all();
  return act;
}

void FakeOrderClient::SetPermits(bool open) {
  const std::lock_guard lock(mutex_);
  permits_ = open;
}
void FakeOrderClient::WaitForNoPermit(const std::string& what, int times) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] {
    return std::count_if(without_permit_.begin(), without_permit_.end(), [&](const auto& each) {
             return each.find(what) != std::string::npos;
           }) >= times;
  });
}
std::vector<std::size_t> FakeOrderClient::cancel_lists() const {
  const std::lock_guard lock(mutex_);
  return cancel_lists_;
}
std::vector<std::string> FakeOrderClient::sent() const {
  const std::lock_guard lock(mutex_);
  return sent_;
}

model::OrderReport* FakeOrderClient::Find(const std::string& id) {
  for (auto& [exchange_id, report] : orders_) {
    if (exchange_id == id || report.exchange_client_id == id) return &report;
  }
  return nullptr;
}

model::OrderReport* FakeOrderClient::Find(const exchange::OrderReference& reference) {
  model::OrderReport* const by_exchange =
      reference.exchange_order_id.empty() ? nullptr : Find(reference.exchange_order_id);
  if (by_exchange != nullptr || reference.exchange_client_id.empty()) return by_exchange;
  return Find(reference.exchange_client_id);
}

model::OrderReport FakeOrderClient::Report(const std::string& id) {
  const std::lock_guard lock(mutex_);
  return *Find(id);
}

bool FakeOrderClient::Has(const std::string& id) {
  const std::lock_guard lock(mutex_);
  return Find(id) != nullptr;
}

void FakeOrderClient::AddOrder(model::OrderReport report) {
  const std::lock_guard lock(mutex_);
  orders_[report.exchange_order_id] = std::move(report);
}

void FakeOrderClient::Change(const std::string& id,
                             const std::function<void(model::OrderReport&)>& change) {
  const std::lock_guard lock(mutex_);
  change(*Find(id));
}

model::FillReport FakeOrderClient::Fill(const std::string& id, const std::string& trade_id,
                                        const std::string& quantity, TimeNs time) {
  const std::lock_guard lock(mutex_);
  model::OrderReport& report = *Find(id);
  model::FillReport fill;
  fill.symbol = report.symbol;
  fill.trade_id = trade_id;
  fill.exchange_order_id = report.exchange_order_id;
  fill.exchange_client_id = report.exchange_client_id;
  fill.side = report.terms.side;
  fill.price = report.terms.price.value_or(Decimal::FromInt(100));
  fill.quantity = *Decimal::Parse(quantity);
  fill.fees = {{"USDT", *Decimal::Parse("0.1")}};
  fill.exchange_time = time.given() ? time : SystemClock().Now();
  fill.receive_time = fill.exchange_time;
  report.filled_quantity = *Decimal::Add(report.filled_quantity.value_or(Decimal()), fill.quantity);
  report.state = *report.filled_quantity >= *report.terms.quantity
                     ? order::v1::ORDER_STATE_FILLED
                     : order::v1::ORDER_STATE_PARTIALLY_FILLED;
  ++report.exchange_version;
  fills_.push_back(fill);
  return fill;
}

void FakeOrderClient::SetPosition(const std::string& symbol, std::int64_t size) {
  const std::lock_guard lock(mutex_);
  positions_.clear();
  if (size == 0) return;
  position::v1::Position& position = positions_.emplace_back();
  position.set_symbol(symbol);
  position.set_side(size > 0 ? common::v1::SIDE_BUY : common::v1::SIDE_SELL);
  position.mutable_size()->set_value(std::to_string(std::abs(size)));
}

void FakeOrderClient::Release() {
  std::vector<std::function<void()>> held;
  {
    const std::lock_guard lock(mutex_);
    held.swap(held_);
  }
  for (const auto& answer : held) answer();
}

void FakeOrderClient::HoldAnswers(bool hold) {
  const std::lock_guard lock(mutex_);
  hold_answers_ = hold;
}

int FakeOrderClient::placed() const {
  const std::lock_guard lock(mutex_);
  return placed_;
}
int FakeOrderClient::commands() const {
  const std::lock_guard lock(mutex_);
  return commands_;
}
int FakeOrderClient::queries() const {
  const std::lock_guard lock(mutex_);
  return queries_;
}
std::vector<std::string> FakeOrderClient::cancelled() const {
  const std::lock_guard lock(mutex_);
  return cancelled_;
}
std::vector<exchange::PlaceCommand> FakeOrderClient::place_commands() const {
  const std::lock_guard lock(mutex_);
  return place_commands_;
}
std::vector<std::chrono::seconds> FakeOrderClient::armed() const {
  const std::lock_guard lock(mutex_);
  return armed_;
}

void FakeOrderClient::WaitForHeld(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return held_.size() >= count; });
}
void FakeOrderClient::WaitForCommands(int count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return commands_ >= count; });
}
void FakeOrderClient::WaitForQueries(int count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return queries_ >= count; });
}

void FakeOrderClient::Start(exchange::OrderListener& listener) {
  {
    const std::lock_guard lock(mutex_);
    listener_ = &listener;
    changed_.notify_all();
  }
  listener.OnPrivateStreamReady();
}

void FakeOrderClient::Stop() { Release(); }

std::string FakeOrderClient::ExchangeClientId(std::uint64_t number,
                                              std::string_view client_order_id) const {
  return "t-" + std::to_string(number) + "-" + std::string(client_order_id);
}

// "t-NUMBER-..."
std::optional<std::uint64_t> FakeOrderClient::NumberOf(std::string_view exchange_client_id) const {
  std::uint64_t number = 0;
  if (!exchange_client_id.starts_with("t-")) return std::nullopt;
  const std::string_view digits = exchange_client_id.substr(2);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end == digits.data() + digits.size() || *end != '-') {
    return std::nullopt;
  }
  return number;
}

absl::Status FakeOrderClient::Check(const model::Instrument&,
                                    const model::OrderTerms& terms) const {
  return check ? check(terms) : absl::OkStatus();
}

CommandResult FakeOrderClient::Answer(Act act, const model::OrderReport* report) const {
  CommandResult result;
  switch (act) {
    case Act::kConfirm:
    case Act::kHold:
      if (report != nullptr) result.report = *report;
      [[fallthrough]];
    case Act::kAcknowledge:
    case Act::kAcceptOnly:
      result.fate = CommandFate::kConfirmed;
      break;
    case Act::kRefuse:
      result.fate = CommandFate::kRefused;
      result.status = refusal;
      break;
    case Act::kNotSent:
      result.fate = CommandFate::kNotSent;
      result.status = MakeError(absl::StatusCode::kUnavailable,
                                common::v1::ERROR_REASON_EXCHANGE_UNREACHABLE, "not connected");
      break;
    case Act::kNoPermit:
      result.fate = CommandFate::kNotSent;
      result.status =
          WithRetryAfter(MakeError(absl::StatusCode::kResourceExhausted,
                                   common::v1::ERROR_REASON_RATE_LIMITED, "not sent: no permit"),
                         permit_delay);
      break;
    case Act::kLoseAnswer:
    case Act::kLoseCommand:
      result.fate = CommandFate::kUnknown;
      result.status = MakeError(absl::StatusCode::kUnknown,
                                common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN, "no answer");
      if (!lost.ok()) result.status = lost;
      break;
  }
  if (result.fate != CommandFate::kNotSent) result.submit_time = SystemClock().Now();
  return result;
}

void FakeOrderClient::Deliver(Act act, std::function<void()> answer) {
  {
    const std::lock_guard lock(mutex_);
    if (act == Act::kHold || hold_answers_) {
      held_.push_back(std::move(answer));
      changed_.notify_all();
      return;
    }
  }
  answer();
}

void FakeOrderClient::Place(std::vector<exchange::PlaceCommand> commands,
                            Reply<std::vector<CommandResult>> reply) {
  std::vector<CommandResult> results;
  Act act = Act::kConfirm;
  {
    const std::lock_guard lock(mutex_);
    for (const exchange::PlaceCommand& command : commands) {
      act = Take("place " + command.exchange_client_id);
      place_commands_.push_back(command);
      const model::OrderReport* created = nullptr;
      if (TakesEffect(act)) {
        ++placed_;
        if (on_placed) on_placed();
        model::OrderReport report;
        report.symbol = command.symbol;
        report.exchange_order_id = "x" + std::to_string(next_id_++);
        report.exchange_client_id = command.exchange_client_id;
        report.state = order::v1::ORDER_STATE_OPEN;
        report.terms = command.terms;
        report.filled_quantity = Decimal();
        report.exchange_version = 1;
        created = &(orders_[report.exchange_order_id] = report);
      }
      results.push_back(Answer(act, created));
    }
  }
  Deliver(act, [reply, results] { reply(results); });
}

void FakeOrderClient::Amend(exchange::AmendCommand command, Reply<CommandResult> reply) {
  CommandResult result;
  Act act = Act::kConfirm;
  {
    const std::lock_guard lock(mutex_);
    act = Take("amend " + command.order.exchange_order_id);
    model::OrderReport* const report = Find(command.order);
    if (TakesEffect(act) && report != nullptr) {
      if (command.quantity.has_value()) report->terms.quantity = command.quantity;
      if (command.price.has_value()) report->terms.price = command.price;
      ++report->exchange_version;
    }
    result = Answer(act, report);
  }
  Deliver(act, [reply, result] { reply(result); });
}

void FakeOrderClient::Cancel(std::vector<exchange::OrderReference> orders,
                             Reply<std::vector<CommandResult>> reply) {
  std::vector<CommandResult> results;
  Act act = Act::kConfirm;
  {
    const std::lock_guard lock(mutex_);
    cancel_lists_.push_back(orders.size());
    for (const exchange::OrderReference& reference : orders) {
      act = Take("cancel " + reference.exchange_order_id);
      model::OrderReport* const report = Find(reference);
      const bool live = report != nullptr && !Terminal(*report);
      if (TakesEffect(act) && !live) {
        CommandResult refused;
        refused.fate = CommandFate::kRefused;
        refused.status = Unknown();
        results.push_back(refused);
        continue;
      }
      if (TakesEffect(act)) {
        report->state = order::v1::ORDER_STATE_CANCELED;
        ++report->exchange_version;
        cancelled_.push_back(report->exchange_order_id);
      }
      results.push_back(Answer(act, report));
    }
  }
  Deliver(act, [reply, results] { reply(results); });
}

void FakeOrderClient::CancelAll(exchange::CancelAllCommand command, Reply<CommandResult> reply) {
  CommandResult result;
  Act act = Act::kConfirm;
  {
    const std::lock_guard lock(mutex_);
    act = Take("cancel all");
    for (auto& [id, report] : orders_) {
      const bool in_scope = command.symbol.empty() || command.symbol == report.symbol;
      if (!TakesEffect(act) || Terminal(report) || !in_scope) continue;
      report.state = order::v1::ORDER_STATE_CANCELED;
      ++report.exchange_version;
      cancelled_.push_back(id);
    }
    result = Answer(act, nullptr);
  }
  Deliver(act, [reply, result] { reply(result); });
}

absl::Status FakeOrderClient::Asked() {
  ++queries_;
  changed_.notify_all();
  return reads;
}

void FakeOrderClient::GetOrder(exchange::OrderReference order, Reply<model::OrderReport> reply) {
  absl::StatusOr<model::OrderReport> answer = Unknown();
  {
    const std::lock_guard lock(mutex_);
    const absl::Status status = Asked();
    const model::OrderReport* const report = Find(order);
    const bool hidden = report != nullptr && Contains(hidden_from_get, report->exchange_client_id);
    if (!status.ok()) {
      answer = status;
    } else if (report != nullptr && !hidden) {
      answer = *report;
      answer->source = model::Source::kRest;
    }
  }
  reply(std::move(answer));
}

void FakeOrderClient::ListOpenOrders(std::string symbol,
                                     Reply<std::vector<model::OrderReport>> reply) {
  absl::StatusOr<std::vector<model::OrderReport>> answer = std::vector<model::OrderReport>();
  {
    const std::lock_guard lock(mutex_);
    if (const absl::Status status = Asked(); !status.ok()) answer = status;
    if (answer.ok()) {
      for (const auto& [id, report] : orders_) {
        if (Terminal(report) || Contains(hidden_from_lists, report.exchange_client_id)) continue;
        if (symbol.empty() || symbol == report.symbol) answer->push_back(report);
      }
    }
  }
  reply(std::move(answer));
}

void FakeOrderClient::ListFinishedOrders(exchange::HistoryQuery query,
                                         Reply<exchange::Page<model::OrderReport>> reply) {
  absl::StatusOr<exchange::Page<model::OrderReport>> answer = exchange::Page<model::OrderReport>();
  {
    const std::lock_guard lock(mutex_);
    if (const absl::Status status = Asked(); !status.ok()) answer = status;
    if (finished_limit != 0 && ++finished_reads_ % finished_limit == 0) {
      answer = absl::ResourceExhaustedError("the limit of this endpoint is used up");
    }
    query.page_size = std::min(query.page_size, longest_page);
    if (answer.ok()) {
      for (const auto& [id, report] : orders_) {
        if (!Terminal(report) || Contains(hidden_from_lists, report.exchange_client_id)) continue;
        const TimeNs created = report.exchange_create_time;
        if (created.given() && !IsWithin(created, query)) continue;
        if (query.symbol.empty() || query.symbol == report.symbol) answer->items.push_back(report);
      }
      CutToPage(query, *answer);
    }
  }
  reply(std::move(answer));
}

void FakeOrderClient::ListFills(exchange::HistoryQuery query,
                                Reply<exchange::Page<model::FillReport>> reply) {
  absl::StatusOr<exchange::Page<model::FillReport>> answer = exchange::Page<model::FillReport>();
  {
    const std::lock_guard lock(mutex_);
    if (const absl::Status status = Asked(); !status.ok()) answer = status;
    if (answer.ok()) {
      for (auto fill = fills_.rbegin(); fill != fills_.rend(); ++fill) {
        if (!IsWithin(fill->exchange_time, query)) continue;
        if (!query.symbol.empty() && query.symbol != fill->symbol) continue;
        if (query.order.has_value() && query.order->exchange_order_id != fill->exchange_order_id) {
          continue;
        }
        answer->items.push_back(*fill);
      }
      CutToPage(query, *answer);
    }
  }
  reply(std::move(answer));
}

void FakeOrderClient::ListPositionSizes(Reply<std::vector<position::v1::Position>> reply) {
  absl::StatusOr<std::vector<position::v1::Position>> answer =
      std::vector<position::v1::Position>();
  {
    const std::lock_guard lock(mutex_);
    answer = positions_;
    if (const absl::Status status = Asked(); !status.ok()) answer = status;
  }
  reply(std::move(answer));
}

void FakeOrderClient::ArmDeadManSwitch(std::chrono::seconds timeout, Reply<TimeNs> reply) {
  {
    const std::lock_guard lock(mutex_);
    armed_.push_back(timeout);
    changed_.notify_all();
  }
  reply(SystemClock().Now() + timeout);
}

void FakeOrderClient::GetStatus(Reply<exchange::ClientStatus> reply) {
  exchange::ClientStatus status;
  status.ready = true;
  reply(status);
}

}  // namespace switchyard::testing
