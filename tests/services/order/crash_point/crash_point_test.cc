// An order service that is killed at each named point: nothing is sent twice, nothing is lost. The
// service runs in a child process; what the exchange got is in a file.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "common/status/status.h"
#include "tests/services/order/order_harness.h"

namespace switchyard::testing {
namespace {

struct Case {
  std::string point;
  int pass;  // which of the passes kills
};

constexpr char kFolder[] = "CRASH_POINT_TEST_FOLDER";

// One byte for each order that arrived.
std::filesystem::path ArrivedIn(const std::filesystem::path& folder) { return folder / "arrived"; }

// The child's part, in a program of its own: gRPC does not survive a fork.
class CrashChild : public OrderHarness {};

TEST_F(CrashChild, DISABLED_PlacesOneOrder) {
  folder_ = std::getenv(kFolder);
  exchange.on_placed = [this] {
    std::ofstream(ArrivedIn(folder_), std::ios::app | std::ios::binary) << '1';
  };
  StartReady();
  Place(Ticket("one")).status().IgnoreError();
  Wait("one", order::v1::WAIT_CONDITION_TERMINAL).status().IgnoreError();  // it is killed here
}

class CrashPointTest : public OrderHarness, public ::testing::WithParamInterface<Case> {
 protected:
  CrashPointTest() {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              (GetParam().point + std::to_string(GetParam().pass));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }

  // Places one order in a process that dies on the way.
  void PlaceAndDie() {
    const std::string crash_at = GetParam().point + ":" + std::to_string(GetParam().pass);
    const pid_t child = ::fork();
    if (child == 0) {
      ::setenv("SWITCHYARD_CRASH_AT", crash_at.c_str(), 1);
      ::setenv(kFolder, folder_.c_str(), 1);
      ::unsetenv("GTEST_OUTPUT");
      ::unsetenv("XML_OUTPUT_FILE");
      ::execl("/proc/self/exe", "crash_point_test", "--gtest_also_run_disabled_tests",
              "--gtest_filter=CrashChild.*", nullptr);
      ::_exit(127);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the point was not reached: " << status;
    ASSERT_EQ(WTERMSIG(status), SIGKILL);
  }

  int Arrived() const {
    std::error_code none;
    const auto bytes = std::filesystem::file_size(ArrivedIn(folder_), none);
    return none ? 0 : static_cast<int>(bytes);
  }
};

TEST_P(CrashPointTest, NothingIsSentTwiceAndNothingIsLost) {
  PlaceAndDie();
  const int sent = Arrived();
  ASSERT_LE(sent, 1);
  // The exchange of this process begins with what the child's got. It is the child's first order.
  if (sent == 1) {
    model::OrderReport report;
    report.symbol = "BTC-USDT";
    report.exchange_order_id = "x1";
    report.exchange_client_id = ExchangeId(1, "one");
    report.state = order::v1::ORDER_STATE_OPEN;
    report.terms.side = common::v1::SIDE_BUY;
    report.terms.type = order::v1::ORDER_TYPE_LIMIT;
    report.terms.quantity = Decimal::FromInt(3);
    report.terms.price = *Decimal::Parse("100.5");
    report.exchange_version = 1;
    exchange.AddOrder(report);
  }
  StartReady();
  // What a client does that got no answer: the same call again, until it knows.
  absl::StatusOr<order::v1::PlaceOrderResponse> placed = Place(Ticket("one"));
  while (absl::IsUnknown(placed.status())) placed = Place(Ticket("one"));
  ASSERT_TRUE(placed.ok()) << placed.status();
  const bool in_journal = placed->replayed();
  EXPECT_EQ(sent + exchange.placed(), in_journal && sent == 0 ? 0 : 1);
  EXPECT_EQ(placed->order().state(), in_journal && sent == 0 ? order::v1::ORDER_STATE_REJECTED
                                                             : order::v1::ORDER_STATE_OPEN);
  EXPECT_EQ(Limits().unknown_orders(), 0u);
}

// The passes of one placed order: its commit, its send, the commit of its outcome, its answer.
INSTANTIATE_TEST_SUITE_P(Points, CrashPointTest,
                         ::testing::Values(Case{"before_commit", 2}, Case{"before_commit", 3},
                                           Case{"after_commit", 2}, Case{"after_commit", 3},
                                           Case{"before_send", 1}, Case{"after_send", 1},
                                           Case{"before_answer", 1}, Case{"after_answer", 1},
                                           Case{"before_publish", 1}, Case{"before_publish", 2},
                                           Case{"after_publish", 1}, Case{"after_publish", 2}),
                         [](const auto& info) {
                           return info.param.point + std::to_string(info.param.pass);
                         });

}  // namespace
}  // namespace switchyard::testing
