#include "services/router/private_scatter.h"

#include <fmt/format.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/decimal/decimal.h"
#include "common/status/status.h"
#include "services/process/gather.h"
#include "services/process/unary_call.h"
#include "services/router/account_targets.h"
#include "services/router/portfolio.h"
#include "switchyard/account/v1/account_service.pb.h"
#include "switchyard/order/v1/order_service.pb.h"
#include "switchyard/position/v1/position_service.pb.h"

namespace switchyard::router {
namespace {

using account::v1::GetAccountRequest;
using account::v1::GetAccountResponse;
using account::v1::ListBalancesRequest;
using account::v1::ListBalancesResponse;
using order::v1::CancelAllOrdersRequest;
using order::v1::CancelAllOrdersResponse;
using position::v1::ListPositionsRequest;
using position::v1::ListPositionsResponse;
using process::UnaryCall;

constexpr char kGetAccount[] = "AccountService/GetAccount";
constexpr char kListBalances[] = "AccountService/ListBalances";
constexpr char kListPositions[] = "PositionService/ListPositions";
constexpr char kCancelAllOrders[] = "OrderService/CancelAllOrders";
// The largest page of the lists; what an account holds beyond it is told as an error.
constexpr std::uint32_t kPageSize = 1'000;

using Part = std::variant<GetAccountResponse, ListBalancesResponse, ListPositionsResponse>;
using PartGather = process::Gather<Part>;
using CancelGather = process::Gather<CancelAllOrdersResponse>;

// One question of a portfolio.
struct PartQuestion {
  AccountTarget target;
  std::string rpc;
  const Backend* backend;  // null where the router has none for the component
};

std::vector<PartQuestion> PlanParts(const ServiceContext& context, const OfferedTargets& offered) {
  std::vector<PartQuestion> plan;
  for (const OfferedTargets::Target& target : offered.targets) {
    for (const char* rpc : {kGetAccount, kListBalances, kListPositions}) {
      if (!target.MayOffer(rpc)) continue;
      const char* component = rpc == kListPositions ? "position" : "account";
      plan.push_back(
          {target.target, rpc, context.backends.FindOrNull(target.target.exchange, component)});
    }
  }
  return plan;
}

template <typename Response, typename Request>
void AskPart(const ServiceContext& context, const PartQuestion& question, Request request,
             const BackendQueries::Asking& asking, std::function<void(absl::StatusOr<Part>)> done) {
  request.set_exchange(question.target.exchange);
  request.set_account(question.target.account);
  context.queries.Ask<Response>(*question.backend, question.rpc, request, asking,
                                [done = std::move(done)](absl::StatusOr<Response> answer) {
                                  if (!answer.ok()) return done(answer.status());
                                  done(Part(*std::move(answer)));
                                });
}

void AskOnePart(const ServiceContext& context, const PartQuestion& question,
                std::int64_t max_age_ns, const BackendQueries::Asking& asking,
                std::function<void(absl::StatusOr<Part>)> done) {
  if (question.backend == nullptr) {
    done(NotInCapabilities(question.target.exchange, question.rpc + " through this router"));
  } else if (question.rpc == kGetAccount) {
    GetAccountRequest request;
    request.set_max_age_ns(max_age_ns);
    AskPart<GetAccountResponse>(context, question, std::move(request), asking, std::move(done));
  } else if (question.rpc == kListBalances) {
    ListBalancesRequest request;
    request.set_max_age_ns(max_age_ns);
    request.set_page_size(kPageSize);
    AskPart<ListBalancesResponse>(context, question, std::move(request), asking, std::move(done));
  } else {
    ListPositionsRequest request;
    request.set_max_age_ns(max_age_ns);
    request.set_page_size(kPageSize);
    AskPart<ListPositionsResponse>(context, question, std::move(request), asking, std::move(done));
  }
}

bool IsZero(const std::string& text) {
  const absl::StatusOr<Decimal> value = Decimal::Parse(text);
  return value.ok() && value->is_zero();
}

void TakeFreshness(const common::v1::Freshness& freshness, v1::PortfolioAccount* account) {
  if (!account->has_freshness() || freshness.age_ns() > account->freshness().age_ns()) {
    *account->mutable_freshness() = freshness;
  }
}

void TakePart(Part part, v1::PortfolioAccount* account) {
  if (auto* figures = std::get_if<GetAccountResponse>(&part)) {
    TakeFreshness(figures->freshness(), account);
    *account->mutable_figures() = std::move(*figures->mutable_account());
  } else if (auto* balances = std::get_if<ListBalancesResponse>(&part)) {
    TakeFreshness(balances->freshness(), account);
    for (account::v1::Balance& balance : *balances->mutable_balances()) {
      if (!IsZero(balance.total())) *account->add_balances() = std::move(balance);
    }
  } else {
    auto& positions = std::get<ListPositionsResponse>(part);
    TakeFreshness(positions.freshness(), account);
    for (position::v1::Position& position : *positions.mutable_positions()) {
      if (!IsZero(position.size().value())) *account->add_positions() = std::move(position);
    }
  }
}

// The list that a part is of has more pages than the portfolio shows.
bool IsCut(const Part& part) {
  if (const auto* balances = std::get_if<ListBalancesResponse>(&part)) {
    return !balances->next_page_token().empty();
  }
  if (const auto* positions = std::get_if<ListPositionsResponse>(&part)) {
    return !positions->next_page_token().empty();
  }
  return false;
}

void AddError(const PartQuestion& question, const absl::Status& status,
              v1::GetPortfolioResponse* response) {
  status::v1::ExchangeError& error = *response->add_errors();
  error.set_exchange(question.target.exchange);
  error.set_account(question.target.account);
  error.set_component(question.rpc == kListPositions ? "position" : "account");
  *error.mutable_status() = ToProto(status);
}

void FillPortfolio(const std::vector<PartQuestion>& plan, PartGather::Answers answers,
                   v1::GetPortfolioResponse* response) {
  v1::PortfolioAccount* account = nullptr;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const AccountTarget& target = plan[i].target;
    if (i == 0 || plan[i - 1].target != target) {
      account = response->add_accounts();
      account->set_exchange(target.exchange);
      account->set_account(target.account);
    }
    absl::StatusOr<Part>& answer = *answers[i];
    // What the exchange does not offer is missing from no portfolio.
    if (plan[i].backend != nullptr &&
        ReasonOf(answer.status()) == common::v1::ERROR_REASON_NOT_IN_CAPABILITIES) {
      continue;
    }
    if (!answer.ok()) {
      AddError(plan[i], answer.status(), response);
      continue;
    }
    if (IsCut(*answer)) {
      AddError(plan[i], absl::OutOfRangeError(fmt::format("more than {} entries", kPageSize)),
               response);
    }
    TakePart(*std::move(answer), account);
  }
  for (v1::CurrencyTotal& total : SumByCurrency(response->accounts())) {
    *response->add_totals() = std::move(total);
  }
}

bool IsRequestId(const std::string& text) {
  return !text.empty() && text.size() <= 36 &&
         std::all_of(text.begin(), text.end(), [](unsigned char character) {
           return std::isalnum(character) != 0 || character == '_' || character == '-';
         });
}

void FillResult(const absl::StatusOr<CancelAllOrdersResponse>& answer,
                v1::CancelEverythingResult* result) {
  *result->mutable_status() = ToProto(answer.status());
  if (!answer.ok()) return;
  result->set_canceled(static_cast<std::uint32_t>(std::count_if(
      answer->results().begin(), answer->results().end(),
      [](const order::v1::CancelOrderResult& one) { return one.status().code() == 0; })));
  result->set_remaining_open(answer->remaining_open());
}

void CancelTargets(const ServiceContext& context, const v1::CancelEverythingRequest& request,
                   const OfferedTargets& offered, const BackendQueries::Asking& asking,
                   std::function<void(v1::CancelEverythingResponse)> done) {
  const auto gather = std::make_shared<CancelGather>(
      offered.targets.size(), [offered, done = std::move(done)](CancelGather::Answers answers) {
        v1::CancelEverythingResponse response;
        for (std::size_t i = 0; i < offered.targets.size(); ++i) {
          v1::CancelEverythingResult& result = *response.add_results();
          result.set_exchange(offered.targets[i].target.exchange);
          result.set_account(offered.targets[i].target.account);
          FillResult(*answers[i], &result);
        }
        // What was named and is nobody's is not passed over in silence.
        for (const status::v1::ExchangeError& error : offered.errors) {
          v1::CancelEverythingResult& result = *response.add_results();
          result.set_exchange(error.exchange());
          result.set_account(error.account());
          *result.mutable_status() = error.status();
        }
        std::sort(response.mutable_results()->begin(), response.mutable_results()->end(),
                  [](const auto& left, const auto& right) {
                    return std::pair(left.exchange(), left.account()) <
                           std::pair(right.exchange(), right.account());
                  });
        done(std::move(response));
      });
  for (std::size_t i = 0; i < offered.targets.size(); ++i) {
    const AccountTarget& target = offered.targets[i].target;
    const Backend* const backend = context.backends.FindOrNull(target.exchange, "order");
    if (backend == nullptr) {
      gather->Set(i, NotInCapabilities(target.exchange, "orders through this router"));
      continue;
    }
    CancelAllOrdersRequest question;
    question.set_exchange(target.exchange);
    question.set_account(target.account);
    question.set_keep_external(request.keep_external());
    question.set_request_id(request.request_id());
    context.queries.Ask<CancelAllOrdersResponse>(
        *backend, kCancelAllOrders, question, asking,
        [gather, i](absl::StatusOr<CancelAllOrdersResponse> answer) {
          gather->Set(i, std::move(answer));
        });
  }
}

}  // namespace

