#include <fmt/format.h>

#include <string>

#include "clients/cli/commands.h"
#include "clients/cli/duration.h"
#include "clients/cli/enum_text.h"
#include "clients/cli/error_text.h"
#include "switchyard/marketdata/v1/market_data_service.grpc.pb.h"
#include "switchyard/router/v1/router_service.grpc.pb.h"

namespace switchyard::clients::cli {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

std::string NextPayment(Session& session, const marketdata::v1::FundingRate& rate) {
  if (rate.next_payment_time_ns() == 0) return "";
  const std::int64_t now = session.environment().clock.Now().value;
  return "in " + FormatDuration(rate.next_payment_time_ns() - now);
}

std::string Interval(const marketdata::v1::FundingRate& rate) {
  return FormatDuration(rate.interval_seconds() * kNanosecondsPerSecond);
}

int ShowFundingOfExchange(Session& session) {
  const CommandLine& line = session.line();
  marketdata::v1::ListFundingRatesRequest request;
  request.set_exchange(line.arguments[0]);
  for (std::size_t index = 1; index < line.arguments.size(); ++index) {
    request.add_symbols(line.arguments[index]);
  }
  const auto stub = marketdata::v1::MarketDataService::NewStub(session.channel());
  Table table({"symbol", ">rate", "per", ">rate 8h", "kind", "next payment", ">mark"});
  do {
    marketdata::v1::ListFundingRatesResponse response;
    const grpc::Status status = session.Unary([&](grpc::ClientContext* context) {
      return stub->ListFundingRates(context, request, &response);
    });
    if (!status.ok()) return session.Fail(status);
    if (line.json) session.PrintJson(response);
    for (const auto& rate : response.funding_rates()) {
      table.AddRow({rate.symbol(), rate.rate(), Interval(rate), rate.rate_8h(),
                    EnumText(rate.kind()), NextPayment(session, rate), rate.mark_price()});
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  if (!line.json) session.PrintTable(table);
  return kExitOk;
}

int ShowFundingAcross(Session& session) {
  const CommandLine& line = session.line();
  router::v1::ListFundingRatesAcrossRequest request;
  for (const std::string& base : line.bases) request.add_bases(base);
  const auto stub = router::v1::RouterService::NewStub(session.channel());
  Table table(
      {"base", ">spread 8h", ">rate 8h", "exchange", "symbol", ">rate", "per", "next payment"});
  do {
    router::v1::ListFundingRatesAcrossResponse response;
    const grpc::Status status = session.Unary([&](grpc::ClientContext* context) {
      return stub->ListFundingRatesAcross(context, request, &response);
    });
    if (!status.ok()) return session.Fail(status);
    if (line.json) session.PrintJson(response);
    for (const auto& comparison : response.comparisons()) {
      bool first = true;
      for (const auto& rate : comparison.rates()) {
        table.AddRow({first ? comparison.base() : "", first ? comparison.spread_8h() : "",
                      rate.rate_8h(), rate.exchange(), rate.symbol(), rate.rate(), Interval(rate),
                      NextPayment(session, rate)});
        first = false;
      }
    }
    for (const auto& error : response.errors()) {
      session.Warn(fmt::format("{}: {}", error.exchange(), ErrorText(error.status())));
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  if (!line.json) session.PrintTable(table);
  return kExitOk;
}

}  // namespace

int ShowFunding(Session& session) {
  return session.line().arguments.empty() ? ShowFundingAcross(session)
                                          : ShowFundingOfExchange(session);
}

}  // namespace switchyard::clients::cli
