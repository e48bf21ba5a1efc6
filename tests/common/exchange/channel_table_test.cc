#include "common/exchange/channel_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

namespace {

// Objects on the heap. The test has one thread.
std::int64_t live_objects = 0;

void* Allocate(std::size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  ++live_objects;
  return memory;
}

void Release(void* memory) {
  if (memory == nullptr) return;
  --live_objects;
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) { return Allocate(size); }
void* operator new[](std::size_t size) { return Allocate(size); }
void operator delete(void* memory) noexcept { Release(memory); }
void operator delete[](void* memory) noexcept { Release(memory); }
void operator delete(void* memory, std::size_t) noexcept { Release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { Release(memory); }

namespace switchyard::exchange {
namespace {

enum Channel : std::size_t { kBook, kTrades, kTicker };
constexpr std::uint32_t kBtc = 0;
constexpr std::uint32_t kEth = 1;
// As frames of an instrument that is not in the table come.
constexpr std::uint32_t kNoInstrument = ~std::uint32_t{0};

struct Names {
  static constexpr std::size_t kChannels = 3;

  static std::optional<std::size_t> ChannelIndex(std::string_view name) {
    static constexpr std::string_view kNames[] = {"acme.orderbook", "acme.trades", "acme.ticker"};
    const auto* found = std::ranges::find(kNames, name);
    if (found == std::end(kNames)) return std::nullopt;
    return static_cast<std::size_t>(found - std::begin(kNames));
  }
  static std::optional<std::uint32_t> InstrumentIndex(std::string_view symbol) {
    if (symbol == "BTC-USDT") return kBtc;
    if (symbol == "ETH-USDT") return kEth;
    return std::nullopt;
  }
};

using Table = ChannelTable<Names, std::string>;

class ChannelTableTest : public testing::Test {
 protected:
  // A handler that writes down "`name`:message".
  Table::Handler Note(const std::string& name) {
    return [this, name](const std::string& message) { heard_.push_back(name + ":" + message); };
  }

  const Names names_{};
  Table table_{names_};
  std::vector<std::string> heard_;
};

using Heard = std::vector<std::string>;

// Bad calls, one a row; "acme.orderbook" of all and "acme.trades" of BTC-USDT are bound before.
struct Case {
  std::string name, channel, symbol;
  absl::StatusCode bind, unbind;
  std::string culprit;  // in the message
};

class ChannelTableErrorTest : public ChannelTableTest, public testing::WithParamInterface<Case> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(table_.Bind("acme.orderbook", "", Note("all")).ok());
    ASSERT_TRUE(table_.Bind("acme.trades", "BTC-USDT", Note("btc")).ok());
  }
};

TEST_P(ChannelTableErrorTest, BindTellsTheCulpritAndChangesNothing) {
  const Case& row = GetParam();
  const absl::Status status = table_.Bind(row.channel, row.symbol, Note("new"));
  EXPECT_EQ(status.code(), row.bind);
  if (!status.ok()) {
    EXPECT_NE(status.message().find(row.culprit), std::string::npos) << status;
    EXPECT_EQ(table_.bound(), 2U);
  }
}

TEST_P(ChannelTableErrorTest, UnbindTellsTheCulpritAndChangesNothing) {
  const Case& row = GetParam();
  const absl::Status status = table_.Unbind(row.channel, row.symbol);
  EXPECT_EQ(status.code(), row.unbind);
  if (!status.ok()) {
    EXPECT_NE(status.message().find(row.culprit), std::string::npos) << status;
    EXPECT_EQ(table_.bound(), 2U);
  }
}

constexpr auto kOk = absl::StatusCode::kOk;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kNotFound = absl::StatusCode::kNotFound;
constexpr auto kExists = absl::StatusCode::kAlreadyExists;

INSTANTIATE_TEST_SUITE_P(
    Calls, ChannelTableErrorTest,
    testing::Values(
        Case{"misspelt", "acme.orderbok", "", kInvalid, kInvalid, "acme.orderbok"},
        Case{"misspelt_with_symbol", "trades", "BTC-USDT", kInvalid, kInvalid, "trades"},
        Case{"empty_name", "", "", kInvalid, kInvalid, "no channel"},
        Case{"unknown_symbol", "acme.trades", "XYZ-USDT", kNotFound, kNotFound, "XYZ-USDT"},
        Case{"bound_for_all", "acme.orderbook", "", kExists, kOk, "acme.orderbook"},
        Case{"bound_for_the_symbol", "acme.trades", "BTC-USDT", kExists, kOk,
             "acme.trades of BTC-USDT"},
        Case{"bound_for_another_symbol", "acme.trades", "ETH-USDT", kOk, kNotFound,
             "acme.trades of ETH-USDT"},
        Case{"bound_for_a_symbol_only", "acme.trades", "", kOk, kNotFound, "acme.trades"},
        Case{"bound_for_all_only", "acme.orderbook", "ETH-USDT", kOk, kNotFound,
             "acme.orderbook of ETH-USDT"},
        Case{"nothing_bound", "acme.ticker", "", kOk, kNotFound, "acme.ticker"}),
    [](const auto& info) { return info.param.name; });

TEST_F(ChannelTableTest, NoHandlerIsAnErrorAtBindTime) {
  EXPECT_EQ(table_.Bind("acme.trades", "", nullptr).code(), kInvalid);
  EXPECT_FALSE(table_.Dispatch(kTrades, kBtc, "1"));
}

TEST_F(ChannelTableTest, AFrameThatNobodyBoundIsToldApart) {
  ASSERT_TRUE(table_.Bind("acme.trades", "BTC-USDT", Note("btc")).ok());
  EXPECT_FALSE(table_.Dispatch(kTrades, kEth, "1"));
  EXPECT_FALSE(table_.Dispatch(kTrades, kNoInstrument, "2"));
  EXPECT_FALSE(table_.Dispatch(kBook, kBtc, "3"));
  EXPECT_TRUE(heard_.empty());
}

TEST_F(ChannelTableTest, AHandlerOfAllHearsEveryInstrumentAlsoUnknownOnes) {
  ASSERT_TRUE(table_.Bind("acme.trades", "", Note("all")).ok());
  EXPECT_TRUE(table_.Dispatch(kTrades, kBtc, "1"));
  EXPECT_TRUE(table_.Dispatch(kTrades, kEth, "2"));
  EXPECT_TRUE(table_.Dispatch(kTrades, kNoInstrument, "3"));
  EXPECT_EQ(heard_, Heard({"all:1", "all:2", "all:3"}));
}

TEST_F(ChannelTableTest, AHandlerOfASymbolGoesBeforeTheOneOfAllUntilItIsUnbound) {
  ASSERT_TRUE(table_.Bind("acme.trades", "", Note("all")).ok());
  ASSERT_TRUE(table_.Bind("acme.trades", "ETH-USDT", Note("eth")).ok());
  table_.Dispatch(kTrades, kEth, "1");
  table_.Dispatch(kTrades, kBtc, "2");
  ASSERT_TRUE(table_.Unbind("acme.trades", "ETH-USDT").ok());
  table_.Dispatch(kTrades, kEth, "3");
  EXPECT_EQ(heard_, Heard({"eth:1", "all:2", "all:3"}));
}

TEST_F(ChannelTableTest, SeveralBindingsEachHearTheirOwnFramesInOrder) {
  ASSERT_TRUE(table_.Bind("acme.orderbook", "BTC-USDT", Note("btc-book")).ok());
  ASSERT_TRUE(table_.Bind("acme.orderbook", "ETH-USDT", Note("eth-book")).ok());
  ASSERT_TRUE(table_.Bind("acme.trades", "BTC-USDT", Note("btc-trades")).ok());
  EXPECT_EQ(table_.bound(), 3U);
  for (const std::string frame : {"1", "2"}) {
    table_.Dispatch(kTrades, kBtc, frame);
    table_.Dispatch(kBook, kEth, frame);
    table_.Dispatch(kBook, kBtc, frame);
  }
  EXPECT_EQ(heard_, Heard({"btc-trades:1", "eth-book:1", "btc-book:1", "btc-trades:2", "eth-book:2",
                           "btc-book:2"}));
}

TEST_F(ChannelTableTest, AnUnboundNameIsSilentAndMayBeBoundAgain) {
  ASSERT_TRUE(table_.Bind("acme.ticker", "", Note("first")).ok());
  ASSERT_TRUE(table_.Unbind("acme.ticker", "").ok());
  EXPECT_FALSE(table_.Dispatch(kTicker, kBtc, "1"));
  ASSERT_TRUE(table_.Bind("acme.ticker", "", Note("second")).ok());
  EXPECT_TRUE(table_.Dispatch(kTicker, kBtc, "2"));
  EXPECT_EQ(heard_, Heard({"second:2"}));
}

TEST_F(ChannelTableTest, AHandlerThatUnbindsItselfEndsItsFrame) {
  // Longer than a string that is kept in place: a destroyed handler would show.
  const std::string name(100, 'x');
  ASSERT_TRUE(table_
                  .Bind("acme.trades", "",
                        [this, name](const std::string& message) {
                          ASSERT_TRUE(table_.Unbind("acme.trades", "").ok());
                          heard_.push_back(name + message);
                        })
                  .ok());
  EXPECT_TRUE(table_.Dispatch(kTrades, kBtc, "1"));
  EXPECT_FALSE(table_.Dispatch(kTrades, kBtc, "2"));
  EXPECT_EQ(heard_, Heard({name + "1"}));
}

TEST_F(ChannelTableTest, WhatAHandlerBindsHearsTheNextFrameNotTheCurrentOne) {
  ASSERT_TRUE(table_
                  .Bind("acme.trades", "",
                        [this](const std::string& message) {
                          heard_.push_back("all:" + message);
                          // A new row for the instrument: the table's own memory moves.
                          ASSERT_TRUE(table_.Bind("acme.trades", "ETH-USDT", Note("eth")).ok());
                        })
                  .ok());
  table_.Dispatch(kTrades, kEth, "1");
  table_.Dispatch(kTrades, kEth, "2");
  EXPECT_EQ(heard_, Heard({"all:1", "eth:2"}));
}

TEST_F(ChannelTableTest, AHandlerThatReplacesItselfHandsOverAtTheNextFrame) {
  ASSERT_TRUE(table_
                  .Bind("acme.trades", "BTC-USDT",
                        [this](const std::string& message) {
                          ASSERT_TRUE(table_.Unbind("acme.trades", "BTC-USDT").ok());
                          ASSERT_TRUE(table_.Bind("acme.trades", "BTC-USDT", Note("new")).ok());
                          heard_.push_back("old:" + message);
                        })
                  .ok());
  table_.Dispatch(kTrades, kBtc, "1");
  table_.Dispatch(kTrades, kBtc, "2");
  EXPECT_EQ(heard_, Heard({"old:1", "new:2"}));
}

TEST_F(ChannelTableTest, AHundredThousandCyclesLeaveNothingBehind) {
  int calls = 0;
  // True where every step did what it should.
  const auto cycle = [&](const char* symbol, std::uint32_t instrument) {
    return table_.Bind("acme.trades", symbol, [&calls](const std::string&) { ++calls; }).ok() &&
           table_.Dispatch(kTrades, instrument, "frame") &&
           table_.Unbind("acme.trades", symbol).ok() &&
           !table_.Dispatch(kTrades, instrument, "frame");
  };
  ASSERT_TRUE(cycle("ETH-USDT", kEth));  // the instrument's row stays
  const std::int64_t before = live_objects;
  for (int i = 0; i < 50'000; ++i) ASSERT_TRUE(cycle("", kBtc) && cycle("ETH-USDT", kEth));
  EXPECT_EQ(live_objects, before);
  EXPECT_EQ(calls, 100'001);
  EXPECT_EQ(table_.bound(), 0U);
}

TEST_F(ChannelTableTest, AHundredThousandReplacementsInsideTheHandlerLeaveNothingBehind) {
  int calls = 0;
  Table::Handler replace = [&](const std::string&) {
    ++calls;
    ASSERT_TRUE(table_.Unbind("acme.ticker", "").ok());
    ASSERT_TRUE(table_.Bind("acme.ticker", "", std::ref(replace)).ok());
  };
  ASSERT_TRUE(table_.Bind("acme.ticker", "", std::ref(replace)).ok());
  const std::int64_t before = live_objects;
  for (int i = 0; i < 100'000; ++i) ASSERT_TRUE(table_.Dispatch(kTicker, kBtc, "frame"));
  EXPECT_EQ(live_objects, before);
  EXPECT_EQ(calls, 100'000);
  EXPECT_EQ(table_.bound(), 1U);
}

}  // namespace
}  // namespace switchyard::exchange
