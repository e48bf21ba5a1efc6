#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/order/account_desk.h"
#include "switchyard/config/v1/config.pb.h"

// From configuration to what desks are made from. Pure. Errors: InvalidArgument, naming the field.
namespace switchyard::order {

absl::StatusOr<DeskOptions> ParseDeskOptions(const config::v1::OrderConfig& config);

// The journal is `{journal_directory}/{exchange}.{account}.journal`.
absl::StatusOr<DeskSpec> ParseDeskSpec(const std::string& exchange,
                                       const config::v1::AccountConfig& account,
                                       const config::v1::OrderConfig& config,
                                       const DeskOptions& options);

}  // namespace switchyard::order
