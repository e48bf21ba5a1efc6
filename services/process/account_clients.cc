#include "services/process/account_clients.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace switchyard::process {
namespace {

constexpr std::size_t kMaxName = 64;

bool IsName(std::string_view text) {
  return !text.empty() && text.size() <= kMaxName &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-';
         });
}

bool IsService(std::string_view text) {
  return text == kServiceOf<exchange::OrderClient> ||
         text == kServiceOf<exchange::PositionClient> ||
         text == kServiceOf<exchange::AccountClient>;
}

// `path` names the account among an exchange's.
absl::Status CheckServiceKeys(const config::v1::AccountConfig& account, const std::string& path) {
  std::set<std::string> services;
  for (int i = 0; i < account.service_keys_size(); ++i) {
    const config::v1::ServiceKeyConfig& key = account.service_keys(i);
    const auto field = [&](const char* name) {
      return fmt::format("{}.service_keys[{}].{}", path, i, name);
    };
    if (!IsService(key.service())) {
      return InvalidField(field("service"), "must be order, position or account");
    }
    if (!services.insert(key.service()).second) {
      return InvalidField(field("service"), fmt::format("'{}' occurs twice", key.service()));
    }
    if (key.api_key().empty()) return InvalidField(field("api_key"), "is required");
    if (key.secret().empty()) return InvalidField(field("secret"), "is required");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckAccounts(const config::v1::ExchangeConfig& exchange) {
  std::set<std::string> names;
  for (int i = 0; i < exchange.accounts_size(); ++i) {
    const config::v1::AccountConfig& account = exchange.accounts(i);
    const std::string path = fmt::format("exchange {}: accounts[{}]", exchange.exchange(), i);
    const auto field = [&](const char* name) { return fmt::format("{}.{}", path, name); };
    if (!IsName(account.name())) {
      return InvalidField(field("name"), "must be 1 to 64 of [A-Za-z0-9_-]");
    }
    if (!names.insert(account.name()).second) {
      return InvalidField(field("name"), fmt::format("'{}' occurs twice", account.name()));
    }
    if (account.api_key().empty()) return InvalidField(field("api_key"), "is required");
    if (account.secret().empty()) return InvalidField(field("secret"), "is required");
    SWITCHYARD_RETURN_IF_ERROR(CheckServiceKeys(account, path));
  }
  if (!names.empty() && exchanges::FindPrivate(exchange.exchange()) == nullptr) {
    return InvalidField(fmt::format("exchange {}: accounts", exchange.exchange()),
                        "this program has no private half of the exchange");
  }
  return absl::OkStatus();
}

config::v1::AccountConfig WithKeyOf(std::string_view service,
                                    const config::v1::AccountConfig& account) {
  config::v1::AccountConfig out = account;
  out.clear_service_keys();
  for (const config::v1::ServiceKeyConfig& key : account.service_keys()) {
    if (key.service() != service) continue;
    out.set_api_key(key.api_key());
    out.set_secret(key.secret());
  }
  return out;
}

}  // namespace switchyard::process
