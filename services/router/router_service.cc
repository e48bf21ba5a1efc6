#include "services/router/router_service.h"

#include <fmt/format.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "services/process/unary_call.h"
#include "services/router/backend_status.h"
#include "services/router/consolidated_stream.h"
#include "services/router/finished_writer.h"
#include "services/router/funding_comparison.h"
#include "services/router/leg_resolver.h"
#include "services/router/private_scatter.h"
#include "services/router/private_stream.h"
#include "services/router/scatter.h"
#include "switchyard/router/v1/router_service.grpc.pb.h"

namespace switchyard::router {
namespace {

using grpc::CallbackServerContext;
using process::UnaryCall;

constexpr std::uint32_t kMaxBookDepth = 1'000;
constexpr std::uint32_t kMaxExchangePage = 100;
constexpr std::uint32_t kDefaultComparisonPage = 100;
constexpr std::uint32_t kMaxComparisonPage = 1'000;
constexpr int kMaxBases = 1'000;

// The part of a list that a page holds.
struct Page {
  std::size_t first;
  std::size_t end;
  // Empty on the last page.
  std::string next_token;
};

// Tokens are positions in the list. Errors: InvalidArgument (INVALID_PAGE_TOKEN).
absl::StatusOr<Page> CutPage(std::size_t total, std::uint32_t page_size, const std::string& token) {
  std::size_t first = 0;
  if (!token.empty()) {
    const char* const end = token.data() + token.size();
    const auto [stopped, error] = std::from_chars(token.data(), end, first);
    if (error != std::errc() || stopped != end) {
      return MakeError(absl::StatusCode::kInvalidArgument,
                       common::v1::ERROR_REASON_INVALID_PAGE_TOKEN,
                       "page_token was not issued by this list", {{"field", "page_token"}});
    }
  }
  first = std::min(first, total);
  const std::size_t end = std::min<std::size_t>(total, first + page_size);
  return Page{first, end, end == total ? "" : std::to_string(end)};
}

std::uint32_t PageSize(std::uint32_t wanted, std::uint32_t fallback, std::uint32_t most) {
  return wanted == 0 ? fallback : std::min(wanted, most);
}

// Ordered by exchange, then component, as the statuses are. A service that is away keeps the
// accounts that it told last.
std::vector<v1::Exchange> ToExchanges(const BackendStatuses& statuses, const AccountNames& accounts,
                                      const access::Caller& caller) {
  std::vector<v1::Exchange> exchanges;
  for (const status::v1::ExchangeStatus& status : statuses.statuses) {
    if (exchanges.empty() || exchanges.back().exchange() != status.exchange()) {
      exchanges.emplace_back().set_exchange(status.exchange());
    }
    v1::ExchangeComponent& component = *exchanges.back().add_components();
    component.set_component(status.component());
    component.set_ready(status.ready());
    *component.mutable_accounts() = status.accounts();
  }
  for (v1::Exchange& exchange : exchanges) {
    for (const status::v1::ExchangeError& silent : statuses.errors) {
      if (silent.exchange() != exchange.exchange()) continue;
      const auto known = accounts.Known(silent.exchange(), silent.component());
      for (v1::ExchangeComponent& component : *exchange.mutable_components()) {
        if (component.component() != silent.component() || !known) continue;
        for (const std::string& account : *known) {
          if (!caller.MayOnAccount(common::v1::ROLE_READ, silent.exchange(), account)) continue;
          component.add_accounts(account);
        }
      }
    }
  }
  return exchanges;
}

using Base = v1::RouterService::WithRawCallbackMethod_StreamConsolidatedBook<
    v1::RouterService::WithRawCallbackMethod_StreamPrivateEvents<
        v1::RouterService::CallbackService>>;

class Service final : public Base {
 public:
  explicit Service(const ServiceContext& context) : context_(context) {}

  grpc::ServerUnaryReactor* ListExchanges(CallbackServerContext* client,
                                          const v1::ListExchangesRequest* request,
                                          v1::ListExchangesResponse* response) override {
    const auto call = UnaryCall::Create();
    AskStatuses(context_.backends, context_.queries, "", ScatterDeadline(*client),
                [this, caller = context_.gate.CallerOf(*client), call, request,
                 response](BackendStatuses statuses) {
                  if (!call->Claim()) return;
                  KeepGranted(caller, &statuses);
                  const std::vector<v1::Exchange> exchanges =
                      ToExchanges(statuses, context_.accounts, caller);
                  const auto page =
                      CutPage(exchanges.size(),
                              PageSize(request->page_size(), kMaxExchangePage, kMaxExchangePage),
                              request->page_token());
                  if (!page.ok()) return call->Answer(page.status());
                  for (std::size_t i = page->first; i < page->end; ++i) {
                    *response->add_exchanges() = exchanges[i];
                  }
                  response->set_next_page_token(page->next_token);
                  for (auto& error : statuses.errors) *response->add_errors() = std::move(error);
                  call->Answer(absl::OkStatus());
                });
    return call.get();
  }

