#include "common/exchange/instrument_catalogue.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/status/status.h"

namespace switchyard::exchange {
namespace {

constexpr TimeNs kFirst = TimeNs::FromSeconds(1'700'000'000);
constexpr TimeNs kLater = TimeNs::FromSeconds(1'700'000'300);

model::Instrument Listed(const std::string& symbol, int price_scale = 2, int quantity_scale = 4) {
  model::Instrument instrument;
  instrument.symbol = symbol;
  instrument.exchange_symbol = symbol;
  instrument.price_scale = price_scale;
  instrument.quantity_scale = quantity_scale;
  return instrument;
}

TEST(InstrumentCatalogueTest, TwoOfOneSymbolAreAnErrorAndTheEarlierTableStays) {
  InstrumentCatalogue catalogue;
  ASSERT_TRUE(catalogue.Update({Listed("A")}, kFirst).ok());
  EXPECT_EQ(catalogue.Update({Listed("A"), Listed("A")}, kLater).status().code(),
            absl::StatusCode::kInternal);
  EXPECT_EQ(catalogue.table()->loaded_at(), kFirst);
}

TEST(InstrumentCatalogueTest, AnInstrumentKeepsItsIdWhateverTheOrderOfALoad) {
  InstrumentCatalogue catalogue;
  ASSERT_TRUE(catalogue.Update({Listed("A"), Listed("B")}, kFirst).ok());
  const auto table = catalogue.Update({Listed("C"), Listed("B"), Listed("A")}, kLater);
  ASSERT_TRUE(table.ok());
  EXPECT_EQ((*table)->Find("A")->id.value, 0u);
  EXPECT_EQ((*table)->Find("B")->id.value, 1u);
  EXPECT_EQ((*table)->Find("C")->id.value, 2u);
}

TEST(InstrumentCatalogueTest, WhatIsNotListedAnyMoreStaysAsDelisted) {
  InstrumentCatalogue catalogue;
  ASSERT_TRUE(catalogue.Update({Listed("A"), Listed("B")}, kFirst).ok());
  const auto table = catalogue.Update({Listed("A")}, kLater);
  ASSERT_TRUE(table.ok());
  EXPECT_EQ((*table)->Find("B")->status, model::InstrumentStatus::kDelisted);
  EXPECT_EQ((*table)->Find("A")->status, model::InstrumentStatus::kTrading);
}

TEST(InstrumentCatalogueTest, ScalesNeverShrinkUnlessTheMultiplierChanges) {
  InstrumentCatalogue catalogue;
  ASSERT_TRUE(catalogue.Update({Listed("A", 4, 5), Listed("B", 4, 5)}, kFirst).ok());
  model::Instrument other_lot = Listed("B", 3, 2);
  other_lot.multiplier = Decimal::FromInt(1'000);
  const auto table = catalogue.Update({Listed("A", 3, 2), other_lot}, kLater);
  ASSERT_TRUE(table.ok());
  EXPECT_EQ((*table)->Find("A")->price_scale, 4);
  EXPECT_EQ((*table)->Find("A")->quantity_scale, 5);
  EXPECT_EQ((*table)->Find("B")->quantity_scale, 2);
}

TEST(SelectInstrumentsTest, WithoutATableNothingIsKnownYet) {
  EXPECT_EQ(SelectInstruments(nullptr, {"A"}).status().code(), absl::StatusCode::kUnavailable);
}

TEST(SelectInstrumentsTest, AnUnknownSymbolIsAnError) {
  InstrumentCatalogue catalogue;
  ASSERT_TRUE(catalogue.Update({Listed("A")}, kFirst).ok());
  const auto selected = SelectInstruments(catalogue.table().get(), {"A", "X"});
  EXPECT_EQ(selected.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(selected.status()), common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT);
}

TEST(SelectInstrumentsTest, NoSymbolsMeanAll) {
  InstrumentCatalogue catalogue;
  ASSERT_TRUE(catalogue.Update({Listed("A")}, kFirst).ok());
  const auto all = SelectInstruments(catalogue.table().get(), {});
  ASSERT_TRUE(all.ok());
  EXPECT_TRUE(all->empty());
  const auto one = SelectInstruments(catalogue.table().get(), {"A"});
  ASSERT_TRUE(one.ok());
  EXPECT_EQ(one->front()->symbol, "A");
}

}  // namespace
}  // namespace switchyard::exchange
