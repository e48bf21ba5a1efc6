#include "services/simulator/exchanges/gateio/statistics_fields.h"

namespace switchyard::simulator::gateio {
namespace {

using engine::DecimalText;
using engine::Int128;
using engine::Side;

void AppendBest(JsonWriter& json, const Listing& listing) {
  const auto asks = listing.market.book().Levels(Side::kSell);
  const auto bids = listing.market.book().Levels(Side::kBuy);
  json.Decimal("lowest_ask", asks.back().price, listing.price_scale())
      .Decimal("lowest_size", asks.back().quantity, listing.quantity_scale())
      .Decimal("highest_bid", bids.back().price, listing.price_scale())
      .Decimal("highest_size", bids.back().quantity, listing.quantity_scale());
}

void AppendSpotTicker(JsonWriter& json, const Listing& listing, bool rest) {
  const engine::DayStatistics& day = listing.market.day();
  json.Text("currency_pair", listing.symbol()).Decimal("last", day.last, listing.price_scale());
  AppendBest(json, listing);
  json.Text("change_percentage", ChangePercentage(day));
  if (rest) {
    json.Text("change_utc0", ChangePercentage(day)).Text("change_utc8", ChangePercentage(day));
  }
  json.Decimal("base_volume", day.base_volume, listing.quantity_scale())
      .Decimal("quote_volume", day.quote_volume, listing.price_scale() + listing.quantity_scale())
      .Decimal("high_24h", day.high, listing.price_scale())
      .Decimal("low_24h", day.low, listing.price_scale());
}

void AppendFuturesTicker(JsonWriter& json, const Listing& listing, bool rest) {
  const engine::DayStatistics& day = listing.market.day();
  const int price_scale = listing.price_scale();
  const int size_scale = listing.quantity_scale();
  // Coins and value: contracts x quanto_multiplier (x price).
  const int coin_scale = size_scale + listing.multiplier_scale;
  const Int128 coins = day.base_volume * listing.multiplier;
  const Int128 value = day.quote_volume * listing.multiplier;
  json.Text("contract", listing.symbol())
      .Decimal("last", day.last, price_scale)
      .Text("change_percentage", ChangePercentage(day))
      .Decimal("total_size", listing.open_interest, size_scale)
      .Decimal("low_24h", day.low, price_scale)
      .Decimal("high_24h", day.high, price_scale)
      .Decimal("volume_24h", day.base_volume, size_scale)
      .Text("volume_24h_btc", "0")
      .Decimal("volume_24h_usd", value / engine::PowerOfTen(price_scale), coin_scale)
      .Decimal("volume_24h_base", coins, coin_scale)
      .Decimal("volume_24h_quote", value, coin_scale + price_scale)
      .Decimal("volume_24h_settle", value, coin_scale + price_scale)
      .Decimal("mark_price", listing.MarkPrice(), price_scale)
      .Text("funding_rate", RateText(listing.funding_rate_millionths))
      .Text("funding_rate_indicative", RateText(listing.funding_rate_millionths))
      .Decimal("index_price", listing.market.fair_price(), price_scale)
      .Text("quanto_base_rate", "");
  AppendBest(json, listing);
  if (rest) {
    json.Text("change_utc0", ChangePercentage(day))
        .Text("change_utc8", ChangePercentage(day))
        .Decimal("change_price", day.last - day.open, price_scale);
  }
}

}  // namespace

std::string RateText(std::int64_t millionths) { return DecimalText(millionths, 6); }

std::string ChangePercentage(const engine::DayStatistics& day) {
  return DecimalText(static_cast<Int128>(day.last - day.open) * 10'000 / day.open, 2);
}

void AppendTickerFields(JsonWriter& json, Product product, const Listing& listing, bool rest) {
  if (product == Product::kSpot) {
    AppendSpotTicker(json, listing, rest);
  } else {
    AppendFuturesTicker(json, listing, rest);
  }
}

void AppendContractStatsFields(JsonWriter& json, const Listing& listing, std::int64_t time_s) {
  const int size_scale = listing.quantity_scale();
  const Int128 value =
      static_cast<Int128>(listing.open_interest) * listing.multiplier * listing.MarkPrice();
  json.Number("time", time_s)
      .Text("contract", listing.symbol())
      .Raw("lsr_taker", "1.02")
      .Raw("lsr_account", "0.97")
      .Number("long_liq_size", 0)
      .Number("long_liq_amount", 0)
      .Number("long_liq_usd", 0)
      .Number("short_liq_size", 0)
      .Number("short_liq_amount", 0)
      .Number("short_liq_usd", 0)
      .Number("open_interest", listing.open_interest / engine::PowerOfTen(size_scale))
      .Raw("open_interest_usd",
           DecimalText(value, listing.price_scale() + size_scale + listing.multiplier_scale))
      .Decimal("mark_price", listing.MarkPrice(), listing.price_scale())
      .Raw("top_lsr_account", "1.1")
      .Raw("top_lsr_size", "1.05");
}

}  // namespace switchyard::simulator::gateio
