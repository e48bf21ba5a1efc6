#include <fmt/format.h>

#include <cstdint>
#include <string>

#include "clients/cli/command_call.h"
#include "clients/cli/commands.h"
#include "clients/cli/enum_text.h"
#include "clients/cli/error_text.h"
#include "clients/cli/order_text.h"
#include "clients/cli/order_ticket.h"
#include "switchyard/order/v1/order_service.grpc.pb.h"
#include "switchyard/router/v1/router_service.grpc.pb.h"

namespace switchyard::clients::cli {
namespace {

using order::v1::OrderService;

// A market order trades at once, a limit order may; a post-only one rests and can be taken back.
bool CanBeUndone(const order::v1::OrderTicket& ticket) {
  return ticket.type() == order::v1::ORDER_TYPE_LIMIT && ticket.post_only();
}

// " on gateio (account main)".
std::string Where(const CommandLine& line) {
  return fmt::format(" on {}{}", line.arguments[0],
                     line.account.empty() ? "" : fmt::format(" (account {})", line.account));
}

// The command that tells what became of the order `key` names.
std::string AskFor(const CommandLine& line, const std::string& id) {
  return fmt::format("yard order show {} {}{}{} --wait", line.arguments[0], id, AccountFlag(line),
                     line.by_exchange_id ? " --by_exchange_id --symbol=" + line.symbol : "");
}

// Prints an answer that holds one order. The code tells a script what the order is.
template <typename Response>
int PrintOrder(Session& session, const Response& response) {
  const order::v1::Order& order = response.order();
  if (session.line().json) {
    session.PrintJson(response);
  } else {
    session.PrintTable(OrderDetails(order));
  }
  return order.outcome_unknown() ? kExitUnknown : kExitOk;
}

// After a command: the order, whether it is an earlier one's effect, and what is open about it.
template <typename Response>
int PrintCommandedOrder(Session& session, const Response& response, const std::string& id) {
  const int code = PrintOrder(session, response);
  if (response.replayed()) {
    session.Warn("this very command had been sent before; nothing was sent now");
  }
  if (code == kExitUnknown) return FailUnknown(session, AskFor(session.line(), id), "");
  return code;
}

// Prints what became of each order of a cancellation, and the worst of it as exit code.
template <typename Results>
int PrintCancellations(Session& session, const Results& results, std::uint32_t remaining_open) {
  int code = kExitOk;
  Table table = MakeOrderTable();
  for (const auto& result : results) {
    if (result.has_order()) AddOrder(result.order(), table);
    if (result.status().code() == 0) continue;
    session.Warn(fmt::format("{}: {}",
                             result.has_order() ? result.order().ticket().client_order_id() : "?",
                             ErrorText(result.status())));
    if (code != kExitUnknown) code = kExitFailed;
    if (EffectOf(result.status()) == Effect::kUnknown) code = kExitUnknown;
  }
  if (!session.line().json) {
    if (!table.empty()) session.PrintTable(table);
    session.Print(
        fmt::format("{} orders; {} still open or unknown", results.size(), remaining_open));
  }
  return code == kExitOk && remaining_open > 0 ? kExitFailed : code;
}

int CancelEverything(Session& session) {
  const CommandLine& line = session.line();
  if (!line.account.empty() || !line.symbol.empty() || !line.side.empty()) {
    return session.Misuse("--account, --symbol and --side need an EXCHANGE");
  }
  if (const auto refusal = Refusal(session, "cancel all open orders of all accounts everywhere")) {
    return *refusal;
  }
  router::v1::CancelEverythingRequest request;
  request.set_keep_external(line.keep_external);
  request.set_request_id(GivenOrNewId(session, "request_id", line.request_id));
  router::v1::CancelEverythingResponse response;
  const auto stub = router::v1::RouterService::NewStub(session.channel());
  const CommandResult result = SendCommand(session, [&](grpc::ClientContext* context) {
    return stub->CancelEverything(context, request, &response);
  });
  if (!result.status.ok()) {
    return FailCommand(session, result, "yard order list EXCHANGE",
                       "--request_id=" + request.request_id());
  }
  if (line.json) session.PrintJson(response);
  int code = kExitOk;
  Table table({"exchange", "account", ">canceled", ">still open", ""});
  for (const auto& account : response.results()) {
    const bool ok = account.status().code() == 0;
    table.AddRow({account.exchange(), account.account(), fmt::to_string(account.canceled()),
                  ok ? fmt::to_string(account.remaining_open()) : "?",
                  ok ? "" : ErrorText(account.status())});
    if (ok && account.remaining_open() == 0) continue;
    if (code != kExitUnknown) code = kExitFailed;
    if (EffectOf(account.status()) == Effect::kUnknown) code = kExitUnknown;
  }
  if (!line.json) session.PrintTable(table);
  return code;
}

int SetKillSwitch(Session& session, bool engaged) {
  const CommandLine& line = session.line();
  if (line.reason.empty()) return session.Misuse("--reason is needed: it is kept in the journal");
  const std::string what = fmt::format(
      "{}{}{}", engaged ? "refuse all new orders and amendments" : "take new orders again",
      line.cancel_open_orders ? " and cancel all open orders" : "", Where(line));
  if (const auto refusal = Refusal(session, what)) return *refusal;
  order::v1::SetKillSwitchRequest request;
  request.set_exchange(line.arguments[0]);
  request.set_account(line.account);
  request.set_engaged(engaged);
  request.set_reason(line.reason);
  request.set_cancel_open_orders(line.cancel_open_orders);
  order::v1::SetKillSwitchResponse response;
  const auto stub = OrderService::NewStub(session.channel());
  const CommandResult result = SendCommand(session, [&](grpc::ClientContext* context) {
    return stub->SetKillSwitch(context, request, &response);
  });
  if (!result.status.ok()) {
    return FailCommand(session, result,
                       fmt::format("yard limits {}{}", line.arguments[0], AccountFlag(line)), "");
  }
  if (line.json) {
    session.PrintJson(response);
  } else {
    session.Print("kill switch " + KillSwitchText(response.kill_switch()));
  }
  if (!line.cancel_open_orders) return kExitOk;
  return PrintCancellations(session, response.results(), response.remaining_open());
}

}  // namespace

int PlaceOrder(Session& session) {
  const CommandLine& line = session.line();
  const auto ticket = TicketOf(line);
  if (!ticket.ok()) return session.Misuse(std::string(ticket.status().message()));
  if (!CanBeUndone(*ticket)) {
    const std::string what = fmt::format("place {}{}", TicketText(*ticket), Where(line));
    if (const auto refusal = Refusal(session, what)) return *refusal;
  }
  order::v1::PlaceOrderRequest request;
  request.set_exchange(line.arguments[0]);
  request.set_account(line.account);
  *request.mutable_ticket() = *ticket;
  const std::string id = GivenOrNewId(session, "client_order_id", line.client_order_id);
  request.mutable_ticket()->set_client_order_id(id);
  order::v1::PlaceOrderResponse response;
  const auto stub = OrderService::NewStub(session.channel());
  const CommandResult result = SendCommand(session, [&](grpc::ClientContext* context) {
    return stub->PlaceOrder(context, request, &response);
  });
  if (!result.status.ok()) {
    return FailCommand(session, result, AskFor(line, id), "--client_order_id=" + id);
  }
  const int code = PrintCommandedOrder(session, response, id);
  // A repeated ticket answers with the order, also one that had been refused.
  return response.order().state() == order::v1::ORDER_STATE_REJECTED ? kExitFailed : code;
}

int AmendOrder(Session& session) {
  const CommandLine& line = session.line();
  auto request = AmendmentOf(line);
  if (!request.ok()) return session.Misuse(std::string(request.status().message()));
  std::string what = fmt::format("amend {}{} to", line.arguments[1], Where(line));
  if (request->has_quantity()) what += " quantity " + request->quantity();
  if (request->has_price()) what += " price " + request->price();
  if (request->has_trigger_price()) what += " trigger price " + request->trigger_price();
  if (const auto refusal = Refusal(session, what)) return *refusal;
  request->set_request_id(GivenOrNewId(session, "request_id", line.request_id));
  order::v1::AmendOrderResponse response;
  const auto stub = OrderService::NewStub(session.channel());
  const CommandResult result = SendCommand(session, [&](grpc::ClientContext* context) {
    return stub->AmendOrder(context, *request, &response);
  });
  if (!result.status.ok()) {
    return FailCommand(session, result, AskFor(line, line.arguments[1]),
                       "--request_id=" + request->request_id());
  }
  return PrintCommandedOrder(session, response, line.arguments[1]);
}

// Not asked about: a cancellation only takes risk away, and may be in a hurry.
int CancelOrder(Session& session) {
  const CommandLine& line = session.line();
  order::v1::CancelOrderRequest request;
  request.set_exchange(line.arguments[0]);
  request.set_account(line.account);
  *request.mutable_order() = OrderKeyOf(line);
  request.set_request_id(GivenOrNewId(session, "request_id", line.request_id));
  order::v1::CancelOrderResponse response;
  const auto stub = OrderService::NewStub(session.channel());
  const CommandResult result = SendCommand(session, [&](grpc::ClientContext* context) {
    return stub->CancelOrder(context, request, &response);
  });
  if (!result.status.ok()) {
    return FailCommand(session, result, AskFor(line, line.arguments[1]),
                       "--request_id=" + request.request_id());
  }
  return PrintCommandedOrder(session, response, line.arguments[1]);
}

int CancelAllOrders(Session& session) {
  const CommandLine& line = session.line();
  if (line.arguments.empty()) return CancelEverything(session);
  order::v1::CancelAllOrdersRequest request;
  if (!line.side.empty()) {
    const auto side = ParseEnum<common::v1::Side>("--side", line.side);
    if (!side.ok()) return session.Misuse(std::string(side.status().message()));
    request.set_side(*side);
  }
  const std::string what =
      fmt::format("cancel all open {}orders{}{}", line.side.empty() ? "" : line.side + " ",
                  line.symbol.empty() ? "" : " of " + line.symbol, Where(line));
  if (const auto refusal = Refusal(session, what)) return *refusal;
  request.set_exchange(line.arguments[0]);
  request.set_account(line.account);
  request.set_symbol(line.symbol);
  request.set_keep_external(line.keep_external);
  request.set_request_id(GivenOrNewId(session, "request_id", line.request_id));
  order::v1::CancelAllOrdersResponse response;
  const auto stub = OrderService::NewStub(session.channel());
  const CommandResult result = SendCommand(session, [&](grpc::ClientContext* context) {
    return stub->CancelAllOrders(context, request, &response);
  });
  if (!result.status.ok()) {
    return FailCommand(session, result,
                       fmt::format("yard order list {}{}", line.arguments[0], AccountFlag(line)),
                       "--request_id=" + request.request_id());
  }
  if (line.json) session.PrintJson(response);
  return PrintCancellations(session, response.results(), response.remaining_open());
}

int ShowOrder(Session& session) {
  const CommandLine& line = session.line();
  const auto stub = OrderService::NewStub(session.channel());
  if (line.wait) {
    order::v1::WaitForOrderRequest request;
    request.set_exchange(line.arguments[0]);
    request.set_account(line.account);
    *request.mutable_order() = OrderKeyOf(line);
    // Over before the call's own deadline, so that the server's answer arrives.
    request.set_timeout_ms(static_cast<std::uint32_t>(line.timeout.count() * 9 / 10));
    order::v1::WaitForOrderResponse response;
    const grpc::Status status = session.Unary([&](grpc::ClientContext* context) {
      return stub->WaitForOrder(context, request, &response);
    });
    if (!status.ok()) return FailRead(session, status);
    if (response.timed_out()) session.Warn("the time is over; this is how it is now");
  }
  order::v1::GetOrderRequest request;
  request.set_exchange(line.arguments[0]);
  request.set_account(line.account);
  *request.mutable_order() = OrderKeyOf(line);
  request.set_include_fills(true);
  order::v1::GetOrderResponse response;
  const grpc::Status status = session.Unary(
      [&](grpc::ClientContext* context) { return stub->GetOrder(context, request, &response); });
  if (!status.ok()) return FailRead(session, status);
  const int code = PrintOrder(session, response);
  if (!line.json && !response.fills().empty()) {
    Table table = MakeFillTable();
    for (const auto& fill : response.fills()) AddFill(fill, table);
    session.PrintTable(table);
  }
  return code;
}

int EngageKillSwitch(Session& session) { return SetKillSwitch(session, true); }

int ReleaseKillSwitch(Session& session) { return SetKillSwitch(session, false); }

}  // namespace switchyard::clients::cli
