// The order client on loopback servers: what each command's answer proves. Failures first.
#include "exchanges/lighter/order/order_client.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>
#include <vector>

#include "common/metrics/metrics.h"
#include "common/status/status.h"
#include "tests/exchanges/fake_market_data.h"
#include "tests/exchanges/lighter/order/markets.h"
#include "tests/exchanges/lighter/private/fake_lighter.h"
#include "tests/exchanges/order_events.h"

namespace switchyard::exchanges::lighter {
namespace {

using exchange::CommandFate;
using exchange::CommandResult;
using std::chrono::seconds;

constexpr std::string_view kKey =
    "0102030405060708010203040506070801020304050607080102030405060708010203040506070f";
constexpr std::string_view kEth = "ETH-USDC-PERP";

Decimal D(const char* text) { return *Decimal::Parse(text); }

// An order of the account as the exchange tells it.
std::string Order(std::string_view client_index, std::string_view status, std::string_view price,
                  std::string_view filled = "0.0000") {
  return fmt::format(
      R"({{"order_index":281476929510110,"client_order_index":{0},"order_id":"281476929510110",
      "client_order_id":"{0}","market_index":0,"owner_account_index":1077,
      "initial_base_amount":"0.5000","price":"{2}","nonce":1,"remaining_base_amount":"0.5000",
      "is_ask":false,"base_size":5000,"base_price":200000,"filled_base_amount":"{3}",
      "filled_quote_amount":"0.000000","type":"limit","time_in_force":"good-till-time",
      "reduce_only":false,"trigger_price":"0.00","order_expiry":1780360584479,"status":"{1}",
      "trigger_status":"na","trigger_time":0,"timestamp":1777941383576,
      "created_at":1777941383576,"updated_at":1777941383900}})",
      client_index, status, price, filled);
}
std::string OrdersFrame(const std::string& order) {
  return R"({"type":"update/account_all_orders","channel":"account_all_orders:1077","orders":{"0":[)" +
         order + "]}}";
}

class OrderClientTest : public testing::Test {
 protected:
  OrderClientTest() {
    options_.config.set_exchange("lighter");
    options_.config.set_rest_url(lighter_.rest_url());
    options_.config.set_websocket_url(lighter_.websocket_url());
    options_.config.mutable_reconnect()->set_first_ms(10);
    options_.account.set_name("main");
    options_.account.set_api_key("4");
    options_.account.set_secret(std::string(kKey));
    (*options_.account.mutable_options())["account_index"] = "1077";
    (*options_.account.mutable_options())["transaction_life_ms"] = "5000";
  }
  void TearDown() override {
    if (client_ != nullptr) client_->Stop();
  }
  void Start(seconds timeout = seconds(5)) {
    options_.command_timeout = timeout;
    auto client = CreateOrderClient(options_, context_);
    ASSERT_TRUE(client.ok()) << client.status();
    client_ = *std::move(client);
    client_->Start(listener_);
    ASSERT_EQ(listener_.WaitFor(1), (std::vector<std::string>{"ready"}));
  }
  static exchange::PlaceCommand Bid(const std::string& id) {
    exchange::PlaceCommand command{std::string(kEth), id, {}};
    command.terms.side = common::v1::SIDE_BUY;
    command.terms.type = order::v1::ORDER_TYPE_LIMIT;
    command.terms.time_in_force = order::v1::TIME_IN_FORCE_GTC;
    command.terms.quantity = D("0.5");
    command.terms.price = D("2000");
    return command;
  }
  static exchange::AmendCommand Amendment(const char* price) {
    exchange::AmendCommand command;
    command.order = {std::string(kEth), "281476929510110", "77", false};
    command.price = D(price);
    return command;
  }
  template <typename T>
  static T Get(std::promise<T>& promise) {
    auto future = promise.get_future();
    if (future.wait_for(seconds(20)) == std::future_status::ready) return future.get();
    ADD_FAILURE() << "no reply";
    return T();
  }
  std::vector<CommandResult> Place(std::vector<exchange::PlaceCommand> commands) {
    std::promise<std::vector<CommandResult>> done;
    client_->Place(std::move(commands), [&](auto results) { done.set_value(*results); });
    return Get(done);
  }
  CommandResult Amend(const exchange::AmendCommand& command) {
    std::promise<CommandResult> done;
    client_->Amend(command, [&](auto result) { done.set_value(*result); });
    return Get(done);
  }
  // The order as reads tell it.
  void Stands(const std::string& order) {
    lighter_.OnRest("/api/v1/accountActiveOrders",
                    {200, R"({"code":200,"orders":[)" + order + "]}"});
  }
  // Accepts every transaction, and then tells of its order.
  void ThenTell(const std::string& order) {
    lighter_.OnTransaction([order](const json::Json& data) {
      return FakeLighter::Frames{FakeLighter::Accepted(data), OrdersFrame(order)};
    });
  }

