#include "services/simulator/control/control_service.h"

#include <grpcpp/grpcpp.h>

#include <boost/asio/post.hpp>
#include <utility>

#include "absl/status/status.h"
#include "fmt/format.h"
#include "switchyard/simulator/v1/simulator_service.grpc.pb.h"

namespace switchyard::simulator::control {
namespace {

using Reactor = grpc::ServerUnaryReactor;
using Context = grpc::CallbackServerContext;

grpc::Status ToGrpc(const absl::Status& status) {
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message())};
}

// Applied once, at once, to accounts.
bool IsAboutAccounts(v1::FaultKind kind) {
  return kind == v1::FAULT_KIND_EXPIRE_SESSION || kind == v1::FAULT_KIND_LIQUIDATE ||
         kind == v1::FAULT_KIND_AUTO_DELEVERAGE;
}

class ControlService final : public v1::SimulatorService::CallbackService {
 public:
  explicit ControlService(ControlTargets targets) : targets_(std::move(targets)) {}

  Reactor* SetFault(Context* context, const v1::SetFaultRequest* request,
                    v1::SetFaultResponse* response) override {
    return Post(context, [=, this] { return DoSetFault(request->fault(), *response); });
  }

  Reactor* ClearFaults(Context* context, const v1::ClearFaultsRequest* request,
                       v1::ClearFaultsResponse*) override {
    return Post(context, [=, this] {
      absl::Status status =
          targets_.faults.Clear({request->fault_ids().begin(), request->fault_ids().end()});
      targets_.apply_faults();
      return status;
    });
  }

  Reactor* ListFaults(Context* context, const v1::ListFaultsRequest*,
                      v1::ListFaultsResponse* response) override {
    return Post(context, [=, this] {
      for (v1::ActiveFault& fault : targets_.faults.List()) {
        *response->add_faults() = std::move(fault);
      }
      return absl::OkStatus();
    });
  }

  Reactor* GetBook(Context* context, const v1::GetBookRequest* request,
                   v1::GetBookResponse* response) override {
    return Post(context, [=, this]() -> absl::Status {
      Exchange* const exchange = Find(request->exchange());
      if (exchange == nullptr) return UnknownExchange(request->exchange());
      auto book = exchange->Book(request->symbol(), request->depth());
      if (book.ok()) *response = *std::move(book);
      return book.status();
    });
  }

  Reactor* SetFlow(Context* context, const v1::SetFlowRequest* request,
                   v1::SetFlowResponse*) override {
    return Post(context, [=, this] { return DoSetFlow(*request); });
  }

  Reactor* StartReplay(Context* context, const v1::StartReplayRequest* request,
                       v1::StartReplayResponse* response) override {
    return Post(context, [=, this]() -> absl::Status {
      Exchange* const exchange = Find(request->exchange());
      if (exchange == nullptr) return UnknownExchange(request->exchange());
      const auto records = exchange->StartReplay(request->speed_percent());
      if (records.ok()) response->set_records(*records);
      return records.status();
    });
  }

  Reactor* ListClientOrders(Context* context, const v1::ListClientOrdersRequest* request,
                            v1::ListClientOrdersResponse* response) override {
    return Post(context, [=, this]() -> absl::Status {
      Exchange* const exchange = Find(request->exchange());
      if (exchange == nullptr) return UnknownExchange(request->exchange());
      auto orders = exchange->ClientOrders(*request);
      if (orders.ok()) *response = *std::move(orders);
      return orders.status();
    });
  }

  Reactor* ListClientFills(Context* context, const v1::ListClientFillsRequest* request,
                           v1::ListClientFillsResponse* response) override {
    return Post(context, [=, this]() -> absl::Status {
      Exchange* const exchange = Find(request->exchange());
      if (exchange == nullptr) return UnknownExchange(request->exchange());
      auto fills = exchange->ClientFills(*request);
      if (fills.ok()) *response = *std::move(fills);
      return fills.status();
    });
  }

