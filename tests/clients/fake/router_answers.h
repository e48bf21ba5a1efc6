#pragma once

#include <atomic>
#include <string>

#include "switchyard/router/v1/router_service.grpc.pb.h"
#include "tests/clients/fake/answers.h"
#include "tests/clients/fake/fake_accounts.h"

namespace switchyard::clients::fake {

// RouterService: fixed answers, and the fake's accounts merged. Any thread.
class RouterAnswers final : public router::v1::RouterService::Service {
 public:
  RouterAnswers(const Answers& answers, const StopSignal& stopping, FakeAccounts& accounts)
      : answers_(answers), stopping_(stopping), accounts_(accounts) {}

  int private_streams() const { return private_streams_; }

  grpc::Status ListExchanges(grpc::ServerContext*, const router::v1::ListExchangesRequest*,
                             router::v1::ListExchangesResponse* response) override;
  grpc::Status GetConsolidatedBook(grpc::ServerContext*,
                                   const router::v1::GetConsolidatedBookRequest* request,
                                   router::v1::GetConsolidatedBookResponse* response) override;
  grpc::Status ListFundingRatesAcross(
      grpc::ServerContext*, const router::v1::ListFundingRatesAcrossRequest*,
      router::v1::ListFundingRatesAcrossResponse* response) override;
  grpc::Status StreamConsolidatedBook(
      grpc::ServerContext* context, const router::v1::StreamConsolidatedBookRequest* request,
      grpc::ServerWriter<router::v1::StreamConsolidatedBookResponse>* writer) override;
  grpc::Status GetPortfolio(grpc::ServerContext*, const router::v1::GetPortfolioRequest* request,
                            router::v1::GetPortfolioResponse* response) override;
  grpc::Status StreamPrivateEvents(
      grpc::ServerContext* context, const router::v1::StreamPrivateEventsRequest* request,
      grpc::ServerWriter<router::v1::StreamPrivateEventsResponse>* writer) override;
  grpc::Status CancelEverything(grpc::ServerContext*,
                                const router::v1::CancelEverythingRequest* request,
                                router::v1::CancelEverythingResponse* response) override;

 private:
  // A snapshot of each topic, then nothing.
  grpc::Status FlowPrivateEvents(const router::v1::StreamPrivateEventsRequest& request,
                                 PrivateEventsScript& script);

  const Answers& answers_;
  const StopSignal& stopping_;
  FakeAccounts& accounts_;
  std::atomic<int> streams_{0};
  std::atomic<int> private_streams_{0};
};

grpc::Status FlowMergedBooks(const router::v1::StreamConsolidatedBookRequest& request,
                             ConsolidatedScript& script, int updates_per_second);

// The parts of scripts: gateio's account `main` whole, and its balance after a change.
router::v1::StreamPrivateEventsResponse AccountSnapshot(std::uint64_t epoch,
                                                        std::uint64_t sequence);
router::v1::StreamPrivateEventsResponse BalanceDelta(std::uint64_t epoch, std::uint64_t sequence,
                                                     const std::string& total);

}  // namespace switchyard::clients::fake
