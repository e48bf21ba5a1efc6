#pragma once

#include <grpcpp/channel.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "tests/bench/chain/testbed.h"
#include "tests/bench/orders/tap.h"
#include "tests/bench/orders/tickets.h"

namespace switchyard::bench {

inline constexpr char kOrderExchange[] = "gateio";
inline constexpr char kOrderAccount[] = "main";

// When a commit counts as done: the journal's own words. The bare chain journals nothing with OFF;
// Switchyard always writes its journal, which OFF does not sync.
inline constexpr const char* kJournalModes[] = {"OFF", "NORMAL", "FULL"};

// Who takes orders: Switchyard with an account and its router, or the bare chain. Processes of
// their own, with an empty journal, behind a tap; ended with this object.
class OrderSide {
 public:
  struct Options {
    Side side = Side::kFloor;
    std::string mode;             // of kJournalModes
    std::string directory;        // made anew, removed at the end: configuration, journal, output
    std::size_t frame_bytes = 0;  // of the floor's orders
  };
  // `bed`: whose simulator is the exchange.
  OrderSide(const Testbed& bed, const Testbed::Programs& programs, Options options);
  ~OrderSide();
  OrderSide(const OrderSide&) = delete;
  OrderSide& operator=(const OrderSide&) = delete;

  // Places orders until one is taken: at first the account is not known yet. Ends the benchmark
  // after 20 s.
  void AwaitReady(Tickets& tickets);

  // A connection of its own. The floor has no router.
  std::shared_ptr<grpc::Channel> Connect(Path path) const;
  Tap& tap() { return tap_; }
  const Process& service() const { return *service_; }
  Side side() const { return options_.side; }
  const std::string& mode() const { return options_.mode; }

 private:
  void StartReal(const Testbed& bed, const Testbed::Programs& programs);

  const Options options_;
  Tap tap_;
  std::unique_ptr<Process> service_, router_;
  std::string service_address_, router_address_;
};

}  // namespace switchyard::bench
