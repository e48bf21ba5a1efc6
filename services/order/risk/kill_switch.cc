#include "services/order/risk/kill_switch.h"

#include <fmt/format.h>

#include <string>

#include "common/status/status.h"

namespace switchyard::order::risk {
namespace {

constexpr std::size_t kMaxReasonBytes = 200;

}  // namespace

absl::StatusOr<v1::KillSwitch> ChangedKillSwitch(const v1::KillSwitch& current,
                                                 const v1::SetKillSwitchRequest& request,
                                                 std::string_view principal, TimeNs now) {
  if (request.reason().empty()) return InvalidField("reason", "is required");
  if (request.reason().size() > kMaxReasonBytes) {
    return InvalidField("reason", fmt::format("has more than {} bytes", kMaxReasonBytes));
  }
  if (request.cancel_open_orders() && !request.engaged()) {
    return InvalidField("cancel_open_orders", "goes with engaged alone");
  }
  if (current.change_time_ns() != 0 && current.engaged() == request.engaged() &&
      current.reason() == request.reason() && current.set_by() == principal) {
    return current;
  }
  v1::KillSwitch changed;
  changed.set_engaged(request.engaged());
  changed.set_reason(request.reason());
  changed.set_set_by(std::string(principal));
  changed.set_change_time_ns(now.value);
  return changed;
}

absl::Status CheckKillSwitch(const v1::KillSwitch& kill_switch) {
  if (!kill_switch.engaged()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kFailedPrecondition, common::v1::ERROR_REASON_KILL_SWITCH,
                   fmt::format("the kill switch is on, set by {} at {}: {}", kill_switch.set_by(),
                               FormatUtc(kill_switch.change_time_ns()), kill_switch.reason()));
}

}  // namespace switchyard::order::risk
