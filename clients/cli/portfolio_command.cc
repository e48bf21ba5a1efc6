#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "clients/cli/account_text.h"
#include "clients/cli/command_call.h"
#include "clients/cli/commands.h"
#include "clients/cli/enum_text.h"
#include "clients/cli/error_text.h"
#include "clients/cli/local_portfolio.h"
#include "clients/cli/stream.h"
#include "switchyard/router/v1/router_service.grpc.pb.h"

namespace switchyard::clients::cli {
namespace {

using router::v1::GetPortfolioResponse;
using router::v1::PortfolioAccount;
using router::v1::RouterService;
using router::v1::StreamPrivateEventsRequest;
using router::v1::StreamPrivateEventsResponse;

// The contract's bound of one stream.
constexpr int kMostSubscriptions = 100;

grpc::Status ReadPortfolio(Session& session, GetPortfolioResponse& response) {
  const CommandLine& line = session.line();
  router::v1::GetPortfolioRequest request;
  for (const std::string& exchange : line.arguments) {
    auto& selector = *request.add_accounts();
    selector.set_exchange(exchange);
    selector.set_account(line.account);
  }
  const auto stub = RouterService::NewStub(session.channel());
  return session.Unary([&](grpc::ClientContext* context) {
    return stub->GetPortfolio(context, request, &response);
  });
}

void WarnOfErrors(Session& session, const GetPortfolioResponse& response) {
  for (const auto& error : response.errors()) {
    std::string who = error.exchange();
    for (const std::string* part : {&error.account(), &error.component()}) {
      if (!part->empty()) who += " " + *part;
    }
    session.Warn(fmt::format("{}: {}", who, ErrorText(error.status())));
  }
}

// The rows of a portfolio; `state_of` says why an account must not be believed.
template <typename Accounts, typename StateOf>
std::vector<std::string> PortfolioLines(const Accounts& accounts, StateOf state_of) {
  Table figures = MakeAccountTable();
  Table balances = MakeBalanceTable();
  Table positions = MakePositionTable();
  for (const PortfolioAccount& account : accounts) {
    account::v1::Account named = account.figures();
    named.set_exchange(account.exchange());
    named.set_account(account.account());
    AddAccount(named, state_of(account), figures);
    for (const auto& balance : account.balances()) AddBalance(balance, balances);
    for (const auto& position : account.positions()) AddPosition(position, positions);
  }
  std::vector<std::string> lines;
  for (const Table* table : {&figures, &balances, &positions}) {
    if (table->empty()) continue;
    if (!lines.empty()) lines.emplace_back();
    for (std::string& line : table->Lines()) lines.push_back(std::move(line));
  }
  return lines;
}

// One line for one change, where there is no terminal to draw on.
std::string EventText(const router::v1::PrivateEvent& event) {
  if (event.has_account()) {
    const auto& account = event.account();
    std::string who =
        fmt::format("{} {} {}", account.exchange(), account.account(), EnumText(account.kind()));
    if (account.has_balance_change()) {
      const auto& balance = account.balance_change().balance();
      return fmt::format("{} {} {} ({} by {})", who, balance.total(), balance.currency(),
                         account.balance_change().change(),
                         EnumText(account.balance_change().change_type()));
    }
    if (account.has_margin_call()) return who + " MARGIN CALL " + account.margin_call().symbol();
    if (account.has_leverage_change()) {
      return fmt::format("{} {} leverage {}", who, account.leverage_change().symbol(),
                         LeverageText(account.leverage_change()));
    }
    if (account.has_snapshot()) {
      return fmt::format("{} equity {} {}", who,
                         FigureText(account.snapshot().account().total().equity()),
                         account.snapshot().account().currency());
    }
    if (!account.has_account_update()) return who;
    return fmt::format("{} equity {} {}", who,
                       FigureText(account.account_update().total().equity()),
                       account.account_update().currency());
  }
  const auto& event_of_positions = event.position();
  std::string text = fmt::format("{} {} {}", event_of_positions.exchange(),
                                 event_of_positions.account(), EnumText(event_of_positions.kind()));
  for (const auto& position : event_of_positions.positions()) {
    text += fmt::format("  {} {} {} unrealised {}", position.symbol(), EnumText(position.side()),
                        FigureText(position.size()), FigureText(position.unrealised_profit()));
  }
  return text;
}

// A portfolio that follows its stream: drawn in place on a terminal, else a line for each event.
class PortfolioWatch final : public StreamHandler<StreamPrivateEventsResponse> {
 public:
  PortfolioWatch(Session& session, const StreamPrivateEventsRequest& request)
      : session_(session), request_(request) {
    Environment& environment = session.environment();
    if (environment.terminal && !session.line().json) {
      screen_.emplace(environment.out, environment.columns, environment.rows);
    }
  }

