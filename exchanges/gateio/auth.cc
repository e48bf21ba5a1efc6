#include "exchanges/gateio/auth.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "common/crypto/bytes.h"
#include "common/crypto/sha.h"
#include "common/json/json.h"

namespace switchyard::exchanges::gateio {
namespace {

constexpr std::string_view kKeyHeader = "KEY";
constexpr std::string_view kTimeHeader = "Timestamp";
constexpr std::string_view kSignHeader = "SIGN";

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Nullopt where a '%' is not followed by two digits.
std::optional<std::string> PercentDecoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = HexDigit(text[i + 1]);
    const int low = HexDigit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

void SetHeader(net::HttpHeaders& headers, std::string_view name, std::string value) {
  std::erase_if(headers, [&](const auto& header) { return header.first == name; });
  headers.emplace_back(name, std::move(value));
}

}  // namespace

std::string RestSigningText(std::string_view method, std::string_view path, std::string_view query,
                            std::string_view body, std::int64_t seconds) {
  return fmt::format("{}\n{}\n{}\n{}\n{}", method, path, query, crypto::ToHex(crypto::Sha512(body)),
                     seconds);
}

std::string ChannelSigningText(std::string_view channel, std::string_view event,
                               std::int64_t seconds) {
  return fmt::format("channel={}&event={}&time={}", channel, event, seconds);
}

std::string ApiSigningText(std::string_view channel, std::string_view req_param,
                           std::int64_t seconds) {
  return fmt::format("api\n{}\n{}\n{}", channel, req_param, seconds);
}

absl::Status Auth::Sign(TimeNs now, net::HttpRequest& request) const {
  const std::string_view target = request.target;
  const std::size_t mark = target.find('?');
  const std::string_view path = target.substr(0, mark);
  const std::optional<std::string> query =
      PercentDecoded(mark == std::string_view::npos ? "" : target.substr(mark + 1));
  if (!query) return absl::InvalidArgumentError("the query is not percent-encoded");
  const std::int64_t seconds = now.Seconds();
  SetHeader(request.headers, kKeyHeader, api_key_);
  SetHeader(request.headers, kTimeHeader, fmt::to_string(seconds));
  SetHeader(request.headers, kSignHeader,
            Signature(RestSigningText(request.method, path, *query, request.body, seconds)));
  return absl::OkStatus();
}

std::string Auth::Signature(std::string_view text) const { return crypto::ToHex(key_.Sign(text)); }

std::string Auth::ChannelAuth(std::string_view channel, std::string_view event, TimeNs now) const {
  return json::Serialise({{"method", "api_key"},
                          {"KEY", api_key_},
                          {"SIGN", Signature(ChannelSigningText(channel, event, now.Seconds()))}});
}

std::string Auth::LoginFrame(Product product, std::string_view request_id, TimeNs now) const {
  const std::string channel = fmt::format("{}.login", ProductName(product));
  const std::int64_t seconds = now.Seconds();
  // The official form leaves `req_param` out and signs an empty one.
  return json::Serialise({{"time", seconds},
                          {"channel", channel},
                          {"event", "api"},
                          {"payload",
                           {{"req_id", std::string(request_id)},
                            {"api_key", api_key_},
                            {"signature", Signature(ApiSigningText(channel, "", seconds))},
                            {"timestamp", fmt::to_string(seconds)}}}});
}

}  // namespace switchyard::exchanges::gateio
