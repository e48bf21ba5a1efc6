#include "services/simulator/faults/fault_table.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"

namespace switchyard::simulator::faults {
namespace {

bool ConcernsFrames(v1::FaultKind kind) {
  switch (kind) {
    case v1::FAULT_KIND_DROP:
    case v1::FAULT_KIND_DUPLICATE:
    case v1::FAULT_KIND_REORDER:
    case v1::FAULT_KIND_DELAY:
    case v1::FAULT_KIND_CROSS_BOOK:
    case v1::FAULT_KIND_MUTE:
    case v1::FAULT_KIND_MALFORMED_FRAME:
    case v1::FAULT_KIND_UNKNOWN_FRAME:
      return true;
    default:
      return false;
  }
}

bool ConcernsSequence(v1::FaultKind kind) {
  return kind == v1::FAULT_KIND_SKIP_SEQUENCE || kind == v1::FAULT_KIND_RESTART_SEQUENCE;
}

bool ConcernsRequests(v1::FaultKind kind) {
  return kind == v1::FAULT_KIND_HTTP_STATUS || kind == v1::FAULT_KIND_HTML_PAGE ||
         kind == v1::FAULT_KIND_DELAY;
}

bool ConcernsOrders(v1::FaultKind kind) {
  switch (kind) {
    case v1::FAULT_KIND_SWALLOW_ORDER:
    case v1::FAULT_KIND_LOSE_ANSWER:
    case v1::FAULT_KIND_FILL_BEFORE_ACKNOWLEDGEMENT:
    case v1::FAULT_KIND_PARTIAL_FILLS:
    case v1::FAULT_KIND_ERROR_AFTER_ACCEPTING:
      return true;
    default:
      return false;
  }
}

// True for those that strike new and amended orders alone.
bool ConcernsPlacing(v1::FaultKind kind) {
  return kind == v1::FAULT_KIND_FILL_BEFORE_ACKNOWLEDGEMENT || kind == v1::FAULT_KIND_PARTIAL_FILLS;
}

constexpr std::uint32_t kBadGateway = 502;
constexpr std::int64_t kDefaultAnswerDelayMs = 100;

absl::Status OutOfRange(std::string_view field, std::int64_t value) {
  return absl::InvalidArgumentError(fmt::format("fault.{} is out of range: {}", field, value));
}

bool IsStatus(std::uint32_t status) { return status >= 200 && status <= 599; }

absl::Status Validate(const v1::Fault& fault) {
  const v1::FaultKind kind = fault.kind();
  if (!v1::FaultKind_IsValid(kind) || kind == v1::FAULT_KIND_UNSPECIFIED) {
    return OutOfRange("kind", kind);
  }
  if (fault.per_million() > 1'000'000) return OutOfRange("per_million", fault.per_million());
  if (kind == v1::FAULT_KIND_DELAY && (fault.delay_ms() == 0 || fault.delay_ms() > 600'000)) {
    return OutOfRange("delay_ms", fault.delay_ms());
  }
  if (kind == v1::FAULT_KIND_SKIP_SEQUENCE &&
      (fault.amount() < 1 || fault.amount() > 1'000'000'000)) {
    return OutOfRange("amount", fault.amount());
  }
  if (kind == v1::FAULT_KIND_HTML_PAGE && (fault.amount() < 0 || fault.amount() > (64 << 20))) {
    return OutOfRange("amount", fault.amount());
  }
  if (kind == v1::FAULT_KIND_PARTIAL_FILLS && (fault.amount() < 2 || fault.amount() > 1'000)) {
    return OutOfRange("amount", fault.amount());
  }
  const bool waits = kind == v1::FAULT_KIND_FILL_BEFORE_ACKNOWLEDGEMENT;
  if (waits && (fault.amount() < 0 || fault.amount() > 60'000)) {
    return OutOfRange("amount", fault.amount());
  }
  const bool unanswered =
      kind == v1::FAULT_KIND_SWALLOW_ORDER || kind == v1::FAULT_KIND_LOSE_ANSWER;
  if (unanswered && fault.amount() != 0 && fault.amount() != 1) {
    return OutOfRange("amount", fault.amount());
  }
  const bool needs_status = kind == v1::FAULT_KIND_HTTP_STATUS;
  const bool may_have_status =
      (kind == v1::FAULT_KIND_HTML_PAGE || kind == v1::FAULT_KIND_ERROR_AFTER_ACCEPTING) &&
      fault.http_status() != 0;
  if ((needs_status || may_have_status) && !IsStatus(fault.http_status())) {
    return OutOfRange("http_status", fault.http_status());
  }
  if (fault.close_code() != 0 && (fault.close_code() < 1000 || fault.close_code() > 4999)) {
    return OutOfRange("close_code", fault.close_code());
  }
  return absl::OkStatus();
}

}  // namespace

FaultTable::FaultTable(std::function<std::int64_t()> steady_now_ns)
    : steady_now_ns_(std::move(steady_now_ns)), strikes_by_kind_(v1::FaultKind_ARRAYSIZE, 0) {}

absl::StatusOr<std::uint64_t> FaultTable::Set(const v1::Fault& fault) {
  if (absl::Status status = Validate(fault); !status.ok()) return status;
  const std::int64_t duration_ns = static_cast<std::int64_t>(fault.duration_ms()) * 1'000'000;
  entries_.push_back({++last_id_, fault, engine::Random(fault.seed()),
                      duration_ns == 0 ? 0 : steady_now_ns_() + duration_ns, 0, true});
  Refresh();
  return last_id_;
}

absl::Status FaultTable::Clear(const std::vector<std::uint64_t>& ids) {
  const auto find = [this](std::uint64_t id) {
    return std::find_if(entries_.begin(), entries_.end(),
                        [id](const Entry& entry) { return entry.id == id; });
  };
  for (const std::uint64_t id : ids) {
    if (find(id) == entries_.end()) return absl::NotFoundError(fmt::format("no fault {}", id));
  }
  for (const std::uint64_t id : ids) entries_.erase(find(id));
  if (ids.empty()) entries_.clear();
  Refresh();
  return absl::OkStatus();
}

std::vector<v1::ActiveFault> FaultTable::List() {
  Expire();
  std::vector<v1::ActiveFault> faults;
  for (const Entry& entry : entries_) {
    v1::ActiveFault& active = faults.emplace_back();
    active.set_fault_id(entry.id);
    *active.mutable_fault() = entry.fault;
    active.set_strikes(entry.strikes);
    active.set_active(entry.active);
  }
  return faults;
}

FrameFate FaultTable::JudgeFrame(std::string_view exchange, std::string_view channel,
                                 std::string_view symbol, bool is_book) {
  FrameFate fate;
  for (Entry& entry : entries_) {
    const v1::FaultKind kind = entry.fault.kind();
    if (!entry.active || !ConcernsFrames(kind) || !entry.fault.path().empty()) continue;
    if (kind == v1::FAULT_KIND_CROSS_BOOK && !is_book) continue;
    if (!Selects(entry, exchange, channel, symbol) || !Throw(entry)) continue;
    switch (kind) {
      case v1::FAULT_KIND_DROP:
      case v1::FAULT_KIND_MUTE:
        // What is not sent cannot suffer more.
        fate.drop = true;
        return fate;
      case v1::FAULT_KIND_DUPLICATE:
        fate.duplicate = true;
        break;
      case v1::FAULT_KIND_REORDER:
        fate.hold = true;
        break;
      case v1::FAULT_KIND_DELAY:
        fate.delay_ms += entry.fault.delay_ms();
        break;
      case v1::FAULT_KIND_CROSS_BOOK:
        fate.cross = true;
        break;
      case v1::FAULT_KIND_MALFORMED_FRAME:
        fate.malformed = true;
        break;
      default:
        fate.accompany = true;
        break;
    }
  }
  return fate;
}

RequestFate FaultTable::JudgeRequest(std::string_view exchange, std::string_view path) {
  RequestFate fate;
  for (Entry& entry : entries_) {
    const v1::Fault& fault = entry.fault;
    if (!entry.active || !ConcernsRequests(fault.kind()) || fault.exchange() != exchange) continue;
    // Without a path a delay is about frames, and the other two are about REST alone.
    const bool all_rest =
        fault.path().empty() && fault.kind() != v1::FAULT_KIND_DELAY && path != "websocket";
    if (!all_rest && (fault.path().empty() || !path.starts_with(fault.path()))) continue;
    if (!Throw(entry)) continue;
    if (fault.kind() == v1::FAULT_KIND_DELAY) {
      fate.delay_ms += fault.delay_ms();
      continue;
    }
    fate.status = fault.http_status();
    fate.retry_after_s = fault.retry_after_seconds();
    if (fault.kind() == v1::FAULT_KIND_HTML_PAGE) {
      fate.html = true;
      fate.html_bytes = fault.amount();
      if (fate.status == 0) fate.status = 502;
    }
  }
  return fate;
}

OrderFate FaultTable::JudgeOrder(const OrderCommand& command) {
  OrderFate fate;
  for (Entry& entry : entries_) {
    const v1::Fault& fault = entry.fault;
    if (!entry.active || !ConcernsOrders(fault.kind()) || fault.exchange() != command.exchange) {
      continue;
    }
    if (ConcernsPlacing(fault.kind()) && !command.places) continue;
    if (!fault.symbol().empty() && fault.symbol() != command.symbol) continue;
    if (!fault.channel().empty() && fault.channel() != command.channel) continue;
    const bool on_path = !command.path.empty() && command.path.starts_with(fault.path());
    if (!fault.path().empty() && !on_path) continue;
    if (!Throw(entry)) continue;
    switch (fault.kind()) {
      case v1::FAULT_KIND_SWALLOW_ORDER:
        fate.swallow = true;
        fate.cut |= fault.amount() == 1;
        break;
      case v1::FAULT_KIND_LOSE_ANSWER:
        fate.lose_answer = true;
        fate.cut |= fault.amount() == 1;
        break;
      case v1::FAULT_KIND_FILL_BEFORE_ACKNOWLEDGEMENT:
        fate.answer_delay_ms = fault.amount() == 0 ? kDefaultAnswerDelayMs : fault.amount();
        break;
      case v1::FAULT_KIND_PARTIAL_FILLS:
        fate.parts = fault.amount();
        break;
      default:
        fate.error_status = fault.http_status() == 0 ? kBadGateway : fault.http_status();
        break;
    }
  }
  return fate;
}

const v1::Fault* FaultTable::Strike(v1::FaultKind kind, std::string_view exchange,
                                    std::string_view channel, std::string_view symbol) {
  for (Entry& entry : entries_) {
    if (entry.active && entry.fault.kind() == kind && Selects(entry, exchange, channel, symbol) &&
        Throw(entry)) {
      return &entry.fault;
    }
  }
  return nullptr;
}

void FaultTable::Finish(std::uint64_t id, std::uint64_t strikes) {
  for (Entry& entry : entries_) {
    if (entry.id != id) continue;
    entry.strikes += strikes;
    entry.active = false;
    strikes_by_kind_[entry.fault.kind()] += strikes;
  }
  Refresh();
}

bool FaultTable::InForce(v1::FaultKind kind, std::string_view exchange) {
  Expire();
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.active && entry.fault.kind() == kind && entry.fault.exchange() == exchange;
  });
}

std::int64_t FaultTable::ClockShiftMs(std::string_view exchange) {
  Expire();
  std::int64_t shift_ms = 0;
  for (const Entry& entry : entries_) {
    if (entry.active && entry.fault.kind() == v1::FAULT_KIND_SHIFT_CLOCK &&
        entry.fault.exchange() == exchange) {
      shift_ms += entry.fault.amount();
    }
  }
  return shift_ms;
}

bool FaultTable::Expire() {
  const std::int64_t now_ns = steady_now_ns_();
  bool ended = false;
  for (Entry& entry : entries_) {
    if (entry.active && entry.end_ns != 0 && now_ns >= entry.end_ns) {
      entry.active = false;
      ended = true;
    }
  }
  if (ended) Refresh();
  return ended;
}

std::uint64_t FaultTable::strikes(v1::FaultKind kind) const { return strikes_by_kind_[kind]; }

bool FaultTable::Selects(const Entry& entry, std::string_view exchange, std::string_view channel,
                         std::string_view symbol) const {
  const v1::Fault& fault = entry.fault;
  return fault.exchange() == exchange &&
         (fault.channel().empty() || channel.empty() || fault.channel() == channel) &&
         (fault.symbol().empty() || symbol.empty() || fault.symbol() == symbol);
}

bool FaultTable::Throw(Entry& entry) {
  if (entry.end_ns != 0 && steady_now_ns_() >= entry.end_ns) {
    entry.active = false;
    Refresh();
    return false;
  }
  const std::uint32_t per_million = entry.fault.per_million();
  if (per_million != 0 && !entry.random.Chance(per_million)) return false;
  ++entry.strikes;
  ++strikes_by_kind_[entry.fault.kind()];
  if (entry.fault.count() != 0 && entry.strikes >= entry.fault.count()) {
    entry.active = false;
    Refresh();
  }
  return true;
}

void FaultTable::Refresh() {
  concerns_frames_ = false;
  concerns_sequence_ = false;
  for (const Entry& entry : entries_) {
    concerns_frames_ |= entry.active && ConcernsFrames(entry.fault.kind());
    concerns_sequence_ |= entry.active && ConcernsSequence(entry.fault.kind());
  }
}

}  // namespace switchyard::simulator::faults
