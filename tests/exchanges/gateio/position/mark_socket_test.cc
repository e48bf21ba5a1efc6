#include "exchanges/gateio/futures/position/mark_socket.h"

#include <gtest/gtest.h>

#include <condition_variable>
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

// A mark socket on a thread of its own, against a scripted exchange.
class MarkSocketTest : public testing::Test {
 protected:
  MarkSocketTest() {
    exchange::LaneOptions lanes = MakeLaneOptions(Product::kFutures, {});
    lanes.connection.socket.endpoint = exchange_.endpoint();
    lanes.connection.reconnect.first = milliseconds(1);
    lanes.tick = milliseconds(5);
    socket_ =
        std::make_unique<MarkSocket>(thread_, SystemClock(), std::move(lanes), "gateio_futures");
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
  // Waits until so much was heard; what was.
  Lines Heard(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(10), [&] { return heard_.size() >= count; });
    return heard_;
  }

  const std::shared_ptr<const model::InstrumentTable> table_ =
      TableOf({FuturesInstrument("BTC_USDT", "0.0001"), FuturesInstrument("ETH_USDT", "0.01")});
  ScriptedExchange exchange_;
  exchange::IoThread thread_{"marks"};
  std::unique_ptr<MarkSocket> socket_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Lines heard_;
  std::vector<Stamp> stamps_;
};

TEST_F(MarkSocketTest, TellsTheMarksOfWhatIsFollowed) {
  const std::chrono::nanoseconds before = SystemClock().Steady();
  Follow({"BTC-USDT-PERP"});
  ASSERT_TRUE(exchange_.AwaitSubscribed(0, kTickers));
  exchange_.Send(0, Ticker("ETH_USDT", "3000"));
  exchange_.Send(0, Ticker("BTC_USDT", "50000.50"));
  EXPECT_EQ(Heard(1), Lines{"BTC-USDT-PERP 50000.50"}) << "what is not followed is not told";
  EXPECT_EQ(stamps_[0].source, model::Source::kWebSocket);
  EXPECT_GE(stamps_[0].at, before);
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
  const std::size_t asked = exchange_.Subscriptions(0, kTickers);
  thread_.Run([&] { socket_->Compare("BTC-USDT-PERP", *Decimal::Parse("9.0")); });
  exchange_.Send(0, Ticker("BTC_USDT", "10"));
  Heard(2);
  EXPECT_EQ(exchange_.Subscriptions(0, kTickers), asked) << "REST says the same: it is quiet";
  thread_.Run([&] { socket_->Compare("BTC-USDT-PERP", *Decimal::Parse("11")); });
  EXPECT_TRUE(exchange_.AwaitSubscriptions(0, kTickers, asked + 1));
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
