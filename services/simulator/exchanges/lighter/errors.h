#pragma once

#include <string>
#include <string_view>

#include "services/simulator/transport/http_message.h"

namespace switchyard::simulator::lighter {

// The exchange's codes that the simulator gives. Source: error_codes.json of the reference.
enum class Code : int {
  kNone = 0,
  // Seen in one client's test only; here for parameters that are missing or malformed.
  kInvalidParameter = 20001,
  kAccountNotFound = 21100,
  kInvalidNonce = 21104,
  kNonIncreasingNonce = 21105,
  kInvalidToAccount = 21106,
  kApiKeyNotFound = 21109,
  kInvalidMarginFraction = 21113,
  kInvalidSignature = 21120,
  kBatchOfManyOwners = 21121,
  kMarginModeChange = 21132,
  kNotEnoughCollateral = 21301,
  kNotEnoughAssetBalance = 21304,
  kInvalidTxInfo = 21501,
  kUnsupportedTxType = 21505,
  kAccountBelowInitialMargin = 21508,
  kBatchLengthMismatch = 21513,
  kBatchTooLarge = 21514,
  kNotAnActiveLimitOrder = 21600,
  kInvalidMarketIndex = 21602,
  kInvalidMarginMode = 21613,
  kNoPositionFound = 21614,
  kInvalidBaseAmount = 21701,
  kInvalidOrderAmount = 21706,
  kInactiveOrder = 21709,
  kInvalidOrderExpiry = 21711,
  kInvalidCancelAllTime = 21714,
  kMaxOrders = 21717,
  kMaxOrdersOfMarket = 21718,
  kClientOrderIndexExists = 21728,
  kInvalidTriggerPrice = 21729,
  kPriceTooFarFromMark = 21734,
  kNotEnoughOrderMargin = 21739,
  kAssetNotFound = 21809,
  kInvalidTimestamps = 22400,
  kInvalidTimestamp = 22401,
  kInvalidResolution = 22402,
  kTooManyRequests = 23000,
  kTooManySubscriptions = 23001,
  kTooManyAccounts = 23002,
  kTooManyConnections = 23003,
  kNotFound = 29404,
  kInternal = 29500,
  kInvalidJson = 30000,
  kInvalidType = 30001,
  kNotSubscribed = 30002,
  kAlreadySubscribed = 30003,
  kInvalidChannel = 30005,
  kNotSupported = 30006,
  kInvalidData = 30007,
  kTooManyMessages = 30009,
  kFailedToSubscribe = 30012,
};

// The server's text for a code.
std::string_view MessageOf(Code code);

// {"code":..,"message":..}; an empty message is the code's own.
transport::HttpResponse ErrorAnswer(Code code, std::string_view message = {},
                                    unsigned status = 400);
transport::HttpResponse JsonAnswer(std::string body);

// {"error":{"code":..,"message":..}}, as sockets get it.
std::string ErrorFrame(Code code, std::string_view message = {});

}  // namespace switchyard::simulator::lighter
