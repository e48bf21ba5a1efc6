#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/decimal/decimal.h"
#include "common/json/json.h"
#include "common/model/market_data.h"
#include "exchanges/lighter/order/order_reports.h"
#include "switchyard/common/v1/values.pb.h"
#include "switchyard/position/v1/liquidation.pb.h"
#include "switchyard/position/v1/position.pb.h"

// Positions, funding and liquidations as Lighter tells them, in house units. Pure; any thread.
// Source: protocol reference 1.3 (AccountPosition), 2.2 and 6.7 to 6.12.
//
// Errors: Internal, MALFORMED_EXCHANGE_MESSAGE.
namespace switchyard::exchanges::lighter {

// One position, as of the message: prices and quantities per base unit, money in the collateral.
// Everything here is the exchange's own word; live figures are for who knows the mark price.
struct RawPosition {
  std::string symbol;  // canonical
  std::string settle;
  Decimal size;  // negative = short
  common::v1::MarginMode margin_mode = common::v1::MARGIN_MODE_UNSPECIFIED;
  std::string raw_margin_mode;  // UNRECOGNISED
  std::optional<Decimal> leverage;
  // Absent where told as 0: there is none.
  std::optional<Decimal> entry_price, liquidation_price;
  std::optional<Decimal> margin;  // allocated; of isolated positions alone
  std::optional<Decimal> value, unrealised_profit, realised_profit;
  Decimal funding;  // since it was opened, positive = received; nothing told is 0
  // The mark price that `value` was computed with; absent on flat positions.
  std::optional<Decimal> mark_price;
};

// A list of positions, or an object of them by market id: flat rows tell leverage settings, and are
// left out unless `keep_flat`. A position that is not flat in a market that is not listed is an
// error, for what cannot be told must not be taken for flat.
absl::StatusOr<std::vector<RawPosition>> ReadPositions(const json::Json& positions,
                                                       const model::InstrumentTable& instruments,
                                                       bool keep_flat);

// Leverage from `initial_margin_fraction`, a percent text: "5.00" is 20, "3.33" 30.03. Nullopt for
// 0. Two decimals, rounded down.
absl::StatusOr<std::optional<Decimal>> ToLeverage(const Decimal& margin_percent);

// One payment of position funding: `change` is the effect on the collateral.
absl::StatusOr<position::v1::FundingPayment> ReadFundingPayment(const json::Json& payment,
                                                                const Origin& origin);

// A row of the notification channel that is about a position; nullopt for announcements and for
// kinds that are not known.
absl::StatusOr<std::optional<position::v1::Liquidation>> ReadNotification(
    const json::Json& notification, const Origin& origin);

}  // namespace switchyard::exchanges::lighter
