#include "common/exchange/subscription_set.h"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace switchyard::exchange {
namespace {

using std::chrono::seconds;
using Action = SubscriptionSet::Action;

constexpr std::chrono::nanoseconds kStart = seconds(1'000);
constexpr seconds kAnswerTimeout{5};

StreamKey Key(std::uint32_t instrument) { return {1, {instrument}, 0}; }

class SubscriptionSetTest : public testing::Test {
 protected:
  explicit SubscriptionSetTest(const retry::Pace& pace = {.max_in_flight = 3})
      : set_(pace, kAnswerTimeout) {}

  // Sends all that may go now.
  std::vector<SubscriptionSet::Request> Send() {
    std::vector<SubscriptionSet::Request> sent;
    while (const auto request = set_.Next(now_)) sent.push_back(*request);
    return sent;
  }
  // Wants a key and sends the one request.
  SubscriptionSet::Request Ask(const StreamKey& key) {
    set_.Want(key);
    const auto request = set_.Next(now_);
    EXPECT_TRUE(request.has_value());
    return request.value_or(SubscriptionSet::Request{});
  }
  void Confirm(const StreamKey& key) {
    const auto request = Ask(key);
    ASSERT_TRUE(set_.OnAnswer(request.id, /*refused=*/false, now_).has_value());
    ASSERT_TRUE(set_.IsConfirmed(key));
  }

  SubscriptionSet set_;
  std::chrono::nanoseconds now_ = kStart;
};

// Refusals.

TEST_F(SubscriptionSetTest, ARefusedKeyIsNotConfirmedAndNotAskedAgainAtOnce) {
  const auto request = Ask(Key(1));
  const auto answered = set_.OnAnswer(request.id, /*refused=*/true, now_);
  ASSERT_TRUE(answered.has_value());
  EXPECT_EQ(answered->key, Key(1));
  EXPECT_FALSE(set_.IsConfirmed(Key(1)));
  EXPECT_EQ(set_.confirmed(), 0U);
  EXPECT_EQ(set_.size(), 1U);
  EXPECT_TRUE(set_.settled());
  EXPECT_TRUE(Send().empty());
}

TEST_F(SubscriptionSetTest, ARefusedKeyIsAskedAgainAfterThePauseAndNotBefore) {
  set_.OnAnswer(Ask(Key(1)).id, /*refused=*/true, now_);
  now_ += seconds(9);
  set_.RetryRefused(now_, seconds(10));
  EXPECT_TRUE(Send().empty());
  now_ += seconds(1);
  set_.RetryRefused(now_, seconds(10));
  const auto sent = Send();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].key, Key(1));
  EXPECT_EQ(sent[0].attempt, 1);
}

TEST_F(SubscriptionSetTest, ARefusedKeyThatIsWantedAnewIsAskedForAtOnce) {
  set_.OnAnswer(Ask(Key(1)).id, /*refused=*/true, now_);
  set_.Want(Key(1));
  EXPECT_EQ(Send().size(), 1U);
}

TEST_F(SubscriptionSetTest, ARefusedKeyThatNobodyWantsIsForgotten) {
  set_.OnAnswer(Ask(Key(1)).id, /*refused=*/true, now_);
  set_.Unwant(Key(1));
  now_ += seconds(60);
  set_.RetryRefused(now_, seconds(10));
  EXPECT_TRUE(Send().empty());
  EXPECT_EQ(set_.size(), 0U);
}

// Answers that do not come, or come late.

TEST_F(SubscriptionSetTest, AnAnswerToNothingThatWasAskedDecidesNothing) {
  const auto request = Ask(Key(1));
  EXPECT_FALSE(set_.OnAnswer(request.id + 1, /*refused=*/false, now_).has_value());
  EXPECT_FALSE(set_.IsConfirmed(Key(1)));
}

