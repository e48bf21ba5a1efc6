#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <utility>

#include "clients/cli/command_call.h"
#include "clients/cli/commands.h"
#include "clients/cli/enum_text.h"
#include "clients/cli/error_text.h"
#include "clients/cli/order_text.h"
#include "clients/cli/order_ticket.h"
#include "clients/cli/stream.h"
#include "common/status/grpc_status.h"
#include "common/status/status.h"
#include "switchyard/order/v1/order_service.grpc.pb.h"

namespace switchyard::clients::cli {
namespace {

using common::v1::JournalPosition;
using order::v1::OrderEvent;
using order::v1::OrderService;
using order::v1::StreamOrderEventsResponse;

// Fills the fields that every list of an account has.
template <typename Request>
Request MakeRequest(const CommandLine& line) {
  Request request;
  request.set_exchange(line.arguments[0]);
  request.set_account(line.account);
  request.set_symbol(line.symbol);
  request.set_page_size(static_cast<std::uint32_t>(line.limit));
  return request;
}

// Prints the open orders: all of them, for a list with a hole would be a lie. `position`: where the
// journal stood.
grpc::Status PrintOpenOrders(Session& session, JournalPosition* position) {
  auto request = MakeRequest<order::v1::ListOpenOrdersRequest>(session.line());
  const auto stub = OrderService::NewStub(session.channel());
  Table table = MakeOrderTable();
  do {
    order::v1::ListOpenOrdersResponse response;
    grpc::Status status = session.Unary([&](grpc::ClientContext* context) {
      return stub->ListOpenOrders(context, request, &response);
    });
    if (!status.ok()) return status;
    if (session.line().json) session.PrintJson(response);
    for (const auto& order : response.orders()) AddOrder(order, table);
    // The first page's: the stream from there misses nothing.
    if (request.page_token().empty()) *position = response.position();
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  if (session.line().json) return grpc::Status::OK;
  if (table.empty()) {
    session.Print("no open orders");
  } else {
    session.PrintTable(table);
  }
  return grpc::Status::OK;
}

// Follows the journal of one account and prints every row once.
class OrderWatch final : public StreamHandler<StreamOrderEventsResponse> {
 public:
  OrderWatch(Session& session, JournalPosition start)
      : session_(session), position_(std::move(start)) {}

  Next OnMessage(const StreamOrderEventsResponse& response) override {
    if (const auto* const refusal = RefusalIn(response.acknowledgement())) {
      refusal_ = *refusal;
      return Next::kStop;
    }
    for (const OrderEvent& event : response.events()) {
      // At least once is the contract; once is what people want to read.
      const bool seen =
          event.epoch() == position_.epoch() && event.sequence() <= position_.sequence();
      if (seen && !event.has_gap()) continue;
      position_.set_epoch(event.epoch());
      position_.set_sequence(event.sequence());
      if (!Show(event)) continue;
      if (++events_ == session_.line().count) return Next::kStop;
    }
    return Next::kContinue;
  }

  void OnInterrupted(std::string_view why) override {
    session_.Warn(
        fmt::format("stream lost ({}), resuming it after {}", why, PositionText(position_)));
  }

  // Too slow once is no reason to miss the rest: the journal has it.
  bool Reopens(const grpc::Status& status) const override {
    return StreamHandler::Reopens(status) ||
           ReasonOf(FromGrpcStatus(status)) == common::v1::ERROR_REASON_SLOW_READER;
  }

  const JournalPosition& position() const { return position_; }
  const common::v1::Status& refusal() const { return refusal_; }

 private:
  // False = not what was asked for.
  bool Show(const OrderEvent& event) {
    const std::string& wanted = session_.line().symbol;
    const std::string symbol = SymbolOf(event);
    if (!wanted.empty() && !symbol.empty() && symbol != wanted) return false;
    if (session_.line().json) {
      session_.PrintJson(event);
    } else {
      session_.Print(EventText(event));
    }
    if (event.has_gap()) ReadAnew();
    return true;
  }

  // After a gap what was printed may be wrong: the open orders are told anew, and the fills are the
  // person's to look up, who alone knows which ones were seen.
  void ReadAnew() {
    JournalPosition ignored;
    const grpc::Status status = PrintOpenOrders(session_, &ignored);
    session_.Warn(status.ok() ? "events are missing; above is what is open now, yard fills " +
                                    session_.line().arguments[0] + " has what was executed"
                              : "events are missing, and the open orders cannot be read: " +
                                    ErrorText(status));
  }

  Session& session_;
  JournalPosition position_;
  std::int64_t events_ = 0;
  common::v1::Status refusal_;
};

int WatchOrders(Session& session) {
  const CommandLine& line = session.line();
  JournalPosition start;
  if (line.resume_from.empty()) {
    const grpc::Status status = PrintOpenOrders(session, &start);
    if (!status.ok()) return FailRead(session, status);
  } else {
    const auto given = ParsePosition(line.resume_from);
    if (!given.ok()) return session.Misuse(std::string(given.status().message()));
    start = *given;
  }
  order::v1::StreamOrderEventsRequest request;
  request.set_exchange(line.arguments[0]);
  request.set_account(line.account);
  OrderWatch watch(session, std::move(start));
  const auto stub = OrderService::NewStub(session.channel());
  const OpenStream<StreamOrderEventsResponse> open = [&](auto* context, auto* queue, void* tag) {
    if (watch.position().epoch() != 0) *request.mutable_resume_from() = watch.position();
    return stub->AsyncStreamOrderEvents(context, request, queue, tag);
  };
  const grpc::Status status = FollowStream<StreamOrderEventsResponse>(session, open, watch);
  if (!status.ok()) return FailRead(session, status);
  if (watch.refusal().code() != 0) return session.Fail(ErrorText(watch.refusal()));
  session.Warn("go on later with --resume_from=" + PositionText(watch.position()));
  return kExitOk;
}

// The newest orders of any state, one page.
int ShowHistory(Session& session) {
  const CommandLine& line = session.line();
  auto request = MakeRequest<order::v1::ListOrdersRequest>(line);
  for (const std::string& text : line.states) {
    const auto state = ParseEnum<order::v1::OrderState>("--states", text);
    if (!state.ok()) return session.Misuse(std::string(state.status().message()));
    request.add_states(*state);
  }
  order::v1::ListOrdersResponse response;
  const auto stub = OrderService::NewStub(session.channel());
  const grpc::Status status = session.Unary(
      [&](grpc::ClientContext* context) { return stub->ListOrders(context, request, &response); });
  if (!status.ok()) return FailRead(session, status);
  if (line.json) {
    session.PrintJson(response);
    return kExitOk;
  }
  Table table = MakeOrderTable();
  for (const auto& order : response.orders()) AddOrder(order, table);
  session.PrintTable(table);
  if (!response.next_page_token().empty()) session.Warn("there are older ones; see --limit");
  return kExitOk;
}

}  // namespace

int ListOrders(Session& session) {
  const CommandLine& line = session.line();
  const bool history = line.all || !line.states.empty();
  if (history && line.watch) return session.Misuse("--watch begins with the open orders alone");
  if (history) return ShowHistory(session);
  if (line.watch) return WatchOrders(session);
  JournalPosition position;
  const grpc::Status status = PrintOpenOrders(session, &position);
  return status.ok() ? kExitOk : FailRead(session, status);
}

int ShowFills(Session& session) {
  const CommandLine& line = session.line();
  auto request = MakeRequest<order::v1::ListFillsRequest>(line);
  if (!line.order.empty()) request.mutable_order()->set_client_order_id(line.order);
  order::v1::ListFillsResponse response;
  const auto stub = OrderService::NewStub(session.channel());
  const grpc::Status status = session.Unary(
      [&](grpc::ClientContext* context) { return stub->ListFills(context, request, &response); });
  if (!status.ok()) return FailRead(session, status);
  if (line.json) {
    session.PrintJson(response);
    return kExitOk;
  }
  Table table = MakeFillTable();
  for (const auto& fill : response.fills()) AddFill(fill, table);
  session.PrintTable(table);
  if (!response.next_page_token().empty()) session.Warn("there are older ones; see --limit");
  return kExitOk;
}

}  // namespace switchyard::clients::cli
