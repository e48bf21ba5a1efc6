#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "clients/cli/command_line.h"
#include "switchyard/order/v1/order_service.pb.h"

namespace switchyard::clients::cli {

// What `order place EXCHANGE SYMBOL SIDE [QUANTITY]` asks for, without its id. Decimals stay as
// typed; what an exchange takes is the server's to say. Errors: InvalidArgument with a line for the
// user (a number that is none, an unknown choice, no price and no type).
absl::StatusOr<order::v1::OrderTicket> TicketOf(const CommandLine& line);

// What `order amend EXCHANGE ID` asks for, without its request_id. Errors: as above; nothing to
// change.
absl::StatusOr<order::v1::AmendOrderRequest> AmendmentOf(const CommandLine& line);

// The order that `EXCHANGE ID` names.
order::v1::OrderKey OrderKeyOf(const CommandLine& line);

// "EPOCH:SEQUENCE". Errors: InvalidArgument.
absl::StatusOr<common::v1::JournalPosition> ParsePosition(std::string_view text);
// The way back.
std::string PositionText(const common::v1::JournalPosition& position);

}  // namespace switchyard::clients::cli
