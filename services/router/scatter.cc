#include "services/router/scatter.h"

#include <memory>
#include <utility>

#include "common/status/status.h"
#include "services/process/gather.h"
#include "services/router/consolidated_book.h"
#include "services/router/leg_resolver.h"

namespace switchyard::router {
namespace {

using marketdata::v1::FundingRate;
using marketdata::v1::GetOrderBookRequest;
using marketdata::v1::GetOrderBookResponse;
using marketdata::v1::ListFundingRatesRequest;
using marketdata::v1::ListFundingRatesResponse;
using Asking = BackendQueries::Asking;
using Rates = std::vector<FundingRate>;
using RatesGather = process::Gather<Rates>;
using BookGather = process::Gather<GetOrderBookResponse>;

constexpr std::uint32_t kDefaultDepth = 10;
// More pages than any exchange has; a backend that never ends is not followed for ever.
constexpr int kMaxPages = 20;

// Follows the pages of one exchange.
struct RatePages : std::enable_shared_from_this<RatePages> {
  const ServiceContext& context;
  const Backend& backend;
  Asking asking;
  std::function<void(absl::StatusOr<Rates>)> done;
  Rates rates;
  int pages = 0;

  RatePages(const ServiceContext& context, const Backend& backend, const Asking& asking,
            std::function<void(absl::StatusOr<Rates>)> done)
      : context(context), backend(backend), asking(asking), done(std::move(done)) {}

  void AskPage(const std::string& token) {
    ListFundingRatesRequest request;
    request.set_exchange(backend.exchange());
    request.set_page_token(token);
    context.queries.Ask<ListFundingRatesResponse>(
        backend, "MarketDataService/ListFundingRates", request, asking,
        [self = shared_from_this()](absl::StatusOr<ListFundingRatesResponse> answer) {
          self->TakePage(std::move(answer));
        });
  }

  void TakePage(absl::StatusOr<ListFundingRatesResponse> answer) {
    if (!answer.ok()) {
      done(answer.status());
      return;
    }
    rates.insert(rates.end(), answer->funding_rates().begin(), answer->funding_rates().end());
    if (answer->next_page_token().empty() || ++pages == kMaxPages) {
      done(std::move(rates));
    } else {
      AskPage(answer->next_page_token());
    }
  }
};

FundingRates JoinRates(const std::vector<const Backend*>& asked, RatesGather::Answers answers) {
  FundingRates joined;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    absl::StatusOr<Rates>& answer = *answers[i];
    if (answer.ok()) {
      joined.rates.insert(joined.rates.end(), answer->begin(), answer->end());
    } else if (answer.status().code() != absl::StatusCode::kUnimplemented) {
      status::v1::ExchangeError& error = joined.errors.emplace_back();
      error.set_exchange(asked[i]->exchange());
      error.set_component(asked[i]->component());
      *error.mutable_status() = ToProto(answer.status());
    }
  }
  return joined;
}

// The legs in the making; an answer belongs to the leg of its number.
std::vector<MergeLeg> FillLegs(const ResolvedLegs& resolved, const std::vector<std::size_t>& asked,
                               BookGather::Answers answers) {
  std::vector<MergeLeg> legs;
  for (const v1::Leg& leg : resolved.legs) legs.push_back({leg, {}});
  for (std::size_t i = 0; i < asked.size(); ++i) {
    MergeLeg& leg = legs[asked[i]];
    absl::StatusOr<GetOrderBookResponse>& answer = *answers[i];
    const absl::Status status = answer.ok() ? leg.book.Load(answer->order_book()) : answer.status();
    if (!status.ok()) {
      leg.description.set_state(v1::LEG_STATE_FAILED);
      *leg.description.mutable_status() = ToProto(status);
      continue;
    }
    leg.description.set_state(v1::LEG_STATE_LIVE);
    *leg.description.mutable_freshness() = answer->freshness();
    leg.description.set_exchange_time_ns(answer->exchange_time_ns());
  }
  return legs;
}

using BookDone = std::function<void(absl::StatusOr<v1::GetConsolidatedBookResponse>)>;

void AskBooks(const ServiceContext& context, const v1::GetConsolidatedBookRequest& request,
              const ResolvedLegs& resolved, const Asking& asking, BookDone done) {
  std::vector<std::size_t> asked;
  for (std::size_t i = 0; i < resolved.legs.size(); ++i) {
    if (resolved.legs[i].state() != v1::LEG_STATE_FAILED) asked.push_back(i);
  }
  const std::uint32_t depth = request.depth() == 0 ? kDefaultDepth : request.depth();
  const auto gather = std::make_shared<BookGather>(
      asked.size(), [resolved, asked, depth, done = std::move(done)](BookGather::Answers answers) {
        v1::GetConsolidatedBookResponse response;
        *response.mutable_book() = MergeBooks(FillLegs(resolved, asked, std::move(answers)), depth);
        for (const auto& error : resolved.errors) *response.add_errors() = error;
        done(std::move(response));
      });
  if (asked.empty()) gather->Expire();
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const v1::Leg& leg = resolved.legs[asked[i]];
    GetOrderBookRequest question;
    question.set_exchange(leg.exchange());
    question.set_symbol(leg.symbol());
    question.set_depth(depth);
    *question.mutable_allowed_sources() = request.allowed_sources();
    question.set_max_age_ns(request.max_age_ns());
    context.queries.Ask<GetOrderBookResponse>(
        *context.backends.FindOrNull(leg.exchange(), "market_data"),
        "MarketDataService/GetOrderBook", question, asking,
        [gather, i](absl::StatusOr<GetOrderBookResponse> answer) {
          gather->Set(i, std::move(answer));
        });
  }
}

}  // namespace

