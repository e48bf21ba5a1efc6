#include "services/simulator/exchanges/lighter/trading/account_json.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include "fmt/chrono.h"
#include "fmt/format.h"
#include "services/simulator/exchanges/lighter/text.h"
#include "services/simulator/exchanges/lighter/trading/key_ring.h"

namespace switchyard::simulator::lighter {
namespace {

using engine::Amount;

constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::int64_t kNsPerS = 1'000'000'000;

std::string Usd(Amount amount) { return Fixed(amount, kQuoteDecimals); }

// What `lots` were worth when they were opened, per unit.
std::string EntryPrice(const engine::Position& position, const Listing& listing) {
  if (position.size == 0) return Fixed(0, listing.price_scale());
  const Amount coins = Amount::Of(position.lots(), listing.size_scale());
  return engine::QuotientText(position.cost, coins, listing.price_scale());
}

Amount ValueOf(Desk& desk, const engine::Position& position) {
  return position.size == 0 ? Amount() : desk.futures().MarkValue(position);
}

// "2024-01-15T10:30:00Z"
std::string IsoTime(std::int64_t time_ns) {
  const std::time_t seconds = time_ns / kNsPerS;
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(seconds));
}

// part / whole in percent, two decimals; 0 where there is no whole.
std::string Percent(Amount part, Amount whole, std::int64_t factor) {
  if (whole.is_zero() || part.is_zero()) return "0";
  return engine::QuotientText(part * factor, whole, 2);
}

}  // namespace

bool HasPositionRow(Desk& desk, std::int64_t account, const Listing& listing) {
  const MarginSetting margin = desk.MarginOf(account, listing);
  return desk.PositionOf(account, listing).updated_ns != 0 || margin.isolated ||
         margin.fraction != listing.instrument.default_margin;
}

void WritePosition(JsonWriter& json, Desk& desk, std::int64_t account, const Listing& listing) {
  const engine::Position& position = desk.PositionOf(account, listing);
  const MarginSetting margin = desk.MarginOf(account, listing);
  const Amount value = ValueOf(desk, position);
  std::int64_t open = 0;
  std::int64_t pending = 0;
  for (const Order* order : desk.orders().ActiveOf(account, &listing)) {
    ++(order->status == OrderStatus::kPending ? pending : open);
  }
  const engine::ContractTerms& terms = desk.futures().terms(*position.market);
  json.BeginObject()
      .Number("market_id", listing.id())
      .Text("symbol", listing.symbol())
      // A percentage: 5.00 = 20 times.
      .Text("initial_margin_fraction", Fixed(margin.fraction, 2))
      .Number("open_order_count", open)
      .Number("pending_order_count", pending)
      .Number("position_tied_order_count", 0)
      .Number("sign", position.size < 0 ? -1 : 1)
      .Text("position", Fixed(position.lots(), listing.size_scale()))
      .Text("avg_entry_price", EntryPrice(position, listing))
      .Text("position_value", Usd(value))
      .Text("unrealized_pnl", Usd(position.size == 0 ? Amount() : UnrealisedPnl(position, value)))
      .Text("realized_pnl", Usd(position.realised() + position.history_pnl))
      .Text("liquidation_price",
            position.size == 0
                ? "0"
                : LiquidationPrice(position, terms, desk.futures().MarginBehind(position)));
  // Left out where nothing was paid; above 0 = paid.
  if (!position.pnl_fund.is_zero()) json.Text("total_funding_paid_out", Usd(-position.pnl_fund));
  json.Number("margin_mode", margin.isolated ? 1 : 0)
      .Text("allocated_margin", Usd(position.margin))
      .EndObject();
}

void WriteAsset(JsonWriter& json, Desk& desk, std::int64_t account, const AssetRow& asset) {
  const engine::Balance balance = desk.ledger().Of(account, asset.symbol);
  const bool usdc = asset.id == kUsdcAsset;
  const Amount margin = usdc ? desk.futures().AccountOf(account).balance : Amount();
  json.BeginObject()
      .Text("symbol", asset.symbol)
      .Number("asset_id", asset.id)
      .Text("balance", Fixed(balance.total(), asset.decimals))
      .Text("locked_balance", Fixed(balance.locked, asset.decimals))
      .Text("margin_mode", "disabled")
      .Text("margin_balance", Fixed(margin, asset.decimals))
      .EndObject();
}

