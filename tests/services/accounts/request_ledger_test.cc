#include "services/accounts/request_ledger.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace switchyard::accounts {
namespace {

using exchange::CommandFate;
using Ledger = RequestLedger<std::string>;
using Turn = Ledger::Turn;

class RequestLedgerTest : public ::testing::Test {
 protected:
  // What waiters heard: "value", "value again" for a replay, or the code of an error.
  Ledger::Waiter Hear() {
    return [this](const Ledger::Outcome& outcome, bool replayed) {
      const std::string text =
          outcome.ok() ? *outcome : absl::StatusCodeToString(outcome.status().code());
      heard_.push_back(text + (replayed ? " again" : ""));
    };
  }
  Turn Begin(const std::string& id, const std::string& body = "body") {
    const auto begun = ledger_.Begin(id, body, Hear());
    EXPECT_TRUE(begun.ok()) << begun.status();
    return begun.ok() ? begun->turn : Turn::kWait;
  }

  Ledger ledger_{2};
  std::vector<std::string> heard_;
};

TEST_F(RequestLedgerTest, TheFirstSendsAndHearsTheOutcome) {
  EXPECT_EQ(Begin("a"), Turn::kSend);
  EXPECT_TRUE(heard_.empty());
  ledger_.Settle("a", CommandFate::kConfirmed, "done", {});
  EXPECT_EQ(heard_, std::vector<std::string>{"done"});
}

TEST_F(RequestLedgerTest, ARepetitionIsReplayed) {
  Begin("a");
  ledger_.Settle("a", CommandFate::kConfirmed, "done", {});
  EXPECT_EQ(Begin("a"), Turn::kWait);
  EXPECT_EQ(heard_, (std::vector<std::string>{"done", "done again"}));
}

TEST_F(RequestLedgerTest, ARepetitionWhileUnderWayWaitsForTheSameOutcome) {
  EXPECT_EQ(Begin("a"), Turn::kSend);
  EXPECT_EQ(Begin("a"), Turn::kWait);
  EXPECT_TRUE(heard_.empty());
  ledger_.Settle("a", CommandFate::kConfirmed, "done", {});
  EXPECT_EQ(heard_, (std::vector<std::string>{"done", "done again"}));
}

TEST_F(RequestLedgerTest, AnotherBodyIsRefused) {
  Begin("a");
  const auto begun = ledger_.Begin("a", "another body", Hear());
  EXPECT_EQ(begun.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReasonOf(begun.status()), common::v1::ERROR_REASON_REQUEST_ID_REUSED);
}

TEST_F(RequestLedgerTest, ARefusalIsReplayed) {
  Begin("a");
  ledger_.Settle("a", CommandFate::kRefused, absl::FailedPreconditionError("no"), {});
  EXPECT_EQ(Begin("a"), Turn::kWait);
  EXPECT_EQ(heard_, (std::vector<std::string>{"FAILED_PRECONDITION", "FAILED_PRECONDITION again"}));
}

TEST_F(RequestLedgerTest, WhatWasNotSentMayBeTriedAgain) {
  Begin("a");
  ledger_.Settle("a", CommandFate::kNotSent, absl::UnavailableError("down"), {});
  EXPECT_EQ(Begin("a"), Turn::kSend);
}

TEST_F(RequestLedgerTest, ARateLimitMayBeTriedAgain) {
  Begin("a");
  ledger_.Settle("a", CommandFate::kRefused, absl::ResourceExhaustedError("slowly"), {});
  EXPECT_EQ(Begin("a"), Turn::kSend);
}

TEST_F(RequestLedgerTest, AnUnknownOutcomeIsResolvedAndNeverSentAnew) {
  Begin("a");
  ledger_.Settle("a", CommandFate::kUnknown, absl::UnknownError("?"), TimeNs::FromSeconds(7));
  const auto begun = ledger_.Begin("a", "body", Hear());
  ASSERT_TRUE(begun.ok());
  EXPECT_EQ(begun->turn, Turn::kResolve);
  EXPECT_EQ(begun->unknown_since, TimeNs::FromSeconds(7));
  // A second one waits for who resolves.
  EXPECT_EQ(Begin("a"), Turn::kWait);
  ledger_.Settle("a", CommandFate::kConfirmed, "found", {});
  EXPECT_EQ(heard_, (std::vector<std::string>{"UNKNOWN", "found again", "found again"}));
}

TEST_F(RequestLedgerTest, TheOldestSettledIsForgotten) {
  Begin("a");
  Begin("b");
  ledger_.Settle("b", CommandFate::kConfirmed, "b", {});
  // "a" is older but under way.
  EXPECT_EQ(Begin("c"), Turn::kSend);
  EXPECT_EQ(Begin("a"), Turn::kWait);
}

TEST_F(RequestLedgerTest, FullOfUnknownsRefusesNewCommands) {
  for (const char* id : {"a", "b"}) {
    Begin(id);
    ledger_.Settle(id, CommandFate::kUnknown, absl::UnknownError("?"), TimeNs::FromSeconds(1));
  }
  const auto begun = ledger_.Begin("c", "body", Hear());
  EXPECT_EQ(begun.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(begun.status()), common::v1::ERROR_REASON_FAIL_CLOSED);
  // Those that are known may still be resolved.
  EXPECT_EQ(Begin("a"), Turn::kResolve);
}

TEST_F(RequestLedgerTest, AfterTheDrainNothingNewIsTakenAndWhatIsKnownIsStillTold) {
  Begin("a");
  ledger_.Settle("a", CommandFate::kConfirmed, "done", {});
  ledger_.Drain(std::chrono::seconds(30));
  EXPECT_EQ(ReasonOf(ledger_.Begin("b", "body", Hear()).status()),
            common::v1::ERROR_REASON_SHUTTING_DOWN);
  EXPECT_EQ(Begin("a"), Turn::kWait);
  EXPECT_EQ(heard_.back(), "done again");
}

TEST_F(RequestLedgerTest, TheDrainWaitsForWhatIsUnderWay) {
  Begin("a");
  std::thread draining([this] { ledger_.Drain(std::chrono::seconds(30)); });
  ledger_.Settle("a", CommandFate::kConfirmed, "done", {});
  draining.join();
  EXPECT_EQ(heard_, std::vector<std::string>{"done"});
}

TEST_F(RequestLedgerTest, TheDrainGivesUpInTheEnd) {
  Begin("a");
  ledger_.Drain(std::chrono::milliseconds(1));
  EXPECT_TRUE(heard_.empty());
}

}  // namespace
}  // namespace switchyard::accounts
