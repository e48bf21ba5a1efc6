// What RouterService makes of several accounts, some of which fail.
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "switchyard/account/v1/account_service.pb.h"
#include "switchyard/order/v1/order_service.pb.h"
#include "switchyard/position/v1/position_service.pb.h"
#include "switchyard/router/v1/router_service.grpc.pb.h"
#include "switchyard/status/v1/status_service.pb.h"
#include "tests/services/router/router_fixture.h"

namespace switchyard::router {
namespace {

using Handler = FakeBackend::Handler;

constexpr char kCapabilities[] = "StatusService/GetCapabilities";
constexpr char kStatus[] = "StatusService/GetStatus";
constexpr char kCancelAll[] = "OrderService/CancelAllOrders";

void Offer(FakeBackend& backend) {
  status::v1::GetCapabilitiesResponse response;
  auto& capabilities = *response.add_capabilities();
  capabilities.set_exchange(backend.exchange());
  for (const char* rpc : {kCancelAll, "AccountService/GetAccount"}) {
    capabilities.add_rpcs()->set_rpc(rpc);
    capabilities.mutable_rpcs()->rbegin()->set_path(status::v1::PATH_REST);
  }
  backend.OnAnswer(kCapabilities, response);
}

void TellAccounts(FakeBackend& backend, const std::vector<std::string>& names) {
  status::v1::GetStatusResponse response;
  for (const char* component : {"account", "market_data", "order", "position"}) {
    auto& status = *response.add_statuses();
    status.set_exchange(backend.exchange());
    status.set_component(component);
    status.set_ready(true);
    if (component == std::string("market_data")) continue;
    for (const std::string& name : names) status.add_accounts(name);
  }
  backend.OnAnswer(kStatus, response);
}

// Cancels one order of any account but "broken", which fails, and "silent", which never answers.
void Cancel(const std::shared_ptr<FakeCall>& call) {
  const std::string account = RequestOf<order::v1::CancelAllOrdersRequest>(*call).account();
  if (account == "silent") return;
  if (account == "broken") {
    call->Finish(ToGrpcStatus(MakeError(absl::StatusCode::kUnauthenticated,
                                        common::v1::ERROR_REASON_BAD_SIGNATURE, "wrong secret")));
    return;
  }
  order::v1::CancelAllOrdersResponse response;
  response.add_results();
  call->Answer(response);
}

const Handler kSilent = [](const std::shared_ptr<FakeCall>&) {};

class RouterAccountsTest : public testing::Test {
 protected:
  RouterAccountsTest() {
    for (FakeBackend* backend : {&alpha_, &beta_}) {
      Offer(*backend);
      backend->On(kCancelAll, Cancel);
    }
    TellAccounts(alpha_, {"main", "second"});
    TellAccounts(beta_, {"broken", "other"});
  }

  absl::Status CancelEverything(RouterUnderTest& router, v1::CancelEverythingRequest request = {}) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    request.set_request_id("stop-1");
    canceled_.Clear();
    return FromGrpcStatus(v1::RouterService::NewStub(router.channel())
                              ->CancelEverything(&context, request, &canceled_));
  }
  // "exchange/account canceled" or "exchange/account REASON" of each result.
  std::vector<std::string> Results() const {
    std::vector<std::string> results;
    for (const v1::CancelEverythingResult& each : canceled_.results()) {
      results.push_back(each.exchange() + "/" + each.account() + " " +
                        (each.status().code() == 0
                             ? std::to_string(each.canceled())
                             : common::v1::ErrorReason_Name(each.status().reason()).substr(13)));
    }
    return results;
  }
  v1::CancelEverythingRequest Of(const std::string& exchange, const std::string& account) {
    v1::CancelEverythingRequest request;
    request.add_accounts()->set_exchange(exchange);
    request.mutable_accounts(0)->set_account(account);
    return request;
  }
  using Texts = std::vector<std::string>;

