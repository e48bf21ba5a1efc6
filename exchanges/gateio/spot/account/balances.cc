#include "exchanges/gateio/spot/account/balances.h"

#include <algorithm>
#include <utility>

#include "common/status/status.h"
#include "exchanges/gateio/endpoints.h"
#include "exchanges/gateio/rest/answer.h"
#include "exchanges/gateio/utils/converters.h"

namespace switchyard::exchanges::gateio::spot {
namespace {

namespace v1 = account::v1;
using json::Json;

constexpr std::pair<std::string_view, v1::BalanceChangeType> kChangeTypes[] = {
    {"withdraw", v1::BALANCE_CHANGE_TYPE_WITHDRAWAL},
    {"deposit", v1::BALANCE_CHANGE_TYPE_DEPOSIT},
    {"trade-fee-deduct", v1::BALANCE_CHANGE_TYPE_FEE},
    {"order-create", v1::BALANCE_CHANGE_TYPE_ORDER},
    {"order-match", v1::BALANCE_CHANGE_TYPE_FILL},
    {"order-update", v1::BALANCE_CHANGE_TYPE_ORDER},
    {"margin-transfer", v1::BALANCE_CHANGE_TYPE_TRANSFER},
    {"future-transfer", v1::BALANCE_CHANGE_TYPE_TRANSFER},
    {"cross-margin-transfer", v1::BALANCE_CHANGE_TYPE_TRANSFER},
    {"other", v1::BALANCE_CHANGE_TYPE_UNSPECIFIED},
    {"", v1::BALANCE_CHANGE_TYPE_UNSPECIFIED},
};

absl::StatusOr<v1::Balance> ReadBalance(const Json& object) {
  v1::Balance out;
  SWITCHYARD_ASSIGN_OR_RETURN(const std::string currency, json::RequireString(object, "currency"));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal available, json::RequireDecimal(object, "available"));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal locked, json::RequireDecimal(object, "locked"));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal total, Decimal::Add(available, locked));
  out.set_currency(currency);
  out.set_wallet(v1::WALLET_SPOT);
  out.set_available(available.ToShortString());
  out.set_locked(locked.ToShortString());
  out.set_total(total.ToShortString());
  out.add_derived_fields("total");
  out.mutable_freshness()->set_source(common::v1::SOURCE_REST);
  return out;
}

absl::StatusOr<v1::BalanceChange> ReadChange(const Json& object) {
  v1::BalanceChange out;
  v1::Balance& balance = *out.mutable_balance();
  SWITCHYARD_ASSIGN_OR_RETURN(*balance.mutable_currency(), json::RequireString(object, "currency"));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal total, json::RequireDecimal(object, "total"));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal available, json::RequireDecimal(object, "available"));
  SWITCHYARD_ASSIGN_OR_RETURN(std::optional<Decimal> locked,
                              json::OptionalDecimal(object, "freeze"));
  if (!locked) {
    // Frames of 2020.
    SWITCHYARD_ASSIGN_OR_RETURN(locked, Decimal::Subtract(total, available));
    balance.add_derived_fields("locked");
  }
  SWITCHYARD_ASSIGN_OR_RETURN(const std::optional<Decimal> change,
                              json::OptionalDecimal(object, "change"));
  balance.set_wallet(v1::WALLET_SPOT);
  balance.set_total(total.ToShortString());
  balance.set_available(available.ToShortString());
  balance.set_locked(locked->ToShortString());
  balance.set_exchange_time_ns(
      TimeFromMillis(TextOf(object, "timestamp_ms"))
          .value_or(TimeFromSeconds(TextOf(object, "timestamp")).value_or(TimeNs()))
          .value);
  balance.mutable_freshness()->set_source(common::v1::SOURCE_WEBSOCKET);
  if (change) out.set_change(change->ToShortString());
  out.set_raw_change_type(TextOf(object, "change_type"));
  out.set_change_type(ToChangeType(out.raw_change_type()));
  return out;
}

}  // namespace

v1::BalanceChangeType ToChangeType(std::string_view change_type) {
  const auto* const found =
      std::find_if(std::begin(kChangeTypes), std::end(kChangeTypes),
                   [&](const auto& each) { return each.first == change_type; });
  return found == std::end(kChangeTypes) ? v1::BALANCE_CHANGE_TYPE_UNRECOGNISED : found->second;
}

absl::StatusOr<std::vector<v1::Balance>> DecodeBalances(const std::string& body) {
  SWITCHYARD_ASSIGN_OR_RETURN(const Json list, ParseList(paths::kSpotAccounts, body));
  std::vector<v1::Balance> balances;
  for (const Json& object : list) {
    auto balance = ReadBalance(object);
    if (!balance.ok()) return Unreadable(paths::kSpotAccounts, balance.status());
    balances.push_back(*std::move(balance));
  }
  return balances;
}

absl::StatusOr<std::vector<v1::BalanceChange>> ReadBalanceChanges(const Json& list) {
  if (!list.is_array()) return Unreadable("spot.balances", absl::InternalError("no list"));
  std::vector<v1::BalanceChange> changes;
  for (const Json& object : list) {
    auto change = ReadChange(object);
    if (!change.ok()) return Unreadable("spot.balances", change.status());
    changes.push_back(*std::move(change));
  }
  return changes;
}

void Balances::Replace(const std::vector<v1::Balance>& balances, std::chrono::nanoseconds asked_at,
                       std::chrono::nanoseconds now) {
  std::erase_if(balances_, [&](const auto& entry) {
    const Held& held = entry.second;
    return held.balance.freshness().source() != common::v1::SOURCE_WEBSOCKET ||
           held.told_at <= asked_at;
  });
  for (const v1::Balance& balance : balances) {
    balances_.try_emplace(balance.currency(), Held{balance, now});
  }
}

bool Balances::Apply(const v1::Balance& balance, std::chrono::nanoseconds now) {
  const auto known = balances_.find(balance.currency());
  if (known != balances_.end() &&
      balance.exchange_time_ns() < known->second.balance.exchange_time_ns()) {
    return false;
  }
  balances_.insert_or_assign(balance.currency(), Held{balance, now});
  return true;
}

std::vector<v1::Balance> Balances::List(std::chrono::nanoseconds now) const {
  std::vector<v1::Balance> listed;
  for (const auto& [currency, held] : balances_) {
    listed.push_back(held.balance);
    listed.back().mutable_freshness()->set_age_ns(
        std::max<std::int64_t>((now - held.told_at).count(), 0));
  }
  return listed;
}

}  // namespace switchyard::exchanges::gateio::spot
