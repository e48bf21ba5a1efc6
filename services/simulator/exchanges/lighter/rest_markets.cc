#include <charconv>
#include <utility>
#include <vector>

#include "services/simulator/exchanges/lighter/errors.h"
#include "services/simulator/exchanges/lighter/frames.h"
#include "services/simulator/exchanges/lighter/rest.h"
#include "services/simulator/exchanges/lighter/text.h"

namespace switchyard::simulator::lighter {
namespace {

using transport::HttpRequest;
using transport::HttpResponse;

constexpr std::int64_t kMaximumMarketId = 32'767 * 2;
constexpr std::int64_t kInsuranceAccount = 281'474'976'710'654;
// Every market was made then, milliseconds.
constexpr char kCreatedAt[] = "1640995200000";
// Worthless addresses of contracts and assets.
constexpr char kContract[] = "0x0000000000000000000000000000000000051f1f";
constexpr char kNoAddress[] = "0x0000000000000000000000000000000000000000";

// The markets that market_id and filter select. Empty optional: a bad parameter.
std::optional<std::vector<const Listing*>> Selected(const RestContext& context,
                                                    const HttpRequest& request, Code& error) {
  const auto id = NumberParameter(request, "market_id", kAllMarkets, 0, kMaximumMarketId);
  const std::string_view filter = request.Parameter("filter");
  error = Code::kInvalidParameter;
  if (!id || (!filter.empty() && filter != "all" && filter != "spot" && filter != "perp")) {
    return std::nullopt;
  }
  std::vector<const Listing*> selected;
  for (const auto& listing : context.listings.all()) {
    const bool of_kind =
        filter.empty() || filter == "all" || (filter == "spot") == listing->is_spot();
    if (of_kind && (*id == kAllMarkets || *id == listing->id())) selected.push_back(listing.get());
  }
  error = Code::kInvalidMarketIndex;
  if (*id != kAllMarkets && context.listings.Find(*id) == nullptr) return std::nullopt;
  return selected;
}

// What rows of orderBooks and orderBookDetails share.
void WriteRow(JsonWriter& json, const Listing& listing) {
  const Instrument& instrument = listing.instrument;
  json.Text("symbol", listing.symbol())
      .Number("market_id", listing.id())
      .Text("market_type", listing.is_spot() ? "spot" : "perp")
      .Number("base_asset_id", instrument.base_asset_id)
      .Number("quote_asset_id", instrument.quote_asset_id)
      .Text("status", "active")
      .Text("taker_fee", "0.0000")
      .Text("maker_fee", "0.0000")
      .Text("liquidation_fee", listing.is_spot() ? "0.0000" : "1.0000")
      .Text("min_base_amount", Fixed(instrument.minimum_lots, listing.size_scale()))
      .Text("min_quote_amount", "10.000000")
      .Text("order_quote_limit", listing.is_spot() ? "2500000.000000" : "281474976.710655")
      .Number("supported_size_decimals", listing.size_scale())
      .Number("supported_price_decimals", listing.price_scale())
      .Number("supported_quote_decimals", kQuoteDecimals)
      .Bool("is_taker_fee_enabled", true)
      .Bool("is_maker_fee_enabled", true);
}

void WriteDetail(JsonWriter& json, const Listing& listing) {
  const int scale = listing.price_scale();
  json.BeginObject();
  WriteRow(json, listing);
  json.Number("size_decimals", listing.size_scale()).Number("price_decimals", scale);
  const Instrument& instrument = listing.instrument;
  if (!listing.is_spot()) {
    json.Number("quote_multiplier", 1)
        .Number("default_initial_margin_fraction", instrument.default_margin)
        .Number("min_initial_margin_fraction", instrument.minimum_margin)
        .Number("maintenance_margin_fraction", instrument.maintenance_margin)
        .Number("closeout_margin_fraction", instrument.closeout_margin);
  }
  json.Raw("last_trade_price", engine::DecimalText(listing.market.day().last, scale))
      .Number("daily_trades_count", listing.trade_count);
  WriteDay(json, listing);
  json.Key("daily_chart").BeginObject().EndObject();
  if (!listing.is_spot()) {
    json.Raw("open_interest", engine::DecimalText(listing.open_interest, listing.size_scale()))
        .Key("market_config")
        .BeginObject()
        .Number("market_margin_mode", 0)
        .Number("insurance_fund_account_index", kInsuranceAccount)
        .Number("liquidation_mode", 0)
        .Bool("force_reduce_only", false)
        .Bool("funding_fee_discounts_enabled", true)
        .Text("trading_hours", "")
        .Bool("hidden", false)
        .Bool("rfq_enabled", false)
        .EndObject()
        .Number("strategy_index", 0)
        .Text("funding_clamp_small", "0.0500")
        .Text("funding_clamp_big", "4.0000")
        .Text("base_interest_rate", "0.0100")
        .Text("mark_price", Fixed(listing.MarkPrice(), scale))
        .Text("index_price", Fixed(listing.market.fair_price(), scale));
  }
  json.Text("created_at", kCreatedAt).EndObject();
}

}  // namespace

std::optional<std::int64_t> NumberParameter(const HttpRequest& request, std::string_view name,
                                            std::optional<std::int64_t> fallback,
                                            std::int64_t minimum, std::int64_t maximum) {
  const std::string_view text = request.Parameter(name);
  if (text.empty()) return fallback;
  std::int64_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return std::nullopt;
  return number < minimum || number > maximum ? std::nullopt : std::optional(number);
}

HttpResponse OrderBooks(const RestContext& context, const HttpRequest& request) {
  Code error{};
  const auto selected = Selected(context, request, error);
  if (!selected) return ErrorAnswer(error);
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Number("code", 200).Key("order_books").BeginArray();
  for (const Listing* listing : *selected) {
    json.BeginObject();
    WriteRow(json, *listing);
    json.EndObject();
  }
  json.EndArray().EndObject();
  return JsonAnswer(std::move(body));
}

HttpResponse OrderBookDetails(const RestContext& context, const HttpRequest& request) {
  Code error{};
  const auto selected = Selected(context, request, error);
  if (!selected) return ErrorAnswer(error);
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Number("code", 200);
  for (const bool spot : {false, true}) {
    json.Key(spot ? "spot_order_book_details" : "order_book_details").BeginArray();
    for (const Listing* listing : *selected) {
      if (listing->is_spot() == spot) WriteDetail(json, *listing);
    }
    json.EndArray();
  }
  json.EndObject();
  return JsonAnswer(std::move(body));
}

HttpResponse ExchangeStats(const RestContext& context, const HttpRequest&) {
  std::string body;
  JsonWriter json(body);
  std::int64_t trades = 0;
  engine::Int128 volume = 0;
  json.BeginObject()
      .Number("code", 200)
      .Number("total", static_cast<std::int64_t>(context.listings.all().size()))
      .Key("order_book_stats")
      .BeginArray();
  for (const auto& listing : context.listings.all()) {
    const engine::DayStatistics& day = listing->market.day();
    trades += listing->trade_count;
    volume += day.quote_volume;
    json.BeginObject()
        .Text("symbol", listing->symbol())
        .Raw("last_trade_price", engine::DecimalText(day.last, listing->price_scale()))
        .Number("daily_trades_count", listing->trade_count);
    WriteDay(json, *listing, false);
    json.EndObject();
  }
  json.EndArray()
      .Raw("daily_usd_volume", engine::DecimalText(volume, kQuoteDecimals))
      .Number("daily_trades_count", trades)
      .EndObject();
  return JsonAnswer(std::move(body));
}

HttpResponse AssetDetails(const RestContext& context, const HttpRequest& request) {
  constexpr std::int64_t kAll = -1;
  const auto id = NumberParameter(request, "asset_id", kAll, 0, 255);
  if (!id) return ErrorAnswer(Code::kInvalidParameter);
  if (*id != kAll && FindAsset(*id) == nullptr) return ErrorAnswer(Code::kAssetNotFound);
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Number("code", 200).Key("asset_details").BeginArray();
  for (const AssetRow& asset : Assets()) {
    if (*id != kAll && asset.id != *id) continue;
    const bool usdc = asset.id == kUsdcAsset;
    std::string price = "1.000000";
    for (const auto& listing : context.listings.all()) {
      if (listing->instrument.base_asset_id == asset.id) {
        price = Fixed(listing->market.fair_price(), listing->price_scale());
      }
    }
    json.BeginObject()
        .Number("asset_id", asset.id)
        .Text("symbol", asset.symbol)
        .Number("l1_decimals", usdc ? kQuoteDecimals : 18)
        .Number("decimals", asset.decimals)
        .Text("min_transfer_amount", usdc ? "1.000000" : "0.00100000")
        .Text("min_withdrawal_amount", usdc ? "1.000000" : "0.00100000")
        .Text("margin_mode", usdc ? "enabled" : "disabled")
        .Text("index_price", price)
        .Text("l1_address", kNoAddress)
        .EndObject();
  }
  json.EndArray().EndObject();
  return JsonAnswer(std::move(body));
}

HttpResponse RootRest(const RestContext& context, std::string_view path) {
  std::string body;
  JsonWriter json(body);
  if (path == "/") {
    json.BeginObject()
        .Number("status", 200)
        .Number("network_id", 1)
        .Number("timestamp", context.clock.NowNs() / 1'000'000'000)
        .EndObject();
  } else if (path == "/info") {
    json.BeginObject().Text("contract_address", kContract).EndObject();
  } else {
    return ErrorAnswer(Code::kNotFound, {}, 404);
  }
  return JsonAnswer(std::move(body));
}

}  // namespace switchyard::simulator::lighter
