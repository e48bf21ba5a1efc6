#include "services/account/account_service.h"

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "common/log/log.h"
#include "common/status/status.h"
#include "services/account/move_funds.h"
#include "services/account/validation.h"
#include "services/accounts/requests.h"
#include "services/market_data/instrument_lookup.h"
#include "services/market_data/page_token.h"
#include "services/market_data/validation.h"

namespace switchyard::account {
namespace {

using accounts::Answering;
using accounts::CallPtr;
using accounts::FillFreshness;
using exchange::CommandFate;
using exchange::SettingResult;

constexpr char kStreamMethod[] = "/switchyard.account.v1.AccountService/StreamAccount";

auto OrderOf(const v1::Balance& balance) {
  return std::tuple(std::string_view(balance.currency()), balance.wallet(),
                    std::string_view(balance.raw_wallet()));
}

// Where a page goes on: behind the balance with this text, which orders as OrderOf does.
std::string PlaceOf(const v1::Balance& balance) {
  return balance.currency() + '\n' + std::to_string(balance.wallet()) + '\n' + balance.raw_wallet();
}

bool IsZero(const v1::Balance& balance) {
  const auto total = Decimal::Parse(balance.total());
  return total.ok() && total->is_zero();
}

v1::Balance ZeroBalance(const ServedAccount& account, const std::string& currency) {
  v1::Balance zero;
  zero.set_exchange(account.exchange);
  zero.set_account(account.name());
  zero.set_currency(currency);
  for (std::string* text :
       {zero.mutable_total(), zero.mutable_available(), zero.mutable_locked()}) {
    *text = "0";
  }
  return zero;
}

// Those that a request names, zero ones too; else all that are not zero.
std::vector<v1::Balance> Choose(std::vector<v1::Balance> balances, const ServedAccount& account,
                                const std::set<std::string>& currencies,
                                const common::v1::Freshness& freshness) {
  std::erase_if(balances, [&](const v1::Balance& each) {
    return currencies.empty() ? IsZero(each) : !currencies.contains(each.currency());
  });
  for (const std::string& currency : currencies) {
    const bool told = std::any_of(balances.begin(), balances.end(), [&](const v1::Balance& each) {
      return each.currency() == currency;
    });
    if (told) continue;
    balances.push_back(ZeroBalance(account, currency));
    *balances.back().mutable_freshness() = freshness;
  }
  std::sort(balances.begin(), balances.end(),
            [](const auto& a, const auto& b) { return OrderOf(a) < OrderOf(b); });
  return balances;
}

// UNSPECIFIED among them means any, as none at all does.
std::set<int> WantedStates(const google::protobuf::RepeatedField<int>& states) {
  std::set<int> wanted(states.begin(), states.end());
  if (wanted.contains(0)) wanted.clear();
  return wanted;
}

// Answers a change of a setting. `fill(result)` puts what is confirmed into the response.
template <typename Fill>
exchange::Reply<SettingResult> AnsweringSetting(CallPtr call, std::string_view command, Fill fill) {
  return [call = std::move(call), command, fill](absl::StatusOr<SettingResult> result) {
    if (!call->Claim()) return;
    const CommandFate fate = result.ok() ? result->fate : CommandFate::kUnknown;
    if (fate != CommandFate::kConfirmed) {
      const absl::Status& why = result.ok() ? result->status : result.status();
      return call->Answer(accounts::ErrorOf(fate, why, command));
    }
    fill(*result);
    call->Answer(absl::OkStatus());
  };
}

// Serves a command that moves funds.
template <typename Traits, typename Request>
absl::Status MoveOnce(const Request& request, typename Traits::Response* response,
                      typename Traits::Command command, const ServedAccount& account,
                      accounts::RequestLedger<typename Traits::Response>& ledger,
                      const Clock& clock, const CallPtr& call) {
  using Ledger = accounts::RequestLedger<typename Traits::Response>;
  SWITCHYARD_ASSIGN_OR_RETURN(
      const typename Ledger::Begun begun,
      ledger.Begin(command.request_id, accounts::FingerprintOf(request, account.name()),
                   accounts::AnsweringOnce(call, response)));
  if (begun.turn == Ledger::Turn::kWait) return absl::OkStatus();
  // Whoever moves money leaves a line, whatever comes of it.
  log::Info("move_funds", {{"exchange", account.exchange},
                           {"account", account.name()},
                           {"command", Traits::kCommand},
                           {"request_id", command.request_id},
                           {"currency", command.currency},
                           {"quantity", command.amount.ToString()},
                           {"again", begun.turn == Ledger::Turn::kResolve}});
  MoveFunds<Traits>::Run({*account.client, ledger, clock}, std::move(command), begun.unknown_since);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<AccountService>> AccountService::Create(
    const process::ServiceContext& context, Accounts accounts) {
  auto service = std::unique_ptr<AccountService>(new AccountService(context, std::move(accounts)));
  SWITCHYARD_RETURN_IF_ERROR(service->desks_.Open(
      [&](const ServedAccount& account) -> absl::StatusOr<std::unique_ptr<AccountDesk>> {
        SWITCHYARD_RETURN_IF_ERROR(CheckWithdrawals(account.config));
        SWITCHYARD_ASSIGN_OR_RETURN(const Decimal ratio, ParseMarginCallRatio(account.config));
        return std::make_unique<AccountDesk>(account, ratio, context.clock);
      }));
  return service;
}

void AccountService::Drain(std::chrono::nanoseconds timeout) {
  desks_.ForEach([timeout](AccountDesk& desk) {
    desk.withdrawals.Drain(timeout);
    desk.transfers.Drain(timeout);
  });
}

grpc::ServerUnaryReactor* AccountService::GetAccount(Context*, const v1::GetAccountRequest* request,
                                                     v1::GetAccountResponse* response) {
  return desks_.Serve(*request, "AccountService/GetAccount",
                      [&](const Target& target, const CallPtr& call) -> absl::Status {
                        SWITCHYARD_ASSIGN_OR_RETURN(const auto max_age,
                                                    accounts::ParseMaxAge(request->max_age_ns()));
                        using Sourced = exchange::SourcedReply<v1::Account>;
                        target.account->client->GetAccount(
                            max_age, Answering<Sourced>(call, [=](Sourced& reply) {
                              *response->mutable_account() = std::move(reply.value);
                              FillFreshness(reply.source, reply.age,
                                            *response->mutable_freshness());
                              return absl::OkStatus();
                            }));
                        return absl::OkStatus();
                      });
}

grpc::ServerUnaryReactor* AccountService::ListBalances(Context*,
                                                       const v1::ListBalancesRequest* request,
                                                       v1::ListBalancesResponse* response) {
  return desks_.Serve(
      *request, "AccountService/ListBalances",
      [&](const Target& target, const CallPtr& call) -> absl::Status {
        SWITCHYARD_ASSIGN_OR_RETURN(const auto max_age,
                                    accounts::ParseMaxAge(request->max_age_ns()));
        if (request->currencies_size() > static_cast<int>(market_data::kMaxListed)) {
          return MakeError(absl::StatusCode::kInvalidArgument,
                           common::v1::ERROR_REASON_REQUEST_TOO_LARGE, "currencies: more than 1000",
                           {{"field", "currencies"}});
        }
        std::set<std::string> currencies(request->currencies().begin(),
                                         request->currencies().end());
        if (currencies.contains("")) return InvalidField("currencies", "an entry is empty");
        SWITCHYARD_ASSIGN_OR_RETURN(
            const std::uint32_t page_size,
            market_data::ParsePageSize(request->page_size(), market_data::kMaxListed));
        SWITCHYARD_ASSIGN_OR_RETURN(const std::string place, market_data::PagePosition(*request));
        using Sourced = exchange::SourcedReply<std::vector<v1::Balance>>;
        target.account->client->ListBalances(
            max_age, Answering<Sourced>(call, [=](Sourced& reply) {
              common::v1::Freshness& freshness = *response->mutable_freshness();
              FillFreshness(reply.source, reply.age, freshness);
              for (v1::Balance& balance :
                   Choose(std::move(reply.value), *target.account, currencies, freshness)) {
                if (!place.empty() && PlaceOf(balance) <= place) continue;
                if (response->balances_size() == static_cast<int>(page_size)) {
                  response->set_next_page_token(market_data::MakePageToken(
                      *request, PlaceOf(*response->balances().rbegin())));
                  break;
                }
                *response->add_balances() = std::move(balance);
              }
              return absl::OkStatus();
            }));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* AccountService::GetLeverage(Context*,
                                                      const v1::GetLeverageRequest* request,
                                                      v1::GetLeverageResponse* response) {
  return desks_.Serve(
      *request, "AccountService/GetLeverage",
      [&](const Target& target, const CallPtr& call) -> absl::Status {
        SWITCHYARD_RETURN_IF_ERROR(market_data::CheckSymbol(request->symbol()));
        SWITCHYARD_RETURN_IF_ERROR(accounts::ParseMaxAge(request->max_age_ns()).status());
        const std::string symbol = request->symbol();
        market_data::WithInstrument(
            *target.market_data, symbol, call, [=](const model::Instrument&) {
              exchange::AccountClient* const client = target.account->client;
              using Settings = std::vector<v1::LeverageSetting>;
              using Brackets = std::vector<v1::LeverageBracket>;
              client->ListLeverage(symbol, [=](absl::StatusOr<Settings> settings) {
                if (!settings.ok()) return call->End(settings.status());
                if (settings->empty()) {
                  return call->End(
                      absl::InternalError("the exchange tells no setting of " + symbol));
                }
                client->ListBrackets(
                    symbol,
                    Answering<Brackets>(call, [=, setting = settings->front()](Brackets& all) {
                      *response->mutable_setting() = setting;
                      for (v1::LeverageBracket& each : all) {
                        *response->add_brackets() = std::move(each);
                      }
                      FillFreshness(model::Source::kRest, {}, *response->mutable_freshness());
                      return absl::OkStatus();
                    }));
              });
            });
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* AccountService::SetLeverage(Context*,
                                                      const v1::SetLeverageRequest* request,
                                                      v1::SetLeverageResponse* response) {
  return desks_.Serve(
      *request, "AccountService/SetLeverage",
      [&](const Target& target, const CallPtr& call) -> absl::Status {
        SWITCHYARD_ASSIGN_OR_RETURN(const Decimal leverage, ParseLeverage(request->leverage()));
        SWITCHYARD_RETURN_IF_ERROR(CheckLeverageScope(
            request->symbol(), target.market_data->capabilities().leverage_scope));
        if (!common::v1::PositionSide_IsValid(request->position_side())) {
          return InvalidField("position_side", "is no such side");
        }
        const std::string symbol = request->symbol();
        const common::v1::PositionSide side = request->position_side();
        const auto set = [=] {
          target.account->client->SetLeverage(
              symbol, side, leverage,
              AnsweringSetting(call, "setting leverage", [=](const SettingResult& result) {
                if (result.setting) *response->mutable_setting() = *result.setting;
              }));
        };
        if (symbol.empty()) {
          set();
        } else {
          market_data::WithInstrument(*target.market_data, symbol, call,
                                      [=](const model::Instrument&) { set(); });
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* AccountService::SetMarginMode(Context*,
                                                        const v1::SetMarginModeRequest* request,
                                                        v1::SetMarginModeResponse* response) {
  return desks_.Serve(
      *request, "AccountService/SetMarginMode",
      [&](const Target& target, const CallPtr& call) -> absl::Status {
        SWITCHYARD_RETURN_IF_ERROR(market_data::CheckSymbol(request->symbol()));
        const common::v1::MarginMode mode = request->margin_mode();
        if (mode != common::v1::MARGIN_MODE_CROSS && mode != common::v1::MARGIN_MODE_ISOLATED) {
          return InvalidField("margin_mode", "must be CROSS or ISOLATED");
        }
        const std::string symbol = request->symbol();
        market_data::WithInstrument(
            *target.market_data, symbol, call, [=](const model::Instrument&) {
              target.account->client->SetMarginMode(
                  symbol, mode,
                  AnsweringSetting(call, "setting the margin mode",
                                   [=](const SettingResult& result) {
                                     if (result.setting)
                                       *response->mutable_setting() = *result.setting;
                                   }));
            });
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* AccountService::SetPositionMode(Context*,
                                                          const v1::SetPositionModeRequest* request,
                                                          v1::SetPositionModeResponse* response) {
  return desks_.Serve(
      *request, "AccountService/SetPositionMode",
      [&](const Target& target, const CallPtr& call) -> absl::Status {
        const v1::PositionMode mode = request->position_mode();
        if (mode != v1::POSITION_MODE_ONE_WAY && mode != v1::POSITION_MODE_HEDGE) {
          return InvalidField("position_mode", "must be ONE_WAY or HEDGE");
        }
        target.account->client->SetPositionMode(
            mode, AnsweringSetting(call, "setting the position mode", [=](const SettingResult&) {
              response->set_position_mode(mode);
            }));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* AccountService::GetFees(Context*, const v1::GetFeesRequest* request,
                                                  v1::GetFeesResponse* response) {
  return desks_.Serve(
      *request, "AccountService/GetFees",
      [&](const Target& target, const CallPtr& call) -> absl::Status {
        SWITCHYARD_RETURN_IF_ERROR(accounts::ParseMaxAge(request->max_age_ns()).status());
        std::vector<std::string> symbols;
        if (!request->symbol().empty()) symbols.push_back(request->symbol());
        using Fees = std::vector<v1::FeeRates>;
        market_data::WithInstruments(
            *target.market_data, symbols, call, [=](const model::InstrumentTable&) {
              target.account->client->GetFees(
                  symbols, Answering<Fees>(call, [=](Fees& fees) -> absl::Status {
                    if (fees.empty()) return absl::InternalError("the exchange tells no fee rates");
                    *response->mutable_fees() = std::move(fees.front());
                    FillFreshness(model::Source::kRest, {}, *response->mutable_freshness());
                    return absl::OkStatus();
                  }));
            });
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* AccountService::Withdraw(Context*, const v1::WithdrawRequest* request,
                                                   v1::WithdrawResponse* response) {
  return desks_.Serve(
      *request, "AccountService/Withdraw",
      [&](const Target& target, const CallPtr& call) -> absl::Status {
        SWITCHYARD_ASSIGN_OR_RETURN(exchange::WithdrawCommand command,
                                    ParseWithdrawal(*request, target.account->config));
        return MoveOnce<WithdrawTraits>(*request, response, std::move(command), *target.account,
                                        target.desk->withdrawals, context_.clock, call);
      });
}

grpc::ServerUnaryReactor* AccountService::Transfer(Context*, const v1::TransferRequest* request,
                                                   v1::TransferResponse* response) {
  return desks_.Serve(
      *request, "AccountService/Transfer",
      [&](const Target& target, const CallPtr& call) -> absl::Status {
        SWITCHYARD_ASSIGN_OR_RETURN(exchange::TransferCommand command,
                                    ParseTransfer(*request, target.account->config));
        return MoveOnce<TransferTraits>(*request, response, std::move(command), *target.account,
                                        target.desk->transfers, context_.clock, call);
      });
}

// Serves ListWithdrawals or ListTransfers: `list` asks the client, `add` makes room in the
// response.
template <typename T, typename Request, typename Response>
grpc::ServerUnaryReactor* AccountService::ListFunds(
    std::string_view rpc, const Request* request, Response* response,
    void (exchange::AccountClient::*list)(exchange::FundsQuery, exchange::Reply<exchange::Page<T>>),
    T* (Response::*add)()) {
  return desks_.Serve(
      *request, rpc, [&](const Target& target, const CallPtr& call) -> absl::Status {
        SWITCHYARD_ASSIGN_OR_RETURN(exchange::FundsQuery query, ParseFundsQuery(*request));
        const std::set<int> states = WantedStates(request->states());
        using Page = exchange::Page<T>;
        (target.account->client->*list)(
            std::move(query), Answering<Page>(call, [=](Page& page) {
              for (T& each : page.items) {
                if (!states.empty() && !states.contains(each.state())) continue;
                *(response->*add)() = std::move(each);
              }
              response->set_next_page_token(
                  market_data::MakePageToken(*request, page.next_page_token));
              FillFreshness(model::Source::kRest, {}, *response->mutable_freshness());
              return absl::OkStatus();
            }));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* AccountService::ListWithdrawals(Context*,
                                                          const v1::ListWithdrawalsRequest* request,
                                                          v1::ListWithdrawalsResponse* response) {
  return ListFunds("AccountService/ListWithdrawals", request, response,
                   &exchange::AccountClient::ListWithdrawals,
                   &v1::ListWithdrawalsResponse::add_withdrawals);
}

grpc::ServerUnaryReactor* AccountService::ListTransfers(Context*,
                                                        const v1::ListTransfersRequest* request,
                                                        v1::ListTransfersResponse* response) {
  return ListFunds("AccountService/ListTransfers", request, response,
                   &exchange::AccountClient::ListTransfers,
                   &v1::ListTransfersResponse::add_transfers);
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* AccountService::StreamAccount(
    Context*, const grpc::ByteBuffer* encoded) {
  return desks_.Stream<v1::StreamAccountRequest, v1::StreamAccountResponse>(
      *encoded, kStreamMethod,
      [](AccountFeed& feed, const auto& stream, const auto&) { feed.Attach(stream); });
}

}  // namespace switchyard::account
