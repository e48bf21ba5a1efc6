#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "clients/cli/commands.h"
#include "clients/cli/duration.h"
#include "clients/cli/enum_text.h"
#include "clients/cli/error_text.h"
#include "clients/cli/ladder.h"
#include "clients/cli/rate_meter.h"
#include "clients/cli/stream.h"
#include "switchyard/router/v1/router_service.grpc.pb.h"

namespace switchyard::clients::cli {
namespace {

using router::v1::ConsolidatedBook;
using router::v1::ConsolidatedBookEvent;
using router::v1::StreamConsolidatedBookResponse;

router::v1::LegSelector SelectorOf(const CommandLine& line) {
  router::v1::LegSelector selector;
  auto& base = *selector.mutable_base();
  base.set_base(line.arguments[0]);
  base.set_kind(line.kind == "perp" ? common::v1::INSTRUMENT_KIND_PERPETUAL
                                    : common::v1::INSTRUMENT_KIND_SPOT);
  return selector;
}

// Levels of one side; those that do not fit or name no leg are left out.
template <typename Mantissas, typename Legs>
std::vector<LadderLevel> SideOf(const ConsolidatedBook& book, const Mantissas& prices,
                                const Mantissas& quantities, const Legs& legs) {
  std::vector<LadderLevel> levels;
  for (int index = 0; index < prices.size(); ++index) {
    if (index >= quantities.size() || index >= legs.size()) break;
    const auto price = Decimal::FromMantissaExponent(prices.Get(index), book.price_exponent());
    const auto quantity =
        Decimal::FromMantissaExponent(quantities.Get(index), book.quantity_exponent());
    const auto leg = static_cast<int>(legs.Get(index));
    if (!price.ok() || !quantity.ok() || leg >= book.legs_size()) continue;
    levels.push_back({*price, *quantity, book.legs(leg).exchange()});
  }
  return levels;
}

std::string LegLine(const router::v1::Leg& leg) {
  std::string state = EnumText(leg.state());
  switch (leg.state()) {
    case router::v1::LEG_STATE_LIVE:
      state += fmt::format(" ({}, {} old)", EnumText(leg.freshness().source()),
                           FormatDuration(leg.freshness().age_ns()));
      break;
    case router::v1::LEG_STATE_STALE:
      state += fmt::format(" ({})", EnumText(leg.stale_reason()));
      break;
    case router::v1::LEG_STATE_FAILED:
      state += fmt::format(" ({})", ErrorText(leg.status()));
      break;
    default:
      break;
  }
  return fmt::format("{} {}  {}  {}", leg.exchange(), leg.symbol(), leg.quote(), state);
}

Ladder LadderOf(const CommandLine& line, const ConsolidatedBook& book) {
  Ladder ladder;
  ladder.title = fmt::format("{} {}, {} books", line.arguments[0],
                             line.kind == "perp" ? "perpetual" : "spot", book.legs_size());
  ladder.bids =
      SideOf(book, book.bid_price_mantissas(), book.bid_quantity_mantissas(), book.bid_legs());
  ladder.asks =
      SideOf(book, book.ask_price_mantissas(), book.ask_quantity_mantissas(), book.ask_legs());
  if (book.mixed_quotes()) ladder.details.push_back("MIXED QUOTE CURRENCIES, not converted");
  return ladder;
}

std::vector<ScreenLine> Render(const Ladder& ladder, const ConsolidatedBook& book) {
  std::vector<ScreenLine> lines = RenderLadder(ladder);
  for (const auto& leg : book.legs()) {
    const bool live = leg.state() == router::v1::LEG_STATE_LIVE;
    lines.push_back({LegLine(leg), live ? LineStyle::kDim : LineStyle::kWarning});
  }
  return lines;
}

// A merged ladder that follows the stream: drawn in place on a terminal, else a line for each
// event.
class ConsolidatedWatch final : public StreamHandler<StreamConsolidatedBookResponse> {
 public:
  explicit ConsolidatedWatch(Session& session)
      : session_(session), rate_(session.environment().clock) {
    Environment& environment = session.environment();
    if (environment.terminal && !session.line().json) {
      screen_.emplace(environment.out, environment.columns, environment.rows);
    }
  }

