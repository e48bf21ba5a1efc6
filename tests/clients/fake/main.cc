#include <atomic>
#include <cstdint>
#include <iostream>
#include <memory>

#include "common/config/flags.h"
#include "common/rpc/signals.h"
#include "common/status/grpc_status.h"
#include "common/status/status.h"
#include "tests/clients/fake/fake_switchyard.h"

namespace {

// Every nth command is carried out, and answered as one that was sent and not answered.
switchyard::clients::fake::CommandHook LoseAnswers(std::int64_t every) {
  return [every, commands = std::make_shared<std::atomic<std::int64_t>>(0)](auto, const auto&) {
    if (every == 0 || ++*commands % every != 0) return grpc::Status::OK;
    return switchyard::ToGrpcStatus(switchyard::MakeError(
        absl::StatusCode::kUnknown, switchyard::common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN,
        "sent and not answered"));
  };
}

}  // namespace

// Serves live answers until it is told to stop; prints its address as the first line.
int main(int argc, char** argv) {
  switchyard::rpc::ShutdownSignals signals;
  std::int64_t port = 0, updates_per_second = 20, fill_every = 0, cut_after = 0, lose_every = 0;
  bool wander = false;
  switchyard::config::FlagParser parser("fake_switchyard", "the contract with made-up data");
  parser.AddInt64("port", "Loopback port; 0 = any.", &port);
  parser.AddInt64("updates_per_second", "Changes of each book a second, 1 to 200.",
                  &updates_per_second);
  parser.AddBool("wander", "Books move by ticks and are stale now and then.", &wander);
  parser.AddInt64("fill_every", "Every nth resting order is filled by half; 0 = none.",
                  &fill_every);
  parser.AddInt64("cut_after", "Events after which a stream of orders is cut; 0 = never.",
                  &cut_after);
  parser.AddInt64("lose_every", "Every nth command's answer is lost; 0 = none.", &lose_every);
  const auto outcome = parser.Parse(argc, argv);
  if (!outcome.ok() || *outcome == switchyard::config::FlagsOutcome::kHelp) {
    std::cerr << parser.Help();
    return outcome.ok() ? 0 : 2;
  }
  auto answers =
      switchyard::clients::fake::LiveAnswers(static_cast<int>(updates_per_second), wander);
  answers.fill_every = static_cast<int>(fill_every);
  answers.cut_orders_after = static_cast<int>(cut_after);
  answers.after_command = LoseAnswers(lose_every);
  const switchyard::clients::fake::FakeSwitchyard fake(std::move(answers), static_cast<int>(port));
  if (fake.address().empty()) {
    std::cerr << "cannot listen on port " << port << '\n';
    return 1;
  }
  std::cout << fake.address() << std::endl;
  signals.Wait();
  return 0;
}