TEST_F(SubscriptionSetTest, AnUnansweredRequestIsAskedAgainUnderANewId) {
  const auto first = Ask(Key(1));
  EXPECT_EQ(first.attempt, 1);
  now_ += kAnswerTimeout - std::chrono::nanoseconds(1);
  EXPECT_TRUE(set_.TakeOverdue(now_).empty());
  now_ += std::chrono::nanoseconds(1);
  const auto overdue = set_.TakeOverdue(now_);
  ASSERT_EQ(overdue.size(), 1U);
  EXPECT_EQ(overdue[0].id, first.id);
  EXPECT_FALSE(set_.settled());
  const auto again = Send();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_NE(again[0].id, first.id);
  EXPECT_EQ(again[0].attempt, 2);
}

TEST_F(SubscriptionSetTest, ALateConfirmationCountsBeforeTheKeyIsAskedAgain) {
  const auto first = Ask(Key(1));
  now_ += kAnswerTimeout;
  set_.TakeOverdue(now_);
  const auto answered = set_.OnAnswer(first.id, /*refused=*/false, now_);
  ASSERT_TRUE(answered.has_value());
  EXPECT_EQ(answered->key, Key(1));
  EXPECT_TRUE(set_.IsConfirmed(Key(1)));
  EXPECT_TRUE(set_.settled());
  EXPECT_TRUE(Send().empty()) << "asked again for what is confirmed";
}

TEST_F(SubscriptionSetTest, ALateConfirmationCountsWhileTheKeyIsAskedAgain) {
  const auto first = Ask(Key(1));
  now_ += kAnswerTimeout;
  set_.TakeOverdue(now_);
  const auto second = Send();
  ASSERT_EQ(second.size(), 1U);
  now_ += seconds(1);
  ASSERT_TRUE(set_.OnAnswer(first.id, /*refused=*/false, now_).has_value());
  EXPECT_EQ(set_.confirmed(), 1U);
  EXPECT_TRUE(set_.settled());
  // Its own answer, here "subscribed already", or none at all, changes nothing any more.
  EXPECT_FALSE(set_.OnAnswer(second[0].id, /*refused=*/true, now_).has_value());
  now_ += kAnswerTimeout;
  EXPECT_TRUE(set_.TakeOverdue(now_).empty());
  EXPECT_TRUE(set_.IsConfirmed(Key(1)));
}

TEST_F(SubscriptionSetTest, OfTwoConfirmationsTheOwnerHearsOne) {
  const auto first = Ask(Key(1));
  now_ += kAnswerTimeout;
  set_.TakeOverdue(now_);
  const auto second = Send();
  ASSERT_EQ(second.size(), 1U);
  EXPECT_TRUE(set_.OnAnswer(first.id, /*refused=*/false, now_).has_value());
  EXPECT_FALSE(set_.OnAnswer(second[0].id, /*refused=*/false, now_).has_value());
  EXPECT_FALSE(set_.OnAnswer(first.id, /*refused=*/false, now_).has_value());
}

TEST_F(SubscriptionSetTest, ALateConfirmationOutweighsTheRefusalToBeSubscribedTwice) {
  const auto first = Ask(Key(1));
  now_ += kAnswerTimeout;
  set_.TakeOverdue(now_);
  const auto second = Send();
  ASSERT_EQ(second.size(), 1U);
  EXPECT_TRUE(set_.OnAnswer(second[0].id, /*refused=*/true, now_).has_value());
  EXPECT_TRUE(set_.OnAnswer(first.id, /*refused=*/false, now_).has_value());
  EXPECT_TRUE(set_.IsConfirmed(Key(1)));
}

TEST_F(SubscriptionSetTest, ALateRefusalLeavesTheDecisionToTheRequestThatFollowed) {
  const auto first = Ask(Key(1));
  now_ += kAnswerTimeout;
  set_.TakeOverdue(now_);
  const auto second = Send();
  ASSERT_EQ(second.size(), 1U);
  EXPECT_FALSE(set_.OnAnswer(first.id, /*refused=*/true, now_).has_value());
  EXPECT_TRUE(set_.OnAnswer(second[0].id, /*refused=*/false, now_).has_value());
  EXPECT_TRUE(set_.IsConfirmed(Key(1)));
}

