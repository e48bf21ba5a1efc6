#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/json/json.h"
#include "common/net/http_message.h"
#include "common/time/time.h"
#include "exchanges/lighter/private/transaction_lane.h"
#include "exchanges/lighter/signing/transactions/transaction.h"

// Signed transactions as messages on both paths, and what their answers mean. Pure; any thread.
// Source: protocol reference 1.2 (sendTx, sendTxBatch, nextNonce), 2.4 and 4.
namespace switchyard::exchanges::lighter {

// Of one message on the socket, the smaller number of the two that sources give; REST takes 50.
inline constexpr std::size_t kBatchTransactions = 15;

// One frame; `ticket` comes back in the answer.
std::string TransactionFrame(std::uint64_t ticket,
                             std::span<const signing::SignedTransaction> transactions);

// The same as a REST request.
net::HttpRequest TransactionRequest(std::span<const signing::SignedTransaction> transactions);

// An answer on the socket. Nullopt where the frame is about something else.
struct TransactionReply {
  std::optional<std::uint64_t> ticket;  // nullopt: it does not say of which message
  Answer answer;
  std::vector<std::string> hashes;  // where accepted, as the exchange says
  // How many transactions the account's volume still pays for.
  std::optional<std::int64_t> quota_remaining;
};
std::optional<TransactionReply> ReadTransactionReply(const json::Json& frame);

// The same of an answer over REST. Not written: the transport's own word that no byte was. What is
// not the exchange's form, and a fault of its own, says nothing about the transaction.
Answer AnswerOf(const absl::StatusOr<net::HttpResponse>& response, TimeNs now);

// `nextNonce`. Errors: as ParseAnswer; Internal, MALFORMED_EXCHANGE_MESSAGE. An unknown account has
// the nonce 0.
absl::StatusOr<std::int64_t> ReadNextNonce(const std::string& body);

}  // namespace switchyard::exchanges::lighter