  Reactor* PayFunding(Context* context, const v1::PayFundingRequest* request,
                      v1::PayFundingResponse*) override {
    return Post(context, [=, this]() -> absl::Status {
      Exchange* const exchange = Find(request->exchange());
      if (exchange == nullptr) return UnknownExchange(request->exchange());
      if (absl::Status status = CheckSymbol(*exchange, request->symbol()); !status.ok()) {
        return status;
      }
      return exchange->PayFunding(request->symbol());
    });
  }

  Reactor* GetStatistics(Context* context, const v1::GetStatisticsRequest* request,
                         v1::GetStatisticsResponse* response) override {
    return Post(context, [=, this]() -> absl::Status {
      if (!request->exchange().empty() && Find(request->exchange()) == nullptr) {
        return UnknownExchange(request->exchange());
      }
      for (const Exchange* exchange : targets_.exchanges) {
        if (!request->exchange().empty() && request->exchange() != exchange->id()) continue;
        *response->add_statistics() = exchange->Statistics();
      }
      return absl::OkStatus();
    });
  }

 private:
  // Runs `work` on the I/O thread and finishes the call with its status. Request and response live
  // until then.
  template <typename Work>
  Reactor* Post(Context* context, Work work) {
    Reactor* const reactor = context->DefaultReactor();
    boost::asio::post(targets_.io,
                      [reactor, work = std::move(work)] { reactor->Finish(ToGrpc(work())); });
    return reactor;
  }

  Exchange* Find(const std::string& id) const {
    for (Exchange* exchange : targets_.exchanges) {
      if (exchange->id() == id) return exchange;
    }
    return nullptr;
  }

  static absl::Status UnknownExchange(const std::string& id) {
    return absl::InvalidArgumentError(fmt::format("unknown exchange '{}'", id));
  }

  static absl::Status CheckSymbol(const Exchange& exchange, const std::string& symbol) {
    if (symbol.empty() || exchange.HasSymbol(symbol)) return absl::OkStatus();
    return absl::InvalidArgumentError(fmt::format("{} has no symbol '{}'", exchange.id(), symbol));
  }

  absl::Status DoSetFault(const v1::Fault& fault, v1::SetFaultResponse& response) {
    Exchange* const exchange = Find(fault.exchange());
    if (exchange == nullptr) return UnknownExchange(fault.exchange());
    if (!fault.channel().empty() && !exchange->HasChannel(fault.channel())) {
      return absl::InvalidArgumentError(
          fmt::format("{} has no channel '{}'", exchange->id(), fault.channel()));
    }
    if (absl::Status status = CheckSymbol(*exchange, fault.symbol()); !status.ok()) return status;
    const auto id = targets_.faults.Set(fault);
    if (!id.ok()) return id.status();
    if (fault.kind() == v1::FAULT_KIND_CLOSE_SOCKETS) {
      targets_.faults.Finish(*id, exchange->CloseSockets(fault));
    } else if (IsAboutAccounts(fault.kind())) {
      const auto struck = exchange->StrikeAccounts(fault);
      targets_.faults.Finish(*id, struck.value_or(0));
      if (!struck.ok()) return struck.status();
    }
    targets_.apply_faults();
    response.set_fault_id(*id);
    return absl::OkStatus();
  }

  absl::Status DoSetFlow(const v1::SetFlowRequest& request) {
    if (!request.exchange().empty()) {
      Exchange* const exchange = Find(request.exchange());
      if (exchange == nullptr) return UnknownExchange(request.exchange());
      if (absl::Status status = CheckSymbol(*exchange, request.symbol()); !status.ok()) {
        return status;
      }
      return exchange->SetFlow(request);
    }
    // All exchanges: those that replay have no flow to change.
    for (Exchange* exchange : targets_.exchanges) {
      const absl::Status status = exchange->SetFlow(request);
      if (!status.ok() && status.code() != absl::StatusCode::kFailedPrecondition) return status;
    }
    return absl::OkStatus();
  }

  ControlTargets targets_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeControlService(ControlTargets targets) {
  return std::make_unique<ControlService>(std::move(targets));
}

}  // namespace switchyard::simulator::control
