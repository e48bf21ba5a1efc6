#pragma once

#include <string_view>

// What the journal keeps under a name.
namespace switchyard::order::journal {

// Its owner's; the desk says what they hold.
inline constexpr std::string_view kNextNumber = "next_number";
inline constexpr std::string_view kKillSwitch = "kill_switch";
inline constexpr std::string_view kReconciledUntil = "reconciled_until";
inline constexpr std::string_view kWatchedSince = "watched_since";
inline constexpr std::string_view kPositions = "positions";

// Of the journal itself.
inline constexpr std::string_view kOwner = "owner";        // `exchange/account`
inline constexpr std::string_view kEpoch = "epoch";        // decimal
inline constexpr std::string_view kOpenings = "openings";  // how often it was opened
// When this copy was made, nanoseconds; absent in the journal that it is a copy of.
inline constexpr std::string_view kBackupTime = "backup_time";
// Between these times, nanoseconds, orders were perhaps sent of which it knows nothing: it was
// begun, or restored, at the second.
inline constexpr std::string_view kBlindFrom = "blind_from";
inline constexpr std::string_view kBlindUntil = "blind_until";
// Of orders with numbers below, more may have happened than it tells: it was restored then.
inline constexpr std::string_view kRestoredBelow = "restored_below";

}  // namespace switchyard::order::journal
