#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

#include "common/status/status.h"
#include "exchanges/lighter/signing/transactions/order_rules.h"
#include "exchanges/lighter/signing/transactions/transaction.h"

namespace switchyard::exchanges::lighter::signing {
namespace {

absl::Status Refuse(std::string_view text) { return absl::InvalidArgumentError(std::string(text)); }

absl::Status CheckBounds(std::int64_t value, const Bounds* bounds) {
  if (bounds == nullptr) return absl::OkStatus();
  if (value < bounds->low) return Refuse(bounds->too_low);
  // The one number inside the range that is no market.
  const bool no_market = bounds == &bounds::kMarket && value == bounds::kNoMarket;
  if (value > bounds->high || no_market) return Refuse(bounds->too_high);
  return absl::OkStatus();
}

bool IsEthereumSignature(std::string_view text) {
  return text.size() == 132 && text.starts_with("0x") &&
         std::all_of(text.begin() + 2, text.end(),
                     [](unsigned char c) { return std::isxdigit(c) != 0; });
}

// Checks each field by itself, up to the first that is wrong.
template <typename T>
class Checker {
 public:
  explicit Checker(const T& transaction) : transaction_(transaction) {}

  template <typename Owner, typename Member>
  bool operator()(const NumberField<Owner, Member>& field) {
    return Keep(CheckBounds(static_cast<std::int64_t>(transaction_.*field.member), field.bounds));
  }
  bool operator()(const AmountField<T>& field) {
    return Keep(CheckBounds(transaction_.*field.member, field.bounds));
  }
  bool operator()(const KeyField<T>& field) {
    return Fp5::FromCanonicalBytes(transaction_.*field.member).has_value() ||
           Keep(Refuse("PubKey is invalid"));
  }
  bool operator()(const TextField<T>& field) {
    const std::string& text = transaction_.*field.member;
    return text.empty() || IsEthereumSignature(text) || Keep(Refuse("L1Sig is invalid"));
  }
  bool operator()(const MemoField<T>&) { return true; }
  // Orders have rules together: order_rules.h.
  template <typename Item>
  bool operator()(const OrdersField<T, Item>&) {
    return true;
  }

  const absl::Status& status() const { return status_; }

 private:
  bool Keep(absl::Status status) {
    status_ = std::move(status);
    return status_.ok();
  }

  const T& transaction_;
  absl::Status status_;
};

template <typename T>
absl::Status CheckFields(const T& transaction) {
  Checker<T> checker(transaction);
  ForEachField<T>(checker);
  if constexpr (requires { T::Tail(); }) {
    if (checker.status().ok()) {
      std::apply([&](const auto&... fields) { (checker(fields) && ...); }, T::Tail());
    }
  }
  return checker.status();
}

// What no field shows by itself. Most types have nothing of the kind.
template <typename T>
absl::Status CheckRules(const T&, const Envelope&) {
  return absl::OkStatus();
}

absl::Status CheckRules(const CreateOrder& order, const Envelope&) { return CheckOrder(order); }

absl::Status CheckRules(const CreateGroupedOrders& group, const Envelope&) {
  SWITCHYARD_RETURN_IF_ERROR(CheckGroupSize(group));
  for (const OrderInfo& order : group.orders) SWITCHYARD_RETURN_IF_ERROR(CheckFields(order));
  return CheckGroup(group);
}

absl::Status CheckRules(const CancelAllOrders& cancel, const Envelope& envelope) {
  const auto market = envelope.attributes.find(AttributeType::kCancelAllMarket);
  if (market != envelope.attributes.end() && market->second != bounds::kNoMarket &&
      cancel.time_in_force != CancelAllTime::kImmediate) {
    return Refuse(
        "Cancel all for market index can't be scheduled, TimeInforce must be ImmediateCancelAll");
  }
  switch (cancel.time_in_force) {
    case CancelAllTime::kImmediate:
    case CancelAllTime::kAbortScheduled:
      return cancel.time == 0 ? absl::OkStatus() : Refuse("CancelAllTime should be nil");
    case CancelAllTime::kScheduled:
      if (cancel.time > 0) return absl::OkStatus();
      return Refuse(
          "CancelAllTime should be larger than 0 and not larger than 9223372036854775807");
  }
  return Refuse("CancelAllTimeInForce is invalid");
}

absl::Status CheckRules(const UpdateMargin& margin, const Envelope&) {
  // Spot positions have no margin of their own.
  if (IsKnownSpot(margin.market_index)) return Refuse(bounds::kMarket.too_high);
  return absl::OkStatus();
}

absl::Status CheckRules(const ApproveIntegrator& approval, const Envelope&) {
  const bool no_fees = approval.max_perps_taker_fee == 0 && approval.max_perps_maker_fee == 0 &&
                       approval.max_spot_taker_fee == 0 && approval.max_spot_maker_fee == 0;
  if (approval.approval_expiry != 0 || no_fees) return absl::OkStatus();
  return Refuse("ApprovalExpiry should be zero when revoking integrator approval");
}

}  // namespace

absl::Status Validate(const Transaction& transaction, const Envelope& envelope) {
  SWITCHYARD_RETURN_IF_ERROR(ValidateAttributes(envelope.attributes));
  SWITCHYARD_RETURN_IF_ERROR(std::visit(
      [&](const auto& typed) {
        absl::Status status = CheckFields(typed);
        return status.ok() ? CheckRules(typed, envelope) : status;
      },
      transaction));
  SWITCHYARD_RETURN_IF_ERROR(CheckBounds(envelope.nonce, &bounds::kNonce));
  return CheckBounds(envelope.expired_at, &bounds::kExpiredAt);
}

}  // namespace switchyard::exchanges::lighter::signing
