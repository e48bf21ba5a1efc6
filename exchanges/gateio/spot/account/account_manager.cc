#include "exchanges/gateio/spot/account/account_manager.h"

#include <fmt/format.h>

#include <utility>

#include "common/json/json.h"
#include "common/status/status.h"
#include "exchanges/gateio/account/funds.h"
#include "exchanges/gateio/endpoints.h"
#include "exchanges/gateio/rest/answer.h"

namespace switchyard::exchanges::gateio::spot {
namespace {

namespace v1 = account::v1;
using exchange::CommandFate;
using exchange::FundsResult;
using exchange::Reply;
using exchange::SourcedReply;
using std::chrono::nanoseconds;

// Gate.io's own statistics of an account are the flags of its key.
v1::Account DescribeAccount(const json::Json& detail) {
  v1::Account out;
  out.set_exchange_account_id(TextOf(detail, "user_id"));
  out.set_can_trade(true);
  const json::Json* const key = json::Find(detail, "key");
  const std::string mode = key == nullptr ? "" : TextOf(*key, "mode");
  if (!mode.empty()) (*out.mutable_exchange_statistics())["key.mode"] = mode;
  return out;
}

template <typename T>
FundsResult<T> NotSent(const absl::Status& status) {
  return {CommandFate::kNotSent, status, std::nullopt};
}

}  // namespace

std::vector<v1::Balance> AccountManager::Named(std::vector<v1::Balance> balances) const {
  for (v1::Balance& each : balances) each = Named(std::move(each));
  return balances;
}

void AccountManager::ReadBalances(
    std::function<void(absl::StatusOr<std::vector<v1::Balance>>)> done) {
  link().Read(GetRequest(paths::kSpotAccounts),
              [done = std::move(done)](absl::StatusOr<std::string> body) {
                if (!body.ok()) return done(body.status());
                done(DecodeBalances(*body));
              });
}

void AccountManager::ReadState(std::function<void(std::function<void()>)> apply,
                               std::function<void(const absl::Status&)> fail) {
  const nanoseconds asked_at = link().clock().Steady();
  GetAccount(nanoseconds(0),
             [this, asked_at, apply, fail](absl::StatusOr<SourcedReply<v1::Account>> account) {
               if (!account.ok()) return fail(account.status());
               ReadBalances([this, asked_at, apply, fail, account = account->value](
                                absl::StatusOr<std::vector<v1::Balance>> balances) {
                 if (!balances.ok()) return fail(balances.status());
                 apply([&] {
                   const nanoseconds now = link().clock().Steady();
                   account_ = account;
                   balances_.Replace(*balances, asked_at, now);
                   v1::AccountSnapshot snapshot;
                   *snapshot.mutable_account() = account_;
                   for (v1::Balance& each : Named(balances_.List(now))) {
                     *snapshot.add_balances() = std::move(each);
                   }
                   listener().OnSnapshot(snapshot);
                 });
               });
             });
}

void AccountManager::GetAccount(nanoseconds /*max_age*/, Reply<SourcedReply<v1::Account>> reply) {
  link().Post([this, reply = std::move(reply)] {
    link().Read(GetRequest(paths::kAccountDetail), [this, reply](absl::StatusOr<std::string> body) {
      if (!body.ok()) return reply(body.status());
      const auto detail = ParseBody(paths::kAccountDetail, *body);
      if (!detail.ok()) return reply(detail.status());
      v1::Account account = Named(DescribeAccount(*detail));
      account.set_can_withdraw(identity().can_withdraw);
      account.set_receive_time_ns(link().clock().Now().value);
      reply(SourcedReply<v1::Account>{std::move(account), model::Source::kRest, {}});
    });
  });
}

void AccountManager::ListBalances(nanoseconds max_age,
                                  Reply<SourcedReply<std::vector<v1::Balance>>> reply) {
  using Sourced = SourcedReply<std::vector<v1::Balance>>;
  link().Post([this, max_age, reply = std::move(reply)] {
    const nanoseconds age =
        reconciler().valid() && identity().websocket ? link().SocketAge() : nanoseconds::max();
    if (max_age.count() > 0 && age <= max_age) {
      return reply(
          Sourced{Named(balances_.List(link().clock().Steady())), model::Source::kWebSocket, age});
    }
    ReadBalances([this, reply](absl::StatusOr<std::vector<v1::Balance>> balances) {
      if (!balances.ok()) return reply(balances.status());
      reply(Sourced{Named(*std::move(balances)), model::Source::kRest, {}});
    });
  });
}

void AccountManager::OnBalances(const PrivateDelivery& delivery) {
  auto changes = ReadBalanceChanges(delivery.frame.result);
  if (!changes.ok()) return link().OnMalformed(changes.status());
  for (v1::BalanceChange& change : *changes) {
    *change.mutable_balance() = Named(std::move(*change.mutable_balance()));
    if (!balances_.Apply(change.balance(), link().clock().Steady())) continue;
    if (!reconciler().valid()) continue;
    v1::AccountEvent event;
    event.set_exchange_time_ns(change.balance().exchange_time_ns());
    event.set_receive_time_ns(delivery.received.value);
    *event.mutable_balance_change() = std::move(change);
    listener().OnChange(event);
  }
}

void AccountManager::Withdraw(exchange::WithdrawCommand command,
                              Reply<FundsResult<v1::Withdrawal>> reply) {
  link().Post([this, command = std::move(command), reply = std::move(reply)] {
    if (!command.max_fee) return SendWithdrawal(command, reply);
    link().Read(WithdrawFeeRequest(command.currency), [this, command,
                                                       reply](absl::StatusOr<std::string> body) {
      if (!body.ok()) return reply(NotSent<v1::Withdrawal>(body.status()));
      const auto fee = DecodeWithdrawFee(*body, command.currency, command.network);
      if (!fee.ok()) return reply(NotSent<v1::Withdrawal>(fee.status()));
      if (!*fee || **fee > *command.max_fee) {
        return reply(NotSent<v1::Withdrawal>(MakeError(
            absl::StatusCode::kFailedPrecondition, common::v1::ERROR_REASON_COMMAND_REFUSED,
            fmt::format("the fee is {}, more than max_fee",
                        *fee ? (*fee)->ToString() : std::string("not told")))));
      }
      SendWithdrawal(command, reply);
    });
  });
}

void AccountManager::SendWithdrawal(const exchange::WithdrawCommand& command,
                                    Reply<FundsResult<v1::Withdrawal>> reply) {
  auto request = WithdrawRequest(command);
  if (!request.ok()) return reply(NotSent<v1::Withdrawal>(request.status()));
  link().Command(*std::move(request), "withdrawing " + command.currency,
                 [this, command, reply = std::move(reply)](const CommandOutcome& outcome) {
                   FundsResult<v1::Withdrawal> result{outcome.fate, outcome.status, std::nullopt};
                   if (outcome.fate == CommandFate::kConfirmed) {
                     auto record = DecodeWithdrawal(outcome.body, command);
                     // Taken, even where its description cannot be read.
                     if (!record.ok()) {
                       record = v1::Withdrawal();
                       record->set_client_withdrawal_id(command.request_id);
                       record->set_state(v1::WITHDRAWAL_STATE_PENDING);
                     }
                     result.record = Named(*std::move(record));
                   }
                   reply(std::move(result));
                 });
}

void AccountManager::FindWithdrawal(std::string request_id, Reply<v1::Withdrawal> reply) {
  link().Post([this, request_id = std::move(request_id), reply = std::move(reply)] {
    const std::string id = WithdrawOrderId(request_id);
    link().Read(FindWithdrawalRequest(id, link().clock().Now()),
                [this, request_id, id, reply](absl::StatusOr<std::string> body) {
                  if (!body.ok()) return reply(body.status());
                  auto page = DecodeWithdrawals(*body, {});
                  if (!page.ok()) return reply(page.status());
                  for (v1::Withdrawal& each : page->items) {
                    if (each.client_withdrawal_id() != id) continue;
                    each.set_client_withdrawal_id(request_id);
                    return reply(Named(std::move(each)));
                  }
                  reply(absl::NotFoundError("no withdrawal of this id"));
                });
  });
}

void AccountManager::ListWithdrawals(exchange::FundsQuery query,
                                     Reply<exchange::Page<v1::Withdrawal>> reply) {
  link().Post([this, query = std::move(query), reply = std::move(reply)] {
    auto request = WithdrawalsRequest(query, link().clock().Now());
    if (!request.ok()) return reply(request.status());
    link().Read(*std::move(request), [this, query, reply](absl::StatusOr<std::string> body) {
      if (!body.ok()) return reply(body.status());
      auto page = DecodeWithdrawals(*body, query);
      if (page.ok()) {
        for (v1::Withdrawal& each : page->items) each = Named(std::move(each));
      }
      reply(std::move(page));
    });
  });
}

void AccountManager::Transfer(exchange::TransferCommand command,
                              Reply<FundsResult<v1::Transfer>> reply) {
  link().Post([this, command = std::move(command), reply = std::move(reply)] {
    auto request = TransferRequest(command);
    if (!request.ok()) return reply(NotSent<v1::Transfer>(request.status()));
    link().Command(*std::move(request), "transferring " + command.currency,
                   [this, command, reply](const CommandOutcome& outcome) {
                     FundsResult<v1::Transfer> result{outcome.fate, outcome.status, std::nullopt};
                     if (outcome.fate == CommandFate::kConfirmed) {
                       auto record = DecodeTransfer(outcome.body, command);
                       if (!record.ok()) record = DecodeTransfer("", command);
                       if (record.ok()) result.record = Named(*std::move(record));
                     }
                     reply(std::move(result));
                   });
  });
}

void AccountManager::FindTransfer(exchange::TransferCommand command, Reply<v1::Transfer> reply) {
  if (!IsTraceable(command)) {
    return reply(absl::UnimplementedError(
        "Gate.io does not tell what became of a transfer between own wallets; "
        "ListTransfers shows those of the contract wallet"));
  }
  link().Post([this, command = std::move(command), reply = std::move(reply)] {
    link().Read(FindTransferRequest(command),
                [this, command, reply](absl::StatusOr<std::string> body) {
                  if (!body.ok()) return reply(body.status());
                  auto transfer = DecodeTransferStatus(*body, command);
                  if (!transfer.ok()) return reply(transfer.status());
                  reply(Named(*std::move(transfer)));
                });
  });
}

void AccountManager::ListTransfers(exchange::FundsQuery query,
                                   Reply<exchange::Page<v1::Transfer>> reply) {
  link().Post([this, query = std::move(query), reply = std::move(reply)] {
    auto request = TransfersRequest(query);
    if (!request.ok()) return reply(request.status());
    link().Read(*std::move(request), [this, query, reply](absl::StatusOr<std::string> body) {
      if (!body.ok()) return reply(body.status());
      auto page = DecodeTransfers(*body, query);
      if (page.ok()) {
        for (v1::Transfer& each : page->items) each = Named(std::move(each));
      }
      reply(std::move(page));
    });
  });
}

}  // namespace switchyard::exchanges::gateio::spot
