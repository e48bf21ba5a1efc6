#include "services/simulator/faults/fault_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace switchyard::simulator::faults {
namespace {

class FaultTableTest : public testing::Test {
 protected:
  v1::Fault Make(v1::FaultKind kind) {
    v1::Fault fault;
    fault.set_kind(kind);
    fault.set_exchange("gateio");
    return fault;
  }
  bool Drops(std::string_view exchange, std::string_view channel, std::string_view symbol) {
    return table_.JudgeFrame(exchange, channel, symbol, true).drop;
  }

  std::int64_t now_ns_ = 1'000;
  FaultTable table_{[this] { return now_ns_; }};
};

TEST_F(FaultTableTest, StrikesWhatTheFilterSelectsAndNothingElse) {
  v1::Fault fault = Make(v1::FAULT_KIND_DROP);
  fault.set_channel("spot.trades");
  fault.set_symbol("BTC_USDT");
  ASSERT_TRUE(table_.Set(fault).ok());
  EXPECT_TRUE(Drops("gateio", "spot.trades", "BTC_USDT"));
  EXPECT_FALSE(Drops("gateio", "spot.trades", "ETH_USDT"));
  EXPECT_FALSE(Drops("gateio", "spot.tickers", "BTC_USDT"));
  EXPECT_FALSE(Drops("gateio_futures", "spot.trades", "BTC_USDT"));
  EXPECT_EQ(table_.List().at(0).strikes(), 1u);
}

TEST_F(FaultTableTest, EndsAfterItsCount) {
  v1::Fault fault = Make(v1::FAULT_KIND_DROP);
  fault.set_count(2);
  ASSERT_TRUE(table_.Set(fault).ok());
  EXPECT_TRUE(Drops("gateio", "a", "b"));
  EXPECT_TRUE(Drops("gateio", "a", "b"));
  EXPECT_FALSE(Drops("gateio", "a", "b"));
  EXPECT_FALSE(table_.List().at(0).active());
  EXPECT_FALSE(table_.concerns_frames());
}

TEST_F(FaultTableTest, EndsAfterItsDuration) {
  v1::Fault fault = Make(v1::FAULT_KIND_SHIFT_CLOCK);
  fault.set_duration_ms(10);
  fault.set_amount(-5);
  ASSERT_TRUE(table_.Set(fault).ok());
  EXPECT_EQ(table_.ClockShiftMs("gateio"), -5);
  now_ns_ += 10'000'000;
  EXPECT_TRUE(table_.Expire());
  EXPECT_EQ(table_.ClockShiftMs("gateio"), 0);
  EXPECT_FALSE(table_.Expire());
}

TEST_F(FaultTableTest, TheSameSeedStrikesTheSameFrames) {
  v1::Fault fault = Make(v1::FAULT_KIND_DROP);
  fault.set_per_million(300'000);
  fault.set_seed(5);
  const auto run = [&] {
    FaultTable table([] { return std::int64_t{0}; });
    EXPECT_TRUE(table.Set(fault).ok());
    std::string pattern;
    for (int i = 0; i < 1000; ++i) {
      pattern.push_back(table.JudgeFrame("gateio", "a", "b", true).drop ? 'x' : '.');
    }
    return pattern;
  };
  const std::string pattern = run();
  EXPECT_EQ(pattern, run());
  const auto struck = std::count(pattern.begin(), pattern.end(), 'x');
  EXPECT_GT(struck, 230);
  EXPECT_LT(struck, 370);
}

TEST_F(FaultTableTest, ARequestIsJudgedByItsPath) {
  v1::Fault fault = Make(v1::FAULT_KIND_HTTP_STATUS);
  fault.set_path("/api/v4/spot/order_book");
  fault.set_http_status(503);
  ASSERT_TRUE(table_.Set(fault).ok());
  EXPECT_EQ(table_.JudgeRequest("gateio", "/api/v4/spot/order_book").status, 503u);
  EXPECT_EQ(table_.JudgeRequest("gateio", "/api/v4/spot/trades").status, 0u);
}

TEST_F(FaultTableTest, AStatusWithoutAPathLeavesHandshakesAlone) {
  v1::Fault fault = Make(v1::FAULT_KIND_HTTP_STATUS);
  fault.set_http_status(418);
  ASSERT_TRUE(table_.Set(fault).ok());
  EXPECT_EQ(table_.JudgeRequest("gateio", "/any").status, 418u);
  EXPECT_EQ(table_.JudgeRequest("gateio", "websocket").status, 0u);
}

TEST_F(FaultTableTest, ClearTakesBackAllOrTheNamedOrNone) {
  const auto first = table_.Set(Make(v1::FAULT_KIND_DROP));
  const auto second = table_.Set(Make(v1::FAULT_KIND_MUTE));
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(table_.Clear({*first, 99}).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(table_.List().size(), 2u);
  EXPECT_TRUE(table_.Clear({*first}).ok());
  EXPECT_EQ(table_.List().size(), 1u);
  EXPECT_TRUE(table_.Clear({}).ok());
  EXPECT_TRUE(table_.List().empty());
  EXPECT_FALSE(table_.concerns_frames());
}

struct BadCase {
  std::string name;
  v1::FaultKind kind;
  std::int64_t amount;
  std::uint32_t number;  // status, delay, close code or chance, as the kind says
  absl::StatusCode want;
};

class BadFaultTest : public testing::TestWithParam<BadCase> {};

TEST_P(BadFaultTest, IsRefused) {
  FaultTable table([] { return std::int64_t{0}; });
  v1::Fault fault;
  fault.set_exchange("gateio");
  fault.set_kind(GetParam().kind);
  fault.set_amount(GetParam().amount);
  switch (GetParam().kind) {
    case v1::FAULT_KIND_HTTP_STATUS:
      fault.set_http_status(GetParam().number);
      break;
    case v1::FAULT_KIND_DELAY:
      fault.set_delay_ms(GetParam().number);
      break;
    case v1::FAULT_KIND_CLOSE_SOCKETS:
      fault.set_close_code(GetParam().number);
      break;
    default:
      fault.set_per_million(GetParam().number);
      break;
  }
  EXPECT_EQ(table.Set(fault).status().code(), GetParam().want);
  EXPECT_TRUE(table.List().empty());
}

INSTANTIATE_TEST_SUITE_P(
    Faults, BadFaultTest,
    testing::Values(
        BadCase{"no_kind", v1::FAULT_KIND_UNSPECIFIED, 0, 0, absl::StatusCode::kInvalidArgument},
        BadCase{"chance", v1::FAULT_KIND_DROP, 0, 1'000'001, absl::StatusCode::kInvalidArgument},
        BadCase{"no_delay", v1::FAULT_KIND_DELAY, 0, 0, absl::StatusCode::kInvalidArgument},
        BadCase{"no_skip", v1::FAULT_KIND_SKIP_SEQUENCE, 0, 0, absl::StatusCode::kInvalidArgument},
        BadCase{"no_status", v1::FAULT_KIND_HTTP_STATUS, 0, 0, absl::StatusCode::kInvalidArgument},
        BadCase{"close_code", v1::FAULT_KIND_CLOSE_SOCKETS, 0, 7,
                absl::StatusCode::kInvalidArgument},
        BadCase{"page_size", v1::FAULT_KIND_HTML_PAGE, -1, 0, absl::StatusCode::kInvalidArgument},
        BadCase{"unanswered", v1::FAULT_KIND_SWALLOW_ORDER, 2, 0,
                absl::StatusCode::kInvalidArgument},
        BadCase{"parts", v1::FAULT_KIND_PARTIAL_FILLS, 1, 0, absl::StatusCode::kInvalidArgument}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace switchyard::simulator::faults
