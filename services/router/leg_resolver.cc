#include "services/router/leg_resolver.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "common/status/status.h"
#include "services/process/gather.h"
#include "switchyard/marketdata/v1/market_data_service.pb.h"

namespace switchyard::router {
namespace {

using marketdata::v1::GetInstrumentRequest;
using marketdata::v1::GetInstrumentResponse;
using marketdata::v1::Instrument;
using marketdata::v1::ListInstrumentsRequest;
using marketdata::v1::ListInstrumentsResponse;
using Instruments = std::vector<Instrument>;
using InstrumentGather = process::Gather<Instruments>;

constexpr int kMaxSelectors = 32;
constexpr std::size_t kMaxLegs = 32;

// One question to one backend.
struct LookUp {
  std::size_t selector;
  const Backend* backend;
  v1::LegSelector wanted;
};

// "BTC-USDT-PERP" -> "USDT"; canonical symbols are BASE-QUOTE or BASE-QUOTE-PERP.
std::string QuoteOfSymbol(const std::string& symbol) {
  const std::size_t first = symbol.find('-');
  if (first == std::string::npos) return "";
  const std::size_t second = symbol.find('-', first + 1);
  return symbol.substr(first + 1, second == std::string::npos ? second : second - first - 1);
}

v1::Leg ToLeg(const Instrument& instrument) {
  v1::Leg leg;
  leg.set_exchange(instrument.exchange());
  leg.set_symbol(instrument.symbol());
  leg.set_quote(instrument.quote());
  leg.set_settle(instrument.settle());
  leg.set_state(v1::LEG_STATE_WAITING);
  return leg;
}

absl::Status NoSuchInstrument(const std::string& what) {
  return MakeError(absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT,
                   fmt::format("no exchange has {}", what));
}

// Whether the backend's error leaves open if there is such an instrument.
bool IsOpen(const absl::Status& status) {
  return status.code() != absl::StatusCode::kNotFound &&
         status.code() != absl::StatusCode::kInvalidArgument &&
         status.code() != absl::StatusCode::kUnimplemented;
}

v1::Leg LegAsNamed(const v1::InstrumentLeg& named, const absl::Status& status) {
  v1::Leg leg;
  leg.set_exchange(named.exchange());
  leg.set_symbol(named.symbol());
  leg.set_quote(QuoteOfSymbol(named.symbol()));
  leg.set_state(v1::LEG_STATE_WAITING);
  if (!IsOpen(status)) {
    leg.set_state(v1::LEG_STATE_FAILED);
    *leg.mutable_status() = ToProto(status);
  }
  return leg;
}

std::vector<LookUp> PlanLookUps(const LegSelectors& selectors, const Backends& backends,
                                const access::Caller& caller) {
  std::vector<LookUp> plan;
  for (int i = 0; i < selectors.size(); ++i) {
    const auto index = static_cast<std::size_t>(i);
    if (selectors[i].has_instrument()) {
      plan.push_back({index,
                      backends.FindOrNull(selectors[i].instrument().exchange(), "market_data"),
                      selectors[i]});
      continue;
    }
    for (const std::string& exchange : backends.exchanges()) {
      const Backend* const backend = backends.FindOrNull(exchange, "market_data");
      if (backend == nullptr || !caller.MayOnExchange(common::v1::ROLE_READ, exchange)) continue;
      plan.push_back({index, backend, selectors[i]});
    }
  }
  return plan;
}

// Collects legs without repeating one.
class LegList {
 public:
  void Add(v1::Leg leg) {
    if (seen_.emplace(leg.exchange(), leg.symbol()).second) legs_.push_back(std::move(leg));
  }
  std::vector<v1::Leg> Take() { return std::move(legs_); }

