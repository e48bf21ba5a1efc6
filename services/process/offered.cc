#include "services/process/offered.h"

#include <fmt/format.h>

#include "common/status/status.h"

namespace switchyard::process {
namespace {

absl::Status CheckPath(const exchange::Capabilities& capabilities,
                       exchange::Path exchange::Capabilities::*path, std::string_view what) {
  if (capabilities.*path != exchange::Path::kNone) return absl::OkStatus();
  return NotInCapabilities(capabilities.exchange, what);
}

}  // namespace

absl::Status CheckOffered(const exchange::Capabilities& capabilities, std::string_view rpc) {
  for (const exchange::RpcEntry& entry : exchange::RpcEntries()) {
    if (entry.rpc == rpc) return CheckPath(capabilities, entry.path, rpc);
  }
  return absl::InternalError(fmt::format("{} is not in the capability table", rpc));
}

absl::Status CheckChannelOffered(const exchange::Capabilities& capabilities,
                                 std::string_view channel) {
  for (const exchange::ChannelEntry& entry : exchange::ChannelEntries()) {
    if (entry.channel == channel) return CheckPath(capabilities, entry.path, channel);
  }
  return absl::InternalError(fmt::format("{} is not in the capability table", channel));
}

}  // namespace switchyard::process
