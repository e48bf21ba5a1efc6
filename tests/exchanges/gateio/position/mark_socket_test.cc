#include "exchanges/gateio/futures/position/mark_socket.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "exchanges/gateio/connection_policy.h"
#include "tests/exchanges/gateio/instruments.h"
#include "tests/exchanges/gateio/websocket/scripted_exchange.h"

namespace switchyard::exchanges::gateio::futures {
namespace {

using std::chrono::milliseconds;
using Lines = std::vector<std::string>;

constexpr char kTickers[] = "futures.tickers";

std::string Ticker(const std::string& contract, const std::string& mark) {
  return R"({"time":1541659086,"channel":"futures.tickers","event":"update","error":null,
      "result":[{"contract":")" +
         contract + R"(","last":"118.4","mark_price":")" + mark +
         R"(","index_price":"118.36","funding_rate":"-0.000114"}]})";
}

// Moves only when told. Any thread.
class SharedClock final : public Clock {
 public:
  TimeNs Now() const override { return TimeNs::FromSeconds(1'700'000'000) + Steady(); }
  std::chrono::nanoseconds Steady() const override { return std::chrono::nanoseconds(steady_); }
  void Advance(std::chrono::nanoseconds span) { steady_ += span.count(); }

 private:
  std::atomic<std::int64_t> steady_ = 1'000'000'000'000;
};

// A mark socket on a thread of its own, against a scripted exchange.
class MarkSocketTest : public testing::Test {
 protected:
  MarkSocketTest() {
    exchange::LaneOptions lanes = MakeLaneOptions(Product::kFutures, {});
    lanes.connection.socket.endpoint = exchange_.endpoint();
    lanes.connection.reconnect.first = milliseconds(1);
    lanes.connection.ping_interval = {};  // the clock may leap beyond every pong
    lanes.tick = milliseconds(5);
    socket_ = std::make_unique<MarkSocket>(thread_, clock_, std::move(lanes), "gateio_futures");
    socket_->SetHear([this](const std::string& symbol, const Decimal& price, const Stamp& stamp) {
      const std::lock_guard lock(mutex_);
      heard_.push_back(symbol + " " + price.ToString());
      stamps_.push_back(stamp);
      changed_.notify_all();
    });
    thread_.Start();
  }
  ~MarkSocketTest() override {
    thread_.Stop();
    socket_.reset();
  }

  void Follow(const std::vector<std::string>& symbols) {
    thread_.Run([&] {
      std::vector<const model::Instrument*> contracts;
      for (const std::string& symbol : symbols) contracts.push_back(table_->Find(symbol));
      socket_->Follow(contracts);
    });
  }
  // The socket after a comparison; a subscription that is being made anew is none of its own.
  exchange::ConnectionStatus AfterCompare(const std::string& symbol, const std::string& price) {
    std::vector<exchange::ConnectionStatus> status;
    thread_.Run([&] {
      socket_->Compare(symbol, *Decimal::Parse(price));
      status = socket_->Status();
    });
    EXPECT_EQ(status.size(), 1u);
    return status.at(0);
  }
  // Waits until so much was heard; what was.
  Lines Heard(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(10), [&] { return heard_.size() >= count; });
    return heard_;
  }

  const std::shared_ptr<const model::InstrumentTable> table_ =
      TableOf({FuturesInstrument("BTC_USDT", "0.0001"), FuturesInstrument("ETH_USDT", "0.01")});
  SharedClock clock_;
  ScriptedExchange exchange_;
  exchange::IoThread thread_{"marks"};
  std::unique_ptr<MarkSocket> socket_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Lines heard_;
  std::vector<Stamp> stamps_;
};

TEST_F(MarkSocketTest, TellsTheMarksOfWhatIsFollowed) {
  Follow({"BTC-USDT-PERP"});
  ASSERT_TRUE(exchange_.AwaitSubscribed(0, kTickers));
  exchange_.Send(0, Ticker("ETH_USDT", "3000"));
  exchange_.Send(0, Ticker("BTC_USDT", "50000.50"));
  EXPECT_EQ(Heard(1), Lines{"BTC-USDT-PERP 50000.50"}) << "what is not followed is not told";
  EXPECT_EQ(stamps_[0].source, model::Source::kWebSocket);
  EXPECT_EQ(stamps_[0].at, clock_.Steady());
}

TEST_F(MarkSocketTest, WhatIsNotFollowedAnyMoreIsNotTold) {
  Follow({"BTC-USDT-PERP", "ETH-USDT-PERP"});
  ASSERT_TRUE(exchange_.AwaitSubscribed(0, kTickers));
  exchange_.Send(0, Ticker("BTC_USDT", "1"));
  exchange_.Send(0, Ticker("ETH_USDT", "2"));
  EXPECT_EQ(Heard(2), (Lines{"BTC-USDT-PERP 1", "ETH-USDT-PERP 2"}));
  Follow({"ETH-USDT-PERP"});
  exchange_.Send(0, Ticker("BTC_USDT", "3"));
  exchange_.Send(0, Ticker("ETH_USDT", "4"));
  EXPECT_EQ(Heard(3).back(), "ETH-USDT-PERP 4");
}

TEST_F(MarkSocketTest, ACutSocketIsReplacedAndSubscribedAnew) {
  Follow({"BTC-USDT-PERP"});
  ASSERT_TRUE(exchange_.AwaitSubscribed(0, kTickers));
  exchange_.Cut(0);
  ASSERT_TRUE(exchange_.AwaitSubscribed(1, kTickers));
  exchange_.Send(1, Ticker("BTC_USDT", "7"));
  EXPECT_EQ(Heard(1), Lines{"BTC-USDT-PERP 7"});
}

TEST_F(MarkSocketTest, WhatCannotBeReadIsLeftOutAndTheNextIsTold) {
  Follow({"BTC-USDT-PERP"});
  ASSERT_TRUE(exchange_.AwaitSubscribed(0, kTickers));
  exchange_.Send(0, "{");
  exchange_.Send(0, Ticker("BTC_USDT", "much"));
  exchange_.Send(0, Ticker("BTC_USDT", ""));
  exchange_.Send(0, Ticker("BTC_USDT", "8"));
  EXPECT_EQ(Heard(1), Lines{"BTC-USDT-PERP 8"});
}

TEST_F(MarkSocketTest, AStuckSubscriptionIsMadeAnewAndAQuietOneLeftAlone) {
  Follow({"BTC-USDT-PERP"});
  ASSERT_TRUE(exchange_.AwaitSubscribed(0, kTickers));
  exchange_.Send(0, Ticker("BTC_USDT", "9"));
  Heard(1);
  const std::size_t asked = exchange_.Requests(0, kTickers);
  thread_.Run([&] { socket_->Compare("BTC-USDT-PERP", *Decimal::Parse("9.0")); });
  // What this asks for is behind all that the comparison may have asked for.
  Follow({"BTC-USDT-PERP", "ETH-USDT-PERP"});
  ASSERT_TRUE(exchange_.AwaitRequests(0, kTickers, asked + 1));
  exchange_.Send(0, Ticker("ETH_USDT", "10"));
  EXPECT_EQ(Heard(2).back(), "ETH-USDT-PERP 10");
  EXPECT_EQ(exchange_.Requests(0, kTickers), asked + 1) << "REST says the same: it is quiet";
  thread_.Run([&] { socket_->Compare("BTC-USDT-PERP", *Decimal::Parse("11")); });
  EXPECT_TRUE(exchange_.AwaitRequests(0, kTickers, asked + 3)) << "left, and subscribed anew";
}

TEST_F(MarkSocketTest, AContractThatStaysQuietIsAskedAnewOnceAMinuteAndCutsNoOtherOff) {
  Follow({"BTC-USDT-PERP", "ETH-USDT-PERP"});
  ASSERT_TRUE(exchange_.AwaitSubscribed(0, kTickers));
  ASSERT_TRUE(exchange_.AwaitRequests(0, kTickers, 2));
  exchange_.Send(0, Ticker("BTC_USDT", "9"));
  Heard(1);
  std::vector<int> renewed_at;
  // Three minutes in which the mark moves and each subscription tells one old mark and no more.
  for (int second = 0; second < 180; second += 2) {
    const auto status = AfterCompare("BTC-USDT-PERP", std::to_string(100 + second));
    ASSERT_EQ(status.reconnects, 0u) << "in second " << second;
    if (status.subscriptions < 2) {
      renewed_at.push_back(second);
      ASSERT_TRUE(exchange_.AwaitRequests(0, kTickers, 2 + 2 * renewed_at.size()));
      exchange_.Send(0, Ticker("BTC_USDT", "9"));
      Heard(1 + renewed_at.size());
    }
    clock_.Advance(std::chrono::seconds(2));
  }
  EXPECT_EQ(renewed_at, (std::vector<int>{0, 60, 120}));
}

TEST_F(MarkSocketTest, OnlyWhatWasToldSinceItWasAskedForIsJudged) {
  Follow({"BTC-USDT-PERP", "ETH-USDT-PERP"});
  ASSERT_TRUE(exchange_.AwaitSubscribed(0, kTickers));
  ASSERT_TRUE(exchange_.AwaitRequests(0, kTickers, 2));
  exchange_.Send(0, Ticker("BTC_USDT", "9"));
  exchange_.Send(0, Ticker("ETH_USDT", "1"));
  Heard(2);
  AfterCompare("BTC-USDT-PERP", "10");
  ASSERT_TRUE(exchange_.AwaitRequests(0, kTickers, 4));
  exchange_.Send(0, Ticker("ETH_USDT", "2"));
  Heard(3);
  clock_.Advance(std::chrono::hours(1));
  EXPECT_EQ(AfterCompare("BTC-USDT-PERP", "11").subscriptions, 2u) << "it has told nothing since";
  exchange_.Cut(0);
  ASSERT_TRUE(exchange_.AwaitSubscribed(1, kTickers));
  ASSERT_TRUE(exchange_.AwaitRequests(1, kTickers, 2));
  exchange_.Send(1, Ticker("BTC_USDT", "12"));
  Heard(4);
  EXPECT_EQ(AfterCompare("ETH-USDT-PERP", "3").subscriptions, 2u) << "told by the socket before";
  EXPECT_EQ(AfterCompare("BTC-USDT-PERP", "13").subscriptions, 1u);
}

TEST_F(MarkSocketTest, ItsConnectionIsShown) {
  Follow({"BTC-USDT-PERP"});
  ASSERT_TRUE(exchange_.AwaitSubscribed(0, kTickers));
  exchange_.Send(0, Ticker("BTC_USDT", "9"));
  Heard(1);
  std::vector<exchange::ConnectionStatus> status;
  thread_.Run([&] { status = socket_->Status(); });
  ASSERT_EQ(status.size(), 1u);
  EXPECT_EQ(status[0].name, "ws-futures-0");
  EXPECT_EQ(status[0].subscriptions, 1u);
}

}  // namespace
}  // namespace switchyard::exchanges::gateio::futures
