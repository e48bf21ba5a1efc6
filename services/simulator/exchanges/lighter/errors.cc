#include "services/simulator/exchanges/lighter/errors.h"

#include <array>

#include "services/simulator/json_writer.h"

namespace switchyard::simulator::lighter {
namespace {

struct Row {
  Code code;
  std::string_view message;
};

constexpr std::array kRows = std::to_array<Row>({
    {Code::kInvalidParameter, "invalid param"},
    {Code::kAccountNotFound, "account not found"},
    {Code::kInvalidNonce, "invalid nonce"},
    {Code::kNonIncreasingNonce, "batch transaction nonce is not increasing"},
    {Code::kInvalidToAccount, "invalid ToAccount"},
    {Code::kApiKeyNotFound, "api key not found"},
    {Code::kInvalidMarginFraction, "invalid initial margin fraction"},
    {Code::kInvalidSignature, "invalid signature"},
    {Code::kBatchOfManyOwners,
     "all transactions in the batch must have use same account and apikey"},
    {Code::kMarginModeChange,
     "margin mode change on a market with position or open order is not allowed"},
    {Code::kNotEnoughCollateral, "not enough collateral"},
    {Code::kNotEnoughAssetBalance, "not enough asset balance"},
    {Code::kInvalidTxInfo, "invalid tx info"},
    {Code::kUnsupportedTxType, "unsupported tx type"},
    {Code::kAccountBelowInitialMargin,
     "account is below initial margin, can't execute transaction"},
    {Code::kBatchLengthMismatch, "TxInfos and TxTypes should have the same length"},
    {Code::kBatchTooLarge, "maximum 50 transactions allowed per batch"},
    {Code::kNotAnActiveLimitOrder, "given order is not an active limit order"},
    {Code::kInvalidMarketIndex, "invalid market index"},
    {Code::kInvalidMarginMode, "invalid margin mode"},
    {Code::kNoPositionFound, "no position found"},
    {Code::kInvalidBaseAmount, "invalid base amount"},
    {Code::kInvalidOrderAmount, "invalid order base or quote amount"},
    {Code::kInactiveOrder, "order is inactive"},
    {Code::kInvalidOrderExpiry, "invalid expiry"},
    {Code::kInvalidCancelAllTime, "invalid cancel all time"},
    {Code::kMaxOrders, "maximum active limit order count reached"},
    {Code::kMaxOrdersOfMarket, "maximum active limit order count per market reached"},
    {Code::kClientOrderIndexExists, "client order index already exists"},
    {Code::kInvalidTriggerPrice, "invalid order trigger price"},
    {Code::kPriceTooFarFromMark, "limit order price is too far from the mark price"},
    {Code::kNotEnoughOrderMargin, "not enough margin to create the order"},
    {Code::kAssetNotFound, "asset not found"},
    {Code::kInvalidTimestamps,
     "invalid timestamps: end_timestamp must be greater than start_timestamp"},
    {Code::kInvalidTimestamp,
     "invalid timestamp: timestamp must be greater than 0 and less than year 2286"},
    {Code::kInvalidResolution, "invalid resolution: resolution unsupported"},
    {Code::kTooManyRequests, "Too Many Requests!"},
    {Code::kTooManySubscriptions, "Too Many Subscriptions!"},
    {Code::kTooManyAccounts, "Too Many Different Accounts!"},
    {Code::kTooManyConnections, "Too Many Connections!"},
    {Code::kNotFound, "not found"},
    {Code::kInternal, "internal server error"},
    {Code::kInvalidJson, "Invalid Json"},
    {Code::kInvalidType, "Invalid Type"},
    {Code::kNotSubscribed, "Not Subscribed to "},
    {Code::kAlreadySubscribed, "Already Subscribed to "},
    {Code::kInvalidChannel, "Invalid Channel"},
    {Code::kNotSupported, "Operation isn't supported "},
    {Code::kInvalidData, "Invalid Data"},
    {Code::kTooManyMessages, "Too Many Websocket Messages!"},
    {Code::kFailedToSubscribe, "Failed to subscribe"},
});

void WriteError(JsonWriter& json, Code code, std::string_view message) {
  json.BeginObject()
      .Number("code", static_cast<int>(code))
      .Text("message", message.empty() ? MessageOf(code) : message)
      .EndObject();
}

}  // namespace

std::string_view MessageOf(Code code) {
  for (const Row& row : kRows) {
    if (row.code == code) return row.message;
  }
  return {};
}

transport::HttpResponse ErrorAnswer(Code code, std::string_view message, unsigned status) {
  transport::HttpResponse response;
  response.status = status;
  JsonWriter json(response.body);
  WriteError(json, code, message);
  return response;
}

transport::HttpResponse JsonAnswer(std::string body) {
  transport::HttpResponse response;
  response.body = std::move(body);
  return response;
}

std::string ErrorFrame(Code code, std::string_view message) {
  std::string frame;
  JsonWriter json(frame);
  json.BeginObject().Key("error");
  WriteError(json, code, message);
  json.EndObject();
  return frame;
}

}  // namespace switchyard::simulator::lighter