void WriteAccount(JsonWriter& json, Desk& desk, std::int64_t account, std::int64_t cancel_all_ms,
                  bool active_only) {
  const engine::AccountFigures figures = desk.futures().FiguresOf(account);
  const Amount collateral = desk.futures().AccountOf(account).balance;
  const auto active = desk.orders().ActiveOf(account, nullptr);
  const auto pending = std::count_if(active.begin(), active.end(), [](const Order* order) {
    return order->status == OrderStatus::kPending;
  });
  json.BeginObject()
      .Number("code", 0)
      .Number("account_type", 0)
      .Number("index", account)
      .Text("l1_address", OwnerOf(account))
      .Number("cancel_all_time", cancel_all_ms)
      .Number("total_order_count", static_cast<std::int64_t>(active.size()))
      .Number("total_isolated_order_count", 0)
      .Number("pending_order_count", pending)
      .Text("available_balance", Usd(std::max(Amount(), figures.available)))
      .Number("status", 1)
      .Text("collateral", Usd(collateral))
      .Number("transaction_time", 0)
      .Number("account_trading_mode", 0)
      .Number("account_index", account)
      .Text("name", "")
      .Text("description", "")
      .Bool("can_invite", true)
      .Text("referral_points_percentage", "")
      .Bool("can_rfq", false)
      .Raw("can_rfq_market_ids", "null")
      .Number("created_at", 0)
      .Key("metadata")
      .BeginObject()
      .Text("color", "")
      .EndObject()
      .Key("positions")
      .BeginArray();
  for (const auto& listing : desk.listings().all()) {
    if (listing->is_spot() || !HasPositionRow(desk, account, *listing)) continue;
    if (active_only && desk.PositionOf(account, *listing).size == 0) continue;
    WritePosition(json, desk, account, *listing);
  }
  json.EndArray().Key("assets").BeginArray();
  for (const AssetRow& asset : Assets()) WriteAsset(json, desk, account, asset);
  const Amount total = collateral + figures.unrealised;
  json.EndArray()
      .Text("total_asset_value", Usd(total))
      .Text("cross_asset_value",
            Usd(collateral + figures.cross_unrealised - figures.isolated_margin))
      .Text("cross_initial_margin_requirement", Usd(figures.cross_margin))
      .Text("cross_maintenance_margin_requirement", Usd(figures.cross_maintenance))
      .Key("shares")
      .BeginArray()
      .EndArray()
      .Key("pending_unlocks")
      .BeginArray()
      .EndArray()
      .Key("approved_integrators")
      .BeginArray()
      .EndArray()
      .EndObject();
}

void WriteUserStats(JsonWriter& json, Desk& desk, std::int64_t account) {
  const engine::AccountFigures figures = desk.futures().FiguresOf(account);
  const Amount collateral = desk.futures().AccountOf(account).balance;
  const Amount value = collateral + figures.unrealised;
  Amount exposure;
  for (const engine::Position* position : desk.futures().PositionsOf(account)) {
    exposure += ValueOf(desk, *position);
  }
  const auto write = [&] {
    json.Text("available_balance", Usd(std::max(Amount(), figures.available)))
        .Text("buying_power", "0")
        .Text("collateral", Usd(collateral))
        .Text("leverage", Percent(exposure, value, 1))
        .Text("margin_usage", Percent(figures.cross_margin + figures.isolated_margin, value, 100))
        .Text("portfolio_value", Usd(value));
  };
  json.BeginObject().Number("account_trading_mode", 0);
  write();
  for (const char* part : {"cross_stats", "total_stats"}) {
    json.Key(part).BeginObject();
    write();
    json.EndObject();
  }
  json.EndObject();
}

void WriteFunding(JsonWriter& json, const FundingPayment& payment) {
  json.BeginObject()
      .Number("timestamp", payment.time_ns / kNsPerMs)
      .Number("market_id", payment.listing->id())
      .Number("funding_id", payment.id)
      .Text("change", Usd(payment.change))
      .Text("rate", Fixed(payment.rate, 4))
      .Text("position_size", Fixed(std::abs(payment.position), payment.listing->size_scale()))
      .Text("position_side", payment.position < 0 ? "short" : "long")
      .Text("discount", "0.000000")
      .EndObject();
}

void WriteLiquidation(JsonWriter& json, Desk& desk, std::int64_t account, std::int64_t id,
                      const engine::ForcedClose& close, bool deleverage) {
  const Listing& listing = desk.listings().Of(*close.before.market);
  json.BeginObject()
      .Number("id", id)
      .Number("market_id", listing.id())
      .Text("type", deleverage ? "deleverage" : "partial")
      .Key("trade")
      .BeginObject()
      .Text("price", close.fill_price)
      .Text("size", Fixed(std::abs(close.size), listing.size_scale()))
      .Text("taker_fee", "0")
      .Text("maker_fee", "0")
      .Number("transaction_time", close.time_ns / 1'000)
      .EndObject()
      .Key("info")
      .BeginObject()
      .Key("positions")
      .BeginArray();
  WritePosition(json, desk, account, listing);
  json.EndArray()
      .Key("mark_prices")
      .BeginObject()
      .Raw(std::to_string(listing.id()), engine::DecimalText(close.mark, listing.price_scale()))
      .EndObject()
      .EndObject()
      .Number("executed_at", close.time_ns / kNsPerMs)
      .EndObject();
}

void WriteNotification(JsonWriter& json, const Listing& listing, std::int64_t account,
                       const engine::ForcedClose& close, bool deleverage) {
  const std::string id = fmt::format("notif_{}", close.order_id);
  const std::string time = IsoTime(close.time_ns);
  const Amount value =
      Amount::Of(static_cast<engine::Int128>(std::abs(close.size)) * close.mark, kQuoteDecimals);
  json.BeginObject()
      .Text("id", id)
      .Text("created_at", time)
      .Text("updated_at", time)
      .Text("kind", deleverage ? "deleverage" : "liquidation")
      .Number("account_index", account)
      .Key("content")
      .BeginObject()
      .Text("id", id);
  if (!deleverage) json.Bool("is_ask", close.before.size > 0);
  json.Text("usdc_amount", Usd(value))
      .Text("size", Fixed(std::abs(close.size), listing.size_scale()))
      .Number("market_index", listing.id());
  if (deleverage) {
    json.Text("settlement_price", close.fill_price);
  } else {
    json.Text("price", close.order_price);
  }
  json.Number("timestamp", close.time_ns / kNsPerS);
  if (!deleverage) json.Text("avg_price", close.fill_price);
  json.EndObject().Bool("ack", false).Raw("acked_at", "null").EndObject();
}

}  // namespace switchyard::simulator::lighter
