// Withdraw and Transfer: money leaves once, where the configuration allows it, or not at all.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "tests/services/account/account_harness.h"

namespace switchyard {
namespace {

namespace v1 = account::v1;
using exchange::CommandFate;
using exchange::FundsResult;
using testing::OnAccount;
using Stub = v1::AccountService::Stub;

v1::WithdrawRequest Withdrawal(const std::string& id) {
  auto request = OnAccount<v1::WithdrawRequest>("main");
  request.set_client_withdrawal_id(id);
  request.set_currency("USDT");
  request.set_quantity("10.5");
  request.set_network("ETH");
  request.set_address("addr-1");
  return request;
}

v1::Withdrawal RecordOf(const std::string& exchange_id) {
  v1::Withdrawal record;
  record.set_exchange_withdrawal_id(exchange_id);
  record.set_currency("usdt");
  record.set_quantity("10.50");
  record.set_address("addr-1");
  return record;
}

class WithdrawTest : public ::testing::Test {
 protected:
  absl::StatusOr<v1::WithdrawResponse> Withdraw(const v1::WithdrawRequest& request) {
    return testing::Ask<v1::WithdrawResponse>(*harness_.stub, &Stub::Withdraw, request);
  }
  void ExpectRefused(const v1::WithdrawRequest& request, absl::StatusCode code,
                     ErrorReason reason) {
    const auto answer = Withdraw(request);
    EXPECT_EQ(answer.status().code(), code) << answer.status();
    EXPECT_EQ(ReasonOf(answer.status()), reason) << answer.status();
    EXPECT_TRUE(main_.sent_withdrawals.empty()) << "something was sent";
    EXPECT_TRUE(harness_.closed.sent_withdrawals.empty()) << "something was sent";
  }
  void LoseTheAnswer() {
    main_.withdraw_result = FundsResult<v1::Withdrawal>{
        .fate = CommandFate::kUnknown, .status = absl::UnavailableError("cut"), .record = {}};
  }

