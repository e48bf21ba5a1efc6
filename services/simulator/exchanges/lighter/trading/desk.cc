#include "services/simulator/exchanges/lighter/trading/desk.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace switchyard::simulator::lighter {
namespace {

using engine::Amount;
using engine::Refusal;
using engine::Side;

constexpr std::int64_t kNsPerHour = 3'600'000'000'000;
constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::int64_t kStartCollateral = 1'000'000;
constexpr std::int64_t kStartAssets = 1'000'000;
// Parts per million in a margin fraction's unit of 1e-4.
constexpr std::int64_t kMillionthsPerUnit = 100;
// No position is too large for the exchange; the engine asks for a bound.
constexpr std::int64_t kRiskLimit = 1'000'000'000'000;
// Engine ids of perpetual and of spot orders.
constexpr std::int64_t kFirstFuturesOrder = 1'000'000'000;
constexpr std::int64_t kFirstSpotOrder = 2'000'000'000;

std::int64_t SignOf(std::int64_t number) { return number > 0 ? 1 : number < 0 ? -1 : 0; }

}  // namespace

Desk::Desk(Listings& listings, const ExchangeClock& clock, DeskListener& listener,
           const std::vector<std::int64_t>& accounts)
    : listings_(listings),
      clock_(clock),
      listener_(listener),
      accounts_(accounts),
      ledger_(*this),
      futures_(kFirstFuturesOrder,
               {[this](const engine::Market& market) { return listings_.Of(market).MarkPrice(); },
                [this](engine::Position& position) {
                  const Instrument& instrument = listings_.Of(*position.market).instrument;
                  position.leverage = 0;
                  position.cross_leverage_limit = kMarginUnit / instrument.default_margin;
                  position.leverage_max = kMarginUnit / instrument.minimum_margin;
                  position.maintenance_rate = instrument.maintenance_margin * kMillionthsPerUnit;
                  position.risk_limit = Amount::FromInt(kRiskLimit);
                }},
               *this, *this),
      spot_(kFirstSpotOrder, ledger_, *this),
      funded_hours_(clock.NowNs() / kNsPerHour) {
  for (const auto& listing : listings_.all()) {
    if (listing->is_spot()) {
      spot_.Add(listing->market, {listing->instrument.base, "USDC", 0, 0});
    } else {
      futures_.Add(listing->market, {1, 0, kMakerFee, kTakerFee});
    }
  }
  Seed();
}

void Desk::Seed() {
  for (const std::int64_t account : accounts_) {
    futures_.Transfer(account, Amount::FromInt(kStartCollateral), now_ns());
    for (const AssetRow& asset : Assets()) {
      ledger_.Apply({.user = account,
                     .currency = asset.symbol,
                     .available_change = Amount::FromInt(kStartAssets),
                     .locked_change = {},
                     .after = {},
                     .reason = engine::BalanceReason::kDeposit,
                     .time_ns = now_ns(),
                     .text = "seed"});
    }
  }
}

engine::OrderDesk& Desk::DeskOf(const Listing& listing) {
  if (listing.is_spot()) return spot_;
  return futures_;
}

bool Desk::HasAccount(std::int64_t account) const {
  return std::find(accounts_.begin(), accounts_.end(), account) != accounts_.end();
}

engine::Position& Desk::PositionOf(std::int64_t account, const Listing& listing) {
  return futures_.PositionOf(account, listings_.Find(listing.id())->market,
                             engine::PositionSide::kSingle);
}

MarginSetting Desk::MarginOf(std::int64_t account, const Listing& listing) const {
  const auto found = margins_.find({account, &listing});
  return found == margins_.end() ? MarginSetting{listing.instrument.default_margin, false}
                                 : found->second;
}

Code Desk::CheckMargin(std::int64_t account, const Listing& listing, const MarginSetting& setting) {
  if (setting.fraction < listing.instrument.minimum_margin || setting.fraction > kMarginUnit) {
    return Code::kInvalidMarginFraction;
  }
  const engine::Position& position = PositionOf(account, listing);
  const bool in_use = position.size != 0 || !orders_.ActiveOf(account, &listing).empty();
  if (setting.isolated != MarginOf(account, listing).isolated && in_use) {
    return Code::kMarginModeChange;
  }
  return Code::kNone;
}

Code Desk::SetMargin(std::int64_t account, Listing& listing, const MarginSetting& setting) {
  if (const Code code = CheckMargin(account, listing, setting); code != Code::kNone) return code;
  engine::Position& position = PositionOf(account, listing);
  const std::int64_t leverage = kMarginUnit / setting.fraction;
  const Refusal refusal =
      futures_.SetLeverage(position, setting.isolated ? leverage : 0, leverage, now_ns());
  if (refusal != Refusal::kNone) return Code::kAccountBelowInitialMargin;
  margins_[{account, &listing}] = setting;
  listener_.OnPosition(account, listing);
  return Code::kNone;
}

Code Desk::ChangeMargin(std::int64_t account, Listing& listing, Amount change) {
  switch (futures_.ChangeMargin(PositionOf(account, listing), change, now_ns())) {
    case Refusal::kNone:
      return Code::kNone;
    case Refusal::kNoPosition:
      return Code::kNoPositionFound;
    case Refusal::kCrossMargin:
      return Code::kInvalidMarginMode;
    case Refusal::kBalance:
      return Code::kNotEnoughCollateral;
    default:
      return Code::kAccountBelowInitialMargin;
  }
}

