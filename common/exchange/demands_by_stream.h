#pragma once

#include <map>
#include <set>
#include <vector>

#include "common/exchange/subscription_set.h"
#include "common/exchange/topic_board.h"

namespace switchyard::exchange {

// Which demands each of an exchange's streams serves: several (ticker, mark price, funding rate)
// may be served by one. Connection thread.
class DemandsByStream {
 public:
  // True where nobody wanted the stream before. A demand twice counts once.
  bool Add(const StreamKey& stream, const DemandKey& demand);
  // True where nobody wants the stream any more; false where it served no such demand.
  bool Remove(const StreamKey& stream, const DemandKey& demand);
  // Sorted; empty where nobody wants the stream.
  std::vector<DemandKey> Of(const StreamKey& stream) const;

 private:
  std::map<StreamKey, std::set<DemandKey>> demands_;
};

}  // namespace switchyard::exchange
