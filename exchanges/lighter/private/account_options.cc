#include "exchanges/lighter/private/account_options.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include "common/status/status.h"
#include "exchanges/lighter/endpoints.h"
#include "exchanges/lighter/signing/transactions/bounds.h"

namespace switchyard::exchanges::lighter {
namespace {

constexpr std::chrono::seconds kDefaultLife{60};
constexpr std::chrono::minutes kLongestLife{10};
constexpr std::chrono::seconds kClockMargin{2};

// Nullopt unless `text` is nothing but digits, up to `most`.
std::optional<std::int64_t> Number(const std::string& text, std::int64_t most) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || value < 0 || value > most) return std::nullopt;
  return value;
}

struct Extras {
  std::optional<std::int64_t> account_index;
  bool orders_over_websocket = true;
  std::chrono::nanoseconds life = kDefaultLife;
};

absl::Status ReadExtra(const std::string& key, const std::string& value,
                       std::chrono::nanoseconds command_timeout, Extras& out) {
  const std::string field = "accounts.options." + key;
  if (key == "account_index") {
    out.account_index = Number(value, signing::bounds::kMaxAccount);
    return out.account_index ? absl::OkStatus() : InvalidField(field, "is no account's index");
  }
  if (key == "order_entry") {
    out.orders_over_websocket = value == "websocket";
    return out.orders_over_websocket || value == "rest"
               ? absl::OkStatus()
               : InvalidField(field, "must be websocket or rest");
  }
  if (key != "transaction_life_ms") return InvalidField(field, "not an option of this exchange");
  const auto millis = Number(value, std::chrono::milliseconds(kLongestLife).count());
  if (!millis || std::chrono::milliseconds(*millis) < command_timeout) {
    return InvalidField(field, "must be the command timeout to 600000");
  }
  out.life = std::chrono::milliseconds(*millis);
  return absl::OkStatus();
}

}  // namespace

std::chrono::nanoseconds PrivateAccountOptions::NotReceivedAfter() const {
  return transaction_life + kClockMargin;
}

absl::StatusOr<PrivateAccountOptions> MakePrivateAccountOptions(
    const config::v1::ExchangeConfig& config, const config::v1::AccountConfig& account,
    std::chrono::nanoseconds command_timeout) {
  SWITCHYARD_ASSIGN_OR_RETURN(const ExchangeOptions exchange, ExchangeOptions::From(config));
  const auto key_index = Number(account.api_key(), signing::bounds::kMaxApiKey);
  if (!key_index) return InvalidField("accounts.api_key", "must be the key's index, 0 to 254");
  auto key = signing::PrivateKey::FromHex(account.secret());
  if (!key.ok()) return InvalidField("accounts.secret", "is no private key in hex");
  Extras extras;
  for (const auto& [name, value] : account.options()) {
    SWITCHYARD_RETURN_IF_ERROR(ReadExtra(name, value, command_timeout, extras));
  }
  if (!extras.account_index) return InvalidField("accounts.options.account_index", "is required");
  if (extras.life < command_timeout) {
    return InvalidField("command_timeout_ms", "is longer than a transaction lives");
  }
  return PrivateAccountOptions{
      .exchange = config.exchange(),
      .account = account.name(),
      .owner = {*extras.account_index, *key_index},
      .key = *std::move(key),
      .chain = static_cast<signing::ChainId>(TraitsOf(exchange.network).chain_id),
      .orders_over_websocket = extras.orders_over_websocket,
      .transaction_life = extras.life};
}

}  // namespace switchyard::exchanges::lighter
