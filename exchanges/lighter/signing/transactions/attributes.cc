#include "exchanges/lighter/signing/transactions/attributes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "exchanges/lighter/signing/hash/poseidon2.h"
#include "exchanges/lighter/signing/transactions/bounds.h"

namespace switchyard::exchanges::lighter::signing {
namespace {

constexpr std::size_t kMaxAttributes = 4;
constexpr std::int64_t kBehaviorReduce = 3;
constexpr std::int64_t kEqualityMasterAccount = 1;

struct Rule {
  AttributeType type;
  std::int64_t nil;
  Bounds bounds;
};

constexpr std::string_view kFees = "Integrator fees are in invalid range";

// Sources: reference 3.10; lighter-go 17f2d60, types/txtypes/tx_attributes.go and errors.go.
constexpr std::array<Rule, 8> kRules = {{
    {AttributeType::kIntegratorAccount, 0,
     Within(0, bounds::kMaxAccount, "IntegratorAccountIndex is in invalid range")},
    {AttributeType::kIntegratorTakerFee, 0, Within(0, bounds::kFeeTick, kFees)},
    {AttributeType::kIntegratorMakerFee, 0, Within(0, bounds::kFeeTick, kFees)},
    {AttributeType::kSkipNonce, 0, Within(1, 1, "Nonce skip attribute is invalid")},
    {AttributeType::kCancelAllMarket, bounds::kNoMarket,
     Within(0, bounds::kNoMarket, "Cancel all for market index attribute is in invalid range")},
    {AttributeType::kSelfTradeBehavior, 0,
     Within(0, kBehaviorReduce, "SelfTradeBehaviorMode is in invalid range")},
    {AttributeType::kSelfTradeEquality, 0,
     Within(0, kEqualityMasterAccount, "SelfTradeEqualityMode is in invalid range")},
    {AttributeType::kOrderVersion, 0,
     Within(0, bounds::kMax48, "OrderOrderVersion is in invalid range")},
}};

const Rule* RuleOf(AttributeType type) {
  const auto found = std::find_if(kRules.begin(), kRules.end(),
                                  [&](const Rule& rule) { return rule.type == type; });
  return found == kRules.end() ? nullptr : &*found;
}

// Whether there is such an attribute and it is not nil.
bool Has(const Attributes& attributes, AttributeType type) {
  const auto found = attributes.find(type);
  return found != attributes.end() && !IsNil(type, found->second);
}

bool Is(const Attributes& attributes, AttributeType type, std::int64_t value) {
  const auto found = attributes.find(type);
  return found != attributes.end() && found->second == value;
}

absl::Status ValidateRanges(const Attributes& attributes) {
  for (const auto& [type, value] : attributes) {
    const Rule* const rule = RuleOf(type);
    if (rule == nullptr) {
      return absl::InvalidArgumentError(
          fmt::format("Attribute type is invalid: {}", static_cast<int>(type)));
    }
    if (value < rule->bounds.low || value > rule->bounds.high) {
      return absl::InvalidArgumentError(std::string(rule->bounds.too_low));
    }
  }
  return absl::OkStatus();
}

}  // namespace

bool IsNil(AttributeType type, std::int64_t value) {
  const Rule* const rule = RuleOf(type);
  return rule != nullptr && value == rule->nil;
}

absl::Status ValidateAttributes(const Attributes& attributes) {
  if (attributes.size() > kMaxAttributes) {
    return absl::InvalidArgumentError("Too many attributes, should not be larger than 4");
  }
  if (absl::Status status = ValidateRanges(attributes); !status.ok()) return status;
  const bool has_fees = Has(attributes, AttributeType::kIntegratorTakerFee) ||
                        Has(attributes, AttributeType::kIntegratorMakerFee);
  if (has_fees && !Has(attributes, AttributeType::kIntegratorAccount)) {
    return absl::InvalidArgumentError(
        "IntegratorAccountIndex should be non-zero when integrator taker fee or maker fee is "
        "non-zero");
  }
  const bool has_self_trade = Has(attributes, AttributeType::kSelfTradeBehavior) ||
                              Has(attributes, AttributeType::kSelfTradeEquality);
  if (has_self_trade && has_fees) {
    return absl::InvalidArgumentError(
        "Self-trade specification isn't allowed with integrator fees");
  }
  if (Is(attributes, AttributeType::kSelfTradeBehavior, kBehaviorReduce) &&
      Is(attributes, AttributeType::kSelfTradeEquality, kEqualityMasterAccount)) {
    return absl::InvalidArgumentError(
        "Reduce self-trade behavior mode isn't allowed with master account index equality mode");
  }
  return absl::OkStatus();
}

Fp5 HashAttributes(const Attributes& attributes) {
  std::array<Fp, 2 * kMaxAttributes> elements{};
  std::size_t size = 0;
  for (const auto& [type, value] : attributes) {
    if (IsNil(type, value) || size == elements.size()) continue;
    elements[size++] = Fp(static_cast<std::uint64_t>(type));
    elements[size++] = Fp::FromInt64(value);
  }
  return poseidon2::HashToFp5(elements);
}

Fp5 CombineWithAttributes(const Fp5& transaction_hash, const Attributes& attributes) {
  const bool all_nil = std::all_of(attributes.begin(), attributes.end(), [](const auto& entry) {
    return IsNil(entry.first, entry.second);
  });
  if (all_nil) return transaction_hash;
  const Fp5 attributes_hash = HashAttributes(attributes);
  std::array<Fp, 10> both;
  std::copy(
      attributes_hash.limbs().begin(), attributes_hash.limbs().end(),
      std::copy(transaction_hash.limbs().begin(), transaction_hash.limbs().end(), both.begin()));
  return poseidon2::HashToFp5(both);
}

}  // namespace switchyard::exchanges::lighter::signing
