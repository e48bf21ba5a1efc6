#include "common/model/market_data.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "switchyard/common/v1/values.pb.h"

namespace switchyard::model {
namespace {

Instrument Named(std::uint32_t id, std::string symbol, std::string exchange_symbol) {
  Instrument instrument;
  instrument.id = {id};
  instrument.symbol = std::move(symbol);
  instrument.exchange_symbol = std::move(exchange_symbol);
  return instrument;
}

TEST(InstrumentTableTest, AnIdThatIsNotItsPlaceIsRefused) {
  const auto table = InstrumentTable::Create({Named(1, "BTC-USDT", "BTC_USDT")}, {});
  EXPECT_TRUE(absl::IsInternal(table.status()));
}

TEST(InstrumentTableTest, ASymbolThatOccursTwiceIsRefused) {
  const auto ours = InstrumentTable::Create(
      {Named(0, "BTC-USDT", "BTC_USDT"), Named(1, "BTC-USDT", "XBT_USDT")}, {});
  EXPECT_TRUE(absl::IsInternal(ours.status()));
  const auto theirs = InstrumentTable::Create(
      {Named(0, "BTC-USDT", "BTC_USDT"), Named(1, "ETH-USDT", "BTC_USDT")}, {});
  EXPECT_TRUE(absl::IsInternal(theirs.status()));
}

TEST(InstrumentTableTest, FindsByEitherSymbolAndById) {
  const auto table =
      InstrumentTable::Create({Named(0, "BTC-USDT", "BTC_USDT"), Named(1, "ETH-USDT", "ETH_USDT")},
                              TimeNs::FromSeconds(5))
          .value();
  ASSERT_EQ(table->all().size(), 2U);
  EXPECT_EQ(table->Find("ETH-USDT"), &table->all()[1]);
  EXPECT_EQ(table->FindExchangeSymbol("BTC_USDT"), &table->all()[0]);
  EXPECT_EQ(&table->at({1}), &table->all()[1]);
  EXPECT_EQ(table->loaded_at(), TimeNs::FromSeconds(5));
}

TEST(InstrumentTableTest, WhatIsNotThereIsNull) {
  const auto table = InstrumentTable::Create({Named(0, "BTC-USDT", "BTC_USDT")}, {}).value();
  EXPECT_EQ(table->Find("BTC_USDT"), nullptr);
  EXPECT_EQ(table->Find(""), nullptr);
  EXPECT_EQ(table->FindExchangeSymbol("BTC-USDT"), nullptr);
  EXPECT_EQ(InstrumentTable::Create({}, {}).value()->Find("BTC-USDT"), nullptr);
}

struct RateCase {
  std::string name, rate;
  std::uint32_t interval_seconds;
  std::string want;
};

void PrintTo(const RateCase& rate, std::ostream* out) { *out << rate.name; }

class RatePer8HoursTest : public testing::TestWithParam<RateCase> {};

TEST_P(RatePer8HoursTest, IsInProportion) {
  FundingRate rate;
  rate.rate = Decimal::Parse(GetParam().rate).value();
  rate.interval_seconds = GetParam().interval_seconds;
  const auto per_8h = RatePer8Hours(rate);
  ASSERT_TRUE(per_8h.ok()) << per_8h.status();
  EXPECT_EQ(per_8h->ToString(), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Intervals, RatePer8HoursTest,
    testing::Values(RateCase{"eight_hours", "0.000100", 28'800, "0.0001"},
                    RateCase{"one_hour", "0.0000125", 3'600, "0.0001"},
                    RateCase{"four_hours_negative", "-0.0003", 14'400, "-0.0006"},
                    RateCase{"a_day", "0.0001", 86'400, "0.000033333333333333"},
                    RateCase{"zero", "0.000000", 3'600, "0"},
                    RateCase{"one_second", "0.000000000000000001", 1, "0.0000000000000288"}),
    [](const auto& info) { return info.param.name; });

TEST(RatePer8HoursTest, NeedsAnInterval) {
  FundingRate rate;
  rate.symbol = "BTC-USDT-PERP";
  rate.rate = Decimal::FromInt(1);
  EXPECT_TRUE(absl::IsInvalidArgument(RatePer8Hours(rate).status()));
}

TEST(RatePer8HoursTest, AnAbsurdRateIsRefusedNotWrapped) {
  FundingRate rate;
  rate.rate = Decimal::Parse(std::string(38, '9')).value();
  rate.interval_seconds = 1;
  EXPECT_TRUE(absl::IsOutOfRange(RatePer8Hours(rate).status()));
}

struct StaleCase {
  StaleReason ours;
  common::v1::StaleReason theirs;
};

constexpr StaleCase kStaleReasons[] = {
    {StaleReason::kUnspecified, common::v1::STALE_REASON_UNSPECIFIED},
    {StaleReason::kSequenceGap, common::v1::STALE_REASON_SEQUENCE_GAP},
    {StaleReason::kCrossedBook, common::v1::STALE_REASON_CROSSED_BOOK},
    {StaleReason::kChecksumMismatch, common::v1::STALE_REASON_CHECKSUM_MISMATCH},
    {StaleReason::kDisconnected, common::v1::STALE_REASON_DISCONNECTED},
    {StaleReason::kStalled, common::v1::STALE_REASON_STALLED},
    {StaleReason::kMalformedUpdate, common::v1::STALE_REASON_MALFORMED_UPDATE},
    {StaleReason::kBackendLost, common::v1::STALE_REASON_BACKEND_LOST},
    {StaleReason::kSlowReader, common::v1::STALE_REASON_SLOW_READER},
    {StaleReason::kUnsubscribed, common::v1::STALE_REASON_UNSUBSCRIBED},
    {StaleReason::kSequenceRestarted, common::v1::STALE_REASON_SEQUENCE_RESTARTED},
    {StaleReason::kJournalChanged, common::v1::STALE_REASON_JOURNAL_CHANGED},
    {StaleReason::kJournalTruncated, common::v1::STALE_REASON_JOURNAL_TRUNCATED},
};

TEST(StaleReasonTest, HasTheNumbersOfTheContract) {
  std::set<int> covered;
  for (const auto& [ours, theirs] : kStaleReasons) {
    EXPECT_EQ(static_cast<int>(ours), theirs) << common::v1::StaleReason_Name(theirs);
    covered.insert(theirs);
  }
  EXPECT_EQ(covered.size(),
            static_cast<std::size_t>(common::v1::StaleReason_descriptor()->value_count()));
}

}  // namespace
}  // namespace switchyard::model
