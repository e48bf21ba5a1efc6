#include "exchanges/gateio/futures/account/isolated_margins.h"

#include <utility>

#include "common/status/status.h"

namespace switchyard::exchanges::gateio::futures {
namespace {

constexpr int kRatioDecimals = 6;

std::optional<Decimal> ValueOf(const common::v1::SourcedDecimal& figure) {
  const auto value = Decimal::Parse(figure.value());
  return value.ok() ? std::optional(*value) : std::nullopt;
}

}  // namespace

std::optional<Decimal> IsolatedRatioOf(const position::v1::Position& position) {
  if (position.margin_mode() != common::v1::MARGIN_MODE_ISOLATED ||
      position.side() == common::v1::SIDE_UNSPECIFIED) {
    return std::nullopt;
  }
  const auto maintenance = ValueOf(position.maintenance_margin());
  const auto margin = ValueOf(position.margin());
  const auto profit = ValueOf(position.unrealised_profit());
  if (!maintenance || !margin || !profit || maintenance->is_zero()) return std::nullopt;
  const auto equity = Decimal::Add(*margin, *profit);
  if (!equity.ok()) return std::nullopt;
  // Without equity liquidation is due, however small the margin that is needed.
  if (equity->is_zero() || equity->is_negative()) return Decimal::FromInt(1);
  const auto ratio = Decimal::Divide(*maintenance, *equity, kRatioDecimals, Rounding::kHalfEven);
  return ratio.ok() ? std::optional(*ratio) : std::nullopt;
}

IsolatedMargins::IsolatedMargins(std::string exchange, std::string account,
                                 exchange::MarketDataClient& market_data,
                                 const std::shared_ptr<AccountLink>& link,
                                 std::unique_ptr<MarkFeed> feed, Tell tell)
    : clock_(link->clock()),
      tell_(std::move(tell)),
      book_(std::move(exchange), std::move(account), clock_),
      marks_(market_data, link, std::move(feed),
             [this](const std::string& symbol, const Decimal& price, const Stamp& stamp) {
               OnMark(symbol, price, stamp);
             }) {}

void IsolatedMargins::OnSnapshot(std::vector<RawPosition> positions,
                                 std::chrono::nanoseconds asked_at,
                                 std::shared_ptr<const model::InstrumentTable> table) {
  table_ = std::move(table);
  book_.Replace(std::move(positions), clock_.Now(), asked_at);
  const std::vector<position::v1::Position> held = book_.List({});
  std::set<Key> gone = told_;
  for (const auto& each : held) gone.erase({each.symbol(), each.position_side()});
  // Also where another position was opened meanwhile: it has a margin call of its own.
  gone.merge(std::exchange(untold_closings_, {}));
  for (const auto& [symbol, side] : gone) {
    told_.erase({symbol, side});
    tell_({symbol, side, std::nullopt, clock_.Now()});
  }
  TellOf(held);
  FollowIsolated();
}

absl::Status IsolatedMargins::OnPush(const PrivateDelivery& delivery) {
  if (table_ == nullptr) return absl::OkStatus();
  SWITCHYARD_ASSIGN_OR_RETURN(
      std::vector<RawPosition> positions,
      ReadPositions(delivery.frame.result, *table_, {model::Source::kWebSocket, clock_.Steady()}));
  TellOf(book_.Apply(std::move(positions), delivery.received));
  FollowIsolated();
  return absl::OkStatus();
}

void IsolatedMargins::OnMark(const std::string& symbol, const Decimal& price, const Stamp& stamp) {
  TellOf(book_.Mark(symbol, price, stamp));
}

void IsolatedMargins::TellOf(const std::vector<position::v1::Position>& positions) {
  for (const position::v1::Position& each : positions) {
    const Key key{each.symbol(), each.position_side()};
    const std::optional<Decimal> ratio = IsolatedRatioOf(each);
    if (!ratio && told_.erase(key) == 0) continue;
    if (ratio) told_.insert(key);
    const bool is_told = tell_({key.first, key.second, ratio, TimeNs(each.receive_time_ns())});
    if (!ratio && !is_told) untold_closings_.insert(key);
  }
}

void IsolatedMargins::FollowIsolated() {
  std::vector<std::string> symbols;
  for (const position::v1::Position& each : book_.List({})) {
    const bool is_new = symbols.empty() || symbols.back() != each.symbol();
    if (is_new && each.margin_mode() == common::v1::MARGIN_MODE_ISOLATED) {
      symbols.push_back(each.symbol());
    }
  }
  marks_.Follow(symbols, *table_);
}

}  // namespace switchyard::exchanges::gateio::futures
