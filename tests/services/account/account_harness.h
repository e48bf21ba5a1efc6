#pragma once

#include <memory>
#include <string>

#include "services/account/account_service.h"
#include "switchyard/account/v1/account_service.grpc.pb.h"
#include "tests/services/account/fake_account_client.h"
#include "tests/services/accounts/service_host.h"

namespace switchyard::testing {

// AccountService on a real server with two accounts of alpha: "main" may withdraw to "addr-1" and
// transfer, "closed" may not.
class AccountHarness {
 public:
  AccountHarness() : main(host.alpha.capabilities()), closed(host.alpha.capabilities()) {
    account::Accounts accounts;
    config::v1::AccountConfig open;
    open.set_name("main");
    open.set_withdrawals(true);
    open.add_withdrawal_addresses("addr-1");
    open.set_transfers(true);
    accounts.Add("alpha", open, main);
    config::v1::AccountConfig shut;
    shut.set_name("closed");
    accounts.Add("alpha", shut, closed);
    auto created = account::AccountService::Create(host.context(), std::move(accounts));
    EXPECT_TRUE(created.ok()) << created.status();
    service = *std::move(created);
    service->Start();
    stub = account::v1::AccountService::NewStub(host.Serve(*service));
  }

  ~AccountHarness() { host.Shutdown(); }

  ServiceHost host;
  FakeAccountClient main, closed;
  std::unique_ptr<account::AccountService> service;
  std::unique_ptr<account::v1::AccountService::Stub> stub;
};

template <typename Request>
Request OnAccount(const std::string& name) {
  Request request;
  request.set_exchange("alpha");
  request.set_account(name);
  return request;
}

}  // namespace switchyard::testing