  FakeLighter lighter_;
  FakeMarketData market_data_{Markets()};
  metrics::Metrics metrics_;
  exchange::ClientContext context_{SystemClock(), metrics_};
  AccountOptions options_{{}, {}, seconds(5), market_data_};
  OrderEvents listener_;
  std::unique_ptr<exchange::OrderClient> client_;
};

// R-46: an invalid reduce-only order was accepted, dropped, and never heard of again.
TEST_F(OrderClientTest, R46_AnOrderThatWasQueuedAndNeverShowsIsOfUnknownFate) {
  Start(seconds(1));
  const auto results = Place({Bid("77")});
  EXPECT_EQ(results.at(0).fate, CommandFate::kUnknown);
  EXPECT_EQ(ReasonOf(results.at(0).status), common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN);
  EXPECT_EQ(lighter_.transactions().size(), 1u) << "never sent again";
}

TEST_F(OrderClientTest, R46_ItIsProvenNotReceivedByBothLists) {
  lighter_.OnRest("/api/v1/accountActiveOrders", {200, R"({"code":200,"orders":[]})"});
  lighter_.OnRest("/api/v1/accountInactiveOrders", {200, R"({"code":200,"orders":[]})"});
  Start();
  std::promise<absl::Status> done;
  client_->GetOrder({std::string(kEth), "", "77", false},
                    [&](auto report) { done.set_value(report.status()); });
  const absl::Status status = Get(done);
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_UNKNOWN_ORDER) << status;
  EXPECT_EQ(lighter_.requests("/api/v1/accountInactiveOrders").size(), 1u);
  // The transaction's life and what the clock may be off.
  EXPECT_EQ(client_->NotReceivedAfter(), seconds(7));
}

TEST_F(OrderClientTest, ARefusedOrderIsRefused) {
  lighter_.OnTransaction([](const json::Json& data) {
    return FakeLighter::Frames{FakeLighter::Refused(data, 21728, "duplicate client order index")};
  });
  Start();
  const auto results = Place({Bid("77")});
  EXPECT_EQ(results.at(0).fate, CommandFate::kRefused);
  EXPECT_FALSE(results.at(0).status.ok());
}

TEST_F(OrderClientTest, ACutSocketLeavesTheOrderUnknownAndItIsNotSentAgain) {
  lighter_.OnTransaction([](const json::Json&) { return FakeLighter::Frames{"CUT"}; });
  Start();
  EXPECT_EQ(Place({Bid("77")}).at(0).fate, CommandFate::kUnknown);
  listener_.WaitFor(3);
  EXPECT_EQ(lighter_.transactions().size(), 1u);
  EXPECT_TRUE(lighter_.requests("/api/v1/sendTx").empty());
}

TEST_F(OrderClientTest, StoppingAnswersWhatWasQueuedAsUnknown) {
  Start();
  std::promise<std::vector<CommandResult>> done;
  client_->Place({Bid("77")}, [&](auto results) { done.set_value(*results); });
  ASSERT_TRUE(lighter_.WaitForTransactions(1));
  client_->Stop();
  EXPECT_EQ(Get(done).at(0).fate, CommandFate::kUnknown);
}

