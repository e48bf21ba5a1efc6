// What is known of nonces after each kind of answer, and after none. Failures first.
#include "exchanges/lighter/private/nonce_manager.h"

#include <gtest/gtest.h>

#include <optional>

namespace switchyard::exchanges::lighter {
namespace {

using std::chrono::seconds;

constexpr TimeNs kNow = TimeNs::FromSeconds(1'800'000'000);
constexpr TimeNs kExpiry = TimeNs::FromSeconds(1'800'000'060);

class NonceManagerTest : public testing::Test {
 protected:
  void SetUp() override { nonces_.OnRead(100, kNow); }
  // Writes one transaction under the next nonce.
  std::int64_t Write(std::int64_t count = 1) {
    const std::int64_t nonce = nonces_.Next().value();
    nonces_.OnWritten(count);
    return nonce;
  }

  NonceManager nonces_;
};

TEST(NewNonceManagerTest, SignsNothingBeforeAReading) {
  NonceManager nonces;
  EXPECT_TRUE(nonces.needs_reading());
  EXPECT_EQ(nonces.Next(), std::nullopt);
  nonces.OnRead(0, kNow);
  EXPECT_FALSE(nonces.needs_reading());
  EXPECT_EQ(nonces.Next(), 0);
}

TEST_F(NonceManagerTest, CountsLocallyWithoutWaitingForAnswers) {
  EXPECT_EQ(Write(), 100);
  EXPECT_EQ(Write(15), 101);
  EXPECT_EQ(nonces_.Next(), 116);
  EXPECT_FALSE(nonces_.needs_reading());
}

TEST_F(NonceManagerTest, ARefusedOneGivesItsNonceBack) {
  Write();
  nonces_.OnRefused(100);
  EXPECT_EQ(nonces_.Next(), 100);
}

TEST_F(NonceManagerTest, BehindARefusalNothingIsSignedBeforeTheRestIsAnswered) {
  Write();
  Write();
  Write();
  nonces_.OnRefused(100);
  EXPECT_EQ(nonces_.Next(), std::nullopt);
  EXPECT_FALSE(nonces_.needs_reading());
  EXPECT_TRUE(nonces_.OnBadNonce(101));
  EXPECT_EQ(nonces_.Next(), std::nullopt);
  EXPECT_TRUE(nonces_.OnBadNonce(102));
  EXPECT_EQ(nonces_.Next(), 100);
}

TEST_F(NonceManagerTest, AnAcceptanceBehindARefusalShowsThatTheRefusalUsedItsNonceUp) {
  Write();
  Write();
  nonces_.OnRefused(100);
  nonces_.OnAccepted(101, 1, kExpiry);
  EXPECT_EQ(nonces_.Next(), 102);
}

TEST_F(NonceManagerTest, ABadNonceThatNothingExplainsAsksForAReading) {
  Write();
  Write();
  EXPECT_FALSE(nonces_.OnBadNonce(100));
  EXPECT_FALSE(nonces_.needs_reading());  // 101 is still open
  EXPECT_TRUE(nonces_.OnBadNonce(101));
  EXPECT_TRUE(nonces_.needs_reading());
  EXPECT_EQ(nonces_.Next(), std::nullopt);
  nonces_.OnRead(107, kNow);
  EXPECT_EQ(nonces_.Next(), 107);
}

TEST_F(NonceManagerTest, ALostOneAsksForAReading) {
  Write();
  nonces_.OnLost(100);
  EXPECT_TRUE(nonces_.needs_reading());
  EXPECT_EQ(nonces_.Next(), std::nullopt);
  nonces_.OnRead(100, kNow);
  EXPECT_EQ(nonces_.Next(), 100);
}

TEST_F(NonceManagerTest, AnAcceptanceBehindALostOneSettlesItsNonce) {
  Write();
  Write();
  nonces_.OnLost(100);
  EXPECT_EQ(nonces_.Next(), std::nullopt);
  nonces_.OnAccepted(101, 1, kExpiry);
  EXPECT_FALSE(nonces_.needs_reading());
  EXPECT_EQ(nonces_.Next(), 102);
}

TEST_F(NonceManagerTest, AnAcceptanceBeforeALostOneDoesNot) {
  Write();
  Write();
  nonces_.OnLost(101);
  nonces_.OnAccepted(100, 1, kExpiry);
  EXPECT_TRUE(nonces_.needs_reading());
}

TEST_F(NonceManagerTest, TheLateAnswerOfALostOneSettlesItsNonce) {
  Write();
  nonces_.OnLost(100);
  nonces_.OnAccepted(100, 1, kExpiry);
  EXPECT_FALSE(nonces_.needs_reading());
  EXPECT_EQ(nonces_.Next(), 101);
}

TEST_F(NonceManagerTest, ALateAnswerAfterTheReadingMovesTheCountForward) {
  Write();
  nonces_.OnLost(100);
  nonces_.OnRead(100, kNow);  // it lags
  nonces_.OnAccepted(100, 1, kExpiry);
  EXPECT_EQ(nonces_.Next(), 101);
}

TEST_F(NonceManagerTest, AReadingThatLagsBehindAcceptedOnesIsNotBelieved) {
  Write();
  Write();
  nonces_.OnAccepted(100, 1, kExpiry);
  nonces_.OnAccepted(101, 1, kExpiry);
  nonces_.OnReconnected();
  EXPECT_TRUE(nonces_.needs_reading());
  nonces_.OnRead(100, kNow);
  EXPECT_EQ(nonces_.Next(), 102);
}

TEST_F(NonceManagerTest, AReadingThatIsAheadIsBelieved) {
  Write();
  nonces_.OnAccepted(100, 1, kExpiry);
  nonces_.OnReconnected();
  nonces_.OnRead(140, kNow);
  EXPECT_EQ(nonces_.Next(), 140);
}

TEST_F(NonceManagerTest, WhatWasAcceptedAndExpiredUnexecutedGivesItsNonceBack) {
  Write();
  nonces_.OnAccepted(100, 1, kExpiry);
  nonces_.OnReconnected();
  nonces_.OnRead(100, kExpiry);
  EXPECT_EQ(nonces_.Next(), 100);
}

TEST_F(NonceManagerTest, ACountThatTheExchangeRefusesGivesWayToTheReading) {
  Write();
  nonces_.OnAccepted(100, 1, kExpiry);
  nonces_.OnReconnected();
  nonces_.OnRead(100, kNow);
  EXPECT_EQ(Write(), 101);  // the reading was held to lag
  EXPECT_FALSE(nonces_.OnBadNonce(101));
  nonces_.OnRead(100, kNow);
  EXPECT_EQ(nonces_.Next(), 100);
}

TEST_F(NonceManagerTest, ABatchUsesUpAllItsNonces) {
  Write(3);
  Write();
  nonces_.OnAccepted(100, 3, kExpiry);
  nonces_.OnRefused(103);
  EXPECT_EQ(nonces_.Next(), 103);
  nonces_.OnReconnected();
  nonces_.OnRead(100, kNow);
  EXPECT_EQ(nonces_.Next(), 103);
}

}  // namespace
}  // namespace switchyard::exchanges::lighter
