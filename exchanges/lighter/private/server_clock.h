#pragma once

#include "common/exchange/client_clock.h"
#include "common/time/time.h"

namespace switchyard::exchanges::lighter {

// The exchange's clock as far as it is known: ours, plus what was measured. Tokens and transactions
// end by it. Any thread.
class ServerClock final : public Clock {
 public:
  // Both outlive it.
  ServerClock(const Clock& local, const exchange::ClientClock& measured)
      : local_(local), measured_(measured) {}

  TimeNs Now() const override { return local_.Now() + measured_.offset(); }
  std::chrono::nanoseconds Steady() const override { return local_.Steady(); }

  // A moment of the exchange's clock on ours.
  TimeNs ToLocal(TimeNs server) const { return server - measured_.offset(); }

 private:
  const Clock& local_;
  const exchange::ClientClock& measured_;
};

}  // namespace switchyard::exchanges::lighter
