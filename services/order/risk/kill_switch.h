#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/time/time.h"
#include "switchyard/order/v1/order_service.pb.h"
#include "switchyard/order/v1/risk.pb.h"

// The kill switch of one account: a plain value that the journal keeps. Pure; any thread.
namespace switchyard::order::risk {

// The state that a request of `principal` makes of `current` at `now`. Repeating what is already so
// (same state, same reason, same principal) returns `current`, with its time.
// Errors: InvalidArgument, INVALID_FIELD: no reason, more than 200 bytes, or cancel_open_orders
// with a release.
absl::StatusOr<v1::KillSwitch> ChangedKillSwitch(const v1::KillSwitch& current,
                                                 const v1::SetKillSwitchRequest& request,
                                                 std::string_view principal, TimeNs now);

// Asked before every new order and every amendment; cancellations never ask.
// Errors: FailedPrecondition, KILL_SWITCH, with who set it, when and why.
absl::Status CheckKillSwitch(const v1::KillSwitch& kill_switch);

}  // namespace switchyard::order::risk
