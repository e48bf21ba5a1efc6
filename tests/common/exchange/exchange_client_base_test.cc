#include "common/exchange/exchange_client_base.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/metrics/metrics.h"
#include "common/status/status.h"
#include "tests/common/stream/stream_server.h"

namespace switchyard::exchange {
namespace {

constexpr std::uint32_t kDepths[] = {10};

constexpr Capabilities MakeTable() {
  Capabilities table;
  table.exchange = "acme";
  table.order_book = table.trades = table.ticker = Path::kWebSocket;
  table.mark_price = table.funding_rate = Path::kWebSocket;
  table.book_depths = kDepths;
  return table;
}
constexpr Capabilities kTable = MakeTable();

model::Instrument InstrumentOf(std::uint32_t id, std::string symbol, model::InstrumentKind kind) {
  model::Instrument instrument;
  instrument.id.value = id;
  instrument.exchange_symbol = symbol;
  instrument.symbol = std::move(symbol);
  instrument.kind = kind;
  instrument.tick = *Decimal::Parse("0.1");
  instrument.step = *Decimal::Parse("0.1");
  return instrument;
}

struct Snapshot {
  std::uint64_t id = 0;
  TimeNs time;
  std::vector<model::Level> bids, asks;
};

// An exchange with a market of each kind, whose REST knows nothing else.
class FakeRest {
 public:
  using Table = std::shared_ptr<const model::InstrumentTable>;

  const Table& instruments() const { return table_; }
  void LoadInstruments(const Reply<Table>& reply) {
    table_ = *model::InstrumentTable::Create(
        {InstrumentOf(0, "ETH-USDC", model::InstrumentKind::kSpot),
         InstrumentOf(1, "ETH-USDC-PERP", model::InstrumentKind::kPerpetual)},
        TimeNs());
    reply(table_);
  }
  void ReadOrderBook(const model::Instrument&, std::uint32_t, const Reply<Snapshot>& reply) {
    reply(absl::UnavailableError("down"));
  }
  void ListTrades(const model::Instrument&, const TradesQuery&,
                  const Reply<model::TradesPage>& reply) {
    reply(absl::UnavailableError("down"));
  }
  void ListCandles(const model::Instrument&, const CandlesQuery&,
                   const Reply<model::CandlesPage>& reply) {
    reply(absl::UnavailableError("down"));
  }
  void ListTickers(const std::vector<std::string>&, const Reply<model::TickersReply>& reply) {
    reply(absl::UnavailableError("down"));
  }

 private:
  Table table_;
};

// Never connected; notes what is wanted.
class FakeSocket {
 public:
  struct Desk {
    std::uint64_t gaps() const { return 0; }
    std::uint64_t resyncs() const { return 0; }
    std::uint32_t valid_books() const { return 0; }
    std::uint32_t stale_books() const { return 0; }
  };
  explicit FakeSocket(std::vector<DemandKey>& wanted) : wanted_(wanted) {}

  void SetInstruments(const FakeRest::Table&) {}
  void Want(const DemandKey& demand) { wanted_.push_back(demand); }
  void Unwant(const DemandKey&) {}
  const model::Book* valid_book(model::InstrumentId) const { return nullptr; }
  bool ready() const { return false; }
  bool carries(const DemandKey&) const { return false; }
  std::vector<ConnectionStatus> Status() const { return {}; }
  Desk desk() const { return {}; }

 private:
  std::vector<DemandKey>& wanted_;
};

ClientOptions MakeOptions() {
  ClientOptions options;
  options.exchange = "acme";
  return options;
}

class Client final : public ExchangeClientBase<Client, FakeRest, FakeSocket> {
 public:
  explicit Client(const ClientContext& context)
      : ExchangeClientBase(MakeOptions(), context, kTable) {
    SetHalves(std::make_unique<FakeRest>(), std::make_unique<FakeSocket>(wanted));
  }
  ~Client() override { Stop(); }

  void CloseRest() {}
  void ReadServerTime(const Reply<TimeNs>& reply) { reply(absl::UnavailableError("down")); }
  std::vector<LimitHeadroom> LimitHeadrooms() { return {}; }
  void PollTopic(const DemandKey&) {}

  std::vector<DemandKey> wanted;  // connection thread, or behind Stop
};

class ExchangeClientBaseTest : public testing::Test {
 protected:
  ~ExchangeClientBaseTest() override { streams_.Shutdown(std::chrono::milliseconds(0)); }

  std::vector<TopicGrant> Subscribe(std::vector<TopicRequest> topics) {
    std::promise<std::vector<TopicGrant>> told;
    client_.Start();
    client_.Subscribe(
        std::move(topics), streams_.NewStream(),
        [&](absl::StatusOr<std::vector<TopicGrant>> grants) {
          told.set_value(grants.ok() ? *std::move(grants) : std::vector<TopicGrant>());
        });
    return told.get_future().get();
  }

  metrics::Metrics metrics_;
  stream::StreamServer streams_;
  Client client_{{SystemClock(), metrics_}};
};

TEST_F(ExchangeClientBaseTest, WhatIsAboutContractsIsRefusedOfASpotMarketAlone) {
  const auto grants = Subscribe({{"ETH-USDC", Channel::kTicker},
                                 {"ETH-USDC", Channel::kMarkPrice},
                                 {"ETH-USDC", Channel::kFundingRate},
                                 {"ETH-USDC-PERP", Channel::kMarkPrice},
                                 {"ETH-USDC-PERP", Channel::kFundingRate}});
  ASSERT_EQ(grants.size(), 5U);
  for (const std::size_t granted : {0U, 3U, 4U}) EXPECT_TRUE(grants[granted].status.ok());
  for (const std::size_t refused : {1U, 2U}) {
    const absl::Status& why = grants[refused].status;
    EXPECT_EQ(why.code(), absl::StatusCode::kUnimplemented);
    EXPECT_EQ(ReasonOf(why), common::v1::ERROR_REASON_NOT_IN_CAPABILITIES);
    EXPECT_NE(why.message().find("spot market"), absl::string_view::npos) << why;
  }
  client_.Stop();
  // No subscription that the exchange would answer with silence.
  EXPECT_EQ(client_.wanted.size(), 3U);
}

TEST_F(ExchangeClientBaseTest, WhatTheTableLacksIsRefusedOfEveryMarket) {
  const auto grants =
      Subscribe({{"ETH-USDC", Channel::kCandles}, {"ETH-USDC-PERP", Channel::kBestBidOffer}});
  ASSERT_EQ(grants.size(), 2U);
  for (const TopicGrant& grant : grants) {
    EXPECT_EQ(ReasonOf(grant.status), common::v1::ERROR_REASON_NOT_IN_CAPABILITIES);
  }
}

TEST_F(ExchangeClientBaseTest, AnUnknownSymbolIsRefusedBesideOthers) {
  const auto grants = Subscribe({{"NOPE-USDC", Channel::kTicker}, {"ETH-USDC", Channel::kTicker}});
  ASSERT_EQ(grants.size(), 2U);
  EXPECT_EQ(ReasonOf(grants[0].status), common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT);
  EXPECT_TRUE(grants[1].status.ok());
}

}  // namespace
}  // namespace switchyard::exchange
