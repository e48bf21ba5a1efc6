#include "services/simulator/exchanges/gateio/rest.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "services/simulator/json_writer.h"

namespace switchyard::simulator::gateio {
namespace {

// -1: no number.
std::int64_t ParseNumber(std::string_view text) {
  std::int64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc() && result.ptr == text.data() + text.size() && value >= 0 ? value
                                                                                           : -1;
}

// What another product answers when it lists nothing.
constexpr std::array<std::string_view, 8> kEmptyLists = {
    "margin/currency_pairs", "margin/uni/currency_pairs", "margin/cross/currencies",
    "futures/btc/contracts", "delivery/usdt/contracts",   "delivery/usdt/tickers",
    "options/underlyings",   "futures/btc/tickers",
};

}  // namespace

transport::HttpResponse ErrorResponse(unsigned status, std::string_view label,
                                      std::string_view message) {
  transport::HttpResponse response;
  response.status = status;
  JsonWriter(response.body).BeginObject().Text("label", label).Text("message", message).EndObject();
  return response;
}

transport::HttpResponse JsonResponse(std::string body) {
  transport::HttpResponse response;
  response.body = std::move(body);
  return response;
}

std::int64_t CountParameter(const transport::HttpRequest& request, std::string_view name,
                            std::int64_t fallback, std::int64_t maximum) {
  const std::string_view text = request.Parameter(name);
  if (text.empty()) return fallback;
  const std::int64_t value = ParseNumber(text);
  return value >= 1 && value <= maximum ? value : -1;
}

std::int64_t TimeParameter(const transport::HttpRequest& request, std::string_view name,
                           std::int64_t fallback) {
  const std::string_view text = request.Parameter(name);
  return text.empty() ? fallback : ParseNumber(text);
}

Range RangeOf(const transport::HttpRequest& request, std::int64_t fallback, std::int64_t maximum) {
  const std::int64_t limit = CountParameter(request, "limit", fallback, maximum);
  const std::int64_t from = TimeParameter(request, "from", 0);
  const std::int64_t to = TimeParameter(request, "to", std::numeric_limits<std::int64_t>::max());
  const bool valid = limit > 0 && from >= 0 && to >= 0;
  return {valid, from, to, valid ? static_cast<std::size_t>(limit) : 0};
}

transport::HttpResponse OtherRest(const transport::HttpRequest& request, std::string_view path) {
  if (path == "wallet/currency_chains") {
    const std::string_view currency = request.Parameter("currency");
    if (currency.empty()) {
      return ErrorResponse(400, "MISSING_REQUIRED_PARAM", "Missing required parameter: currency");
    }
    std::string body;
    JsonWriter(body)
        .BeginArray()
        .BeginObject()
        .Text("chain", currency)
        .Text("name_cn", currency)
        .Text("name_en", currency)
        .Text("contract_address", "")
        .Number("is_disabled", 0)
        .Number("is_deposit_disabled", 0)
        .Number("is_withdraw_disabled", 0)
        .Number("is_tag", 0)
        .Text("decimal", "8")
        .EndObject()
        .EndArray();
    return JsonResponse(std::move(body));
  }
  if (std::find(kEmptyLists.begin(), kEmptyLists.end(), path) != kEmptyLists.end()) {
    return JsonResponse("[]");
  }
  return ErrorResponse(404, "NOT_FOUND", "Request path not found");
}

}  // namespace switchyard::simulator::gateio
