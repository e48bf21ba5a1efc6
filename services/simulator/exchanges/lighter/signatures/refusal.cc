#include "services/simulator/exchanges/lighter/signatures/refusal.h"

#include <charconv>
#include <string>

#include "absl/strings/cord.h"
#include "fmt/format.h"

namespace switchyard::simulator::lighter::signatures {
namespace {

// Names the payload of a status; its value is the code's decimal text.
constexpr char kPayload[] = "switchyard.simulator.lighter/refusal";

absl::StatusCode StatusCodeOf(Refusal refusal) {
  switch (refusal) {
    case Refusal::kInvalidPublicKey:
    case Refusal::kApiKeyNotFound:
    case Refusal::kInvalidSignature:
      return absl::StatusCode::kUnauthenticated;
    case Refusal::kUnsupportedTxType:
      return absl::StatusCode::kUnimplemented;
    default:
      return absl::StatusCode::kInvalidArgument;
  }
}

}  // namespace

std::string_view MessageOf(Refusal refusal) {
  switch (refusal) {
    case Refusal::kInvalidAccountIndex:
      return "invalid account index";
    case Refusal::kInvalidNonce:
      return "invalid nonce";
    case Refusal::kInvalidToAccount:
      return "invalid ToAccount";
    case Refusal::kInvalidPublicKey:
      return "invalid PublicKey,please run changePubKey";
    case Refusal::kApiKeyNotFound:
      return "api key not found";
    case Refusal::kInvalidApiKeyIndex:
      return "invalid api key index";
    case Refusal::kInvalidInitialMarginFraction:
      return "invalid initial margin fraction";
    case Refusal::kWithdrawalAmountTooLow:
      return "withdrawal amount is too small";
    case Refusal::kWithdrawalAmountTooHigh:
      return "withdrawal amount is too high";
    case Refusal::kTransferAmountTooLow:
      return "transfer amount is too small";
    case Refusal::kTransferAmountTooHigh:
      return "transfer amount is too high";
    case Refusal::kInvalidSignature:
      return "invalid signature";
    case Refusal::kInvalidRouteType:
      return "invalid route type";
    case Refusal::kInvalidFee:
      return "invalid fee";
    case Refusal::kInvalidPublicPoolIndex:
      return "invalid public pool index";
    case Refusal::kInvalidMintShareAmount:
      return "invalid mint share amount";
    case Refusal::kInvalidBurnShareAmount:
      return "invalid burn share amount";
    case Refusal::kInvalidAssetAmount:
      return "invalid asset amount";
    case Refusal::kInvalidTxInfo:
      return "invalid tx info";
    case Refusal::kUnsupportedTxType:
      return "unsupported tx type";
    case Refusal::kInvalidMarketIndex:
      return "invalid market index";
    case Refusal::kInvalidMarginMode:
      return "invalid margin mode";
    case Refusal::kInvalidUpdateMarginDirection:
      return "invalid update margin direction";
    case Refusal::kInvalidOrderTypeForMarket:
      return "invalid order type for market";
    case Refusal::kInvalidOrderIndex:
      return "invalid order index";
    case Refusal::kInvalidBaseAmount:
      return "invalid base amount";
    case Refusal::kInvalidPrice:
      return "invalid price";
    case Refusal::kInvalidIsAsk:
      return "invalid isAsk";
    case Refusal::kInvalidOrderType:
      return "invalid OrderType";
    case Refusal::kInvalidOrderTimeInForce:
      return "invalid OrderTimeInForce";
    case Refusal::kInvalidOrderExpiry:
      return "invalid expiry";
    case Refusal::kInvalidCancelAllTimeInForce:
      return "invalid cancel all time in force";
    case Refusal::kInvalidCancelAllTime:
      return "invalid cancel all time";
    case Refusal::kInvalidClientOrderIndex:
      return "invalid client order index";
    case Refusal::kInvalidOrderTriggerPrice:
      return "invalid order trigger price";
    case Refusal::kInvalidReduceOnlyMode:
      return "invalid reduce only mode";
    case Refusal::kInvalidGroupingType:
      return "invalid grouping type";
    case Refusal::kInvalidOrderGroupSize:
      return "invalid order group size";
    case Refusal::kInvalidOrderInfo:
      return "invalid order info";
    case Refusal::kInvalidAssetIndex:
      return "invalid asset index";
    case Refusal::kInvalidAssetMarginMode:
      return "invalid asset margin mode";
  }
  return "";
}

absl::Status Refuse(Refusal refusal, std::string_view detail) {
  absl::Status status(StatusCodeOf(refusal), fmt::format("{}: {}", MessageOf(refusal), detail));
  status.SetPayload(kPayload, absl::Cord(std::to_string(static_cast<int>(refusal))));
  return status;
}

std::optional<Refusal> RefusalOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayload);
  if (!payload.has_value()) return std::nullopt;
  const std::string text(*payload);
  int code = 0;
  std::from_chars(text.data(), text.data() + text.size(), code);
  return static_cast<Refusal>(code);
}

}  // namespace switchyard::simulator::lighter::signatures
