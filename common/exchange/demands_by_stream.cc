#include "common/exchange/demands_by_stream.h"

namespace switchyard::exchange {

bool DemandsByStream::Add(const StreamKey& stream, const DemandKey& demand) {
  std::set<DemandKey>& demands = demands_[stream];
  const bool first = demands.empty();
  demands.insert(demand);
  return first;
}

bool DemandsByStream::Remove(const StreamKey& stream, const DemandKey& demand) {
  const auto found = demands_.find(stream);
  if (found == demands_.end()) return false;
  found->second.erase(demand);
  if (!found->second.empty()) return false;
  demands_.erase(found);
  return true;
}

std::vector<DemandKey> DemandsByStream::Of(const StreamKey& stream) const {
  const auto found = demands_.find(stream);
  if (found == demands_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

}  // namespace switchyard::exchange
