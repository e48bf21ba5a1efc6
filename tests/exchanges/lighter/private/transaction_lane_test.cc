// From nonce to socket in one ordered step, and what is signed again: R-45. Failures first.
#include "exchanges/lighter/private/transaction_lane.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/status/status.h"

namespace switchyard::exchanges::lighter {
namespace {

using exchange::CommandFate;
using std::chrono::milliseconds;
using std::chrono::seconds;

Draft Order(std::int64_t client_index) {
  signing::CreateOrder order;
  order.client_order_index = client_index;
  return {order, {}};
}

std::int64_t IndexOf(const signing::Transaction& transaction) {
  return std::get<signing::CreateOrder>(transaction).client_order_index;
}

Answer Accepted() { return {Verdict::kAccepted, absl::OkStatus()}; }
Answer Refused(std::string text = "not enough margin") {
  return {Verdict::kRefused, absl::FailedPreconditionError(text)};
}
Answer BadNonce() {
  return {Verdict::kBadNonce,
          MakeError(absl::StatusCode::kUnavailable, common::v1::ERROR_REASON_EXCHANGE_FAULT,
                    "21104 invalid nonce")};
}

// One message as it was handed to a transport: "<client index>@<nonce>" of each transaction.
struct Message {
  std::uint64_t socket = 0;  // 0 = REST
  std::uint64_t ticket = 0;
  std::vector<std::string> transactions;
  std::vector<std::int64_t> expiries;  // ms
};

class TransactionLaneTest : public testing::Test {
 protected:
  TransactionLaneTest()
      : lane_(server_clock_, clock_, {seconds(5), seconds(60), 32},
              {[this](const signing::Transaction& transaction, const signing::Envelope& envelope) {
                 return Sign(transaction, envelope);
               },
               [this](std::uint64_t socket, std::uint64_t ticket,
                      const TransactionLane::Signed& made) {
                 if (!socket_takes_) return false;
                 Note(socket, ticket, made);
                 return true;
               },
               [this](const TransactionLane::Signed& made, std::function<void(Answer)> answered) {
                 Note(0, 0, made);
                 posts_.push_back(std::move(answered));
               },
               [this](std::function<void(absl::StatusOr<std::int64_t>)> done) {
                 readings_.push_back(std::move(done));
               }}) {}

  void StartAt(std::int64_t nonce, bool socket = true) {
    lane_.Start();
    if (socket) lane_.OnSocketOpen(1);
    Read(nonce);
  }
  // Answers the reading under way.
  void Read(absl::StatusOr<std::int64_t> nonce) {
    ASSERT_EQ(readings_.size(), 1u);
    const auto done = std::exchange(readings_, {});
    done[0](std::move(nonce));
  }
  void Submit(std::int64_t client_index) { SubmitBatch({client_index}); }
  void SubmitBatch(const std::vector<std::int64_t>& indexes) {
    std::vector<Draft> drafts;
    for (const std::int64_t index : indexes) drafts.push_back(Order(index));
    lane_.Submit(std::move(drafts), fmt::format("place {}", indexes[0]),
                 [this, index = indexes[0]](TransactionOutcome outcome) {
                   EXPECT_FALSE(outcomes_.contains(index)) << "told twice: " << index;
                   outcomes_[index] = std::move(outcome);
                 });
  }
  // Everything written so far, in order.
  std::vector<std::string> Sent() const {
    std::vector<std::string> out;
    for (const Message& message : messages_) {
      out.insert(out.end(), message.transactions.begin(), message.transactions.end());
    }
    return out;
  }
  void AnswerTo(std::size_t message, Answer answer) {
    lane_.OnAnswer(messages_.at(message).ticket, std::move(answer));
  }
  CommandFate FateOf(std::int64_t index) {
    EXPECT_TRUE(outcomes_.contains(index)) << "nothing told of " << index;
    return outcomes_[index].fate;
  }

