#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "clients/cli/commands.h"
#include "clients/cli/duration.h"
#include "clients/cli/enum_text.h"
#include "clients/cli/ladder.h"
#include "clients/cli/local_book.h"
#include "clients/cli/market_data_watch.h"
#include "clients/cli/rate_meter.h"
#include "switchyard/marketdata/v1/market_data_service.grpc.pb.h"

namespace switchyard::clients::cli {
namespace {

using marketdata::v1::MarketDataEvent;

std::string TitleOf(const CommandLine& line) {
  return fmt::format("{} {}", line.arguments[0], line.arguments[1]);
}

// A ladder that follows the stream: drawn in place on a terminal, else a line for each event.
class BookWatch final : public MarketDataWatch {
 public:
  explicit BookWatch(Session& session)
      : MarketDataWatch(session), rate_(session.environment().clock) {
    Environment& environment = session.environment();
    if (environment.terminal && !json()) {
      screen_.emplace(environment.out, environment.columns, environment.rows);
    }
  }

  void OnTick() override {
    if (screen_) screen_->Draw(RenderLadder(View()));
  }

  void OnInterrupted(std::string_view why) override {
    lost_ = why;
    new_stream_ = true;
    if (!screen_) MarketDataWatch::OnInterrupted(why);
    OnTick();
  }

 private:
  Next OnEvent(const MarketDataEvent& event) override {
    rate_.Count();
    // Another process may answer now, with epochs of its own. Until then the last book is shown.
    if (std::exchange(new_stream_, false)) book_ = LocalBook();
    const auto violations = book_.Apply(event);
    lost_.clear();
    for (const BookViolation& violation : violations) {
      lost_ = fmt::format("{}: {}", ViolationName(violation.kind), violation.what);
      if (screen_) continue;  // the ladder shows it
      session().Warn(fmt::format("contract broken, {}; opening the stream again", lost_));
    }
    if (!violations.empty()) {
      new_stream_ = true;
      return Next::kReopen;
    }
    if (!screen_ && !json()) session().Print(RenderTop(View()));
    return Next::kContinue;
  }

  std::string StateText() const {
    if (!lost_.empty()) return fmt::format("STALE ({})", lost_);
    switch (book_.state()) {
      case BookState::kLive:
        return book_.source() == common::v1::SOURCE_REST ? "LIVE (REST)" : "LIVE";
      case BookState::kStale:
        return fmt::format("STALE ({})", EnumText(book_.stale_reason()));
      case BookState::kWaiting:
        return "WAITING";
      case BookState::kBroken:
        return "STALE (contract broken)";
    }
    return "";
  }

  Ladder View() {
    Ladder ladder;
    ladder.title = TitleOf(session().line());
    ladder.state = StateText();
    ladder.live = lost_.empty() && book_.live();
    if (book_.receive_time_ns() != 0) {
      const std::int64_t age = session().environment().clock.Now().value - book_.receive_time_ns();
      ladder.details.push_back(fmt::format("age {}", FormatDuration(age)));
    }
    ladder.details.push_back(fmt::format("{} events/s", rate_.PerSecond()));
    ladder.details.push_back(fmt::format("sequence {}", book_.sequence()));
    const auto wanted = static_cast<std::size_t>(session().line().depth);
    for (const auto& [price, quantity] : book_.bids()) {
      if (ladder.bids.size() == wanted) break;
      ladder.bids.push_back({price, quantity, ""});
    }
    for (const auto& [price, quantity] : book_.asks()) {
      if (ladder.asks.size() == wanted) break;
      ladder.asks.push_back({price, quantity, ""});
    }
    return ladder;
  }

  LocalBook book_;
  bool new_stream_ = false;
  RateMeter rate_;
  std::string lost_;  // why the book cannot be believed, beside what the stream itself says
  std::optional<Screen> screen_;
};

int ShowBookOnce(Session& session) {
  const CommandLine& line = session.line();
  marketdata::v1::GetOrderBookRequest request;
  request.set_exchange(line.arguments[0]);
  request.set_symbol(line.arguments[1]);
  request.set_depth(static_cast<std::uint32_t>(line.depth));
  marketdata::v1::GetOrderBookResponse response;
  const auto stub = marketdata::v1::MarketDataService::NewStub(session.channel());
  const grpc::Status status = session.Unary([&](grpc::ClientContext* context) {
    return stub->GetOrderBook(context, request, &response);
  });
  if (!status.ok()) return session.Fail(status);
  if (line.json) {
    session.PrintJson(response);
    return kExitOk;
  }
  auto ladder = LadderFromLevels(response.order_book());
  if (!ladder.ok()) return session.Fail(std::string(ladder.status().message()));
  ladder->title = TitleOf(line);
  ladder->live = true;
  ladder->state = EnumText(response.freshness().source());
  ladder->details.push_back(fmt::format("age {}", FormatDuration(response.freshness().age_ns())));
  session.PrintLines(RenderLadder(*ladder));
  return kExitOk;
}

}  // namespace

int ShowBook(Session& session) {
  if (!session.line().watch) return ShowBookOnce(session);
  BookWatch watch(session);
  const int code = watch.Run(marketdata::v1::CHANNEL_ORDER_BOOK);
  watch.OnTick();
  return code;
}

}  // namespace switchyard::clients::cli
