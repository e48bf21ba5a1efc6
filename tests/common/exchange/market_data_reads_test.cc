#include "common/exchange/market_data_reads.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/metrics/metrics.h"
#include "common/status/status.h"

namespace switchyard::exchange {
namespace {

using Table = InstrumentStore::Table;

// An exchange's REST half that answers when told.
struct FakeRest {
  struct Calls {
    std::vector<Reply<Table>> loads;
    std::vector<Reply<model::TradesPage>> trades;
  };
  explicit FakeRest(Calls& calls) : calls(calls) {}

  void LoadInstruments(Reply<Table> reply) { calls.loads.push_back(std::move(reply)); }
  void ListTrades(const model::Instrument&, const TradesQuery&, Reply<model::TradesPage> reply) {
    calls.trades.push_back(std::move(reply));
  }

  Calls& calls;
};

Table OneInstrument() {
  model::Instrument instrument;
  instrument.symbol = "BTC-USDT";
  instrument.exchange_symbol = "BTC_USDT";
  instrument.price_scale = 3;
  instrument.quantity_scale = 10;
  instrument.tick = *Decimal::Parse("0.1");
  instrument.step = *Decimal::Parse("0.001");
  return *model::InstrumentTable::Create({instrument}, TimeNs());
}

// The thread is not started: the test runs its io_context.
class MarketDataReadsTest : public testing::Test {
 protected:
  MarketDataReadsTest() { reads_.SetRest(std::make_unique<FakeRest>(calls_)); }

  void RunPosted() {
    thread_.io().restart();
    thread_.io().poll();
  }
  void Ask(int times) {
    for (int i = 0; i < times; ++i) {
      reads_.LoadInstruments(
          [this](absl::StatusOr<Table> table) { answers_.push_back(table.status()); });
    }
    RunPosted();
  }
  // Lines of this event so far.
  std::size_t Logged(std::string_view event) const {
    return static_cast<std::size_t>(std::ranges::count_if(lines_, [&](const std::string& line) {
      return line.find("event=" + std::string(event) + " ") != std::string::npos;
    }));
  }

  std::vector<std::string> lines_;
  log::ScopedSink sink_{[this](std::string_view line) { lines_.emplace_back(line); }};
  metrics::Metrics metrics_;
  ManualClock clock_{TimeNs::FromSeconds(1'700'000'000)};
  IoThread thread_{"rest"};
  PublishedBooks published_{10};
  FakeRest::Calls calls_;
  int tables_ = 0;
  std::vector<absl::Status> statuses_;
  MarketDataReads<FakeRest> reads_{
      "acme",
      {clock_, metrics_},
      thread_,
      published_,
      {.loaded = [this](const Table&) { ++tables_; },
       .answered = [this](const absl::Status& status) { statuses_.push_back(status); }}};
  std::vector<absl::Status> answers_;
};

TEST_F(MarketDataReadsTest, ManyWhoWaitForTheFirstTableAreOneRequest) {
  Ask(5);
  ASSERT_EQ(calls_.loads.size(), 1U);
  Ask(3);
  ASSERT_EQ(calls_.loads.size(), 1U);
  calls_.loads[0](OneInstrument());
  EXPECT_EQ(answers_, std::vector<absl::Status>(8));
  EXPECT_EQ(tables_, 1);
  Ask(1);
  EXPECT_EQ(calls_.loads.size(), 1U);
  EXPECT_EQ(answers_.size(), 9U);
}

TEST_F(MarketDataReadsTest, AFailureIsToldToAllAndTheNextOneAsksAgain) {
  Ask(2);
  calls_.loads[0](absl::UnavailableError("down"));
  EXPECT_EQ(answers_, std::vector<absl::Status>(2, absl::UnavailableError("down")));
  EXPECT_EQ(statuses_, std::vector<absl::Status>{absl::UnavailableError("down")});
  Ask(1);
  ASSERT_EQ(calls_.loads.size(), 2U);
  calls_.loads[1](OneInstrument());
  EXPECT_TRUE(answers_.back().ok());
}

TEST_F(MarketDataReadsTest, WhoeverAsksAgainInsideTheAnswerStartsTheNextRequest) {
  thread_.Post([this] {
    reads_.Load(
        [this](const absl::StatusOr<Table>&) { reads_.Load([](const absl::StatusOr<Table>&) {}); });
  });
  RunPosted();
  calls_.loads[0](absl::UnavailableError("down"));
  EXPECT_EQ(calls_.loads.size(), 2U);
}

TEST_F(MarketDataReadsTest, FailuresInARowAreOneLine) {
  for (const bool ok : {false, false, false, true, true, false, false}) {
    thread_.Post([this] { reads_.Load([](const absl::StatusOr<Table>&) {}); });
    RunPosted();
    if (ok) {
      calls_.loads.back()(OneInstrument());
    } else {
      calls_.loads.back()(absl::UnavailableError("down"));
    }
  }
  EXPECT_EQ(calls_.loads.size(), 7U);
  EXPECT_EQ(Logged("instruments_not_loaded"), 2U);
  EXPECT_EQ(Logged("instruments_loaded_again"), 1U);
}

TEST_F(MarketDataReadsTest, TradesAreListedAtTheirTick) {
  Ask(1);
  calls_.loads[0](OneInstrument());
  model::TradesPage got;
  reads_.ListTrades({"BTC-USDT", 100, ""},
                    [&got](absl::StatusOr<model::TradesPage> page) { got = *std::move(page); });
  RunPosted();
  model::TradesPage page;
  page.trades = {{"1", model::Side::kBuy, 97'123'500, 50'000'000, TimeNs(1)}};
  page.price_scale = 3;
  page.quantity_scale = 10;
  calls_.trades[0](page);
  EXPECT_EQ(got.price_scale, 1);
  EXPECT_EQ(got.trades[0].price, 971'235);
  EXPECT_EQ(got.quantity_scale, 3);
  EXPECT_EQ(got.trades[0].quantity, 5);
}

}  // namespace
}  // namespace switchyard::exchange
