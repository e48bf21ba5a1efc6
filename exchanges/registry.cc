#include "exchanges/registry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <cstdlib>

#include "common/status/status.h"

namespace switchyard::exchanges {
namespace {

std::map<std::string, Factory, std::less<>>& Factories() {
  static std::map<std::string, Factory, std::less<>> factories;
  return factories;
}

std::map<std::string, PrivateFactories, std::less<>>& Privates() {
  static std::map<std::string, PrivateFactories, std::less<>> privates;
  return privates;
}

void EmplaceOnce(bool emplaced, std::string_view id) {
  if (emplaced) return;
  fmt::print(stderr, "exchange {} is registered twice\n", id);
  std::abort();
}

}  // namespace

bool Register(std::string_view id, Factory factory) {
  EmplaceOnce(Factories().emplace(std::string(id), std::move(factory)).second, id);
  return true;
}

bool RegisterPrivate(std::string_view id, PrivateFactories factories) {
  EmplaceOnce(Privates().emplace(std::string(id), std::move(factories)).second, id);
  return true;
}

const PrivateFactories* FindPrivate(std::string_view id) {
  const auto found = Privates().find(id);
  return found == Privates().end() ? nullptr : &found->second;
}

std::vector<std::string> RegisteredIds() {
  std::vector<std::string> ids;
  for (const auto& [id, factory] : Factories()) ids.push_back(id);
  return ids;
}

absl::StatusOr<std::unique_ptr<exchange::MarketDataClient>> Create(
    std::string_view id, const exchange::ExchangeConfig& config,
    const exchange::ClientContext& context, const CreateOptions& options) {
  const auto found = Factories().find(id);
  if (found == Factories().end()) {
    return MakeError(absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_EXCHANGE,
                     fmt::format("no exchange '{}' in this program; it has: {}", id,
                                 fmt::join(RegisteredIds(), ", ")),
                     {{"exchange", std::string(id)}});
  }
  return found->second(config, context, options);
}

}  // namespace switchyard::exchanges