TEST_F(OrderClientTest, AnOrderIsConfirmedWithWhatTheChannelTells) {
  ThenTell(Order("77", "open", "2000.00"));
  Start();
  const auto results = Place({Bid("77")});
  ASSERT_EQ(results.at(0).fate, CommandFate::kConfirmed) << results.at(0).status;
  ASSERT_TRUE(results.at(0).report.has_value());
  EXPECT_EQ(results.at(0).report->exchange_order_id, "281476929510110");
  EXPECT_EQ(results.at(0).report->state, order::v1::ORDER_STATE_OPEN);
  EXPECT_EQ(listener_.WaitFor(2).at(1), "order 281476929510110");
  const auto sent = lighter_.transactions().at(0);
  EXPECT_EQ(json::RequireInt64(sent, "tx_type").value(), 14);
  EXPECT_EQ(json::RequireInt64(sent["tx_info"], "ClientOrderIndex").value(), 77);
}

TEST_F(OrderClientTest, AnOrderThatEndsAtOnceIsToldAsItEnded) {
  ThenTell(Order("77", "canceled-post-only", "2000.00"));
  Start();
  const auto results = Place({Bid("77")});
  ASSERT_TRUE(results.at(0).report.has_value());
  EXPECT_EQ(results.at(0).report->state, order::v1::ORDER_STATE_CANCELED);
}

TEST_F(OrderClientTest, AnOrderMayBeFasterThanItsAnswer) {
  lighter_.OnTransaction([](const json::Json& data) {
    return FakeLighter::Frames{OrdersFrame(Order("77", "open", "2000.00")),
                               FakeLighter::Accepted(data)};
  });
  Start();
  const auto results = Place({Bid("77")});
  EXPECT_EQ(results.at(0).fate, CommandFate::kConfirmed);
  EXPECT_TRUE(results.at(0).report.has_value());
}

TEST_F(OrderClientTest, EachOrderOfAListHasItsOwnAnswer) {
  lighter_.OnTransaction([](const json::Json& data) {
    const std::int64_t index = json::RequireInt64(data["tx_info"], "ClientOrderIndex").value();
    if (index == 78) return FakeLighter::Frames{FakeLighter::Refused(data, 21706, "too small")};
    return FakeLighter::Frames{FakeLighter::Accepted(data),
                               OrdersFrame(Order(std::to_string(index), "open", "2000.00"))};
  });
  Start();
  const auto results = Place({Bid("77"), Bid("78"), Bid("79")});
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(results[0].fate, CommandFate::kConfirmed);
  EXPECT_EQ(results[1].fate, CommandFate::kRefused);
  EXPECT_EQ(results[2].fate, CommandFate::kConfirmed);
}