void AskFundingRates(const ServiceContext& context, const std::set<std::string>& exchanges,
                     const Asking& asking, std::function<void(FundingRates rates)> done) {
  std::vector<const Backend*> asked;
  std::vector<status::v1::ExchangeError> denied;
  for (const std::string& exchange : context.backends.exchanges()) {
    if (!exchanges.empty() && !exchanges.contains(exchange)) continue;
    if (!asking.caller.MayOnExchange(common::v1::ROLE_READ, exchange)) {
      if (exchanges.empty()) continue;
      denied.emplace_back().set_exchange(exchange);
      *denied.back().mutable_status() = ToProto(asking.caller.Denied(
          common::v1::ROLE_READ, exchange, "", "MarketDataService/ListFundingRates"));
      continue;
    }
    const Backend* const backend = context.backends.FindOrNull(exchange, "market_data");
    if (backend != nullptr) asked.push_back(backend);
  }
  const auto gather = std::make_shared<RatesGather>(
      asked.size(), [asked, denied, done = std::move(done)](RatesGather::Answers answers) {
        FundingRates joined = JoinRates(asked, std::move(answers));
        joined.errors.insert(joined.errors.end(), denied.begin(), denied.end());
        done(std::move(joined));
      });
  if (asked.empty()) gather->Expire();
  for (std::size_t i = 0; i < asked.size(); ++i) {
    std::make_shared<RatePages>(
        context, *asked[i], asking,
        [gather, i](absl::StatusOr<Rates> rates) { gather->Set(i, std::move(rates)); })
        ->AskPage("");
  }
}

void AskConsolidatedBook(
    const ServiceContext& context, const v1::GetConsolidatedBookRequest& request,
    const Asking& asking,
    std::function<void(absl::StatusOr<v1::GetConsolidatedBookResponse>)> done) {
  // Half of the time for each of the two rounds.
  const auto now = std::chrono::system_clock::now();
  ResolveLegs(
      context, request.legs(), Asking(now + (asking.deadline - now) / 2, asking.caller),
      [&context, request, asking, done = std::move(done)](absl::StatusOr<ResolvedLegs> resolved) {
        if (!resolved.ok()) {
          done(resolved.status());
        } else {
          AskBooks(context, request, *resolved, asking, done);
        }
      });
}

}  // namespace switchyard::router
