#include "clients/cli/order_ticket.h"

#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace switchyard::clients::cli {
namespace {

struct Case {
  std::string name;
  std::vector<std::string> arguments;  // after `order place gateio`
  std::string want;                    // a ticket; empty = refused
};

class TicketTest : public testing::TestWithParam<Case> {};

TEST_P(TicketTest, IsWhatWasTyped) {
  std::vector<std::string> arguments{"order", "place", "gateio"};
  arguments.insert(arguments.end(), GetParam().arguments.begin(), GetParam().arguments.end());
  const auto line = ParseCommandLine(arguments, "");
  ASSERT_TRUE(line.ok()) << line.status();
  const auto ticket = TicketOf(*line);
  if (GetParam().want.empty()) {
    EXPECT_EQ(ticket.status().code(), absl::StatusCode::kInvalidArgument);
    return;
  }
  ASSERT_TRUE(ticket.ok()) << ticket.status();
  order::v1::OrderTicket want;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(GetParam().want, &want));
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*ticket, want))
      << ticket->ShortDebugString();
}

INSTANTIATE_TEST_SUITE_P(
    Orders, TicketTest,
    testing::Values(
        Case{"limit",
             {"BTC-USDT", "buy", "1.50", "--price=99.90"},
             "symbol: 'BTC-USDT' side: SIDE_BUY type: ORDER_TYPE_LIMIT quantity: '1.50' "
             "price: '99.90'"},
        Case{"market_by_value",
             {"BTC-USDT", "sell", "--type=market", "--quote_quantity=100"},
             "symbol: 'BTC-USDT' side: SIDE_SELL type: ORDER_TYPE_MARKET quote_quantity: '100'"},
        Case{"market_with_worst_price",
             {"BTC-USDT", "BUY", "1", "--type=market", "--worst-price=101"},
             "symbol: 'BTC-USDT' side: SIDE_BUY type: ORDER_TYPE_MARKET quantity: '1' "
             "worst_price: '101'"},
        Case{"fok",
             {"A-B", "buy", "1", "--price=2", "--time_in_force=fok"},
             "symbol: 'A-B' side: SIDE_BUY type: ORDER_TYPE_LIMIT quantity: '1' price: '2' "
             "time_in_force: TIME_IN_FORCE_FOK"},
        Case{"gtd",
             {"A-B", "buy", "1", "--price=2", "--time_in_force=gtd",
              "--expire_time=2026-01-02T03:04:05Z"},
             "symbol: 'A-B' side: SIDE_BUY type: ORDER_TYPE_LIMIT quantity: '1' price: '2' "
             "time_in_force: TIME_IN_FORCE_GTD expire_time_ns: 1767323045000000000"},
        Case{"stop_limit",
             {"A-B-PERP", "sell", "1", "--type=stop-limit", "--price=2", "--trigger_price=2.1",
              "--trigger_by=mark", "--reduce_only", "--position_side=long"},
             "symbol: 'A-B-PERP' side: SIDE_SELL type: ORDER_TYPE_STOP_LIMIT quantity: '1' "
             "price: '2' reduce_only: true position_side: POSITION_SIDE_LONG "
             "trigger { price: '2.1' reference: TRIGGER_REFERENCE_MARK }"},
        Case{"trailing",
             {"A-B-PERP", "sell", "--close_position", "--type=trailing_stop",
              "--trailing_rate=0.01", "--activation_price=3"},
             "symbol: 'A-B-PERP' side: SIDE_SELL type: ORDER_TYPE_TRAILING_STOP "
             "close_position: true trailing { rate: '0.01' activation_price: '3' }"},
        Case{"roundings",
             {"A-B", "buy", "1", "--price=2", "--quantity_rounding=down",
              "--price_rounding=away_from_market", "--self_trade_prevention=cancel_maker"},
             "symbol: 'A-B' side: SIDE_BUY type: ORDER_TYPE_LIMIT quantity: '1' price: '2' "
             "quantity_rounding: ROUNDING_DOWN price_rounding: ROUNDING_AWAY_FROM_MARKET "
             "self_trade_prevention: SELF_TRADE_PREVENTION_CANCEL_MAKER"},
        Case{"no_price_and_no_type", {"A-B", "buy", "1"}, ""},
        Case{"a_trigger_does_not_say_which_type",
             {"A-B", "buy", "1", "--price=2", "--trigger_price=3"},
             ""},
        Case{"two_quantities", {"A-B", "buy", "1", "--type=market", "--quote_quantity=5"}, ""},
        Case{"two_distances",
             {"A-B", "buy", "1", "--type=trailing_stop", "--trailing_rate=0.1",
              "--trailing_amount=5"},
             ""},
        Case{"gtd_without_end", {"A-B", "buy", "1", "--price=2", "--time_in_force=gtd"}, ""},
        Case{"an_end_without_gtd",
             {"A-B", "buy", "1", "--price=2", "--expire_time=2026-01-02T03:04:05Z"},
             ""},
        Case{"unrecognised_cannot_be_asked_for",
             {"A-B", "buy", "1", "--price=2", "--type=unrecognised"},
             ""},
        Case{"exponent", {"A-B", "buy", "1", "--price=1e2"}, ""}),
    [](const auto& info) { return info.param.name; });

TEST(PositionTest, IsReadAsItIsWritten) {
  const auto position = ParsePosition("18446744073709551615:7");
  ASSERT_TRUE(position.ok());
  EXPECT_EQ(PositionText(*position), "18446744073709551615:7");
  for (const char* text : {"", "7", "7:", ":7", "7:x", "7:8:9", "-1:2", "7 : 8"}) {
    EXPECT_FALSE(ParsePosition(text).ok()) << text;
  }
}

}  // namespace
}  // namespace switchyard::clients::cli
