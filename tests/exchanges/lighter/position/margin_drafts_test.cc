// Leverage and margin as transactions: exact, or refused with what is near. Failures first.
#include "exchanges/lighter/position/margin_drafts.h"

#include <gtest/gtest.h>

#include <string>

#include "common/status/status.h"
#include "exchanges/lighter/signing/transactions/transaction.h"
#include "tests/exchanges/lighter/order/markets.h"

namespace switchyard::exchanges::lighter {
namespace {

constexpr KeyOwner kOwner{1077, 4};
constexpr auto kCross = common::v1::MARGIN_MODE_CROSS;

class MarginDraftsTest : public testing::Test {
 protected:
  const model::Instrument& On(const std::string& symbol) { return MarketOf(*markets_, symbol); }
  absl::StatusOr<Draft> Leverage(std::string_view leverage) {
    return LeverageDraft(kOwner, On("BTC"), Decimal::Parse(leverage).value(), kCross);
  }
  std::int64_t FractionOf(std::string_view leverage) {
    const auto draft = Leverage(leverage);
    EXPECT_TRUE(draft.ok()) << draft.status();
    if (!draft.ok()) return 0;
    EXPECT_EQ(signing::Validate(draft->transaction, {1, 1, {}}), absl::OkStatus());
    return std::get<signing::UpdateLeverage>(draft->transaction).initial_margin_fraction;
  }

  const std::shared_ptr<const model::InstrumentTable> markets_ = Markets();
};

TEST_F(MarginDraftsTest, ALeverageThatTheExchangeHasNotIsRefusedWithTheNearest) {
  const auto draft = Leverage("30");
  EXPECT_EQ(ReasonOf(draft.status()), common::v1::ERROR_REASON_NOT_REPRESENTABLE);
  EXPECT_EQ(MetadataOf(draft.status())["nearest"], "29.94,30.03");
  EXPECT_EQ(ReasonOf(Leverage("2.5001").status()), common::v1::ERROR_REASON_NOT_REPRESENTABLE);
  for (const char* const outside : {"0", "0.99", "-3", "10000.1"}) {
    EXPECT_EQ(ReasonOf(Leverage(outside).status()), common::v1::ERROR_REASON_INVALID_FIELD)
        << outside;
  }
}

TEST_F(MarginDraftsTest, WhatHasNoMarginIsRefused) {
  EXPECT_EQ(ReasonOf(LeverageDraft(kOwner, On("ETH/USDC"), Decimal::FromInt(2), kCross).status()),
            common::v1::ERROR_REASON_NOT_IN_CAPABILITIES);
  EXPECT_EQ(ReasonOf(MarginDraft(kOwner, On("ETH/USDC"), Decimal::FromInt(2)).status()),
            common::v1::ERROR_REASON_NOT_IN_CAPABILITIES);
  EXPECT_EQ(ReasonOf(LeverageDraft(kOwner, On("BTC"), Decimal::FromInt(2),
                                   common::v1::MARGIN_MODE_UNSPECIFIED)
                         .status()),
            common::v1::ERROR_REASON_INVALID_FIELD);
}

TEST_F(MarginDraftsTest, LeverageIsTheMarginInTenThousandths) {
  EXPECT_EQ(FractionOf("1"), 10'000);
  EXPECT_EQ(FractionOf("3"), 3'333);
  EXPECT_EQ(FractionOf("7"), 1'428);
  EXPECT_EQ(FractionOf("20"), 500);
  EXPECT_EQ(FractionOf("50"), 200);
  EXPECT_EQ(FractionOf("30.03"), 333);
}

TEST_F(MarginDraftsTest, LeverageAndModeAreSetTogether) {
  const auto draft =
      LeverageDraft(kOwner, On("BTC"), Decimal::FromInt(20), common::v1::MARGIN_MODE_ISOLATED);
  const auto& update = std::get<signing::UpdateLeverage>(draft->transaction);
  EXPECT_EQ(update.account_index, 1077);
  EXPECT_EQ(update.api_key_index, 4);
  EXPECT_EQ(update.market_index, 1);
  EXPECT_EQ(update.margin_mode, signing::MarginMode::kIsolated);
}

TEST_F(MarginDraftsTest, MarginIsAddedOrTakenAwayInMillionths) {
  auto draft = MarginDraft(kOwner, On("BTC"), Decimal::Parse("12.500001").value());
  ASSERT_TRUE(draft.ok()) << draft.status();
  auto update = std::get<signing::UpdateMargin>(draft->transaction);
  EXPECT_EQ(update.usdc_amount, 12'500'001);
  EXPECT_EQ(update.direction, signing::MarginDirection::kAdd);
  EXPECT_EQ(signing::Validate(update, {1, 1, {}}), absl::OkStatus());
  draft = MarginDraft(kOwner, On("BTC"), Decimal::Parse("-3").value());
  update = std::get<signing::UpdateMargin>(draft->transaction);
  EXPECT_EQ(update.usdc_amount, 3'000'000);
  EXPECT_EQ(update.direction, signing::MarginDirection::kRemove);
  EXPECT_EQ(ReasonOf(MarginDraft(kOwner, On("BTC"), Decimal()).status()),
            common::v1::ERROR_REASON_INVALID_FIELD);
  const auto fine = MarginDraft(kOwner, On("BTC"), Decimal::Parse("0.0000015").value());
  EXPECT_EQ(MetadataOf(fine.status())["nearest"], "0.000001,0.000002");
}

}  // namespace
}  // namespace switchyard::exchanges::lighter
