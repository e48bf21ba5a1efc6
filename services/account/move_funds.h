#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "common/exchange/account_client.h"
#include "common/log/log.h"
#include "common/status/status.h"
#include "services/accounts/request_ledger.h"
#include "services/accounts/requests.h"
#include "switchyard/account/v1/account_service.pb.h"

namespace switchyard::account {

// Serves one Withdraw or Transfer: looks whether the exchange has it already (this process may have
// been restarted since it was sent), sends it if not, and settles its request in the ledger. One
// whose outcome is unknown is sent again only when it is looked for and not found later than the
// exchange could still have taken it. Lives until it has settled, whatever becomes of the call.
//
// Traits: Record (v1::Withdrawal), Response (with `replayed`), kCommand (for messages),
// Find(client, command, reply), Send(client, command, reply), Same(record, command), Fill(record,
// response).
template <typename Traits>
class MoveFunds final : public std::enable_shared_from_this<MoveFunds<Traits>> {
 public:
  using Command = typename Traits::Command;
  using Record = typename Traits::Record;
  using Response = typename Traits::Response;
  using Ledger = accounts::RequestLedger<Response>;

  struct Parts {
    exchange::AccountClient& client;
    Ledger& ledger;
    const Clock& clock;
  };

  // `unknown_since`: of an earlier attempt with this request whose outcome is unknown; 0 = none.
  static void Run(const Parts& parts, Command command, TimeNs unknown_since) {
    std::shared_ptr<MoveFunds>(new MoveFunds(parts, std::move(command), unknown_since))->Look();
  }

 private:
  using CommandFate = exchange::CommandFate;

  MoveFunds(const Parts& parts, Command command, TimeNs unknown_since)
      : parts_(parts), command_(std::move(command)), unknown_since_(unknown_since) {}

  void Look() {
    // Taken before the question: what is found missing was missing after this moment.
    asked_at_ = parts_.clock.Now();
    Traits::Find(parts_.client, command_,
                 [self = this->shared_from_this()](absl::StatusOr<Record> found) {
                   self->OnFound(std::move(found));
                 });
  }

  void OnFound(absl::StatusOr<Record> found) {
    if (found.ok()) return Replay(*found);
    const bool missing = absl::IsNotFound(found.status());
    const bool untold = absl::IsUnimplemented(found.status());
    if (unknown_since_.given()) {
      const bool proven =
          missing && asked_at_ - unknown_since_ > parts_.client.FundsNotReceivedAfter();
      if (!proven) return Settle(CommandFate::kUnknown, found.status(), unknown_since_);
    } else if (!missing && !untold) {
      // Without knowing that it is new, nothing is sent.
      return Settle(CommandFate::kNotSent, found.status(), {});
    }
    Send();
  }

  void Replay(const Record& record) {
    if (!Traits::Same(record, command_)) {
      return Settle(
          CommandFate::kRefused,
          MakeError(absl::StatusCode::kAlreadyExists, common::v1::ERROR_REASON_REQUEST_ID_REUSED,
                    "the exchange has another command of this id"),
          {});
    }
    Response response;
    Traits::Fill(record, response);
    response.set_replayed(true);
    parts_.ledger.Settle(command_.request_id, CommandFate::kConfirmed, std::move(response), {});
  }

  void Send() {
    sent_at_ = parts_.clock.Now();
    Traits::Send(
        parts_.client, command_,
        [self = this->shared_from_this()](absl::StatusOr<exchange::FundsResult<Record>> result) {
          self->OnSent(std::move(result));
        });
  }

  void OnSent(absl::StatusOr<exchange::FundsResult<Record>> result) {
    const CommandFate fate = result.ok() ? result->fate : CommandFate::kUnknown;
    if (fate != CommandFate::kConfirmed) {
      return Settle(fate, result.ok() ? result->status : result.status(), sent_at_);
    }
    Response response;
    Traits::Fill(result->record.value_or(Record()), response);
    parts_.ledger.Settle(command_.request_id, fate, std::move(response), {});
  }

  void Settle(CommandFate fate, const absl::Status& status, TimeNs sent_at) {
    parts_.ledger.Settle(command_.request_id, fate,
                         accounts::ErrorOf(fate, status, Traits::kCommand), sent_at);
  }

  const Parts parts_;
  const Command command_;
  const TimeNs unknown_since_;
  TimeNs asked_at_, sent_at_;
};

struct WithdrawTraits {
  using Command = exchange::WithdrawCommand;
  using Record = v1::Withdrawal;
  using Response = v1::WithdrawResponse;
  static constexpr std::string_view kCommand = "withdrawing";

  static void Find(exchange::AccountClient& client, const Command& command,
                   exchange::Reply<Record> reply) {
    client.FindWithdrawal(command.request_id, std::move(reply));
  }
  static void Send(exchange::AccountClient& client, const Command& command,
                   exchange::Reply<exchange::FundsResult<Record>> reply) {
    client.Withdraw(command, std::move(reply));
  }
  static bool Same(const Record& record, const Command& command);
  static void Fill(const Record& record, Response& response) {
    *response.mutable_withdrawal() = record;
  }
};

struct TransferTraits {
  using Command = exchange::TransferCommand;
  using Record = v1::Transfer;
  using Response = v1::TransferResponse;
  static constexpr std::string_view kCommand = "transferring";

  static void Find(exchange::AccountClient& client, const Command& command,
                   exchange::Reply<Record> reply) {
    client.FindTransfer(command, std::move(reply));
  }
  static void Send(exchange::AccountClient& client, const Command& command,
                   exchange::Reply<exchange::FundsResult<Record>> reply) {
    client.Transfer(command, std::move(reply));
  }
  static bool Same(const Record& record, const Command& command);
  static void Fill(const Record& record, Response& response) {
    *response.mutable_transfer() = record;
  }
};

}  // namespace switchyard::account
