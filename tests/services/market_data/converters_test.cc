// One row for each value: a forgotten one would reach clients as UNSPECIFIED.
#include "services/market_data/converters.h"

#include <gtest/gtest.h>

namespace switchyard::market_data {
namespace {

namespace v1 = marketdata::v1;

TEST(ConvertersTest, InstrumentKinds) {
  EXPECT_EQ(ToProto(model::InstrumentKind::kSpot), common::v1::INSTRUMENT_KIND_SPOT);
  EXPECT_EQ(ToProto(model::InstrumentKind::kPerpetual), common::v1::INSTRUMENT_KIND_PERPETUAL);
}

TEST(ConvertersTest, ContractDirections) {
  EXPECT_EQ(ToProto(model::ContractDirection::kNone), v1::CONTRACT_DIRECTION_UNSPECIFIED);
  EXPECT_EQ(ToProto(model::ContractDirection::kLinear), v1::CONTRACT_DIRECTION_LINEAR);
  EXPECT_EQ(ToProto(model::ContractDirection::kInverse), v1::CONTRACT_DIRECTION_INVERSE);
}

TEST(ConvertersTest, InstrumentStatuses) {
  EXPECT_EQ(ToProto(model::InstrumentStatus::kTrading), v1::INSTRUMENT_STATUS_TRADING);
  EXPECT_EQ(ToProto(model::InstrumentStatus::kPrelaunch), v1::INSTRUMENT_STATUS_PRELAUNCH);
  EXPECT_EQ(ToProto(model::InstrumentStatus::kHalted), v1::INSTRUMENT_STATUS_HALTED);
  EXPECT_EQ(ToProto(model::InstrumentStatus::kDelisting), v1::INSTRUMENT_STATUS_DELISTING);
  EXPECT_EQ(ToProto(model::InstrumentStatus::kDelisted), v1::INSTRUMENT_STATUS_DELISTED);
  EXPECT_EQ(ToProto(model::InstrumentStatus::kBuyOnly), v1::INSTRUMENT_STATUS_BUY_ONLY);
  EXPECT_EQ(ToProto(model::InstrumentStatus::kSellOnly), v1::INSTRUMENT_STATUS_SELL_ONLY);
  EXPECT_EQ(ToProto(model::InstrumentStatus::kUnrecognised), v1::INSTRUMENT_STATUS_UNRECOGNISED);
}

TEST(ConvertersTest, PrecisionSources) {
  EXPECT_EQ(ToProto(model::PrecisionSource::kExchange), v1::PRECISION_SOURCE_EXCHANGE);
  EXPECT_EQ(ToProto(model::PrecisionSource::kInferred), v1::PRECISION_SOURCE_INFERRED);
}

TEST(ConvertersTest, AnAgeIsNeverNegative) {
  common::v1::Freshness freshness;
  FillFreshness(model::Source::kCache, std::chrono::nanoseconds(-5), freshness);
  EXPECT_EQ(freshness.age_ns(), 0);
  EXPECT_EQ(freshness.source(), common::v1::SOURCE_CACHE);
}

}  // namespace
}  // namespace switchyard::market_data