grpc::ServerUnaryReactor* AskPortfolio(const ServiceContext& context,
                                       const grpc::CallbackServerContext& client,
                                       const v1::GetPortfolioRequest& request,
                                       v1::GetPortfolioResponse* response) {
  const auto call = UnaryCall::Create();
  const BackendQueries::Asking asking(ScatterDeadline(client), context.gate.CallerOf(client));
  FindOfferedTargets(
      context, request.accounts(), {kGetAccount, kListBalances, kListPositions}, asking,
      [&context, call, response, asking,
       max_age_ns = request.max_age_ns()](absl::StatusOr<OfferedTargets> offered) {
        if (!offered.ok()) return call->End(offered.status());
        const std::vector<PartQuestion> plan = PlanParts(context, *offered);
        const auto gather = std::make_shared<PartGather>(
            plan.size(),
            [call, response, plan, errors = offered->errors](PartGather::Answers answers) {
              if (!call->Claim()) return;
              for (const status::v1::ExchangeError& error : errors) *response->add_errors() = error;
              FillPortfolio(plan, std::move(answers), response);
              call->Answer(absl::OkStatus());
            });
        if (plan.empty()) gather->Expire();
        for (std::size_t i = 0; i < plan.size(); ++i) {
          AskOnePart(context, plan[i], max_age_ns, asking,
                     [gather, i](absl::StatusOr<Part> part) { gather->Set(i, std::move(part)); });
        }
      });
  return call.get();
}

grpc::ServerUnaryReactor* AskCancelEverything(const ServiceContext& context,
                                              const grpc::CallbackServerContext& client,
                                              const v1::CancelEverythingRequest& request,
                                              v1::CancelEverythingResponse* response) {
  const auto call = UnaryCall::Create();
  if (!IsRequestId(request.request_id())) {
    call->End(InvalidField("request_id", "required, 1 to 36 of [A-Za-z0-9_-]"));
    return call.get();
  }
  const BackendQueries::Asking asking(ScatterDeadline(client), context.gate.CallerOf(client));
  FindOfferedTargets(
      context, request.accounts(), {kCancelAllOrders}, asking,
      [&context, call, request, response, asking](absl::StatusOr<OfferedTargets> offered) {
        if (!offered.ok()) return call->End(offered.status());
        CancelTargets(context, request, *offered, asking,
                      [call, response](v1::CancelEverythingResponse filled) {
                        if (!call->Claim()) return;
                        *response = std::move(filled);
                        call->Answer(absl::OkStatus());
                      });
      });
  return call.get();
}

}  // namespace switchyard::router
