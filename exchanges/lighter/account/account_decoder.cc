#include "exchanges/lighter/account/account_decoder.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "common/decimal/decimal.h"
#include "common/exchange/market_data_proto.h"
#include "common/status/status.h"
#include "exchanges/lighter/order/order_words.h"

namespace switchyard::exchanges::lighter {
namespace {

namespace v1 = account::v1;
using common::v1::SourcedDecimal;
using json::Json;

absl::Status Malformed(std::string_view what, const absl::Status& why) {
  return MakeError(absl::StatusCode::kInternal, common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE,
                   fmt::format("cannot read {}: {}", what, std::string(why.message())));
}

enum class Word { kStated, kDerived };

// Writes figures of one message.
class Figures {
 public:
  using Field = SourcedDecimal* (v1::AccountFigures::*)();

  Figures(model::Source source, v1::AccountFigures& out) : source_(source), out_(out) {}

  // What is not known stays away.
  void Set(Field field, const std::optional<Decimal>& value, Word word) {
    if (!value) return;
    SourcedDecimal& message = *(out_.*field)();
    message.set_value(value->Normalised().ToString());
    message.set_source(exchange::ToProto(source_));
    message.set_derived(word == Word::kDerived);
  }

 private:
  const model::Source source_;
  v1::AccountFigures& out_;
};

using F = v1::AccountFigures;

std::optional<Decimal> Sum(const std::optional<Decimal>& left, const Decimal& right) {
  if (!left) return std::nullopt;
  const auto sum = Decimal::Add(*left, right);
  return sum.ok() ? std::optional(*sum) : std::nullopt;
}

// Every number and text of an object, by its own name.
void ReadStatistics(const Json& object, v1::Account& out) {
  for (const auto& [name, value] : object.items()) {
    if (value.is_string()) {
      (*out.mutable_exchange_statistics())[name] = value.get<std::string>();
    } else if (value.is_number_integer()) {
      (*out.mutable_exchange_statistics())[name] = std::to_string(value.get<std::int64_t>());
    }
  }
}

absl::Status ReadTotal(const Json& row, v1::AccountFigures& out) {
  Figures figures(model::Source::kRest, out);
  SWITCHYARD_ASSIGN_OR_RETURN(const auto value, json::OptionalDecimal(row, "total_asset_value"));
  SWITCHYARD_ASSIGN_OR_RETURN(const auto free, json::OptionalDecimal(row, "available_balance"));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal collateral, json::RequireDecimal(row, "collateral"));
  std::optional<Decimal> unrealised = Decimal();
  const Json* const positions = json::Find(row, "positions");
  if (positions != nullptr && positions->is_array()) {
    for (const Json& position : *positions) {
      SWITCHYARD_ASSIGN_OR_RETURN(const Decimal profit,
                                  json::RequireDecimal(position, "unrealized_pnl"));
      unrealised = Sum(unrealised, profit);
    }
  }
  figures.Set(&F::mutable_total_asset_value, value, Word::kStated);
  figures.Set(&F::mutable_equity, value, Word::kDerived);
  figures.Set(&F::mutable_available, free, Word::kStated);
  figures.Set(&F::mutable_collateral, collateral, Word::kStated);
  figures.Set(&F::mutable_unrealised_profit, unrealised, Word::kDerived);
  return absl::OkStatus();
}

absl::Status ReadCross(const Json& row, v1::Account& account) {
  SWITCHYARD_ASSIGN_OR_RETURN(const auto value, json::OptionalDecimal(row, "cross_asset_value"));
  SWITCHYARD_ASSIGN_OR_RETURN(const auto used,
                              json::OptionalDecimal(row, "cross_initial_margin_requirement"));
  SWITCHYARD_ASSIGN_OR_RETURN(const auto kept,
                              json::OptionalDecimal(row, "cross_maintenance_margin_requirement"));
  if (!value && !used && !kept) return absl::OkStatus();
  Figures figures(model::Source::kRest, *account.mutable_cross());
  figures.Set(&F::mutable_total_asset_value, value, Word::kStated);
  figures.Set(&F::mutable_equity, value, Word::kDerived);
  figures.Set(&F::mutable_margin_used, used, Word::kStated);
  figures.Set(&F::mutable_maintenance_margin, kept, Word::kStated);
  return absl::OkStatus();
}

absl::Status ReadStats(const Json& stats, v1::AccountFigures& out) {
  Figures figures(model::Source::kWebSocket, out);
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal value, json::RequireDecimal(stats, "portfolio_value"));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal free, json::RequireDecimal(stats, "available_balance"));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal collateral, json::RequireDecimal(stats, "collateral"));
  SWITCHYARD_ASSIGN_OR_RETURN(const auto leverage, json::OptionalDecimal(stats, "leverage"));
  SWITCHYARD_ASSIGN_OR_RETURN(const auto percent, json::OptionalDecimal(stats, "margin_usage"));
  SWITCHYARD_ASSIGN_OR_RETURN(const auto power, json::OptionalDecimal(stats, "buying_power"));
  figures.Set(&F::mutable_equity, value, Word::kDerived);
  figures.Set(&F::mutable_total_asset_value, value, Word::kDerived);
  figures.Set(&F::mutable_available, free, Word::kStated);
  figures.Set(&F::mutable_collateral, collateral, Word::kStated);
  figures.Set(&F::mutable_margin_used, Sum(value, free.Negated()), Word::kDerived);
  figures.Set(&F::mutable_leverage, leverage, Word::kStated);
  figures.Set(&F::mutable_buying_power, power, Word::kStated);
  if (percent) {
    SWITCHYARD_ASSIGN_OR_RETURN(const Decimal fraction,
                                Decimal::FromMantissa(percent->mantissa(), percent->scale() + 2));
    figures.Set(&F::mutable_margin_usage, fraction, Word::kStated);
  }
  return absl::OkStatus();
}

