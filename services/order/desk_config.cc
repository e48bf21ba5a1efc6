#include "services/order/desk_config.h"

#include <fmt/format.h>

#include "common/status/status.h"

namespace switchyard::order {
namespace {

using std::chrono::milliseconds;

constexpr char kDefaultDirectory[] = "journal";
constexpr std::uint32_t kMinReconcileMs = 1'000;
constexpr std::uint32_t kMinTimeoutMs = 100;
// Longer than anybody waits: such a value is a mistake in the unit.
constexpr std::uint32_t kMaxWaitMs = 600'000;
constexpr std::uint32_t kMaxReconcileMs = 3'600'000;
// What no exchange arms is no switch, and one that strikes after a day protects nobody.
constexpr std::uint32_t kMinDeadManSeconds = 5;
constexpr std::uint32_t kMaxDeadManSeconds = 86'400;

absl::Status Within(const char* field, std::uint32_t value, std::uint32_t least,
                    std::uint32_t most) {
  if (value >= least && value <= most) return absl::OkStatus();
  return InvalidField(field, fmt::format("{} is not {} to {}", value, least, most));
}

}  // namespace

absl::StatusOr<DeskOptions> ParseDeskOptions(const config::v1::OrderConfig& config) {
  DeskOptions options;
  if (config.has_reconcile_interval_ms()) {
    SWITCHYARD_RETURN_IF_ERROR(Within("orders.reconcile_interval_ms",
                                      config.reconcile_interval_ms(), kMinReconcileMs,
                                      kMaxReconcileMs));
    options.reconcile_interval = milliseconds(config.reconcile_interval_ms());
  }
  if (config.has_command_timeout_ms()) {
    SWITCHYARD_RETURN_IF_ERROR(Within("orders.command_timeout_ms", config.command_timeout_ms(),
                                      kMinTimeoutMs, kMaxWaitMs));
    options.command_timeout = milliseconds(config.command_timeout_ms());
  }
  if (config.has_drain_ms()) {
    SWITCHYARD_RETURN_IF_ERROR(Within("orders.drain_ms", config.drain_ms(), 0, kMaxWaitMs));
    options.drain = milliseconds(config.drain_ms());
  }
  if (config.has_queue_wait_ms()) {
    SWITCHYARD_RETURN_IF_ERROR(
        Within("orders.queue_wait_ms", config.queue_wait_ms(), 0, kMaxWaitMs));
    options.queue.wait = milliseconds(config.queue_wait_ms());
  }
  if (config.has_queue_limit()) options.queue.limit = config.queue_limit();
  const std::uint32_t dead_man = config.dead_man_switch_seconds();
  if (dead_man != 0 && (dead_man < kMinDeadManSeconds || dead_man > kMaxDeadManSeconds)) {
    return InvalidField("orders.dead_man_switch_seconds",
                        fmt::format("{} is neither 0 nor {} to {}", dead_man, kMinDeadManSeconds,
                                    kMaxDeadManSeconds));
  }
  options.dead_man_switch = std::chrono::seconds(dead_man);
  return options;
}

absl::StatusOr<DeskSpec> ParseDeskSpec(const std::string& exchange,
                                       const config::v1::AccountConfig& account,
                                       const config::v1::OrderConfig& config,
                                       const DeskOptions& options) {
  DeskSpec spec;
  spec.exchange = exchange;
  spec.account = account.name();
  spec.options = options;
  SWITCHYARD_ASSIGN_OR_RETURN(spec.limits, risk::ParseLimits(account));
  const std::string& directory = config.journal_directory();
  spec.journal.path =
      fmt::format("{}/{}.{}.journal", directory.empty() ? kDefaultDirectory : directory, exchange,
                  account.name());
  spec.journal.exchange = exchange;
  spec.journal.account = account.name();
  SWITCHYARD_ASSIGN_OR_RETURN(spec.journal.synchronous,
                              journal::ParseSynchronous(config.journal_synchronous()));
  return spec;
}

}  // namespace switchyard::order