 private:
  std::set<std::pair<std::string, std::string>> seen_;
  std::vector<v1::Leg> legs_;
};

void TakeAnswer(const LookUp& look_up, absl::StatusOr<Instruments> answer, LegList* legs,
                ResolvedLegs* resolved) {
  absl::Status& selector = resolved->selectors[look_up.selector];
  if (look_up.wanted.has_instrument()) {
    const v1::InstrumentLeg& named = look_up.wanted.instrument();
    if (answer.ok()) {
      legs->Add(ToLeg(answer->front()));
    } else {
      legs->Add(LegAsNamed(named, answer.status()));
    }
    selector = answer.ok() || IsOpen(answer.status()) ? absl::OkStatus() : answer.status();
    return;
  }
  if (!answer.ok()) {
    status::v1::ExchangeError& error = resolved->errors.emplace_back();
    error.set_exchange(look_up.backend->exchange());
    error.set_component(look_up.backend->component());
    *error.mutable_status() = ToProto(answer.status());
    return;
  }
  std::sort(answer->begin(), answer->end(), [](const Instrument& left, const Instrument& right) {
    return left.symbol() < right.symbol();
  });
  for (const Instrument& instrument : *answer) legs->Add(ToLeg(instrument));
  if (!answer->empty()) selector = absl::OkStatus();
}

absl::StatusOr<ResolvedLegs> Join(const std::vector<LookUp>& plan, const LegSelectors& selectors,
                                  InstrumentGather::Answers answers) {
  ResolvedLegs resolved;
  LegList legs;
  for (const v1::LegSelector& selector : selectors) {
    resolved.selectors.push_back(
        NoSuchInstrument(selector.has_base() ? selector.base().base() : "this"));
  }
  for (std::size_t i = 0; i < plan.size(); ++i) {
    TakeAnswer(plan[i],
               answers[i] ? *std::move(answers[i])
                          : BackendUnavailable(*plan[i].backend, "no answer in time"),
               &legs, &resolved);
  }
  resolved.legs = legs.Take();
  if (resolved.legs.size() > kMaxLegs) {
    return MakeError(absl::StatusCode::kInvalidArgument, common::v1::ERROR_REASON_REQUEST_TOO_LARGE,
                     fmt::format("{} legs; a book has at most {}", resolved.legs.size(), kMaxLegs),
                     {{"field", "legs"}});
  }
  const bool none = std::all_of(resolved.legs.begin(), resolved.legs.end(), [](const v1::Leg& leg) {
    return leg.state() == v1::LEG_STATE_FAILED;
  });
  if (none && resolved.errors.empty()) return NoSuchInstrument("any of the wanted instruments");
  return resolved;
}

void AskInstrument(const ServiceContext& context, const LookUp& look_up,
                   const BackendQueries::Asking& asking,
                   std::function<void(absl::StatusOr<Instruments>)> done) {
  GetInstrumentRequest request;
  request.set_exchange(look_up.backend->exchange());
  request.set_symbol(look_up.wanted.instrument().symbol());
  context.queries.Ask<GetInstrumentResponse>(
      *look_up.backend, "MarketDataService/GetInstrument", request, asking,
      [done = std::move(done)](absl::StatusOr<GetInstrumentResponse> answer) {
        if (!answer.ok()) return done(answer.status());
        done(Instruments{std::move(*answer->mutable_instrument())});
      });
}

void AskInstruments(const ServiceContext& context, const LookUp& look_up,
                    const BackendQueries::Asking& asking,
                    std::function<void(absl::StatusOr<Instruments>)> done) {
  const v1::BaseLeg& wanted = look_up.wanted.base();
  ListInstrumentsRequest request;
  request.set_exchange(look_up.backend->exchange());
  request.set_base(wanted.base());
  request.set_kind(wanted.kind());
  request.set_quote(wanted.quote());
  context.queries.Ask<ListInstrumentsResponse>(
      *look_up.backend, "MarketDataService/ListInstruments", request, asking,
      [done = std::move(done)](absl::StatusOr<ListInstrumentsResponse> answer) {
        if (!answer.ok()) return done(answer.status());
        done(Instruments(answer->instruments().begin(), answer->instruments().end()));
      });
}

}  // namespace

absl::Status ValidateSelectors(const LegSelectors& selectors, const Backends& backends,
                               const access::Caller& caller) {
  if (selectors.empty()) return InvalidField("legs", "at least one is needed");
  if (selectors.size() > kMaxSelectors) {
    return MakeError(absl::StatusCode::kInvalidArgument, common::v1::ERROR_REASON_REQUEST_TOO_LARGE,
                     fmt::format("{} selectors; at most {}", selectors.size(), kMaxSelectors),
                     {{"field", "legs"}});
  }
  for (const v1::LegSelector& selector : selectors) {
    if (selector.has_instrument()) {
      if (selector.instrument().exchange().empty()) return InvalidField("exchange", "required");
      if (selector.instrument().symbol().empty()) return InvalidField("symbol", "required");
      SWITCHYARD_RETURN_IF_ERROR(
          backends.Find(selector.instrument().exchange(), "market_data").status());
      const std::string& exchange = selector.instrument().exchange();
      if (!caller.MayOnExchange(common::v1::ROLE_READ, exchange)) {
        return caller.Denied(common::v1::ROLE_READ, exchange, "", "books");
      }
    } else if (!selector.has_base()) {
      return InvalidField("legs", "a selector names neither an instrument nor a base");
    } else if (selector.base().base().empty()) {
      return InvalidField("base", "required");
    } else if (selector.base().kind() == common::v1::INSTRUMENT_KIND_UNSPECIFIED) {
      return InvalidField("kind", "required");
    }
  }
  return absl::OkStatus();
}

void ResolveLegs(const ServiceContext& context, const LegSelectors& selectors,
                 const BackendQueries::Asking& asking,
                 std::function<void(absl::StatusOr<ResolvedLegs> legs)> done) {
  const std::vector<LookUp> plan = PlanLookUps(selectors, context.backends, asking.caller);
  const auto gather = std::make_shared<InstrumentGather>(
      plan.size(), [plan, selectors, done = std::move(done)](InstrumentGather::Answers answers) {
        done(Join(plan, selectors, std::move(answers)));
      });
  if (plan.empty()) gather->Expire();
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const auto ask = plan[i].wanted.has_instrument() ? AskInstrument : AskInstruments;
    ask(context, plan[i], asking,
        [gather, i](absl::StatusOr<Instruments> answer) { gather->Set(i, std::move(answer)); });
  }
}

}  // namespace switchyard::router
