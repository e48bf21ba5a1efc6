#include "exchanges/gateio/rest/rest_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>

#include "common/status/status.h"
#include "exchanges/gateio/endpoints.h"
#include "exchanges/gateio/errors.h"

namespace switchyard::exchanges::gateio {
namespace {

constexpr std::string_view kPublicEndpoints[] = {
    paths::kSpotTime,         paths::kSpotCurrencyPairs, paths::kSpotTickers,
    paths::kSpotOrderBook,    paths::kSpotTrades,        paths::kSpotCandles,
    paths::kFuturesContracts, paths::kFuturesTickers,    paths::kFuturesOrderBook,
    paths::kFuturesTrades,    paths::kFuturesCandles,    paths::kFuturesFundingRate,
};
constexpr std::int64_t kPublicPermits = 200;
constexpr std::chrono::nanoseconds kPublicWindow = std::chrono::seconds(10);
// Of the permits for order books: a reconnect asks for every book at once, while readers ask again.
constexpr std::int64_t kResyncPercent = 50;
constexpr std::int64_t kReaderPercent = 10;

// RFC 3986, "unreserved".
bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string Encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (IsUnreserved(c)) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

template <typename Transform>
std::string JoinQuery(const RestRequest& request, Transform transform) {
  std::string out;
  for (const auto& [name, value] : request.query) {
    if (!out.empty()) out += '&';
    out += name;
    out += '=';
    out += transform(value);
  }
  return out;
}

std::optional<std::int64_t> IntegerHeader(const net::HttpResponse& response,
                                          std::string_view name) {
  const std::string* const text = response.FindHeader(name);
  if (text == nullptr) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return value;
}

}  // namespace

std::string PlainQuery(const RestRequest& request) {
  return JoinQuery(request, [](const std::string& value) { return value; });
}

std::string EncodedQuery(const RestRequest& request) { return JoinQuery(request, Encode); }

net::HttpRequest ToHttpRequest(const RestRequest& request) {
  net::HttpRequest http;
  http.method = request.method;
  // Path segments may hold a symbol; '/' separates.
  http.target = kApiPath;
  for (const char c : request.path) {
    http.target += c == '/' ? std::string(1, c) : Encode(std::string_view(&c, 1));
  }
  if (!request.query.empty()) http.target += '?' + EncodedQuery(request);
  http.headers = {{"Accept", "application/json"},
                  {"Content-Type", "application/json"},
                  {std::string(kSizeDecimalHeader), std::string(kSizeDecimalValue)}};
  http.body = request.body;
  return http;
}

absl::Status DefinePublicLimits(retry::RateLimiter& limiter, int share_percent) {
  const std::int64_t permits = std::max<std::int64_t>(1, kPublicPermits * share_percent / 100);
  for (const std::string_view endpoint : kPublicEndpoints) {
    retry::Limit limit{permits, kPublicWindow};
    if (endpoint == paths::kSpotOrderBook || endpoint == paths::kFuturesOrderBook) {
      limit.reserve = permits * kResyncPercent / 100;
      limit.normal_reserve = permits * kReaderPercent / 100;
    }
    SWITCHYARD_RETURN_IF_ERROR(limiter.Define(endpoint, limit));
  }
  return absl::OkStatus();
}

retry::Reported ReportedLimit(const net::HttpResponse& response, TimeNs now,
                              std::chrono::nanoseconds steady) {
  retry::Reported reported;
  reported.remaining = IntegerHeader(response, "X-Gate-RateLimit-Requests-Remain");
  reported.limit = IntegerHeader(response, "X-Gate-RateLimit-Limit");
  const auto stamp = IntegerHeader(response, "X-Gate-RateLimit-Reset-Timestamp");
  const std::optional<TimeNs> reset = stamp ? ResetTime(*stamp) : std::nullopt;
  if (reset && *reset > now) reported.reset_at = steady + (*reset - now);
  return reported;
}

}  // namespace switchyard::exchanges::gateio