  grpc::ServerUnaryReactor* GetConsolidatedBook(
      CallbackServerContext* client, const v1::GetConsolidatedBookRequest* request,
      v1::GetConsolidatedBookResponse* response) override {
    const auto call = UnaryCall::Create();
    const access::Caller caller = context_.gate.CallerOf(*client);
    absl::Status status = ValidateSelectors(request->legs(), context_.backends, caller);
    if (status.ok() && request->depth() > kMaxBookDepth) {
      status =
          InvalidField("depth", fmt::format("{} is more than {}", request->depth(), kMaxBookDepth));
    }
    if (!status.ok()) {
      call->End(status);
      return call.get();
    }
    AskConsolidatedBook(context_, *request,
                        BackendQueries::Asking(ScatterDeadline(*client), caller),
                        [call, response](absl::StatusOr<v1::GetConsolidatedBookResponse> book) {
                          if (!call->Claim()) return;
                          if (book.ok()) *response = *std::move(book);
                          call->Answer(book.status());
                        });
    return call.get();
  }

  grpc::ServerWriteReactor<grpc::ByteBuffer>* StreamConsolidatedBook(
      CallbackServerContext* client, const grpc::ByteBuffer* bytes) override {
    v1::StreamConsolidatedBookRequest request;
    if (!Parse(*bytes, &request)) {
      return FinishedWriter(InvalidField("request", "not a StreamConsolidatedBookRequest"));
    }
    return StartConsolidatedStream(context_, context_.gate.CallerOf(*client), request);
  }

  grpc::ServerUnaryReactor* ListFundingRatesAcross(
      CallbackServerContext* client, const v1::ListFundingRatesAcrossRequest* request,
      v1::ListFundingRatesAcrossResponse* response) override {
    const auto call = UnaryCall::Create();
    if (absl::Status status = ValidateFunding(*request); !status.ok()) {
      call->End(status);
      return call.get();
    }
    AskFundingRates(
        context_, {request->exchanges().begin(), request->exchanges().end()},
        BackendQueries::Asking(ScatterDeadline(*client), context_.gate.CallerOf(*client)),
        [call, request, response](FundingRates rates) {
          if (!call->Claim()) return;
          auto comparisons =
              CompareFunding(rates.rates, {request->bases().begin(), request->bases().end()});
          const auto page =
              CutPage(comparisons.size(),
                      PageSize(request->page_size(), kDefaultComparisonPage, kMaxComparisonPage),
                      request->page_token());
          if (!page.ok()) return call->Answer(page.status());
          for (std::size_t i = page->first; i < page->end; ++i) {
            *response->add_comparisons() = std::move(comparisons[i]);
          }
          response->set_next_page_token(page->next_token);
          for (auto& error : rates.errors) *response->add_errors() = std::move(error);
          call->Answer(absl::OkStatus());
        });
    return call.get();
  }

  grpc::ServerUnaryReactor* GetPortfolio(CallbackServerContext* client,
                                         const v1::GetPortfolioRequest* request,
                                         v1::GetPortfolioResponse* response) override {
    return AskPortfolio(context_, *client, *request, response);
  }

  grpc::ServerUnaryReactor* CancelEverything(CallbackServerContext* client,
                                             const v1::CancelEverythingRequest* request,
                                             v1::CancelEverythingResponse* response) override {
    return AskCancelEverything(context_, *client, *request, response);
  }

  grpc::ServerWriteReactor<grpc::ByteBuffer>* StreamPrivateEvents(
      CallbackServerContext* client, const grpc::ByteBuffer* bytes) override {
    v1::StreamPrivateEventsRequest request;
    if (!Parse(*bytes, &request)) {
      return FinishedWriter(InvalidField("request", "not a StreamPrivateEventsRequest"));
    }
    return StartPrivateStream(context_, *client, request);
  }

 private:
  absl::Status ValidateFunding(const v1::ListFundingRatesAcrossRequest& request) const {
    if (request.bases_size() > kMaxBases) {
      return MakeError(absl::StatusCode::kInvalidArgument,
                       common::v1::ERROR_REASON_REQUEST_TOO_LARGE,
                       fmt::format("{} bases; at most {}", request.bases_size(), kMaxBases),
                       {{"field", "bases"}});
    }
    for (const std::string& exchange : request.exchanges()) {
      SWITCHYARD_RETURN_IF_ERROR(context_.backends.CheckExchange(exchange));
    }
    return absl::OkStatus();
  }

  const ServiceContext context_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeRouterService(const ServiceContext& context) {
  return std::make_unique<Service>(context);
}

}  // namespace switchyard::router