Code Desk::Move(std::int64_t account, const AssetRow& asset, bool spot, Amount change) {
  if (!spot) {
    if (asset.id != kUsdcAsset) return Code::kNotEnoughAssetBalance;
    const Refusal refusal = futures_.Transfer(account, change, now_ns());
    return refusal == Refusal::kNone ? Code::kNone : Code::kNotEnoughCollateral;
  }
  if (ledger_.Of(account, asset.symbol).available + change < Amount()) {
    return Code::kNotEnoughAssetBalance;
  }
  ledger_.Apply({.user = account,
                 .currency = asset.symbol,
                 .available_change = change,
                 .locked_change = {},
                 .after = {},
                 .reason = engine::BalanceReason::kTransfer,
                 .time_ns = now_ns(),
                 .text = "transfer"});
  return Code::kNone;
}

Order* Desk::FindBooked(engine::OrderId id) {
  if (!engine::IsClient(id)) return nullptr;
  const engine::ClientOrder* found = futures_.store().FindByBookId(id);
  if (found == nullptr) found = spot_.store().FindByBookId(id);
  if (found == nullptr) return nullptr;
  Order* const known = OrderOf(*found);
  return known == nullptr ? &AdoptForced(*found) : known;
}

TradeParty Desk::PartyOf(const engine::Fill& fill, Side side) {
  const bool taker = fill.taker_side == side;
  const engine::OrderId id = taker ? fill.taker : fill.maker;
  const Order* const booked = FindBooked(id);
  if (booked == nullptr) return FlowParty(id, side, taker);
  const Order& order = *booked;
  TradeParty party;
  party.order_index = order.index();
  party.client_order_index = order.asked.client_order_index;
  party.account_index = order.account;
  if (order.listing->is_spot()) return party;
  party.fee_ppm = taker ? kTakerFee : kMakerFee;
  party.margin_before = MarginOf(order.account, *order.listing).fraction;
  const auto key = std::make_pair(order.account, static_cast<const Listing*>(order.listing));
  auto running = running_.find(key);
  if (running == running_.end()) {
    const engine::Position& position = PositionOf(order.account, *order.listing);
    const Amount unit = Amount::Of(1, kQuoteDecimals);
    const auto quote = static_cast<std::int64_t>(position.cost.units() / unit.units());
    running = running_.emplace(key, Running{position.size, quote}).first;
  }
  Running& position = running->second;
  party.size_before = position.size;
  party.entry_quote_before = position.quote;
  const std::int64_t change = side == Side::kBuy ? fill.quantity : -fill.quantity;
  const std::int64_t after = position.size + change;
  if (SignOf(position.size) * SignOf(change) >= 0) {
    position.quote += fill.quantity * fill.price;
  } else if (SignOf(after) == SignOf(position.size)) {
    position.quote = static_cast<std::int64_t>(static_cast<engine::Int128>(position.quote) * after /
                                               position.size);
  } else {
    position.quote = std::abs(after) * fill.price;
  }
  party.sign_changed = SignOf(after) != SignOf(position.size);
  position.size = after;
  return party;
}

void Desk::OnChange(Listing& listing) { DeskOf(listing).OnChange(listing.market); }

void Desk::OnTick() {
  const std::int64_t now_ms = now_ns() / kNsPerMs;
  for (const std::int64_t account : accounts_) {
    for (Order* order : orders_.ActiveOf(account, nullptr)) {
      const std::int64_t expiry_ms = order->asked.order_expiry_ms;
      if (expiry_ms != 0 && now_ms >= expiry_ms) {
        Cancel(*order, OrderStatus::kCanceledExpired);
      } else if (IsTriggered(*order)) {
        order->triggered_ns = now_ns();
        SendToMarket(*order);
      }
    }
  }
  const std::int64_t hour = now_ns() / kNsPerHour;
  // Once, however far the clock went.
  if (hour > funded_hours_) {
    for (const auto& listing : listings_.all()) {
      if (!listing->is_spot()) PayFunding(*listing);
    }
  }
  funded_hours_ = hour;
  futures_.CheckMargins(now_ns());
}

void Desk::PayFunding(Listing& listing) {
  futures_.ApplyFunding(listing.market, listing.FundingRate(now_ns() / kNsPerHour - 1), now_ns());
}

bool Desk::Strike(std::int64_t account, Listing& listing, bool deleverage, std::int64_t lots) {
  engine::Position& position = PositionOf(account, listing);
  if (position.size == 0) return false;
  if (deleverage) {
    futures_.Deleverage(position, lots == 0 ? position.lots() : lots, now_ns());
  } else {
    CancelAll(account, &listing, OrderStatus::kCanceledLiquidation);
    futures_.Liquidate(position, now_ns());
  }
  return true;
}

void Desk::OnEntry(const engine::FuturesEntry& entry) {
  if (entry.kind == engine::EntryKind::kFunding) {
    const Listing& listing = listings_.Of(*entry.market);
    fundings_[entry.user].push_back({entry.id, entry.time_ns, &listing, entry.change,
                                     listing.FundingRate(entry.time_ns / kNsPerHour - 1),
                                     PositionOf(entry.user, listing).size});
  }
  listener_.OnAssets(entry.user);
}

void Desk::OnPosition(const engine::Position& position) {
  listener_.OnPosition(position.user, listings_.Of(*position.market));
}

void Desk::OnLiquidation(engine::UserId user, const engine::ForcedClose& close) {
  listener_.OnForcedClose(user, listings_.Of(*close.before.market), close, false);
}

void Desk::OnDeleverage(engine::UserId user, const engine::ForcedClose& close) {
  listener_.OnForcedClose(user, listings_.Of(*close.before.market), close, true);
}

void Desk::OnBalance(const engine::BalanceChange& change) { listener_.OnAssets(change.user); }

}  // namespace switchyard::simulator::lighter
