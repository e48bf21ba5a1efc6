#include "services/simulator/exchanges/lighter/signatures/attributes.h"

#include <algorithm>
#include <array>
#include <vector>

#include "services/simulator/exchanges/lighter/signatures/poseidon2.h"
#include "services/simulator/exchanges/lighter/signatures/ranges.h"

namespace switchyard::simulator::lighter::signatures {
namespace {

// Sorted by type, the order of hashing.
enum Type : std::size_t {
  kIntegrator = 1,
  kTakerFee,
  kMakerFee,
  kSkipNonce,
  kCancelAllMarket,
  kSelfTradeBehaviour,
  kSelfTradeEquality,
  kOrderVersion,
  kEnd,
};

struct Rule {
  const char* key;
  // Stands for "not set": not hashed.
  std::int64_t nil;
  Range range;
};

// By type, from 1.
constexpr std::array<Rule, kEnd - 1> kRules = {{
    {"1", 0, ranges::kIntegrator},
    {"2", 0, ranges::kIntegratorFee},
    {"3", 0, ranges::kIntegratorFee},
    {"4", 0, {1, 1, Refusal::kInvalidTxInfo}},
    {"5", ranges::kAllMarkets, {0, ranges::kAllMarkets, Refusal::kInvalidMarketIndex}},
    {"6", 0, {0, 3, Refusal::kInvalidTxInfo}},
    {"7", 0, {0, 1, Refusal::kInvalidTxInfo}},
    {"8", 0, {0, ranges::kMax48, Refusal::kInvalidTxInfo}},
}};

// Of one transaction, those that are written as "not set" included.
constexpr std::size_t kMaxAttributes = 4;

absl::Status CheckTogether(const Attributes& attributes) {
  const bool has_fee = attributes.integrator_taker_fee != 0 || attributes.integrator_maker_fee != 0;
  if (has_fee && attributes.integrator_account_index == 0) {
    return Refuse(Refusal::kInvalidFee, "fees without an integrator");
  }
  if (has_fee && attributes.self_trade_behaviour != SelfTradeBehaviour::kExpireMaker) {
    return Refuse(Refusal::kInvalidTxInfo, "integrator fees and a self-trade behaviour");
  }
  if (attributes.self_trade_behaviour == SelfTradeBehaviour::kReduce &&
      attributes.self_trade_by_master_account) {
    return Refuse(Refusal::kInvalidTxInfo, "reducing self-trades of a master account");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ReadAttributes> ParseAttributes(const Json& object) {
  if (object.is_null()) return ReadAttributes();
  if (!object.is_object()) {
    return Refuse(Refusal::kInvalidTxInfo, "L2TxAttributes is not an object");
  }
  FieldReader reader(object);
  std::array<std::int64_t, kEnd> values{};
  std::vector<Element> hashed;
  for (std::size_t type = kIntegrator; type < kEnd; ++type) {
    const Rule& rule = kRules[type - 1];
    const bool given = object.contains(rule.key);
    values[type] = given ? reader.Take(rule.key, rule.range) : rule.nil;
    if (values[type] == rule.nil) continue;
    hashed.push_back(Element(type));
    hashed.push_back(ElementOf(values[type]));
  }
  reader.RefuseUnknownKeys();
  if (object.size() > kMaxAttributes) {
    reader.Fail(Refusal::kInvalidTxInfo, "more than 4 attributes");
  }
  if (!reader.status().ok()) return reader.status();

  ReadAttributes result;
  result.attributes = {
      .integrator_account_index = values[kIntegrator],
      .integrator_taker_fee = values[kTakerFee],
      .integrator_maker_fee = values[kMakerFee],
      .skip_nonce = values[kSkipNonce] == 1,
      .cancel_all_market_index = std::nullopt,
      .self_trade_behaviour = static_cast<SelfTradeBehaviour>(values[kSelfTradeBehaviour]),
      .self_trade_by_master_account = values[kSelfTradeEquality] == 1,
      .order_version = values[kOrderVersion]};
  if (values[kCancelAllMarket] != ranges::kAllMarkets) {
    result.attributes.cancel_all_market_index = values[kCancelAllMarket];
  }
  if (const absl::Status status = CheckTogether(result.attributes); !status.ok()) return status;
  if (!hashed.empty()) {
    hashed.resize(2 * kMaxAttributes);
    result.hash = HashToQuintic(hashed);
  }
  return result;
}

}  // namespace switchyard::simulator::lighter::signatures