TEST_F(SubscriptionSetTest, ALateConfirmationOfWhatNobodyWantsIsLeft) {
  const auto first = Ask(Key(1));
  set_.Unwant(Key(1));
  now_ += kAnswerTimeout;
  set_.TakeOverdue(now_);
  ASSERT_TRUE(Send().empty());
  EXPECT_FALSE(set_.OnAnswer(first.id, /*refused=*/false, now_).has_value());
  EXPECT_EQ(set_.size(), 0U);
  EXPECT_EQ(set_.confirmed(), 0U);
  const auto leave = Send();
  ASSERT_EQ(leave.size(), 1U);
  EXPECT_EQ(leave[0].key, Key(1));
  EXPECT_EQ(leave[0].action, Action::kUnsubscribe);
}

TEST_F(SubscriptionSetTest, ALateConfirmationFromBeforeTheKeyWasLeftIsVoid) {
  const auto first = Ask(Key(1));
  now_ += kAnswerTimeout;
  set_.TakeOverdue(now_);
  const auto second = Send();
  ASSERT_EQ(second.size(), 1U);
  ASSERT_TRUE(set_.OnAnswer(second[0].id, /*refused=*/false, now_).has_value());
  set_.Renew(Key(1));
  const auto leave = Send();
  ASSERT_EQ(leave.size(), 1U);
  ASSERT_EQ(leave[0].action, Action::kUnsubscribe);
  ASSERT_TRUE(set_.OnAnswer(leave[0].id, /*refused=*/false, now_).has_value());
  EXPECT_FALSE(set_.OnAnswer(first.id, /*refused=*/false, now_).has_value());
  EXPECT_FALSE(set_.IsConfirmed(Key(1)));
  EXPECT_EQ(Send().size(), 1U) << "the key is to be subscribed again";
}

TEST_F(SubscriptionSetTest, AnAnswerThroughAnEarlierSocketDecidesNothing) {
  const auto given_up = Ask(Key(1));
  now_ += kAnswerTimeout;
  set_.TakeOverdue(now_);
  const auto under_way = Send();
  ASSERT_EQ(under_way.size(), 1U);
  set_.OnDisconnected();
  EXPECT_FALSE(set_.OnAnswer(given_up.id, /*refused=*/false, now_).has_value());
  EXPECT_FALSE(set_.OnAnswer(under_way[0].id, /*refused=*/false, now_).has_value());
  EXPECT_EQ(set_.confirmed(), 0U);
}

TEST_F(SubscriptionSetTest, AnUnansweredRequestToLeaveIsForgottenUnlessTheKeyIsWanted) {
  Confirm(Key(1));
  Confirm(Key(2));
  set_.Unwant(Key(1));
  set_.Renew(Key(2));
  ASSERT_EQ(Send().size(), 2U);
  now_ += kAnswerTimeout;
  EXPECT_EQ(set_.TakeOverdue(now_).size(), 2U);
  const auto sent = Send();
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].key, Key(2));
  EXPECT_EQ(sent[0].action, Action::kSubscribe);
  EXPECT_EQ(sent[0].attempt, 2);
}

TEST_F(SubscriptionSetTest, AnAnswerBeginsTheCountOfAttemptsAnew) {
  const auto first = Ask(Key(1));
  now_ += kAnswerTimeout;
  set_.TakeOverdue(now_);
  const auto second = Send();
  ASSERT_EQ(second.size(), 1U);
  set_.OnAnswer(first.id, /*refused=*/false, now_);
  set_.Renew(Key(1));
  const auto leave = Send();
  ASSERT_EQ(leave.size(), 1U);
  EXPECT_EQ(leave[0].attempt, 1);
}

