// Commands as transactions on the lane, each with its own answer. Failures first.
#include "exchanges/lighter/order/order_commands.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "tests/exchanges/lighter/order/markets.h"

namespace switchyard::exchanges::lighter {
namespace {

using exchange::CommandFate;
using exchange::CommandResult;
using Texts = std::vector<std::string>;

constexpr KeyOwner kOwner{1077, 4};
constexpr char kEth[] = "ETH-USDC-PERP";

Decimal D(std::string_view text) { return Decimal::Parse(text).value(); }

exchange::PlaceCommand Order(const std::string& id, std::string_view price,
                             const std::string& symbol = kEth) {
  exchange::PlaceCommand out{symbol, id, {}};
  out.terms.side = common::v1::SIDE_BUY;
  out.terms.type = order::v1::ORDER_TYPE_LIMIT;
  out.terms.quantity = D("0.5");
  out.terms.price = D(price);
  return out;
}

// "14 77": type and client index, or index, of a transaction.
std::string TextOf(const signing::Transaction& transaction, const signing::Attributes& attributes) {
  std::string out = std::to_string(signing::TypeOf(transaction));
  if (const auto* const order = std::get_if<signing::CreateOrder>(&transaction)) {
    out += fmt::format(" {}", order->client_order_index);
  } else if (const auto* const cancel = std::get_if<signing::CancelOrder>(&transaction)) {
    out += fmt::format(" {}", cancel->index);
  } else if (const auto* const change = std::get_if<signing::ModifyOrder>(&transaction)) {
    out += fmt::format(" {} {}", change->index, change->price);
  } else if (const auto* const all = std::get_if<signing::CancelAllOrders>(&transaction)) {
    out += fmt::format(" {} {}", static_cast<int>(all->time_in_force), all->time);
  }
  for (const auto& [type, value] : attributes) {
    out += fmt::format(" {}={}", static_cast<int>(type), value);
  }
  return out;
}

class OrderCommandsTest : public testing::Test {
 protected:
  OrderCommandsTest()
      : lane_(clock_, clock_, {std::chrono::seconds(5), std::chrono::seconds(60), 32},
              {[this](const signing::Transaction& transaction, const signing::Envelope& envelope) {
                 signed_.push_back(TextOf(transaction, envelope.attributes));
                 return signing::SignedTransaction{signing::TypeOf(transaction), "{}", "hash"};
               },
               [this](std::uint64_t, std::uint64_t ticket, const TransactionLane::Signed&) {
                 tickets_.push_back(ticket);
                 return true;
               },
               [](const TransactionLane::Signed&, std::function<void(Answer)>) {},
               [](std::function<void(absl::StatusOr<std::int64_t>)> done) { done(7); }}),
        commands_(lane_, kOwner, clock_,
                  [this](const std::string& symbol,
                         exchange::Reply<std::vector<model::OrderReport>> reply) {
                    listed_.push_back(symbol);
                    reply(open_);
                  }) {
    lane_.OnSocketOpen(1);
    lane_.Start();
  }
  void AnswerTo(std::size_t number, Verdict verdict,
                absl::Status status = absl::FailedPreconditionError("no")) {
    lane_.OnAnswer(tickets_.at(number),
                   {verdict, verdict == Verdict::kAccepted ? absl::OkStatus() : status});
  }
  auto IntoList() {
    return [this](absl::StatusOr<std::vector<CommandResult>> reply) {
      results_ = *std::move(reply);
      ++replies_;
    };
  }
  auto IntoOne() {
    return [this](absl::StatusOr<CommandResult> reply) {
      results_ = {*std::move(reply)};
      ++replies_;
    };
  }
  static model::OrderReport Open(const std::string& id, common::v1::Side side,
                                 const std::string& symbol = kEth) {
    model::OrderReport out;
    out.symbol = symbol;
    out.exchange_order_id = id;
    out.terms.side = side;
    return out;
  }

