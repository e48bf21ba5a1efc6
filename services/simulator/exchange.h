#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "switchyard/simulator/v1/simulator_service.pb.h"

namespace switchyard::simulator {

// One exchange id, as the control service commands it. I/O thread only.
class Exchange {
 public:
  virtual ~Exchange() = default;

  virtual const std::string& id() const = 0;
  // Public channels by their full name, and symbols, as the exchange spells them.
  virtual bool HasChannel(std::string_view channel) const = 0;
  virtual bool HasSymbol(std::string_view symbol) const = 0;

  // Errors: NotFound, no such symbol; FailedPrecondition, there is no true book in a replay.
  virtual absl::StatusOr<v1::GetBookResponse> Book(const std::string& symbol,
                                                   std::uint32_t depth) = 0;
  // Errors: FailedPrecondition, a replay has no flow.
  virtual absl::Status SetFlow(const v1::SetFlowRequest& request) = 0;
  // Number of records. Errors: FailedPrecondition, there is no recording.
  virtual absl::StatusOr<std::uint64_t> StartReplay(std::uint32_t speed_percent) = 0;
  virtual v1::ExchangeStatistics Statistics() const = 0;

  // Clients' orders and fills. Errors: InvalidArgument, a bad page; FailedPrecondition, there are
  // no accounts.
  virtual absl::StatusOr<v1::ListClientOrdersResponse> ClientOrders(
      const v1::ListClientOrdersRequest& request) = 0;
  virtual absl::StatusOr<v1::ListClientFillsResponse> ClientFills(
      const v1::ListClientFillsRequest& request) = 0;
  // An empty symbol = all. Errors: FailedPrecondition, the exchange has no funding.
  virtual absl::Status PayFunding(const std::string& symbol) = 0;
  // Does what a fault about accounts asks, once: EXPIRE_SESSION, LIQUIDATE, AUTO_DELEVERAGE. The
  // number of those struck. Errors: FailedPrecondition, there are no accounts; Unimplemented, the
  // exchange has nothing of the kind.
  virtual absl::StatusOr<std::uint64_t> StrikeAccounts(const v1::Fault& fault) = 0;

  // Closes the sockets that the fault selects; returns how many.
  virtual std::uint64_t CloseSockets(const v1::Fault& fault) = 0;
};

}  // namespace switchyard::simulator