  ManualClock clock_{TimeNs::FromSeconds(1'800'000'000)};
  ManualClock server_clock_{TimeNs::FromSeconds(1'800'000'003)};
  std::vector<Message> messages_;
  std::vector<std::function<void(Answer)>> posts_;
  std::vector<std::function<void(absl::StatusOr<std::int64_t>)>> readings_;
  std::map<std::int64_t, TransactionOutcome> outcomes_;
  bool socket_takes_ = true;
  TransactionLane lane_;

 private:
  absl::StatusOr<signing::SignedTransaction> Sign(const signing::Transaction& transaction,
                                                  const signing::Envelope& envelope) {
    if (IndexOf(transaction) < 0) return absl::InvalidArgumentError("ClientOrderIndex");
    const std::string text = fmt::format("{}@{}", IndexOf(transaction), envelope.nonce);
    return signing::SignedTransaction{14, fmt::format("{} {}", text, envelope.expired_at),
                                      "hash of " + text};
  }
  void Note(std::uint64_t socket, std::uint64_t ticket, const TransactionLane::Signed& made) {
    Message message{socket, ticket, {}, {}};
    for (const signing::SignedTransaction& one : made) {
      const std::size_t space = one.info.find(' ');
      message.transactions.push_back(one.info.substr(0, space));
      message.expiries.push_back(std::stoll(one.info.substr(space + 1)));
    }
    messages_.push_back(std::move(message));
  }
};

using Texts = std::vector<std::string>;

// What the exchange does: one nonce after the other, and orders that it refuses by itself.
class Exchange {
 public:
  explicit Exchange(std::int64_t next) : next_(next) {}
  Answer Take(const Message& message, const std::set<std::int64_t>& refused) {
    for (const std::string& text : message.transactions) {
      const std::int64_t index = std::stoll(text.substr(0, text.find('@')));
      const std::int64_t nonce = std::stoll(text.substr(text.find('@') + 1));
      if (nonce != next_) return BadNonce();
      if (refused.contains(index)) return Refused();
      ++next_;
      executed.push_back(index);
    }
    return Accepted();
  }
  std::int64_t next() const { return next_; }

  std::vector<std::int64_t> executed;

 private:
  std::int64_t next_;
};

TEST_F(TransactionLaneTest, NothingIsSentBeforeTheNonceIsKnown) {
  lane_.Start();
  lane_.OnSocketOpen(1);
  Submit(1);
  EXPECT_TRUE(messages_.empty());
  Read(42);
  EXPECT_EQ(Sent(), (Texts{"1@42"}));
}

TEST_F(TransactionLaneTest, WhatWaitsTooLongForTheNonceWasNotSent) {
  lane_.Start();
  Submit(1);
  Read(absl::UnavailableError("503"));
  clock_.Advance(seconds(5));
  lane_.Tick();
  EXPECT_EQ(FateOf(1), CommandFate::kNotSent);
  EXPECT_EQ(outcomes_[1].status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(outcomes_[1].submit_time, TimeNs());
  Read(42);
  EXPECT_TRUE(messages_.empty());
}

TEST_F(TransactionLaneTest, AReadingThatFailsIsRepeatedEverMoreRarely) {
  lane_.Start();
  int readings = 0;
  for (int tick = 0; tick < 40; ++tick) {
    if (!readings_.empty()) {
      ++readings;
      Read(absl::UnavailableError("503"));
    }
    clock_.Advance(milliseconds(100));
    lane_.Tick();
  }
  EXPECT_EQ(readings, 5);  // at 0, 0.2, 0.6, 1.4 and 3.0 s
}

TEST_F(TransactionLaneTest, ManyGoOutUnderRisingNoncesWithoutWaiting) {
  StartAt(7);
  for (int i = 1; i <= 4; ++i) Submit(i);
  EXPECT_EQ(Sent(), (Texts{"1@7", "2@8", "3@9", "4@10"}));
  AnswerTo(0, Accepted());
  EXPECT_EQ(FateOf(1), CommandFate::kConfirmed);
  EXPECT_EQ(outcomes_[1].hashes, (Texts{"hash of 1@7"}));
  EXPECT_EQ(outcomes_[1].submit_time, clock_.Now());
  EXPECT_FALSE(outcomes_.contains(2));
}

TEST_F(TransactionLaneTest, ExpiresByTheExchangesClock) {
  StartAt(7);
  Submit(1);
  EXPECT_EQ(messages_[0].expiries, (std::vector<std::int64_t>{1'800'000'063'000}));
}

TEST_F(TransactionLaneTest, R45_BehindARefusalTheOthersAreSignedAgainInTheirOrder) {
  StartAt(7);
  for (int i = 1; i <= 4; ++i) Submit(i);
  AnswerTo(0, Refused());
  AnswerTo(1, BadNonce());
  AnswerTo(2, BadNonce());
  Submit(5);
  EXPECT_EQ(messages_.size(), 4u);  // 4@10 has no answer yet
  AnswerTo(3, BadNonce());
  EXPECT_EQ(Sent(), (Texts{"1@7", "2@8", "3@9", "4@10", "2@7", "3@8", "4@9", "5@10"}));
  EXPECT_EQ(FateOf(1), CommandFate::kRefused);
  EXPECT_TRUE(readings_.empty());  // the refusals say all
  EXPECT_EQ(outcomes_.size(), 1u);
}

// Ten at once, of which every refusal makes the exchange refuse all that are behind it: each of the
// others is executed once, in its order, however many are bad.
TEST_F(TransactionLaneTest, R45_TenConcurrentOnesAreExecutedOnceEachAndInOrder) {
  StartAt(7);
  Exchange exchange(7);
  const std::set<std::int64_t> bad = {1, 2, 3, 4, 7};
  for (int i = 1; i <= 10; ++i) Submit(i);
  for (std::size_t i = 0; i < messages_.size() && i < 100; ++i) {
    AnswerTo(i, exchange.Take(messages_[i], bad));
  }
  EXPECT_EQ(exchange.executed, (std::vector<std::int64_t>{5, 6, 8, 9, 10}));
  ASSERT_EQ(outcomes_.size(), 10u);
  for (int i = 1; i <= 10; ++i) {
    EXPECT_EQ(FateOf(i), bad.contains(i) ? CommandFate::kRefused : CommandFate::kConfirmed) << i;
  }
}

TEST_F(TransactionLaneTest, R45_BatchesBehindARefusalAreSignedAgainWhole) {
  StartAt(7);
  Submit(1);
  SubmitBatch({10, 11, 12});
  SubmitBatch({20, 21});
  Exchange exchange(7);
  for (std::size_t i = 0; i < messages_.size() && i < 20; ++i) {
    AnswerTo(i, exchange.Take(messages_[i], {1}));
  }
  EXPECT_EQ(exchange.executed, (std::vector<std::int64_t>{10, 11, 12, 20, 21}));
  EXPECT_EQ(FateOf(10), CommandFate::kConfirmed);
  EXPECT_EQ(outcomes_[10].hashes, (Texts{"hash of 10@7", "hash of 11@8", "hash of 12@9"}));
}

TEST_F(TransactionLaneTest, R45_AWrongCountIsReadAnewAndTheOrderSignedAgain) {
  StartAt(7);
  Submit(1);
  Submit(2);
  AnswerTo(0, BadNonce());
  EXPECT_TRUE(readings_.empty());
  AnswerTo(1, BadNonce());
  Read(9);
  EXPECT_EQ(Sent(), (Texts{"1@7", "2@8", "1@9", "2@10"}));
  AnswerTo(2, Accepted());
  AnswerTo(3, Accepted());
  EXPECT_EQ(FateOf(1), CommandFate::kConfirmed);
  EXPECT_EQ(FateOf(2), CommandFate::kConfirmed);
}

TEST_F(TransactionLaneTest, AnOrderWhoseNonceIsRefusedOverAndOverIsRefused) {
  StartAt(7);
  Submit(1);
  AnswerTo(0, BadNonce());
  Read(8);
  AnswerTo(1, BadNonce());
  Read(9);
  AnswerTo(2, BadNonce());
  EXPECT_EQ(messages_.size(), 3u);
  EXPECT_EQ(FateOf(1), CommandFate::kRefused);
  EXPECT_EQ(outcomes_[1].status.message(), "21104 invalid nonce");
}

TEST_F(TransactionLaneTest, WhatHasNoAnswerInTimeIsUnknownAndNeverSignedAgain) {
  StartAt(7);
  Submit(1);
  clock_.Advance(seconds(5));
  lane_.Tick();
  EXPECT_EQ(FateOf(1), CommandFate::kUnknown);
  EXPECT_EQ(ReasonOf(outcomes_[1].status), common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN);
  // It never arrived: its nonce is free, and goes to another order, not to this one.
  Submit(2);
  Read(7);
  EXPECT_EQ(Sent(), (Texts{"1@7", "2@7"}));
}

TEST_F(TransactionLaneTest, BehindALostOneThatArrivedTheCountGoesOn) {
  StartAt(7);
  Submit(1);
  Submit(2);
  clock_.Advance(seconds(5) - milliseconds(1));
  AnswerTo(1, Accepted());  // so 1 was accepted too, whether its answer comes or not
  clock_.Advance(milliseconds(1));
  lane_.Tick();
  EXPECT_EQ(FateOf(1), CommandFate::kUnknown);
  Read(9);
  Submit(3);
  EXPECT_EQ(Sent().back(), "3@9");
}

TEST_F(TransactionLaneTest, AnAnswerThatComesTooLateIsNotToldAndCorrectsTheNonce) {
  StartAt(7);
  Submit(1);
  clock_.Advance(seconds(5));
  lane_.Tick();
  AnswerTo(0, Accepted());
  EXPECT_EQ(FateOf(1), CommandFate::kUnknown);
  Submit(2);
  EXPECT_EQ(Sent(), (Texts{"1@7", "2@8"}));
  Read(7);  // asked before, and old
  Submit(3);
  EXPECT_EQ(Sent().back(), "3@9");
}

TEST_F(TransactionLaneTest, WhatWasOnASocketThatClosedIsUnknownAndTheRestGoesOverRest) {
  StartAt(7);
  Submit(1);
  Submit(2);
  AnswerTo(0, Accepted());
  lane_.OnSocketClosed(1, absl::UnavailableError("reset"));
  EXPECT_EQ(FateOf(2), CommandFate::kUnknown);
  Submit(3);
  EXPECT_EQ(messages_.size(), 2u);  // not before the nonce is read anew
  Read(9);
  ASSERT_EQ(Sent(), (Texts{"1@7", "2@8", "3@9"}));
  EXPECT_EQ(messages_[2].socket, 0u);
}

TEST_F(TransactionLaneTest, AfterAReconnectTheNonceIsReadAnewAndALaggingReadingNotBelieved) {
  StartAt(7);
  Submit(1);
  AnswerTo(0, Accepted());
  lane_.OnSocketClosed(1, absl::UnavailableError("reset"));
  lane_.OnSocketOpen(2);
  Submit(2);
  EXPECT_EQ(messages_.size(), 1u);
  Read(7);
  EXPECT_EQ(Sent().back(), "2@8");
  EXPECT_EQ(messages_.back().socket, 2u);
}

TEST_F(TransactionLaneTest, OverRestOneIsUnderWayAtATime) {
  StartAt(7, /*socket=*/false);
  Submit(1);
  Submit(2);
  EXPECT_EQ(Sent(), (Texts{"1@7"}));
  posts_.at(0)(Accepted());
  EXPECT_EQ(Sent(), (Texts{"1@7", "2@8"}));
  EXPECT_EQ(FateOf(1), CommandFate::kConfirmed);
}

TEST_F(TransactionLaneTest, ItChangesToTheSocketOnlyWhenNothingIsUnderWay) {
  StartAt(7, /*socket=*/false);
  Submit(1);
  lane_.OnSocketOpen(1);
  Submit(2);
  EXPECT_EQ(messages_.size(), 1u);
  posts_.at(0)(Accepted());
  Read(7);  // the socket is new; the reading lags
  ASSERT_EQ(Sent(), (Texts{"1@7", "2@8"}));
  EXPECT_EQ(messages_[1].socket, 1u);
}

TEST_F(TransactionLaneTest, ASocketThatTakesNothingIsPassedByOverRestUnderTheSameNonce) {
  StartAt(7);
  socket_takes_ = false;
  Submit(1);
  ASSERT_EQ(Sent(), (Texts{"1@7"}));
  EXPECT_EQ(messages_[0].socket, 0u);
}

TEST_F(TransactionLaneTest, WhatRestDidNotWriteWasNotSentAndItsNonceIsFree) {
  StartAt(7, /*socket=*/false);
  Submit(1);
  posts_.at(0)({Verdict::kNotWritten, absl::UnavailableError("no connection")});
  EXPECT_EQ(FateOf(1), CommandFate::kNotSent);
  EXPECT_EQ(outcomes_[1].submit_time, TimeNs());
  Submit(2);
  EXPECT_EQ(Sent().back(), "2@7");
}

TEST_F(TransactionLaneTest, ALostAnswerOverRestIsUnknown) {
  StartAt(7, /*socket=*/false);
  Submit(1);
  posts_.at(0)({Verdict::kLost, absl::UnavailableError("502")});
  EXPECT_EQ(FateOf(1), CommandFate::kUnknown);
  Submit(2);
  Read(8);
  EXPECT_EQ(Sent(), (Texts{"1@7", "2@8"}));
}

TEST_F(TransactionLaneTest, ARefusedBatchMayHaveBeenTakenInPart) {
  StartAt(7);
  SubmitBatch({1, 2});
  AnswerTo(0, Refused());
  EXPECT_EQ(FateOf(1), CommandFate::kUnknown);
  Submit(3);
  Read(8);
  EXPECT_EQ(Sent().back(), "3@8");
}

TEST_F(TransactionLaneTest, ABatchRefusedForARateLimitWasNotLookedAt) {
  StartAt(7);
  SubmitBatch({1, 2});
  AnswerTo(0, {Verdict::kRefused, absl::ResourceExhaustedError("23000")});
  EXPECT_EQ(FateOf(1), CommandFate::kRefused);
  Submit(3);
  EXPECT_EQ(Sent().back(), "3@7");
}

TEST_F(TransactionLaneTest, ABatchRefusedForANonceThatNothingExplainsIsNotSignedAgain) {
  StartAt(7);
  SubmitBatch({1, 2});
  AnswerTo(0, BadNonce());
  EXPECT_EQ(FateOf(1), CommandFate::kUnknown);
  Read(9);
  EXPECT_EQ(messages_.size(), 1u);
}

TEST_F(TransactionLaneTest, ARefusalWithoutAnIdIsOfTheOnlyOneUnderWay) {
  StartAt(7);
  Submit(1);
  lane_.OnAnswerToSomething(1, Refused("21739"));
  EXPECT_EQ(FateOf(1), CommandFate::kRefused);
  EXPECT_EQ(outcomes_[1].status.message(), "21739");
}

TEST_F(TransactionLaneTest, ARefusalWithoutAnIdIsOfTheOneThatHasNoAnswerInTheEnd) {
  StartAt(7);
  for (int i = 1; i <= 3; ++i) Submit(i);
  lane_.OnAnswerToSomething(1, Refused());
  EXPECT_TRUE(outcomes_.empty());
  AnswerTo(0, Accepted());
  EXPECT_EQ(outcomes_.size(), 1u);
  lane_.OnAnswerToSomething(1, BadNonce());
  EXPECT_EQ(FateOf(2), CommandFate::kRefused);
  EXPECT_EQ(Sent().back(), "3@8");  // its nonce was refused because of 2
}

TEST_F(TransactionLaneTest, ARefusalWithoutAnIdIsNeverTakenForOneThatMayHaveBeenGivenUp) {
  StartAt(7);
  Submit(1);
  clock_.Advance(seconds(5));
  lane_.Tick();  // 1 has no answer
  Read(8);
  Submit(2);
  lane_.OnAnswerToSomething(1, Refused());  // of 1 or of 2
  EXPECT_FALSE(outcomes_.contains(2));
  AnswerTo(1, Accepted());
  EXPECT_EQ(FateOf(2), CommandFate::kConfirmed);
  EXPECT_EQ(FateOf(1), CommandFate::kUnknown);
}

TEST_F(TransactionLaneTest, ARefusalOfAnotherSocketIsNoneOfThisOne) {
  StartAt(7);
  Submit(1);
  lane_.OnAnswerToSomething(9, Refused());
  EXPECT_TRUE(outcomes_.empty());
}

TEST_F(TransactionLaneTest, WhatCannotBeSignedTakesNoNonce) {
  StartAt(7);
  Submit(-1);
  Submit(2);
  EXPECT_EQ(FateOf(-1), CommandFate::kNotSent);
  EXPECT_EQ(outcomes_[-1].status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Sent(), (Texts{"2@7"}));
}

TEST_F(TransactionLaneTest, ClosingSettlesAll) {
  StartAt(7);
  Submit(1);
  AnswerTo(0, Refused());
  Submit(2);
  lane_.OnSocketClosed(1, absl::UnavailableError("reset"));
  Submit(3);
  lane_.Close();
  Submit(4);
  EXPECT_EQ(FateOf(2), CommandFate::kUnknown);
  EXPECT_EQ(FateOf(3), CommandFate::kNotSent);
  EXPECT_EQ(FateOf(4), CommandFate::kNotSent);
  EXPECT_EQ(ReasonOf(outcomes_[4].status), common::v1::ERROR_REASON_SHUTTING_DOWN);
  EXPECT_TRUE(lane_.empty());
}

TEST_F(TransactionLaneTest, ThePlannedChangeOfSocketsWaitsForTheOldOne) {
  StartAt(7);
  Submit(1);
  lane_.OnSocketOpen(2);
  Submit(2);
  EXPECT_EQ(messages_.size(), 1u);
  AnswerTo(0, Accepted());
  ASSERT_EQ(Sent(), (Texts{"1@7", "2@8"}));
  EXPECT_EQ(messages_[1].socket, 2u);
  EXPECT_TRUE(readings_.empty());
}

}  // namespace
}  // namespace switchyard::exchanges::lighter
