#include "exchanges/lighter/private/transaction_messages.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "common/status/status.h"
#include "exchanges/lighter/endpoints.h"
#include "exchanges/lighter/errors.h"
#include "exchanges/lighter/rest/answer.h"
#include "exchanges/lighter/rest/rest_request.h"

namespace switchyard::exchanges::lighter {
namespace {

using json::Json;
using Transactions = std::span<const signing::SignedTransaction>;

constexpr std::string_view kWhat = "a transaction";

// "[14,15]".
std::string TypesOf(Transactions transactions) {
  Json types = Json::array();
  for (const signing::SignedTransaction& one : transactions) types.push_back(one.type);
  return json::Serialise(types);
}

// A list of texts, each of them JSON.
std::string InfosOf(Transactions transactions) {
  Json infos = Json::array();
  for (const signing::SignedTransaction& one : transactions) infos.push_back(one.info);
  return json::Serialise(infos);
}

// Answers of 2025 have the HTTP status in the place of the business code.
bool IsBadNonce(std::int64_t code, std::string_view message) {
  return code == kInvalidNonce ||
         (code == 400 && message.find("invalid nonce") != std::string_view::npos);
}

Answer AnswerOfCode(std::int64_t code, std::string_view message) {
  if (code == kOk) return {Verdict::kAccepted, absl::OkStatus()};
  Answer out;
  out.status = FromCode(kWhat, code, message);
  if (IsBadNonce(code, message)) {
    out.verdict = Verdict::kBadNonce;
  } else if (out.status.code() == absl::StatusCode::kUnavailable) {
    out.verdict = Verdict::kLost;
  } else {
    out.verdict = Verdict::kRefused;
  }
  return out;
}

// Codes that only transactions are refused with, and the limit of requests. Others may be about a
// subscription.
bool IsAboutTransactions(std::int64_t code) {
  constexpr std::int64_t kFirst = 21'000, kLast = 21'999, kTooManyRequests = 23'000;
  return (code >= kFirst && code <= kLast) || code == kTooManyRequests;
}

std::optional<std::uint64_t> TicketOf(const Json& frame) {
  for (const char* const path : {"id", "error.id", "data.id"}) {
    const auto text = json::OptionalText(frame, path);
    if (!text.ok() || !*text) continue;
    std::uint64_t ticket = 0;
    const auto [end, error] =
        std::from_chars((*text)->data(), (*text)->data() + (*text)->size(), ticket);
    if (error == std::errc() && end == (*text)->data() + (*text)->size()) return ticket;
  }
  return std::nullopt;
}

std::vector<std::string> HashesOf(const Json& frame) {
  const Json* const hash = json::Find(frame, "tx_hash");
  std::vector<std::string> out;
  if (hash == nullptr) return out;
  if (hash->is_string()) return {hash->get<std::string>()};
  if (!hash->is_array()) return out;
  for (const Json& one : *hash) {
    if (one.is_string()) out.push_back(one.get<std::string>());
  }
  return out;
}

// The transport's own word that no byte was written.
bool WasNotWritten(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable ||
         status.code() == absl::StatusCode::kResourceExhausted ||
         status.code() == absl::StatusCode::kInvalidArgument;
}

}  // namespace

std::string TransactionFrame(std::uint64_t ticket, Transactions transactions) {
  if (transactions.size() == 1) {
    return fmt::format(
        R"({{"type":"jsonapi/sendtx","data":{{"id":"{}","tx_type":{},"tx_info":{}}}}})", ticket,
        transactions[0].type, transactions[0].info);
  }
  const Json data = {{"id", std::to_string(ticket)},
                     {"tx_types", TypesOf(transactions)},
                     {"tx_infos", InfosOf(transactions)}};
  return fmt::format(R"({{"type":"jsonapi/sendtxbatch","data":{}}})", json::Serialise(data));
}

net::HttpRequest TransactionRequest(Transactions transactions) {
  net::HttpRequest out;
  out.method = "POST";
  out.headers = {{"Accept", "application/json"},
                 {"Content-Type", "application/x-www-form-urlencoded"}};
  if (transactions.size() == 1) {
    out.target = paths::kSendTx;
    out.body = EncodeForm(
        {{"tx_type", std::to_string(transactions[0].type)}, {"tx_info", transactions[0].info}});
  } else {
    out.target = paths::kSendTxBatch;
    out.body =
        EncodeForm({{"tx_types", TypesOf(transactions)}, {"tx_infos", InfosOf(transactions)}});
  }
  return out;
}

std::optional<TransactionReply> ReadTransactionReply(const Json& frame) {
  if (!frame.is_object()) return std::nullopt;
  TransactionReply out;
  out.ticket = TicketOf(frame);
  const std::string type = TextOf(frame, "type");
  const Json* error = json::Find(frame, "error");
  if (error == nullptr && type == "error") error = &frame;
  const bool is_answer = type.starts_with("jsonapi/");
  if (error == nullptr && !is_answer) return std::nullopt;
  const Json& told = error == nullptr ? frame : *error;
  const auto code = json::RequireInt64(told, "code");
  // Of which kind it is cannot be read: nothing is known of the transaction.
  if (!code.ok()) {
    if (!is_answer && !out.ticket) return std::nullopt;
    out.answer.status = Unreadable(kWhat, code.status());
    return out;
  }
  if (!is_answer && !out.ticket && !IsAboutTransactions(*code)) return std::nullopt;
  out.answer = AnswerOfCode(*code, TextOf(told, "message"));
  out.hashes = HashesOf(frame);
  const auto quota = json::OptionalInt64(frame, "volume_quota_remaining");
  if (quota.ok()) out.quota_remaining = *quota;
  return out;
}

Answer AnswerOf(const absl::StatusOr<net::HttpResponse>& response, TimeNs now) {
  if (!response.ok()) {
    return {WasNotWritten(response.status()) ? Verdict::kNotWritten : Verdict::kLost,
            response.status()};
  }
  const auto body = json::Parse(response->body);
  if (body.ok() && body->is_object() && response->status < 500) {
    const auto code = json::RequireInt64(*body, "code");
    const bool is_success = response->status >= 200 && response->status < 300;
    if (code.ok() && (is_success || *code != kOk)) {
      return AnswerOfCode(*code, TextOf(*body, "message"));
    }
  }
  Answer out;
  out.status = FromRest(kWhat, *response, now);
  const bool limited = out.status.code() == absl::StatusCode::kResourceExhausted;
  out.verdict = limited ? Verdict::kRefused : Verdict::kLost;
  return out;
}

absl::StatusOr<std::int64_t> ReadNextNonce(const std::string& body) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Json answer, ParseAnswer(paths::kNextNonce, body));
  const auto nonce = json::RequireInt64(answer, "nonce");
  if (!nonce.ok()) return Unreadable(paths::kNextNonce, nonce.status());
  if (*nonce < 0) return Unreadable(paths::kNextNonce, absl::InternalError("a negative nonce"));
  return *nonce;
}

}  // namespace switchyard::exchanges::lighter