  Next OnMessage(const StreamPrivateEventsResponse& response) override {
    if (response.has_acknowledgement()) return OnAcknowledgement(response.acknowledgement());
    for (const auto& event : response.events()) {
      if (session_.line().json) {
        session_.PrintJson(event);
      } else if (!screen_) {
        session_.Print(EventText(event));
      }
      if (!portfolio_.Apply(event)) {
        OnInterrupted("an event does not continue what is known");
        return Next::kReopen;
      }
      if (++events_ == session_.line().count) return Next::kStop;
    }
    return Next::kContinue;
  }

  void OnTick() override {
    if (!screen_) return;
    std::vector<ScreenLine> lines;
    for (std::string& text : PortfolioLines(
             portfolio_.Accounts(),
             [this](const PortfolioAccount& account) { return portfolio_.StateOf(account); })) {
      lines.push_back({std::move(text), LineStyle::kPlain});
    }
    screen_->Draw(lines);
  }

  void OnInterrupted(std::string_view why) override {
    portfolio_.Lose("stream lost");
    if (!screen_) session_.Warn(fmt::format("stream lost ({}), opening it again", why));
  }

  const common::v1::Status& refusal() const { return refusal_; }

 private:
  // Spot exchanges have no positions: that refusal is expected. Others are told; all of them end
  // it.
  Next OnAcknowledgement(const common::v1::StreamAcknowledgement& acknowledgement) {
    int accepted = 0;
    for (const auto& result : acknowledgement.results()) {
      if (result.status().code() == 0) {
        ++accepted;
        continue;
      }
      refusal_ = result.status();
      if (result.status().reason() == common::v1::ERROR_REASON_NOT_IN_CAPABILITIES) continue;
      const auto index = static_cast<int>(result.index());
      if (index >= request_.subscriptions_size()) continue;
      const auto& wanted = request_.subscriptions(index);
      session_.Warn(fmt::format("{} {} {}: {}", wanted.exchange(), wanted.account(),
                                EnumText(wanted.channel()), ErrorText(result.status())));
    }
    if (accepted == 0) return Next::kStop;
    refusal_.Clear();
    return Next::kContinue;
  }

  Session& session_;
  const StreamPrivateEventsRequest& request_;
  LocalPortfolio portfolio_;
  std::int64_t events_ = 0;
  common::v1::Status refusal_;
  std::optional<Screen> screen_;
};

int WatchPortfolio(Session& session, const GetPortfolioResponse& portfolio) {
  StreamPrivateEventsRequest request;
  for (const PortfolioAccount& account : portfolio.accounts()) {
    for (const auto channel :
         {router::v1::PRIVATE_CHANNEL_ACCOUNT, router::v1::PRIVATE_CHANNEL_POSITIONS}) {
      auto& subscription = *request.add_subscriptions();
      subscription.set_exchange(account.exchange());
      subscription.set_account(account.account());
      subscription.set_channel(channel);
    }
  }
  if (request.subscriptions().empty()) return session.Fail("no account answered");
  if (request.subscriptions_size() > kMostSubscriptions) {
    return session.Fail(fmt::format("{} accounts are too many for one stream: name exchanges",
                                    portfolio.accounts_size()));
  }
  const auto stub = RouterService::NewStub(session.channel());
  const OpenStream<StreamPrivateEventsResponse> open = [&](auto* context, auto* queue, void* tag) {
    return stub->AsyncStreamPrivateEvents(context, request, queue, tag);
  };
  PortfolioWatch watch(session, request);
  const grpc::Status status = FollowStream<StreamPrivateEventsResponse>(session, open, watch);
  watch.OnTick();
  if (!status.ok()) return FailRead(session, status);
  if (watch.refusal().code() != 0) return session.Fail(ErrorText(watch.refusal()));
  return kExitOk;
}

}  // namespace

int ShowPortfolio(Session& session) {
  const CommandLine& line = session.line();
  if (!line.account.empty() && line.arguments.size() != 1) {
    return session.Misuse("--account needs one EXCHANGE");
  }
  GetPortfolioResponse response;
  const grpc::Status status = ReadPortfolio(session, response);
  if (!status.ok()) return FailRead(session, status);
  if (line.watch) {
    WarnOfErrors(session, response);
    return WatchPortfolio(session, response);
  }
  if (line.json) {
    session.PrintJson(response);
    return kExitOk;
  }
  for (const std::string& text :
       PortfolioLines(response.accounts(), [](const PortfolioAccount& account) {
         return std::string(account.has_figures() ? "" : "DID NOT ANSWER");
       })) {
    session.Print(text);
  }
  Table totals({"all accounts", ">total", ">available", ">locked", ">equity", ">unrealised"});
  for (const auto& total : response.totals()) {
    totals.AddRow({total.currency(), total.total(), total.available(), total.locked(),
                   total.equity(), total.unrealised_profit()});
  }
  session.Print("");
  session.PrintTable(totals);
  WarnOfErrors(session, response);
  return kExitOk;
}

}  // namespace switchyard::clients::cli