  FakeBackend alpha_{"alpha"};
  FakeBackend beta_{"beta"};
  v1::CancelEverythingResponse canceled_;
};

TEST_F(RouterAccountsTest, EveryAccountHasItsResultAndAFailingOneHidesNone) {
  RouterUnderTest router({&alpha_, &beta_});
  ASSERT_TRUE(CancelEverything(router).ok());
  EXPECT_EQ(Results(),
            (Texts{"alpha/main 1", "alpha/second 1", "beta/broken BAD_SIGNATURE", "beta/other 1"}));
  ASSERT_TRUE(CancelEverything(router, Of("beta", "")).ok());
  EXPECT_EQ(Results(), (Texts{"beta/broken BAD_SIGNATURE", "beta/other 1"}));
  ASSERT_TRUE(CancelEverything(router, Of("alpha", "second")).ok());
  EXPECT_EQ(Results(), Texts{"alpha/second 1"});
}

TEST_F(RouterAccountsTest, AnAccountThatNeverAnswersIsOfUnknownOutcomeAndTheOthersAreCanceled) {
  TellAccounts(beta_, {"other", "silent"});
  RouterUnderTest router({&alpha_, &beta_});
  ASSERT_TRUE(CancelEverything(router).ok());
  EXPECT_EQ(Results(), (Texts{"alpha/main 1", "alpha/second 1", "beta/other 1",
                              "beta/silent ORDER_OUTCOME_UNKNOWN"}));
}

TEST_F(RouterAccountsTest, ABackendThatTellsNothingDelaysNobodysCancels) {
  beta_.On(kStatus, kSilent);
  beta_.On(kCapabilities, kSilent);
  RouterUnderTest router(ConfigFor({&alpha_, &beta_}));
  ASSERT_TRUE(router.WaitForHealth("alpha/order", true));
  ASSERT_TRUE(CancelEverything(router).ok());
  // Its only account is canceled too: an empty name is what it has.
  EXPECT_EQ(Results(), (Texts{"alpha/main 1", "alpha/second 1", "beta/ 1"}));
}

TEST_F(RouterAccountsTest, TheAccountsOfADeadBackendAreNamed) {
  RouterUnderTest router({&alpha_, &beta_});
  ASSERT_TRUE(CancelEverything(router).ok());
  beta_.Kill();
  ASSERT_TRUE(router.WaitForHealth("beta/order", false));
  ASSERT_TRUE(CancelEverything(router).ok());
  EXPECT_EQ(Results(), (Texts{"alpha/main 1", "alpha/second 1", "beta/broken BACKEND_UNAVAILABLE",
                              "beta/other BACKEND_UNAVAILABLE"}));
}

TEST_F(RouterAccountsTest, ARestartedBackendIsAskedAgain) {
  RouterUnderTest router({&alpha_, &beta_});
  ASSERT_TRUE(CancelEverything(router).ok());
  beta_.Kill();
  ASSERT_TRUE(router.WaitForHealth("beta/order", false));
  TellAccounts(beta_, {"new"});
  beta_.Restart();
  ASSERT_TRUE(router.WaitForHealth("beta/order", true));
  ASSERT_TRUE(CancelEverything(router).ok());
  EXPECT_EQ(Results(), (Texts{"alpha/main 1", "alpha/second 1", "beta/new 1"}));
}

TEST_F(RouterAccountsTest, AnExchangeWithoutAccountsIsLeftOutUnlessItIsNamed) {
  TellAccounts(beta_, {});
  RouterUnderTest router({&alpha_, &beta_});
  ASSERT_TRUE(CancelEverything(router).ok());
  EXPECT_EQ(Results(), (Texts{"alpha/main 1", "alpha/second 1"}));
  v1::CancelEverythingRequest both = Of("alpha", "main");
  both.add_accounts()->set_exchange("beta");
  ASSERT_TRUE(CancelEverything(router, both).ok());
  EXPECT_EQ(Results(), (Texts{"alpha/main 1", "beta/ UNKNOWN_ACCOUNT"}));
  const absl::Status alone = CancelEverything(router, Of("beta", ""));
  EXPECT_EQ(ReasonOf(alone), common::v1::ERROR_REASON_UNKNOWN_ACCOUNT) << alone;
}

TEST_F(RouterAccountsTest, APortfolioHasEveryAccountAndTheErrorsOfThoseThatFail) {
  const Handler tell = [](const std::shared_ptr<FakeCall>& call) {
    const std::string account = RequestOf<account::v1::GetAccountRequest>(*call).account();
    if (account == "broken") {
      call->Finish(grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "wrong secret"));
      return;
    }
    account::v1::GetAccountResponse response;
    response.mutable_account()->set_currency("USDT");
    response.mutable_account()->mutable_total()->mutable_equity()->set_value("1.5");
    call->Answer(response);
  };
  alpha_.On("AccountService/GetAccount", tell);
  beta_.On("AccountService/GetAccount", tell);
  RouterUnderTest router({&alpha_, &beta_});
  grpc::ClientContext context;
  v1::GetPortfolioResponse response;
  ASSERT_TRUE(
      v1::RouterService::NewStub(router.channel())->GetPortfolio(&context, {}, &response).ok());
  Texts accounts;
  for (const auto& each : response.accounts()) {
    accounts.push_back(each.exchange() + "/" + each.account());
  }
  EXPECT_EQ(accounts, (Texts{"alpha/main", "alpha/second", "beta/broken", "beta/other"}));
  ASSERT_EQ(response.errors_size(), 1);
  EXPECT_EQ(response.errors(0).exchange(), "beta");
  EXPECT_EQ(response.errors(0).account(), "broken");
  ASSERT_EQ(response.totals_size(), 1);
  EXPECT_EQ(response.totals(0).equity(), "4.5");
}

TEST_F(RouterAccountsTest, ExchangesListTheirAccountsAlsoWhileTheyAreAway) {
  RouterUnderTest router({&alpha_, &beta_});
  const auto stub = v1::RouterService::NewStub(router.channel());
  // Both together ask every component.
  ASSERT_TRUE(CancelEverything(router).ok());
  grpc::ClientContext contexts[2];
  v1::GetPortfolioResponse portfolio;
  ASSERT_TRUE(stub->GetPortfolio(&contexts[0], {}, &portfolio).ok());
  beta_.Kill();
  ASSERT_TRUE(router.WaitForHealth("beta/order", false));
  v1::ListExchangesResponse response;
  ASSERT_TRUE(stub->ListExchanges(&contexts[1], {}, &response).ok());
  Texts listed;
  for (const v1::Exchange& exchange : response.exchanges()) {
    for (const v1::ExchangeComponent& each : exchange.components()) {
      std::string text = exchange.exchange() + "/" + each.component();
      for (const std::string& account : each.accounts()) text += " " + account;
      listed.push_back(text);
    }
  }
  EXPECT_EQ(listed,
            (Texts{"alpha/account main second", "alpha/market_data", "alpha/order main second",
                   "alpha/position main second", "beta/account broken other", "beta/market_data",
                   "beta/order broken other", "beta/position broken other"}));
}

}  // namespace
}  // namespace switchyard::router
