// Transactions on the wire, and what each answer says about them. Failures first.
#include "exchanges/lighter/private/transaction_messages.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/json/json.h"
#include "common/status/status.h"
#include "exchanges/lighter/errors.h"
#include "tests/exchanges/lighter/order/private_samples.h"

namespace switchyard::exchanges::lighter {
namespace {

using json::Json;

constexpr TimeNs kNow = TimeNs::FromSeconds(1'800'000'000);

Json Parsed(std::string_view text) { return json::Parse(text).value(); }

signing::SignedTransaction Transaction(std::uint8_t type, std::string info) {
  return {type, std::move(info), "hash"};
}

struct FrameCase {
  std::string name, frame;
  bool about_transactions;
  Verdict verdict;
  std::optional<std::uint64_t> ticket;
};

class TransactionReplyTest : public testing::TestWithParam<FrameCase> {};

TEST_P(TransactionReplyTest, SaysWhatBecameOfTheMessage) {
  const FrameCase& row = GetParam();
  const auto reply = ReadTransactionReply(Parsed(row.frame));
  ASSERT_EQ(reply.has_value(), row.about_transactions);
  if (!reply) return;
  EXPECT_EQ(reply->answer.verdict, row.verdict) << reply->answer.status;
  EXPECT_EQ(reply->ticket, row.ticket);
  EXPECT_EQ(reply->answer.status.ok(), row.verdict == Verdict::kAccepted);
}

INSTANTIATE_TEST_SUITE_P(
    Frames, TransactionReplyTest,
    testing::Values(
        FrameCase{"bad_nonce", R"({"error":{"code":21104,"message":"invalid nonce"},"id":"7"})",
                  true, Verdict::kBadNonce, 7},
        FrameCase{"bad_nonce_of_2025",
                  R"({"error":{"code":400,"message":"invalid nonce"},"id":"7"})", true,
                  Verdict::kBadNonce, 7},
        FrameCase{"bad_nonce_without_id", R"({"error":{"code":21104,"message":"invalid nonce"}})",
                  true, Verdict::kBadNonce, std::nullopt},
        FrameCase{"refused",
                  R"({"error":{"code":21739,"message":"not enough margin to create the order"},)"
                  R"("id":"8"})",
                  true, Verdict::kRefused, 8},
        FrameCase{"refused_in_the_flat_form",
                  R"({"type":"error","code":21706,"id":"9","message":"invalid base amount"})", true,
                  Verdict::kRefused, 9},
        FrameCase{"unknown_code_with_id", R"({"error":{"code":21999,"message":"new"},"id":"9"})",
                  true, Verdict::kRefused, 9},
        FrameCase{"fault_is_no_refusal",
                  R"({"error":{"code":29500,"message":"internal server error"},"id":"9"})", true,
                  Verdict::kLost, 9},
        FrameCase{"timeout_is_no_refusal",
                  R"({"type":"jsonapi/sendtx","code":29501,"message":"process timeout","id":"9"})",
                  true, Verdict::kLost, 9},
        FrameCase{"answer_without_code", R"({"type":"jsonapi/sendtx","id":"9"})", true,
                  Verdict::kLost, 9},
        FrameCase{"too_many_requests", R"({"error":{"code":23000,"message":"Too Many Requests!"}})",
                  true, Verdict::kRefused, std::nullopt},
        FrameCase{"accepted",
                  R"({"code":200,"id":"12","predicted_execution_time_ms":1,"tx_hash":"ab",)"
                  R"("type":"jsonapi/sendtx"})",
                  true, Verdict::kAccepted, 12},
        // About subscriptions: never taken for an answer to a transaction.
        FrameCase{"subscription_refused",
                  R"_({"error":{"code":30005,"message":"Invalid Channel:  (marketId)"}})_", false,
                  Verdict::kLost, std::nullopt},
        FrameCase{"token_missing",
                  R"({"error":{"code":20001,"message":"invalid param: auth field is required"}})",
                  false, Verdict::kLost, std::nullopt},
        FrameCase{"too_many_subscriptions", R"({"error":{"code":23001,"message":"Too Many"}})",
                  false, Verdict::kLost, std::nullopt},
        FrameCase{"ping", R"({"type":"ping"})", false, Verdict::kLost, std::nullopt},
        FrameCase{"update", R"({"type":"update/account_all_orders","orders":{}})", false,
                  Verdict::kLost, std::nullopt},
        FrameCase{"error_without_code", R"({"error":{"message":"?"}})", false, Verdict::kLost,
                  std::nullopt}),
    [](const auto& info) { return info.param.name; });

TEST(TransactionReplyFieldsTest, OfAnAcceptedBatch) {
  const auto reply = ReadTransactionReply(
      Parsed(R"({"code":200,"id":"3","tx_hash":["aa","bb"],"type":"jsonapi/sendtxbatch",)"
             R"("volume_quota_remaining":9007199254740993})"));
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->hashes, (std::vector<std::string>{"aa", "bb"}));
  EXPECT_EQ(reply->quota_remaining, 9'007'199'254'740'993);
}

TEST(TransactionReplyFieldsTest, GoldenErrorsOfSubscriptionsAreNotAboutTransactions) {
  EXPECT_FALSE(ReadTransactionReply(GoldenMessage("samples/ws_error_nested")).has_value());
  EXPECT_FALSE(
      ReadTransactionReply(GoldenMessage("samples/ws_error_subscribe_failed_flat")).has_value());
  EXPECT_FALSE(ReadTransactionReply(GoldenMessage("samples/ws_connected")).has_value());
}

TEST(TransactionFrameTest, OfOneHoldsItsInfoAsAnObject) {
  const std::vector<signing::SignedTransaction> one = {
      Transaction(14, R"({"Nonce":7,"Sig":"a+/="})")};
  const Json frame = Parsed(TransactionFrame(12, one));
  EXPECT_EQ(frame["type"], "jsonapi/sendtx");
  EXPECT_EQ(frame["data"]["id"], "12");
  EXPECT_EQ(frame["data"]["tx_type"], 14);
  EXPECT_EQ(frame["data"]["tx_info"]["Sig"], "a+/=");
}

TEST(TransactionFrameTest, OfSeveralHoldsTextsOfTexts) {
  const std::vector<signing::SignedTransaction> two = {Transaction(14, R"({"Nonce":7})"),
                                                       Transaction(15, R"({"Nonce":8})")};
  const Json frame = Parsed(TransactionFrame(13, two));
  EXPECT_EQ(frame["type"], "jsonapi/sendtxbatch");
  EXPECT_EQ(frame["data"]["id"], "13");
  EXPECT_EQ(frame["data"]["tx_types"], "[14,15]");
  const Json infos = Parsed(frame["data"]["tx_infos"].get<std::string>());
  ASSERT_EQ(infos.size(), 2u);
  EXPECT_EQ(Parsed(infos[1].get<std::string>())["Nonce"], 8);
}

TEST(TransactionRequestTest, IsAForm) {
  const std::vector<signing::SignedTransaction> one = {Transaction(16, R"({"Sig":"a+/="})")};
  net::HttpRequest request = TransactionRequest(one);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/api/v1/sendTx");
  EXPECT_EQ(request.body, "tx_type=16&tx_info=%7B%22Sig%22%3A%22a%2B%2F%3D%22%7D");
  EXPECT_EQ(request.headers[1].second, "application/x-www-form-urlencoded");
  const std::vector<signing::SignedTransaction> two = {Transaction(14, "{}"),
                                                       Transaction(15, "{}")};
  request = TransactionRequest(two);
  EXPECT_EQ(request.target, "/api/v1/sendTxBatch");
  EXPECT_EQ(request.body, "tx_types=%5B14%2C15%5D&tx_infos=%5B%22%7B%7D%22%2C%22%7B%7D%22%5D");
}

struct RestCase {
  std::string name;
  int status;
  std::string body;
  Verdict verdict;
};

class RestAnswerTest : public testing::TestWithParam<RestCase> {};

TEST_P(RestAnswerTest, SaysWhatBecameOfTheTransaction) {
  const Answer answer = AnswerOf(net::HttpResponse{GetParam().status, {}, GetParam().body}, kNow);
  EXPECT_EQ(answer.verdict, GetParam().verdict) << answer.status;
  EXPECT_EQ(answer.status.ok(), GetParam().verdict == Verdict::kAccepted);
}

INSTANTIATE_TEST_SUITE_P(
    Answers, RestAnswerTest,
    testing::Values(
        RestCase{"accepted", 200, R"({"code":200,"tx_hash":"ab"})", Verdict::kAccepted},
        RestCase{"bad_nonce", 400, R"({"code":21104,"message":"invalid nonce"})",
                 Verdict::kBadNonce},
        RestCase{"bad_nonce_of_2025", 400, R"({"code":400,"message":"invalid nonce"})",
                 Verdict::kBadNonce},
        RestCase{"refused", 400, R"({"code":21739,"message":"not enough margin"})",
                 Verdict::kRefused},
        RestCase{"refused_with_a_success_status", 200, R"({"code":21120,"message":"bad"})",
                 Verdict::kRefused},
        RestCase{"rate_limit", 429, R"({"code":23000,"message":"Too Many Requests!"})",
                 Verdict::kRefused},
        RestCase{"rate_limit_of_a_proxy", 429, "<html>slow down</html>", Verdict::kRefused},
        RestCase{"server_error", 500, R"({"code":29500,"message":"internal server error"})",
                 Verdict::kLost},
        RestCase{"gateway", 502, "<html>bad gateway</html>", Verdict::kLost},
        RestCase{"a_page_for_an_answer", 200, "<html>hello</html>", Verdict::kLost},
        RestCase{"a_success_without_code", 200, "{}", Verdict::kLost},
        RestCase{"a_client_error_with_the_code_of_success", 400, R"({"code":200})", Verdict::kLost},
        RestCase{"a_client_error_of_a_proxy", 403, "<html>forbidden</html>", Verdict::kLost}),
    [](const auto& info) { return info.param.name; });

TEST(RestAnswerTransportTest, OnlyTheTransportsOwnWordProvesThatNothingWasWritten) {
  EXPECT_EQ(AnswerOf(absl::UnavailableError("no connection"), kNow).verdict, Verdict::kNotWritten);
  EXPECT_EQ(AnswerOf(absl::ResourceExhaustedError("queue"), kNow).verdict, Verdict::kNotWritten);
  EXPECT_EQ(AnswerOf(absl::DeadlineExceededError("5 s"), kNow).verdict, Verdict::kLost);
  EXPECT_EQ(AnswerOf(absl::UnknownError("reset"), kNow).verdict, Verdict::kLost);
}

TEST(NextNonceTest, GoldenNextNonce) {
  const std::string body = json::Serialise(GoldenMessage("private/rest_nextNonce"));
  EXPECT_EQ(ReadNextNonce(body).value(), 42);
}

TEST(NextNonceTest, GoldenSendTxResponseIsAnAcceptance) {
  const std::string body = json::Serialise(GoldenMessage("private/rest_sendTx_response"));
  EXPECT_EQ(AnswerOf(net::HttpResponse{200, {}, body}, kNow).verdict, Verdict::kAccepted);
}

TEST(NextNonceTest, WhatIsNoNonceIsAnError) {
  EXPECT_FALSE(ReadNextNonce(R"({"code":200})").ok());
  EXPECT_FALSE(ReadNextNonce(R"({"code":200,"nonce":-1})").ok());
  EXPECT_FALSE(ReadNextNonce("<html>").ok());
  EXPECT_EQ(
      ExchangeCodeOf(ReadNextNonce(R"({"code":21109,"message":"api key not found"})").status()),
      21'109);
}

}  // namespace
}  // namespace switchyard::exchanges::lighter