  Next OnMessage(const StreamConsolidatedBookResponse& response) override {
    if (const auto* const refusal = RefusalIn(response.acknowledgement())) {
      refusal_ = *refusal;
      return Next::kStop;
    }
    for (const auto& event : response.events()) {
      rate_.Count();
      lost_.clear();
      last_ = event;
      if (session_.line().json) {
        session_.PrintJson(event);
      } else if (!screen_) {
        session_.Print(RenderTop(View()));
      }
      if (++events_ == session_.line().count) return Next::kStop;
    }
    return Next::kContinue;
  }

  void OnTick() override {
    if (screen_) screen_->Draw(Render(View(), last_.book()));
  }

  void OnInterrupted(std::string_view why) override {
    lost_ = why;
    if (!screen_) session_.Warn(fmt::format("stream lost ({}), opening it again", why));
  }

  const common::v1::Status& refusal() const { return refusal_; }

 private:
  Ladder View() {
    Ladder ladder = LadderOf(session_.line(), last_.book());
    ladder.live = lost_.empty() && last_.kind() == common::v1::STATE_EVENT_KIND_SNAPSHOT;
    ladder.state =
        ladder.live ? "LIVE" : fmt::format("STALE ({})", lost_.empty() ? "no book is live" : lost_);
    if (last_.receive_time_ns() != 0) {
      const std::int64_t age = session_.environment().clock.Now().value - last_.receive_time_ns();
      ladder.details.push_back(fmt::format("age {}", FormatDuration(age)));
    }
    ladder.details.push_back(fmt::format("{} events/s", rate_.PerSecond()));
    return ladder;
  }

  Session& session_;
  RateMeter rate_;
  ConsolidatedBookEvent last_;
  std::int64_t events_ = 0;
  std::string lost_;
  common::v1::Status refusal_;
  std::optional<Screen> screen_;
};

int WatchConsolidatedBook(Session& session) {
  router::v1::StreamConsolidatedBookRequest request;
  *request.add_legs() = SelectorOf(session.line());
  request.set_depth(static_cast<std::uint32_t>(session.line().depth));
  const auto stub = router::v1::RouterService::NewStub(session.channel());
  const OpenStream<StreamConsolidatedBookResponse> open = [&](auto* context, auto* queue,
                                                              void* tag) {
    return stub->AsyncStreamConsolidatedBook(context, request, queue, tag);
  };
  ConsolidatedWatch watch(session);
  const grpc::Status status = FollowStream<StreamConsolidatedBookResponse>(session, open, watch);
  watch.OnTick();
  if (!status.ok()) return session.Fail(status);
  if (watch.refusal().code() != 0) return session.Fail(ErrorText(watch.refusal()));
  return kExitOk;
}

}  // namespace

int ShowConsolidatedBook(Session& session) {
  const CommandLine& line = session.line();
  if (line.watch) return WatchConsolidatedBook(session);
  router::v1::GetConsolidatedBookRequest request;
  *request.add_legs() = SelectorOf(line);
  request.set_depth(static_cast<std::uint32_t>(line.depth));
  router::v1::GetConsolidatedBookResponse response;
  const auto stub = router::v1::RouterService::NewStub(session.channel());
  const grpc::Status status = session.Unary([&](grpc::ClientContext* context) {
    return stub->GetConsolidatedBook(context, request, &response);
  });
  if (!status.ok()) return session.Fail(status);
  if (line.json) {
    session.PrintJson(response);
    return kExitOk;
  }
  Ladder ladder = LadderOf(line, response.book());
  ladder.live = true;
  session.PrintLines(Render(ladder, response.book()));
  for (const auto& error : response.errors()) {
    session.Warn(fmt::format("{}: {}", error.exchange(), ErrorText(error.status())));
  }
  return kExitOk;
}

}  // namespace switchyard::clients::cli
