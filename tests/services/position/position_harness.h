#pragma once

#include <memory>
#include <string>

#include "services/position/position_service.h"
#include "switchyard/position/v1/position_service.grpc.pb.h"
#include "tests/services/accounts/service_host.h"
#include "tests/services/position/fake_position_client.h"

namespace switchyard::testing {

// PositionService with the accounts "main" and "second" of alpha on a real server.
class PositionHarness {
 public:
  PositionHarness() : main(host.alpha.capabilities()), second(host.alpha.capabilities()) {
    position::Accounts accounts;
    config::v1::AccountConfig config;
    config.set_name("main");
    accounts.Add("alpha", config, main);
    config.set_name("second");
    accounts.Add("alpha", config, second);
    service = std::make_unique<position::PositionService>(host.context(), std::move(accounts));
    service->Start();
    stub = position::v1::PositionService::NewStub(host.Serve(*service));
    // The quote of the fake is 100.0 / 100.2.
    main.positions->positions = {MakePosition("BTC-USDT-PERP", "2", common::v1::POSITION_SIDE_NET)};
  }

  ~PositionHarness() { host.Shutdown(); }

  ServiceHost host;
  FakePositionClient main, second;
  std::unique_ptr<position::PositionService> service;
  std::unique_ptr<position::v1::PositionService::Stub> stub;
};

}  // namespace switchyard::testing
