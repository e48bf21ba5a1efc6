#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "clients/cli/commands.h"
#include "clients/cli/duration.h"
#include "clients/cli/enum_text.h"
#include "clients/cli/error_text.h"
#include "clients/cli/stream.h"
#include "switchyard/router/v1/router_service.grpc.pb.h"
#include "switchyard/status/v1/status_service.grpc.pb.h"

namespace switchyard::clients::cli {
namespace {

using status::v1::ExchangeStatus;
using status::v1::WatchStatusResponse;
using StatusStub = status::v1::StatusService::Stub;

template <typename Errors>
void WarnAll(Session& session, const Errors& errors) {
  for (const auto& error : errors) {
    const std::string who = error.component().empty()
                                ? error.exchange()
                                : fmt::format("{} {}", error.exchange(), error.component());
    session.Warn(fmt::format("{}: {}", who, ErrorText(error.status())));
  }
}

// A service alone has no RouterService; its own status names the same things.
grpc::Status ExchangesFromStatus(Session& session, router::v1::ListExchangesResponse& response) {
  const auto stub = status::v1::StatusService::NewStub(session.channel());
  status::v1::GetStatusResponse statuses;
  const grpc::Status status = session.Unary(
      [&](grpc::ClientContext* context) { return stub->GetStatus(context, {}, &statuses); });
  std::map<std::string, router::v1::Exchange> exchanges;
  for (const ExchangeStatus& entry : statuses.statuses()) {
    auto& component = *exchanges[entry.exchange()].add_components();
    component.set_component(entry.component());
    component.set_ready(entry.ready());
  }
  for (auto& [id, exchange] : exchanges) {
    exchange.set_exchange(id);
    *response.add_exchanges() = std::move(exchange);
  }
  *response.mutable_errors() = statuses.errors();
  return status;
}

grpc::Status ReadExchanges(Session& session, router::v1::ListExchangesResponse& all) {
  const auto stub = router::v1::RouterService::NewStub(session.channel());
  router::v1::ListExchangesRequest request;
  do {
    router::v1::ListExchangesResponse page;
    const grpc::Status status = session.Unary(
        [&](grpc::ClientContext* context) { return stub->ListExchanges(context, request, &page); });
    if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED) {
      return ExchangesFromStatus(session, all);
    }
    if (!status.ok()) return status;
    request.set_page_token(page.next_page_token());
    page.clear_next_page_token();
    all.MergeFrom(page);
  } while (!request.page_token().empty());
  return grpc::Status::OK;
}

void AddConnectionRows(const ExchangeStatus& entry, std::int64_t now_ns, Table& table) {
  const std::string ready = entry.ready() ? "ready" : "NOT READY";
  const std::string books =
      fmt::format("{}/{}", entry.valid_books(), entry.valid_books() + entry.stale_books());
  bool first = true;
  for (const auto& connection : entry.connections()) {
    table.AddRow(
        {first ? entry.exchange() : "", first ? entry.component() : "", first ? ready : "",
         first ? books : "", connection.name(), EnumText(connection.state()),
         FormatDuration(now_ns - connection.since_time_ns()),
         connection.last_message_age_ns() < 0 ? "-"
                                              : FormatDuration(connection.last_message_age_ns()),
         fmt::to_string(connection.subscriptions()), fmt::to_string(connection.reconnects()),
         first ? fmt::to_string(entry.resyncs()) : "", connection.last_error()});
    first = false;
  }
  if (first) table.AddRow({entry.exchange(), entry.component(), ready, books});
}

// Rows ordered by exchange and component.
using Statuses = std::map<std::pair<std::string, std::string>, ExchangeStatus>;

Table StatusTable(const Statuses& statuses, std::int64_t now_ns) {
  Table table({"exchange", "component", "", ">books", "connection", "state", ">for",
               ">last message", ">topics", ">reconnects", ">resyncs", "error"});
  for (const auto& [key, entry] : statuses) AddConnectionRows(entry, now_ns, table);
  return table;
}

class StatusWatch final : public StreamHandler<WatchStatusResponse> {
 public:
  explicit StatusWatch(Session& session) : session_(session) {
    Environment& environment = session.environment();
    if (environment.terminal && !session.line().json) {
      screen_.emplace(environment.out, environment.columns, environment.rows);
    }
  }

  Next OnMessage(const WatchStatusResponse& response) override {
    if (const auto* const refusal = RefusalIn(response.acknowledgement())) {
      refusal_ = *refusal;
      return Next::kStop;
    }
    for (const ExchangeStatus& event : response.events()) {
      statuses_[{event.exchange(), event.component()}] = event;
      if (session_.line().json) {
        session_.PrintJson(event);
      } else if (!screen_) {
        PrintLine(event);
      }
      if (++events_ == session_.line().count) return Next::kStop;
    }
    return Next::kContinue;
  }

  void OnTick() override {
    if (!screen_) return;
    std::vector<ScreenLine> lines;
    for (std::string& line :
         StatusTable(statuses_, session_.environment().clock.Now().value).Lines()) {
      lines.push_back({std::move(line), lines.empty() ? LineStyle::kBold : LineStyle::kPlain});
    }
    if (!lost_.empty()) lines.push_back({lost_, LineStyle::kWarning});
    screen_->Draw(lines);
  }

  void OnInterrupted(std::string_view why) override {
    statuses_.clear();
    lost_ = fmt::format("stream lost ({}), opening it again", why);
    if (!screen_) session_.Warn(lost_);
  }

  const common::v1::Status& refusal() const { return refusal_; }