// R-53: the order shows whether an amendment took effect.
TEST_F(OrderClientTest, R53_AnAmendmentIsConfirmedWhenTheOrderHasItsValues) {
  Stands(Order("77", "open", "2000.00"));
  lighter_.OnTransaction([](const json::Json& data) {
    return FakeLighter::Frames{FakeLighter::Accepted(data),
                               OrdersFrame(Order("77", "open", "2000.00")),
                               OrdersFrame(Order("77", "open", "2001.50"))};
  });
  Start();
  const CommandResult result = Amend(Amendment("2001.5"));
  ASSERT_EQ(result.fate, CommandFate::kConfirmed) << result.status;
  EXPECT_EQ(result.report->terms.price->ToShortString(), "2001.5");
  const auto sent = lighter_.transactions().at(0);
  EXPECT_EQ(json::RequireInt64(sent["tx_info"], "BaseAmount").value(), 5000);
  EXPECT_EQ(json::RequireInt64(sent["tx_info"], "Price").value(), 200'150);
}

TEST_F(OrderClientTest, R53_AnAmendmentThatTheOrderDoesNotShowIsUnknown) {
  Stands(Order("77", "open", "2000.00"));
  ThenTell(Order("77", "open", "2000.00"));
  Start(seconds(1));
  EXPECT_EQ(Amend(Amendment("2001.5")).fate, CommandFate::kUnknown);
}

TEST_F(OrderClientTest, AnOrderThatIsFilledInPartOrGoneIsNotAmended) {
  Stands(Order("77", "open", "2000.00", "0.1000"));
  Start();
  EXPECT_EQ(Amend(Amendment("2001.5")).fate, CommandFate::kNotSent);
  lighter_.OnRest("/api/v1/accountActiveOrders", {200, R"({"code":200,"orders":[]})"});
  lighter_.OnRest("/api/v1/accountInactiveOrders", {200, R"({"code":200,"orders":[]})"});
  const CommandResult gone = Amend(Amendment("2001.5"));
  EXPECT_EQ(gone.fate, CommandFate::kNotSent);
  EXPECT_EQ(ReasonOf(gone.status), common::v1::ERROR_REASON_UNKNOWN_ORDER);
  EXPECT_TRUE(lighter_.transactions().empty());
}

TEST_F(OrderClientTest, WithoutItsChannelAnAcknowledgementIsAllThereIs) {
  options_.config.set_websocket(false);
  lighter_.OnRest("/api/v1/sendTx", {200, R"({"code":200,"tx_hash":"ab"})"});
  auto client = CreateOrderClient(options_, context_);
  ASSERT_TRUE(client.ok()) << client.status();
  client_ = *std::move(client);
  client_->Start(listener_);
  const auto results = Place({Bid("77")});
  EXPECT_EQ(results.at(0).fate, CommandFate::kConfirmed);
  EXPECT_FALSE(results.at(0).report.has_value());
}

TEST_F(OrderClientTest, PositionSizesComeFromTheAccount) {
  lighter_.OnRest("/api/v1/account", {200, R"({"code":200,"total":1,"accounts":[{"index":1077,
      "collateral":"1","positions":[{"market_id":0,"symbol":"ETH","sign":-1,"position":"0.2500",
      "avg_entry_price":"2000.00","position_value":"500.000000","unrealized_pnl":"0",
      "realized_pnl":"0","liquidation_price":"0","margin_mode":0,"allocated_margin":"0"}]}]})"});
  Start();
  std::promise<std::vector<position::v1::Position>> done;
  client_->ListPositionSizes([&](auto sizes) {
    EXPECT_TRUE(sizes.ok()) << sizes.status();
    done.set_value(sizes.ok() ? *sizes : std::vector<position::v1::Position>());
  });
  const auto sizes = Get(done);
  ASSERT_EQ(sizes.size(), 1u);
  EXPECT_EQ(sizes[0].symbol(), kEth);
  EXPECT_EQ(sizes[0].side(), common::v1::SIDE_SELL);
  EXPECT_EQ(sizes[0].size().value(), "0.25");
  EXPECT_EQ(lighter_.requests("/api/v1/account").at(0).query, "by=index&value=1077");
}

TEST_F(OrderClientTest, TheDeadMansSwitchStrikesByOurClock) {
  lighter_.ShiftClock(std::chrono::hours(1));
  Start();
  std::promise<TimeNs> done;
  const TimeNs asked = SystemClock().Now();
  client_->ArmDeadManSwitch(std::chrono::minutes(10),
                            [&](auto strikes) { done.set_value(*strikes); });
  const TimeNs strikes = Get(done);
  EXPECT_GE(strikes - asked, std::chrono::minutes(10) - seconds(1));
  EXPECT_LE(strikes - asked, std::chrono::minutes(10) + seconds(20));
  const auto sent = lighter_.transactions().at(0);
  EXPECT_EQ(json::RequireInt64(sent, "tx_type").value(), 16);
  const TimeNs at = TimeNs::FromMillis(json::RequireInt64(sent["tx_info"], "Time").value());
  EXPECT_GE(at - strikes, std::chrono::minutes(59));
}

}  // namespace
}  // namespace switchyard::exchanges::lighter