// The window.

TEST_F(SubscriptionSetTest, NoMoreThanTheWindowIsUnanswered) {
  for (std::uint32_t i = 0; i < 5; ++i) set_.Want(Key(i));
  const auto sent = Send();
  ASSERT_EQ(sent.size(), 3U);
  EXPECT_TRUE(Send().empty());
  set_.OnAnswer(sent[0].id, /*refused=*/false, now_);
  EXPECT_EQ(Send().size(), 1U);
  set_.OnAnswer(sent[1].id, /*refused=*/true, now_);  // a refusal frees a place as well
  EXPECT_EQ(Send().size(), 1U);
  EXPECT_TRUE(Send().empty());
}

TEST_F(SubscriptionSetTest, ARequestGivenUpFreesItsPlaceOnce) {
  for (std::uint32_t i = 0; i < 8; ++i) set_.Want(Key(i));
  const auto first = Send();
  ASSERT_EQ(first.size(), 3U);
  now_ += kAnswerTimeout;
  ASSERT_EQ(set_.TakeOverdue(now_).size(), 3U);
  ASSERT_EQ(Send().size(), 3U);
  // Each late answer settles its key, so that the request that followed gives its place away.
  for (const auto& request : first) set_.OnAnswer(request.id, /*refused=*/false, now_);
  EXPECT_EQ(Send().size(), 3U);
  EXPECT_TRUE(Send().empty());
}

class PacedSubscriptionSetTest : public SubscriptionSetTest {
 protected:
  PacedSubscriptionSetTest()
      : SubscriptionSetTest({.max_in_flight = 100, .per_window = 2, .window = seconds(1)}) {}
};

TEST_F(PacedSubscriptionSetTest, NoMoreThanTheRateIsSent) {
  for (std::uint32_t i = 0; i < 5; ++i) set_.Want(Key(i));
  EXPECT_EQ(Send().size(), 2U);
  now_ += std::chrono::milliseconds(999);
  EXPECT_TRUE(Send().empty());
  now_ += std::chrono::milliseconds(1);
  EXPECT_EQ(Send().size(), 2U);
}

TEST_F(PacedSubscriptionSetTest, AReconnectDoesNotReopenTheRate) {
  for (std::uint32_t i = 0; i < 4; ++i) set_.Want(Key(i));
  ASSERT_EQ(Send().size(), 2U);
  set_.OnDisconnected();
  EXPECT_TRUE(Send().empty());
  now_ += seconds(1);
  EXPECT_EQ(Send().size(), 2U);
}

// Counting what is wanted.

TEST_F(SubscriptionSetTest, AKeyThatIsWantedTwiceIsOneSubscription) {
  set_.Want(Key(1));
  set_.Want(Key(1));
  EXPECT_EQ(set_.size(), 1U);
  EXPECT_EQ(Send().size(), 1U);
  set_.Unwant(Key(1));
  set_.Unwant(Key(1));
  EXPECT_EQ(set_.size(), 0U);
}

TEST_F(SubscriptionSetTest, KeysOfOneInstrumentDifferByChannelAndParameter) {
  set_.Want({1, {7}, 0});
  set_.Want({2, {7}, 0});
  set_.Want({2, {7}, 60});
  EXPECT_EQ(set_.size(), 3U);
  EXPECT_EQ(set_.wanted(), (std::vector<StreamKey>{{1, {7}, 0}, {2, {7}, 0}, {2, {7}, 60}}));
}

TEST_F(SubscriptionSetTest, WhatIsGivenUpBeforeItWasAskedForIsNeverSent) {
  set_.Want(Key(1));
  set_.Unwant(Key(1));
  EXPECT_TRUE(Send().empty());
  EXPECT_TRUE(set_.settled());
}