  testing::AccountHarness harness_;
  testing::FakeAccountClient& main_ = harness_.main;
};

TEST_F(WithdrawTest, SendsOnce) {
  main_.withdraw_result->record = RecordOf("w1");
  const auto first = Withdraw(Withdrawal("id-1"));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_FALSE(first->replayed());
  EXPECT_EQ(first->withdrawal().exchange_withdrawal_id(), "w1");
  const auto second = Withdraw(Withdrawal("id-1"));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE(second->replayed());
  ASSERT_EQ(main_.sent_withdrawals.size(), 1u);
  EXPECT_EQ(main_.sent_withdrawals[0].request_id, "id-1");
  EXPECT_EQ(main_.sent_withdrawals[0].amount.ToString(), "10.5");
  EXPECT_EQ(main_.sent_withdrawals[0].network, "ETH");
  EXPECT_EQ(main_.sent_withdrawals[0].address, "addr-1");
}

TEST_F(WithdrawTest, IsOffUnlessConfigured) {
  auto request = Withdrawal("id-1");
  request.set_account("closed");
  ExpectRefused(request, absl::StatusCode::kFailedPrecondition,
                common::v1::ERROR_REASON_DISABLED_BY_CONFIGURATION);
}

TEST_F(WithdrawTest, GoesToListedAddressesAlone) {
  for (const char* address : {"addr-2", "ADDR-1", "addr-1 ", "addr"}) {
    auto request = Withdrawal("id-1");
    request.set_address(address);
    ExpectRefused(request, absl::StatusCode::kFailedPrecondition,
                  common::v1::ERROR_REASON_ADDRESS_NOT_ALLOWED);
  }
}

TEST_F(WithdrawTest, AnotherBodyUnderTheSameIdIsRefused) {
  ASSERT_TRUE(Withdraw(Withdrawal("id-1")).ok());
  auto request = Withdrawal("id-1");
  request.set_quantity("11");
  EXPECT_EQ(ReasonOf(Withdraw(request).status()), common::v1::ERROR_REASON_REQUEST_ID_REUSED);
  EXPECT_EQ(main_.sent_withdrawals.size(), 1u);
}

TEST_F(WithdrawTest, OneFromBeforeARestartIsReplayed) {
  main_.found_withdrawal = RecordOf("w-before");
  const auto answer = Withdraw(Withdrawal("id-1"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->replayed());
  EXPECT_EQ(answer->withdrawal().exchange_withdrawal_id(), "w-before");
  EXPECT_TRUE(main_.sent_withdrawals.empty());
}

TEST_F(WithdrawTest, AnotherOneFromBeforeARestartUnderTheSameIdIsRefused) {
  v1::Withdrawal other = RecordOf("w-before");
  other.set_quantity("3");
  main_.found_withdrawal = other;
  ExpectRefused(Withdrawal("id-1"), absl::StatusCode::kAlreadyExists,
                common::v1::ERROR_REASON_REQUEST_ID_REUSED);
}

TEST_F(WithdrawTest, WithoutKnowingThatItIsNewNothingIsSent) {
  main_.found_withdrawal = MakeError(absl::StatusCode::kUnavailable,
                                     common::v1::ERROR_REASON_EXCHANGE_UNREACHABLE, "down");
  ExpectRefused(Withdrawal("id-1"), absl::StatusCode::kUnavailable,
                common::v1::ERROR_REASON_EXCHANGE_UNREACHABLE);
}

TEST_F(WithdrawTest, AnUnknownOutcomeIsNotSentAgainWhileItMayStillArrive) {
  LoseTheAnswer();
  for (int attempt = 0; attempt < 3; ++attempt) {
    const auto answer = Withdraw(Withdrawal("id-1"));
    EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnknown);
    EXPECT_EQ(ReasonOf(answer.status()), common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN);
  }
  EXPECT_EQ(main_.sent_withdrawals.size(), 1u);
  main_.found_withdrawal = RecordOf("w-late");
  const auto answer = Withdraw(Withdrawal("id-1"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->replayed());
  EXPECT_EQ(main_.sent_withdrawals.size(), 1u);
}

TEST_F(WithdrawTest, OneThatProvablyNeverArrivedIsSentAgain) {
  LoseTheAnswer();
  EXPECT_FALSE(Withdraw(Withdrawal("id-1")).ok());
  main_.not_received_after = std::chrono::nanoseconds(-1);
  main_.withdraw_result = FundsResult<v1::Withdrawal>{
      .fate = CommandFate::kConfirmed, .status = absl::OkStatus(), .record = RecordOf("w2")};
  const auto answer = Withdraw(Withdrawal("id-1"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(main_.sent_withdrawals.size(), 2u);
}

TEST_F(WithdrawTest, ALookUpThatFailsProvesNothing) {
  LoseTheAnswer();
  EXPECT_FALSE(Withdraw(Withdrawal("id-1")).ok());
  main_.not_received_after = std::chrono::nanoseconds(-1);
  main_.found_withdrawal = absl::UnavailableError("down");
  EXPECT_EQ(ReasonOf(Withdraw(Withdrawal("id-1")).status()),
            common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN);
  EXPECT_EQ(main_.sent_withdrawals.size(), 1u);
}

struct BadWithdrawal {
  std::string name;
  std::function<void(v1::WithdrawRequest&)> spoil;
};
class BadWithdrawalTest : public WithdrawTest,
                          public ::testing::WithParamInterface<BadWithdrawal> {};

TEST_P(BadWithdrawalTest, IsRefused) {
  auto request = Withdrawal("id-1");
  GetParam().spoil(request);
  ExpectRefused(request, absl::StatusCode::kInvalidArgument,
                common::v1::ERROR_REASON_INVALID_FIELD);
}

INSTANTIATE_TEST_SUITE_P(
    Fields, BadWithdrawalTest,
    ::testing::Values(BadWithdrawal{"no_id", [](auto& r) { r.clear_client_withdrawal_id(); }},
                      BadWithdrawal{"bad_id", [](auto& r) { r.set_client_withdrawal_id("a b"); }},
                      BadWithdrawal{"no_currency", [](auto& r) { r.clear_currency(); }},
                      BadWithdrawal{"no_quantity", [](auto& r) { r.clear_quantity(); }},
                      BadWithdrawal{"negative", [](auto& r) { r.set_quantity("-10.5"); }},
                      BadWithdrawal{"no_address", [](auto& r) { r.clear_address(); }},
                      BadWithdrawal{"bad_fee", [](auto& r) { r.set_max_fee("-1"); }},
                      BadWithdrawal{"another_wallet",
                                    [](auto& r) { r.set_wallet(v1::WALLET_CONTRACT); }}),
    [](const auto& info) { return info.param.name; });

class TransferTest : public ::testing::Test {
 protected:
  static v1::TransferRequest Request(const std::string& id) {
    auto request = OnAccount<v1::TransferRequest>("main");
    request.set_client_transfer_id(id);
    request.set_currency("USDT");
    request.set_quantity("25.5");
    request.mutable_from()->set_wallet(v1::WALLET_SPOT);
    request.mutable_to()->set_wallet(v1::WALLET_CONTRACT);
    return request;
  }
  absl::StatusOr<v1::TransferResponse> Transfer(const v1::TransferRequest& request) {
    return testing::Ask<v1::TransferResponse>(*harness_.stub, &Stub::Transfer, request);
  }

  testing::AccountHarness harness_;
  testing::FakeAccountClient& main_ = harness_.main;
};

TEST_F(TransferTest, SendsOnce) {
  ASSERT_TRUE(Transfer(Request("t1")).ok());
  const auto again = Transfer(Request("t1"));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->replayed());
  ASSERT_EQ(main_.sent_transfers.size(), 1u);
  EXPECT_EQ(main_.sent_transfers[0].from.wallet(), v1::WALLET_SPOT);
  EXPECT_EQ(main_.sent_transfers[0].to.wallet(), v1::WALLET_CONTRACT);
  EXPECT_EQ(main_.sent_transfers[0].amount.ToString(), "25.5");
}

TEST_F(TransferTest, IsOffUnlessConfigured) {
  auto request = Request("t1");
  request.set_account("closed");
  EXPECT_EQ(ReasonOf(Transfer(request).status()),
            common::v1::ERROR_REASON_DISABLED_BY_CONFIGURATION);
  EXPECT_TRUE(harness_.closed.sent_transfers.empty());
}

TEST_F(TransferTest, AnUnknownOutcomeThatNobodyCanTellIsNeverSentAgain) {
  main_.transfer_result = FundsResult<v1::Transfer>{
      .fate = CommandFate::kUnknown, .status = absl::UnavailableError("cut"), .record = {}};
  main_.not_received_after = std::chrono::nanoseconds(-1);
  for (int attempt = 0; attempt < 2; ++attempt) {
    EXPECT_EQ(ReasonOf(Transfer(Request("t1")).status()),
              common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN);
  }
  EXPECT_EQ(main_.sent_transfers.size(), 1u);
}

TEST_F(TransferTest, EndsMustDiffer) {
  auto request = Request("t1");
  request.mutable_to()->set_wallet(v1::WALLET_SPOT);
  EXPECT_EQ(ReasonOf(Transfer(request).status()), common::v1::ERROR_REASON_INVALID_FIELD);
  request.mutable_to()->set_wallet(v1::WALLET_UNRECOGNISED);
  EXPECT_EQ(ReasonOf(Transfer(request).status()), common::v1::ERROR_REASON_INVALID_FIELD);
  request.clear_to();
  EXPECT_EQ(ReasonOf(Transfer(request).status()), common::v1::ERROR_REASON_INVALID_FIELD);
}

TEST(ListFundsTest, StatesAreFilteredAndTheListGoesOn) {
  testing::AccountHarness harness;
  v1::Withdrawal done = RecordOf("w1"), pending = RecordOf("w2");
  done.set_state(v1::WITHDRAWAL_STATE_COMPLETED);
  pending.set_state(v1::WITHDRAWAL_STATE_PENDING);
  harness.main.withdrawals->items = {done, pending};
  harness.main.withdrawals->next_page_token = "2";
  auto request = OnAccount<v1::ListWithdrawalsRequest>("main");
  request.set_currency("USDT");
  request.add_states(v1::WITHDRAWAL_STATE_PENDING);
  const auto ask = [&] {
    return testing::Ask<v1::ListWithdrawalsResponse>(*harness.stub, &Stub::ListWithdrawals,
                                                     request);
  };
  const auto first = ask();
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_EQ(first->withdrawals_size(), 1);
  EXPECT_EQ(first->withdrawals(0).exchange_withdrawal_id(), "w2");
  EXPECT_EQ(harness.main.last_query.currency, "USDT");
  request.set_page_token(first->next_page_token());
  ASSERT_TRUE(ask().ok());
  EXPECT_EQ(harness.main.last_query.page_token, "2");
  // Reading needs no permission to move funds.
  auto transfers = OnAccount<v1::ListTransfersRequest>("closed");
  EXPECT_TRUE(
      testing::Ask<v1::ListTransfersResponse>(*harness.stub, &Stub::ListTransfers, transfers).ok());
}

}  // namespace
}  // namespace switchyard