v1::Balance& Add(const std::string& currency, v1::Wallet wallet, model::Source source,
                 std::vector<v1::Balance>& out) {
  v1::Balance& balance = out.emplace_back();
  balance.set_currency(currency);
  balance.set_wallet(wallet);
  balance.mutable_freshness()->set_source(exchange::ToProto(source));
  return balance;
}

absl::Status ReadAsset(const Json& asset, model::Source source, std::vector<v1::Balance>& out) {
  SWITCHYARD_ASSIGN_OR_RETURN(const std::string currency, json::RequireString(asset, "symbol"));
  SWITCHYARD_ASSIGN_OR_RETURN(const Decimal total, json::RequireDecimal(asset, "balance"));
  SWITCHYARD_ASSIGN_OR_RETURN(const auto locked, json::OptionalDecimal(asset, "locked_balance"));
  SWITCHYARD_ASSIGN_OR_RETURN(const auto margin, json::OptionalDecimal(asset, "margin_balance"));
  v1::Balance& spot = Add(currency, v1::WALLET_SPOT, source, out);
  spot.set_total(total.ToShortString());
  if (locked) {
    spot.set_locked(locked->ToShortString());
    SWITCHYARD_ASSIGN_OR_RETURN(const Decimal free, Decimal::Subtract(total, *locked));
    spot.set_available(free.ToShortString());
    spot.add_derived_fields("available");
  }
  if (margin) {
    Add(currency, v1::WALLET_CONTRACT, source, out).set_total(margin->ToShortString());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<v1::Balance>> ReadAssets(const Json& assets, model::Source source) {
  std::vector<v1::Balance> out;
  if (assets.is_null()) return out;
  if (!assets.is_structured()) {
    return Malformed("assets", absl::InternalError("neither list nor object"));
  }
  for (const Json& asset : assets) {
    if (absl::Status read = ReadAsset(asset, source, out); !read.ok()) {
      return Malformed("assets", read);
    }
  }
  return out;
}

absl::StatusOr<RawAccount> DecodeAccount(const AccountAnswer& answer, std::string_view collateral) {
  constexpr std::string_view kWhat = "the account";
  const Json& row = answer.row;
  RawAccount out;
  v1::Account& account = out.account;
  account.set_exchange_account_id(std::to_string(answer.account_index));
  account.set_currency(std::string(collateral));
  account.set_position_mode(v1::POSITION_MODE_ONE_WAY);
  account.set_can_trade(true);
  if (absl::Status read = ReadTotal(row, *account.mutable_total()); !read.ok()) {
    return Malformed(kWhat, read);
  }
  if (absl::Status read = ReadCross(row, account); !read.ok()) return Malformed(kWhat, read);
  ReadStatistics(row, account);
  const Json* const assets = json::Find(row, "assets");
  SWITCHYARD_ASSIGN_OR_RETURN(
      out.balances, ReadAssets(assets == nullptr ? Json() : *assets, model::Source::kRest));
  return out;
}

absl::StatusOr<v1::Account> ReadUserStats(const Json& frame, std::string_view collateral) {
  constexpr std::string_view kWhat = "user stats";
  const auto stats = json::RequireObject(frame, "stats");
  if (!stats.ok()) return Malformed(kWhat, stats.status());
  v1::Account out;
  out.set_currency(std::string(collateral));
  out.set_position_mode(v1::POSITION_MODE_ONE_WAY);
  out.set_can_trade(true);
  const Json* const total = json::Find(**stats, "total_stats");
  if (absl::Status read = ReadStats(total == nullptr ? **stats : *total, *out.mutable_total());
      !read.ok()) {
    return Malformed(kWhat, read);
  }
  if (const Json* const cross = json::Find(**stats, "cross_stats"); cross != nullptr) {
    if (absl::Status read = ReadStats(*cross, *out.mutable_cross()); !read.ok()) {
      return Malformed(kWhat, read);
    }
  }
  ReadStatistics(**stats, out);
  const auto stamp = json::OptionalInt64(frame, "timestamp");
  if (stamp.ok()) out.set_exchange_time_ns(TimeByMagnitude(stamp->value_or(0)).value);
  return out;
}

}  // namespace switchyard::exchanges::lighter