TEST_F(SubscriptionSetTest, WhatIsGivenUpWhileAskedForIsLeftOnceConfirmed) {
  const auto request = Ask(Key(1));
  set_.Unwant(Key(1));
  EXPECT_TRUE(Send().empty());
  set_.OnAnswer(request.id, /*refused=*/false, now_);
  EXPECT_FALSE(set_.IsConfirmed(Key(1)));
  const auto leave = Send();
  ASSERT_EQ(leave.size(), 1U);
  EXPECT_EQ(leave[0].action, Action::kUnsubscribe);
  EXPECT_FALSE(set_.settled());
  set_.OnAnswer(leave[0].id, /*refused=*/false, now_);
  EXPECT_TRUE(set_.settled());
}

TEST_F(SubscriptionSetTest, WhatIsWantedAgainWhileBeingLeftIsSubscribedAnew) {
  Confirm(Key(1));
  set_.Unwant(Key(1));
  EXPECT_EQ(set_.confirmed(), 0U);
  const auto leave = Send();
  ASSERT_EQ(leave.size(), 1U);
  set_.Want(Key(1));
  EXPECT_EQ(set_.size(), 1U);
  EXPECT_TRUE(Send().empty());
  set_.OnAnswer(leave[0].id, /*refused=*/false, now_);
  const auto again = Send();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].action, Action::kSubscribe);
}

TEST_F(SubscriptionSetTest, ARenewedKeyIsLeftAndSubscribedAnew) {
  Confirm(Key(1));
  set_.Renew(Key(1));
  EXPECT_FALSE(set_.IsConfirmed(Key(1)));
  const auto leave = Send();
  ASSERT_EQ(leave.size(), 1U);
  EXPECT_EQ(leave[0].action, Action::kUnsubscribe);
  set_.OnAnswer(leave[0].id, /*refused=*/true, now_);  // refused or not, it is subscribed next
  const auto again = Send();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].action, Action::kSubscribe);
  set_.OnAnswer(again[0].id, /*refused=*/false, now_);
  EXPECT_TRUE(set_.IsConfirmed(Key(1)));
}

TEST_F(SubscriptionSetTest, OnlyWhatIsConfirmedCanBeRenewed) {
  set_.Renew(Key(1));
  EXPECT_TRUE(Send().empty());
  Ask(Key(1));
  set_.Renew(Key(1));
  EXPECT_TRUE(Send().empty());
}

// Connections.

TEST_F(SubscriptionSetTest, ADisconnectionUnconfirmsEverythingAndAsksForWhatIsWanted) {
  Confirm(Key(1));
  Confirm(Key(2));
  Confirm(Key(3));
  set_.Unwant(Key(2));
  set_.OnDisconnected();
  EXPECT_EQ(set_.confirmed(), 0U);
  EXPECT_EQ(set_.size(), 2U);
  const auto sent = Send();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].key, Key(1));
  EXPECT_EQ(sent[1].key, Key(3));
  EXPECT_EQ(sent[0].action, Action::kSubscribe);
}

TEST_F(SubscriptionSetTest, ARefusalIsForgottenWithItsConnection) {
  set_.OnAnswer(Ask(Key(1)).id, /*refused=*/true, now_);
  set_.OnDisconnected();
  EXPECT_EQ(Send().size(), 1U);
}

TEST_F(SubscriptionSetTest, OneCarriesAllOfAnotherWhenItConfirmsWhatThatConfirmed) {
  SubscriptionSet other({.max_in_flight = 10}, kAnswerTimeout);
  other.Want(Key(1));
  other.Want(Key(2));
  const auto first = other.Next(now_);
  const auto second = other.Next(now_);
  other.OnAnswer(first->id, /*refused=*/false, now_);
  other.OnAnswer(second->id, /*refused=*/true, now_);
  EXPECT_FALSE(set_.CarriesAllOf(other));
  Confirm(Key(1));
  EXPECT_TRUE(set_.CarriesAllOf(other)) << "the other does not carry the second key itself";
  set_.Unwant(Key(1));
  EXPECT_FALSE(set_.CarriesAllOf(other));
}