 private:
  void PrintLine(const ExchangeStatus& event) {
    std::string connections;
    for (const auto& connection : event.connections()) {
      connections += fmt::format("  {} {}", connection.name(), EnumText(connection.state()));
    }
    session_.Print(fmt::format("{} {}  {}  {} valid books, {} stale{}", event.exchange(),
                               event.component(), event.ready() ? "ready" : "NOT READY",
                               event.valid_books(), event.stale_books(), connections));
  }

  Session& session_;
  Statuses statuses_;
  std::int64_t events_ = 0;
  std::string lost_;
  common::v1::Status refusal_;
  std::optional<Screen> screen_;
};

int WatchStatus(Session& session) {
  status::v1::WatchStatusRequest request;
  if (!session.line().arguments.empty()) request.set_exchange(session.line().arguments[0]);
  const auto stub = status::v1::StatusService::NewStub(session.channel());
  const OpenStream<WatchStatusResponse> open = [&](auto* context, auto* queue, void* tag) {
    return stub->AsyncWatchStatus(context, request, queue, tag);
  };
  StatusWatch watch(session);
  const grpc::Status status = FollowStream<WatchStatusResponse>(session, open, watch);
  watch.OnTick();
  if (!status.ok()) return session.Fail(status);
  if (watch.refusal().code() != 0) return session.Fail(ErrorText(watch.refusal()));
  return kExitOk;
}

template <typename Values>
std::string Join(const Values& values) {
  return fmt::format("{}", fmt::join(values, ", "));
}

void PrintCapabilities(Session& session, const status::v1::ExchangeCapabilities& capabilities) {
  session.Print(fmt::format("{}  API {}", capabilities.exchange(), capabilities.api_version()));
  Table table({"", "", ""});
  for (const auto& rpc : capabilities.rpcs()) {
    table.AddRow({"rpc", rpc.rpc(), EnumText(rpc.path())});
  }
  for (const auto& channel : capabilities.channels()) {
    std::string path = EnumText(channel.path());
    if (channel.poll_interval_ms() != 0) {
      path += fmt::format(" every {} ms", channel.poll_interval_ms());
    }
    table.AddRow({"channel", channel.channel(), path});
  }
  const auto add = [&table](std::string_view name, const std::string& value) {
    if (!value.empty()) table.AddRow({std::string(name), value});
  };
  add("book depths", Join(capabilities.book_depths()));
  add("candle seconds", Join(capabilities.candle_interval_seconds()));
  add("order types", Join(capabilities.order_types()));
  add("times in force", Join(capabilities.times_in_force()));
  add("client id form", capabilities.client_id_form());
  const std::map<std::string, std::string> limits(capabilities.limits().begin(),
                                                  capabilities.limits().end());
  for (const auto& [name, text] : limits) table.AddRow({"limit", name, text});
  session.PrintTable(table);
}

}  // namespace

int ListExchanges(Session& session) {
  router::v1::ListExchangesResponse response;
  const grpc::Status status = ReadExchanges(session, response);
  if (!status.ok()) return session.Fail(status);
  if (session.line().json) {
    session.PrintJson(response);
    return kExitOk;
  }
  Table table({"exchange", "component", "", "accounts"});
  for (const auto& exchange : response.exchanges()) {
    bool first = true;
    for (const auto& component : exchange.components()) {
      table.AddRow({first ? exchange.exchange() : "", component.component(),
                    component.ready() ? "ready" : "NOT READY", Join(component.accounts())});
      first = false;
    }
  }
  session.PrintTable(table);
  WarnAll(session, response.errors());
  return kExitOk;
}

int ShowCapabilities(Session& session) {
  status::v1::GetCapabilitiesRequest request;
  request.set_exchange(session.line().arguments[0]);
  status::v1::GetCapabilitiesResponse response;
  const auto stub = status::v1::StatusService::NewStub(session.channel());
  const grpc::Status status = session.Unary([&](grpc::ClientContext* context) {
    return stub->GetCapabilities(context, request, &response);
  });
  if (!status.ok()) return session.Fail(status);
  if (session.line().json) {
    session.PrintJson(response);
    return kExitOk;
  }
  for (const auto& capabilities : response.capabilities()) PrintCapabilities(session, capabilities);
  WarnAll(session, response.errors());
  // One exchange was asked for: its error is the answer.
  return response.capabilities().empty() ? kExitFailed : kExitOk;
}

int ShowStatus(Session& session) {
  if (session.line().watch) return WatchStatus(session);
  status::v1::GetStatusRequest request;
  if (!session.line().arguments.empty()) request.set_exchange(session.line().arguments[0]);
  status::v1::GetStatusResponse response;
  const auto stub = status::v1::StatusService::NewStub(session.channel());
  const grpc::Status status = session.Unary(
      [&](grpc::ClientContext* context) { return stub->GetStatus(context, request, &response); });
  if (!status.ok()) return session.Fail(status);
  if (session.line().json) {
    session.PrintJson(response);
    return kExitOk;
  }
  const std::int64_t now_ns = session.environment().clock.Now().value;
  session.Print(fmt::format("version {}, up {}", response.version(),
                            FormatDuration(now_ns - response.start_time_ns())));
  Statuses statuses;
  for (const auto& entry : response.statuses()) {
    statuses[{entry.exchange(), entry.component()}] = entry;
  }
  session.PrintTable(StatusTable(statuses, now_ns));
  WarnAll(session, response.errors());
  return kExitOk;
}

}  // namespace switchyard::clients::cli
