#include <fmt/format.h>

#include <string>

#include "clients/cli/account_text.h"
#include "clients/cli/command_call.h"
#include "clients/cli/commands.h"
#include "clients/cli/duration.h"
#include "clients/cli/enum_text.h"
#include "clients/cli/order_text.h"
#include "clients/cli/time_text.h"
#include "common/decimal/decimal.h"
#include "switchyard/account/v1/account_service.grpc.pb.h"
#include "switchyard/order/v1/order_service.grpc.pb.h"
#include "switchyard/position/v1/position_service.grpc.pb.h"

namespace switchyard::clients::cli {
namespace {

using account::v1::AccountService;
using order::v1::OrderService;
using position::v1::PositionService;

std::string FreshnessText(const common::v1::Freshness& freshness) {
  return fmt::format("{}, {} old", EnumText(freshness.source()),
                     FormatDuration(freshness.age_ns()));
}

int SetLeverage(Session& session) {
  const CommandLine& line = session.line();
  account::v1::SetLeverageRequest request;
  request.set_exchange(line.arguments[0]);
  request.set_account(line.account);
  if (line.arguments.size() > 1) request.set_symbol(line.arguments[1]);
  request.set_leverage(line.leverage);
  const auto leverage = Decimal::Parse(line.leverage);
  if (!leverage.ok() || *leverage < Decimal::FromInt(1)) {
    return session.Misuse(fmt::format("--set: a number from 1 on; not \"{}\"", line.leverage));
  }
  if (!line.side.empty()) {
    const auto side = ParseEnum<common::v1::PositionSide>("--side", line.side);
    if (!side.ok()) return session.Misuse(std::string(side.status().message()));
    request.set_position_side(*side);
  }
  const std::string what = fmt::format("set the leverage of {}{} on {}{} to {}",
                                       line.side.empty() ? "" : line.side + " ",
                                       request.symbol().empty() ? "EVERY market" : request.symbol(),
                                       line.arguments[0], AccountFlag(line), line.leverage);
  if (const auto refusal = Refusal(session, what)) return *refusal;
  account::v1::SetLeverageResponse response;
  const auto stub = AccountService::NewStub(session.channel());
  const CommandResult result = SendCommand(session, [&](grpc::ClientContext* context) {
    return stub->SetLeverage(context, request, &response);
  });
  if (!result.status.ok()) {
    return FailCommand(
        session, result,
        fmt::format("yard leverage {} {}{}", line.arguments[0],
                    request.symbol().empty() ? "SYMBOL" : request.symbol(), AccountFlag(line)),
        "");
  }
  if (line.json) {
    session.PrintJson(response);
  } else {
    session.Print("leverage " + LeverageText(response.setting()));
  }
  return kExitOk;
}

void PrintBrackets(Session& session, const account::v1::GetLeverageResponse& response) {
  Table table({">tier", ">from", ">to", ">max leverage", ">initial", ">maintenance"});
  for (const auto& bracket : response.brackets()) {
    table.AddRow({fmt::to_string(bracket.tier()), bracket.notional_floor(), bracket.notional_cap(),
                  bracket.max_leverage(), bracket.initial_margin_rate(),
                  bracket.maintenance_margin_rate()});
  }
  if (!table.empty()) session.PrintTable(table);
}

}  // namespace

int ShowPositions(Session& session) {
  const CommandLine& line = session.line();
  position::v1::ListPositionsRequest request;
  request.set_exchange(line.arguments[0]);
  request.set_account(line.account);
  request.mutable_symbols()->Add(line.arguments.begin() + 1, line.arguments.end());
  const auto stub = PositionService::NewStub(session.channel());
  Table table = MakePositionTable();
  do {
    position::v1::ListPositionsResponse response;
    const grpc::Status status = session.Unary([&](grpc::ClientContext* context) {
      return stub->ListPositions(context, request, &response);
    });
    if (!status.ok()) return FailRead(session, status);
    if (line.json) session.PrintJson(response);
    for (const auto& position : response.positions()) AddPosition(position, table);
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  if (line.json) return kExitOk;
  if (table.empty()) {
    session.Print("no positions");
  } else {
    session.PrintTable(table);
  }
  return kExitOk;
}

int ShowBalances(Session& session) {
  const CommandLine& line = session.line();
  account::v1::ListBalancesRequest request;
  request.set_exchange(line.arguments[0]);
  request.set_account(line.account);
  request.mutable_currencies()->Add(line.arguments.begin() + 1, line.arguments.end());
  const auto stub = AccountService::NewStub(session.channel());
  Table table = MakeBalanceTable();
  do {
    account::v1::ListBalancesResponse response;
    const grpc::Status status = session.Unary([&](grpc::ClientContext* context) {
      return stub->ListBalances(context, request, &response);
    });
    if (!status.ok()) return FailRead(session, status);
    if (line.json) session.PrintJson(response);
    for (const auto& balance : response.balances()) AddBalance(balance, table);
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  if (!line.json) session.PrintTable(table);
  return kExitOk;
}

int ShowLeverage(Session& session) {
  const CommandLine& line = session.line();
  if (!line.leverage.empty()) return SetLeverage(session);
  if (line.arguments.size() < 2) {
    return session.Misuse("usage: yard leverage EXCHANGE SYMBOL, or --set");
  }
  account::v1::GetLeverageRequest request;
  request.set_exchange(line.arguments[0]);
  request.set_account(line.account);
  request.set_symbol(line.arguments[1]);
  account::v1::GetLeverageResponse response;
  const auto stub = AccountService::NewStub(session.channel());
  const grpc::Status status = session.Unary(
      [&](grpc::ClientContext* context) { return stub->GetLeverage(context, request, &response); });
  if (!status.ok()) return FailRead(session, status);
  if (line.json) {
    session.PrintJson(response);
    return kExitOk;
  }
  session.Print(fmt::format("{} {}  leverage {}{}  {}", line.arguments[0], line.arguments[1],
                            LeverageText(response.setting()),
                            response.setting().account_wide() ? ", for every market" : "",
                            FreshnessText(response.freshness())));
  PrintBrackets(session, response);
  return kExitOk;
}

int ShowLimits(Session& session) {
  const CommandLine& line = session.line();
  order::v1::GetRiskLimitsRequest request;
  request.set_exchange(line.arguments[0]);
  request.set_account(line.account);
  if (line.arguments.size() > 1) request.set_symbol(line.arguments[1]);
  order::v1::GetRiskLimitsResponse response;
  const auto stub = OrderService::NewStub(session.channel());
  const grpc::Status status = session.Unary([&](grpc::ClientContext* context) {
    return stub->GetRiskLimits(context, request, &response);
  });
  if (!status.ok()) return FailRead(session, status);
  if (line.json) {
    session.PrintJson(response);
    return kExitOk;
  }
  session.Print(response.accepting_orders() ? "new orders are taken"
                                            : "NEW ORDERS ARE REFUSED: " + response.refusal());
  session.Print("kill switch " + KillSwitchText(response.kill_switch()));
  session.Print(fmt::format(
      "{} orders of unknown outcome; reconciled {}", response.unknown_orders(),
      response.reconcile_time_ns() == 0 ? "never" : DateAndTime(response.reconcile_time_ns())));
  Table table({"limit", "symbol", ">at most", ">used", "input"});
  for (const auto& limit : response.limits()) {
    table.AddRow({EnumText(limit.kind()), limit.symbol().empty() ? "all" : limit.symbol(),
                  limit.limit(), limit.used(),
                  limit.has_input() ? FreshnessText(limit.input()) : ""});
  }
  if (!table.empty()) session.PrintTable(table);
  return kExitOk;
}

}  // namespace switchyard::clients::cli
