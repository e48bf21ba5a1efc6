#include "tests/clients/fake/router_answers.h"

#include <fmt/format.h>

#include "common/status/grpc_status.h"
#include "common/status/status.h"
#include "common/time/time.h"
#include "tests/clients/fake/account_answers.h"
#include "tests/clients/fake/fake_switchyard.h"

namespace switchyard::clients::fake {
namespace {

using router::v1::StreamConsolidatedBookRequest;
using router::v1::StreamConsolidatedBookResponse;
using router::v1::StreamPrivateEventsRequest;
using router::v1::StreamPrivateEventsResponse;

constexpr int kHeartbeatMs = 1000;

// Two exchanges that cross by nothing: bids of the first, asks of both.
router::v1::ConsolidatedBook MergedBook(std::int64_t shift) {
  router::v1::ConsolidatedBook book;
  for (const char* exchange : {"gateio", "mexc"}) {
    auto& leg = *book.add_legs();
    leg.set_exchange(exchange);
    leg.set_symbol("BTC-USDT");
    leg.set_quote("USDT");
    leg.set_state(router::v1::LEG_STATE_LIVE);
    leg.mutable_freshness()->set_source(common::v1::SOURCE_WEBSOCKET);
  }
  book.set_depth(5);
  book.set_price_exponent(-1);
  book.set_quantity_exponent(-2);
  for (int level = 0; level < 2; ++level) {
    book.add_bid_price_mantissas(1000 + shift - level);
    book.add_bid_quantity_mantissas(150 + level);
    book.add_bid_legs(static_cast<std::uint32_t>(level));
    book.add_ask_price_mantissas(1003 + shift + level);
    book.add_ask_quantity_mantissas(250 + level);
    book.add_ask_legs(static_cast<std::uint32_t>(1 - level));
  }
  return book;
}

}  // namespace

grpc::Status RouterAnswers::ListExchanges(grpc::ServerContext*,
                                          const router::v1::ListExchangesRequest*,
                                          router::v1::ListExchangesResponse* response) {
  auto& exchange = *response->add_exchanges();
  exchange.set_exchange("gateio");
  auto& component = *exchange.add_components();
  component.set_component("market_data");
  component.set_ready(true);
  auto& error = *response->add_errors();
  error.set_exchange("mexc");
  *error.mutable_status() =
      ToProto(MakeError(absl::StatusCode::kUnavailable,
                        common::v1::ERROR_REASON_BACKEND_UNAVAILABLE, "no live backend of mexc"));
  return grpc::Status::OK;
}

grpc::Status RouterAnswers::GetConsolidatedBook(
    grpc::ServerContext*, const router::v1::GetConsolidatedBookRequest* request,
    router::v1::GetConsolidatedBookResponse* response) {
  if (request->legs(0).base().base() == "NOSUCH") return UnknownInstrument("NOSUCH");
  *response->mutable_book() = MergedBook(0);
  return grpc::Status::OK;
}

grpc::Status RouterAnswers::ListFundingRatesAcross(
    grpc::ServerContext*, const router::v1::ListFundingRatesAcrossRequest*,
    router::v1::ListFundingRatesAcrossResponse* response) {
  auto& comparison = *response->add_comparisons();
  comparison.set_base("BTC");
  comparison.set_spread_8h("0.0003");
  for (const char* exchange : {"aster", "gateio_futures"}) {
    auto& rate = *comparison.add_rates();
    rate.set_exchange(exchange);
    rate.set_symbol("BTC-USDT-PERP");
    rate.set_rate_8h(comparison.rates_size() == 1 ? "0.0004" : "0.0001");
  }
  return grpc::Status::OK;
}

grpc::Status RouterAnswers::StreamConsolidatedBook(
    grpc::ServerContext* context, const StreamConsolidatedBookRequest* request,
    grpc::ServerWriter<StreamConsolidatedBookResponse>* writer) {
  ConsolidatedScript script(*context, *writer, stopping_, streams_++);
  return answers_.stream_consolidated_book(*request, script);
}

grpc::Status RouterAnswers::GetPortfolio(grpc::ServerContext*,
                                         const router::v1::GetPortfolioRequest* request,
                                         router::v1::GetPortfolioResponse* response) {
  for (const auto& [exchange, account] : accounts_.Names()) {
    bool wanted = request->accounts().empty();
    for (const auto& selector : request->accounts()) {
      wanted = wanted || (selector.exchange() == exchange &&
                          (selector.account().empty() || selector.account() == account));
    }
    if (!wanted) continue;
    auto& entry = *response->add_accounts();
    entry.set_exchange(exchange);
    entry.set_account(account);
    *entry.mutable_figures() = FiguresOf(exchange, account);
    *entry.add_balances() = BalanceOf(exchange, account);
    const auto found = accounts_.Find(exchange, account);
    if (!found.ok() || FakeAccounts::IsSpot(exchange)) continue;
    for (const auto& position : (*found)->Positions()) *entry.add_positions() = position;
  }
  auto& total = *response->add_totals();
  total.set_currency("USDT");
  total.set_total("4002");
  auto& error = *response->add_errors();
  error.set_exchange("mexc");
  *error.mutable_status() =
      ToProto(MakeError(absl::StatusCode::kUnavailable,
                        common::v1::ERROR_REASON_BACKEND_UNAVAILABLE, "no live backend of mexc"));
  return grpc::Status::OK;
}

grpc::Status RouterAnswers::StreamPrivateEvents(
    grpc::ServerContext* context, const StreamPrivateEventsRequest* request,
    grpc::ServerWriter<StreamPrivateEventsResponse>* writer) {
  PrivateEventsScript script(*context, *writer, stopping_, private_streams_++);
  if (answers_.stream_private_events) return answers_.stream_private_events(*request, script);
  return FlowPrivateEvents(*request, script);
}

grpc::Status RouterAnswers::FlowPrivateEvents(const StreamPrivateEventsRequest& request,
                                              PrivateEventsScript& script) {
  auto acknowledgement =
      AcknowledgeAll<StreamPrivateEventsResponse>(request.subscriptions_size(), kHeartbeatMs);
  StreamPrivateEventsResponse snapshots;
  for (int index = 0; index < request.subscriptions_size(); ++index) {
    const auto& wanted = request.subscriptions(index);
    if (wanted.channel() == router::v1::PRIVATE_CHANNEL_ACCOUNT) {
      auto& event = *snapshots.add_events()->mutable_account();
      event = AccountSnapshot(7, 1).events(0).account();
      event.set_exchange(wanted.exchange());
      event.set_account(wanted.account());
    } else if (FakeAccounts::IsSpot(wanted.exchange())) {
      *acknowledgement.mutable_acknowledgement()->mutable_results(index)->mutable_status() =
          ToProto(NotInCapabilities(wanted.exchange(), "positions"));
    } else {
      auto& event = *snapshots.add_events()->mutable_position();
      event.set_exchange(wanted.exchange());
      event.set_account(wanted.account());
      event.set_kind(common::v1::STATE_EVENT_KIND_SNAPSHOT);
      event.set_epoch(7);
      event.set_sequence(1);
      const auto account = accounts_.Find(wanted.exchange(), wanted.account());
      if (!account.ok()) continue;
      for (const auto& position : (*account)->Positions()) *event.add_positions() = position;
    }
  }
  script.Write(acknowledgement);
  script.Write(snapshots);
  script.HoldOpen();
  return grpc::Status::OK;
}

grpc::Status RouterAnswers::CancelEverything(grpc::ServerContext*,
                                             const router::v1::CancelEverythingRequest*,
                                             router::v1::CancelEverythingResponse* response) {
  for (const auto& [exchange, name] : accounts_.Names()) {
    auto& result = *response->add_results();
    result.set_exchange(exchange);
    result.set_account(name);
    if (exchange == "lighter") {
      *result.mutable_status() = ToProto(MakeError(absl::StatusCode::kUnknown,
                                                   common::v1::ERROR_REASON_ORDER_OUTCOME_UNKNOWN,
                                                   "sent and not answered"));
      continue;
    }
    const auto account = accounts_.Find(exchange, name);
    if (account.ok()) {
      result.set_canceled(static_cast<std::uint32_t>((*account)->CancelAll("").size()));
    }
  }
  return grpc::Status::OK;
}

grpc::Status FlowMergedBooks(const StreamConsolidatedBookRequest& request,
                             ConsolidatedScript& script, int updates_per_second) {
  const std::string& base = request.legs(0).base().base();
  if (base.find("NOSUCH") != std::string::npos) return UnknownInstrument(base);
  auto response = AcknowledgeAll<StreamConsolidatedBookResponse>(1, kHeartbeatMs);
  script.Write(response);
  for (std::uint64_t sequence = 1;; ++sequence) {
    response.Clear();
    auto& event = *response.add_events();
    event.set_kind(common::v1::STATE_EVENT_KIND_SNAPSHOT);
    event.set_epoch(7);
    event.set_sequence(sequence);
    event.set_receive_time_ns(SystemClock().Now().value);
    *event.mutable_book() = MergedBook(static_cast<std::int64_t>(sequence % 10));
    if (!script.Write(response) || !script.Pause(1000 / updates_per_second)) break;
  }
  return grpc::Status::OK;
}

StreamPrivateEventsResponse AccountSnapshot(std::uint64_t epoch, std::uint64_t sequence) {
  StreamPrivateEventsResponse response;
  auto& event = *response.add_events()->mutable_account();
  event.set_exchange("gateio");
  event.set_account("main");
  event.set_kind(common::v1::STATE_EVENT_KIND_SNAPSHOT);
  event.set_epoch(epoch);
  event.set_sequence(sequence);
  *event.mutable_snapshot()->mutable_account() = FiguresOf("gateio", "main");
  *event.mutable_snapshot()->add_balances() = BalanceOf("gateio", "main");
  return response;
}

StreamPrivateEventsResponse BalanceDelta(std::uint64_t epoch, std::uint64_t sequence,
                                         const std::string& total) {
  StreamPrivateEventsResponse response;
  auto& event = *response.add_events()->mutable_account();
  event.set_exchange("gateio");
  event.set_account("main");
  event.set_kind(common::v1::STATE_EVENT_KIND_DELTA);
  event.set_epoch(epoch);
  event.set_sequence(sequence);
  auto& change = *event.mutable_balance_change();
  *change.mutable_balance() = BalanceOf("gateio", "main");
  change.mutable_balance()->set_total(total);
  change.set_change("-1");
  change.set_change_type(account::v1::BALANCE_CHANGE_TYPE_FILL);
  return response;
}

}  // namespace switchyard::clients::fake