// Silence.

TEST_F(SubscriptionSetTest, ASilentKeyIsReportedOncePerSilence) {
  Confirm(Key(1));
  now_ += seconds(8) - std::chrono::nanoseconds(1);
  EXPECT_TRUE(set_.TakeSilent(now_, seconds(8)).empty());
  now_ += std::chrono::nanoseconds(1);
  EXPECT_EQ(set_.TakeSilent(now_, seconds(8)), std::vector<StreamKey>{Key(1)});
  EXPECT_TRUE(set_.TakeSilent(now_, seconds(8)).empty());
  now_ += seconds(8);
  EXPECT_EQ(set_.TakeSilent(now_, seconds(8)), std::vector<StreamKey>{Key(1)});
}

TEST_F(SubscriptionSetTest, DataOfOneKeySaysNothingOfAnother) {
  Confirm(Key(1));
  Confirm(Key(2));
  now_ += seconds(4);
  EXPECT_TRUE(set_.OnData(Key(2), now_));
  now_ += seconds(4);
  EXPECT_EQ(set_.TakeSilent(now_, seconds(8)), std::vector<StreamKey>{Key(1)});
}

TEST_F(SubscriptionSetTest, WhatIsNotConfirmedIsNotCalledSilent) {
  Ask(Key(1));
  set_.OnAnswer(Ask(Key(2)).id, /*refused=*/true, now_);
  now_ += seconds(60);
  EXPECT_TRUE(set_.TakeSilent(now_, seconds(8)).empty());
}

TEST_F(SubscriptionSetTest, DataOfAKeyThatNobodyWantsIsToldApart) {
  EXPECT_FALSE(set_.OnData(Key(1), now_));
  Confirm(Key(1));
  EXPECT_TRUE(set_.OnData(Key(1), now_));
  set_.Unwant(Key(1));
  EXPECT_FALSE(set_.OnData(Key(1), now_));
}

// Answers that name the key alone.

TEST_F(SubscriptionSetTest, NothingIsUnansweredOfAKeyThatWasNotAskedFor) {
  Ask(Key(1));
  EXPECT_FALSE(set_.UnansweredOf(Key(2), Action::kSubscribe).has_value());
  EXPECT_FALSE(set_.UnansweredOf(Key(1), Action::kUnsubscribe).has_value());
}

TEST_F(SubscriptionSetTest, AnAnswerFindsItsRequestByTheKey) {
  Ask(Key(1));
  const auto asked = Ask(Key(2));
  const auto found = set_.UnansweredOf(Key(2), Action::kSubscribe);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->id, asked.id);
  set_.OnAnswer(asked.id, /*refused=*/false, now_);
  EXPECT_FALSE(set_.UnansweredOf(Key(2), Action::kSubscribe).has_value());
}

TEST_F(SubscriptionSetTest, AnAnswerThatComesLateFindsTheRequestThatWasGivenUp) {
  const auto asked = Ask(Key(1));
  now_ += kAnswerTimeout;
  ASSERT_EQ(set_.TakeOverdue(now_).size(), 1U);
  const auto found = set_.UnansweredOf(Key(1), Action::kSubscribe);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->id, asked.id);
  EXPECT_TRUE(set_.OnAnswer(found->id, /*refused=*/false, now_).has_value());
  EXPECT_TRUE(set_.IsConfirmed(Key(1)));
}

TEST_F(SubscriptionSetTest, ARefusalThatNamesNothingIsThatOfTheLongestWait) {
  EXPECT_FALSE(set_.OldestUnanswered().has_value());
  const auto first = Ask(Key(7));
  now_ += seconds(1);
  Ask(Key(3));
  const auto oldest = set_.OldestUnanswered();
  ASSERT_TRUE(oldest.has_value());
  EXPECT_EQ(oldest->id, first.id);
}

}  // namespace
}  // namespace switchyard::exchange
