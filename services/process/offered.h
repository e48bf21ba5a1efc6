#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "common/exchange/capabilities.h"

// The one place where the capability table turns a call away.
namespace switchyard::process {

// `rpc` as in exchange::RpcEntries: "MarketDataService/GetTicker".
// Errors: Unimplemented, NOT_IN_CAPABILITIES; Internal, no such entry.
absl::Status CheckOffered(const exchange::Capabilities& capabilities, std::string_view rpc);

// `channel` as in exchange::ChannelEntries: "MarketDataService/TRADES". Errors as above.
absl::Status CheckChannelOffered(const exchange::Capabilities& capabilities,
                                 std::string_view channel);

}  // namespace switchyard::process