  ManualClock clock_{TimeNs::FromSeconds(1'800'000'000)};
  const std::shared_ptr<const model::InstrumentTable> markets_ = Markets();
  Texts signed_, listed_;
  std::vector<std::uint64_t> tickets_;
  absl::StatusOr<std::vector<model::OrderReport>> open_ = std::vector<model::OrderReport>();
  std::vector<CommandResult> results_;
  int replies_ = 0;
  TransactionLane lane_;
  OrderCommands commands_;
};

TEST_F(OrderCommandsTest, EachOrderOfAListHasItsOwnAnswer) {
  commands_.Place(
      markets_,
      {Order("1", "2000"), Order("2", "2000.555"), Order("3", "2001"), Order("4", "1", "DOGE")},
      IntoList());
  EXPECT_EQ(signed_, (Texts{"14 1", "14 3"}));  // both at once
  AnswerTo(0, Verdict::kAccepted);
  EXPECT_EQ(replies_, 0);
  AnswerTo(1, Verdict::kRefused);
  ASSERT_EQ(replies_, 1);
  ASSERT_EQ(results_.size(), 4u);
  EXPECT_EQ(results_[0].fate, CommandFate::kConfirmed);
  EXPECT_EQ(results_[0].submit_time, clock_.Now());
  EXPECT_EQ(results_[1].fate, CommandFate::kNotSent);
  EXPECT_EQ(ReasonOf(results_[1].status), common::v1::ERROR_REASON_NOT_REPRESENTABLE);
  EXPECT_EQ(results_[2].fate, CommandFate::kRefused);
  EXPECT_EQ(results_[3].fate, CommandFate::kNotSent);
  EXPECT_EQ(ReasonOf(results_[3].status), common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT);
}

TEST_F(OrderCommandsTest, AnEmptyListIsAnsweredAtOnce) {
  commands_.Place(markets_, {}, IntoList());
  commands_.Cancel(markets_, {}, IntoList());
  EXPECT_EQ(replies_, 2);
  EXPECT_TRUE(tickets_.empty());
}

TEST_F(OrderCommandsTest, AnOrderWithoutAnAnswerIsUnknown) {
  commands_.Place(markets_, {Order("1", "2000")}, IntoList());
  lane_.OnSocketClosed(1, absl::UnavailableError("reset"));
  ASSERT_EQ(replies_, 1);
  EXPECT_EQ(results_[0].fate, CommandFate::kUnknown);
  EXPECT_EQ(ReasonOf(results_[0].status), common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN);
}

TEST_F(OrderCommandsTest, Amends) {
  exchange::AmendCommand command;
  command.order = {kEth, "281474976710701", "1", false};
  command.price = D("2002");
  commands_.Amend(markets_, command, {Order("1", "2000").terms, Decimal()}, IntoOne());
  EXPECT_EQ(signed_, (Texts{"17 281474976710701 200200"}));
  AnswerTo(0, Verdict::kAccepted);
  EXPECT_EQ(results_.at(0).fate, CommandFate::kConfirmed);
  commands_.Amend(markets_, command, {Order("1", "2000").terms, D("0.1")}, IntoOne());
  EXPECT_EQ(results_.at(0).fate, CommandFate::kNotSent);
  EXPECT_EQ(tickets_.size(), 1u);
}

TEST_F(OrderCommandsTest, CancelsEachByItsId) {
  commands_.Cancel(markets_, {{kEth, "281474976710701", "", false}, {kEth, "", "2", false}},
                   IntoList());
  EXPECT_EQ(signed_, (Texts{"15 281474976710701", "15 2"}));
  AnswerTo(0, Verdict::kAccepted);
  AnswerTo(1, Verdict::kRefused);
  EXPECT_EQ(results_.at(0).fate, CommandFate::kConfirmed);
  EXPECT_EQ(results_.at(1).fate, CommandFate::kRefused);
}

TEST_F(OrderCommandsTest, CancelsEverythingOrAMarketInOneTransaction) {
  commands_.CancelAll(markets_, {}, IntoOne());
  AnswerTo(0, Verdict::kAccepted);
  commands_.CancelAll(markets_, {kEth, common::v1::SIDE_UNSPECIFIED}, IntoOne());
  AnswerTo(1, Verdict::kLost);
  EXPECT_EQ(signed_, (Texts{"16 0 0", "16 0 0 5=0"}));
  EXPECT_EQ(results_.at(0).fate, CommandFate::kUnknown);
  EXPECT_TRUE(listed_.empty());
}

TEST_F(OrderCommandsTest, CancelsOneSideOneByOne) {
  open_ = std::vector{Open("281474976710701", common::v1::SIDE_BUY),
                      Open("281474976710702", common::v1::SIDE_SELL),
                      Open("281474976710703", common::v1::SIDE_BUY)};
  commands_.CancelAll(markets_, {"", common::v1::SIDE_BUY}, IntoOne());
  EXPECT_EQ(listed_, (Texts{""}));
  EXPECT_EQ(signed_, (Texts{"15 281474976710701", "15 281474976710703"}));
  AnswerTo(0, Verdict::kAccepted);
  // Filled meanwhile: there is nothing left to cancel.
  AnswerTo(1, Verdict::kRefused, absl::NotFoundError("gone"));
  ASSERT_EQ(replies_, 1);
  EXPECT_EQ(results_[0].fate, CommandFate::kConfirmed);
}

TEST_F(OrderCommandsTest, CancelsAMarketWithAWideIdOneByOne) {
  open_ = std::vector{Open("281474976710701", common::v1::SIDE_BUY, "ETH-USDC")};
  commands_.CancelAll(markets_, {"ETH-USDC", common::v1::SIDE_UNSPECIFIED}, IntoOne());
  EXPECT_EQ(listed_, (Texts{"ETH-USDC"}));
  EXPECT_EQ(signed_, (Texts{"15 281474976710701"}));
  AnswerTo(0, Verdict::kRefused);
  EXPECT_EQ(results_.at(0).fate, CommandFate::kUnknown);
}

TEST_F(OrderCommandsTest, WhatCannotBeListedIsNotCanceledAndSaysSo) {
  open_ = absl::UnavailableError("503");
  commands_.CancelAll(markets_, {kEth, common::v1::SIDE_SELL}, IntoOne());
  EXPECT_EQ(results_.at(0).fate, CommandFate::kNotSent);
  commands_.CancelAll(markets_, {"DOGE", common::v1::SIDE_UNSPECIFIED}, IntoOne());
  EXPECT_EQ(results_.at(0).fate, CommandFate::kNotSent);
  EXPECT_EQ(ReasonOf(results_.at(0).status), common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT);
  EXPECT_TRUE(tickets_.empty());
}

TEST_F(OrderCommandsTest, TheDeadManSwitchIsScheduledAndAborted) {
  absl::StatusOr<TimeNs> at = absl::CancelledError();
  const auto into = [&](absl::StatusOr<TimeNs> reply) { at = std::move(reply); };
  commands_.Schedule(std::chrono::seconds(299), into);
  EXPECT_EQ(at.status().code(), absl::StatusCode::kInvalidArgument);
  commands_.Schedule(std::chrono::seconds(300), into);
  AnswerTo(0, Verdict::kAccepted);
  EXPECT_EQ(at.value(), TimeNs::FromSeconds(1'800'000'300));
  commands_.Schedule(std::chrono::seconds(0), into);
  AnswerTo(1, Verdict::kRefused);
  EXPECT_EQ(at.status().code(), absl::StatusCode::kFailedPrecondition);
  commands_.Schedule(std::chrono::seconds(0), into);
  AnswerTo(2, Verdict::kAccepted);
  EXPECT_EQ(at.value(), TimeNs());
  EXPECT_EQ(signed_, (Texts{"16 1 1800000300000", "16 2 0", "16 2 0"}));
}

}  // namespace
}  // namespace switchyard::exchanges::lighter
