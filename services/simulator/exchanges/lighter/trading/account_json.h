#pragma once

#include <cstdint>
#include <string>

#include "services/simulator/exchanges/lighter/trading/desk.h"
#include "services/simulator/json_writer.h"

namespace switchyard::simulator::lighter {

// An account as GET account shows it. `active_only`: without positions of size 0.
void WriteAccount(JsonWriter& json, Desk& desk, std::int64_t account, std::int64_t cancel_all_ms,
                  bool active_only);
void WritePosition(JsonWriter& json, Desk& desk, std::int64_t account, const Listing& listing);
// True: the account holds something there, or once did, or set its margin.
bool HasPositionRow(Desk& desk, std::int64_t account, const Listing& listing);
void WriteAsset(JsonWriter& json, Desk& desk, std::int64_t account, const AssetRow& asset);
// The `stats` of the user_stats channel.
void WriteUserStats(JsonWriter& json, Desk& desk, std::int64_t account);
void WriteFunding(JsonWriter& json, const FundingPayment& payment);
// One row of GET liquidations.
void WriteLiquidation(JsonWriter& json, Desk& desk, std::int64_t account, std::int64_t id,
                      const engine::ForcedClose& close, bool deleverage);
// One of `notifs`.
void WriteNotification(JsonWriter& json, const Listing& listing, std::int64_t account,
                       const engine::ForcedClose& close, bool deleverage);

}  // namespace switchyard::simulator::lighter
