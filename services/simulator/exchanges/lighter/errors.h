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
  kInvalidMarketIndex = 21602,
  kAssetNotFound = 21809,
  kInvalidTimestamps = 22400,
  kInvalidTimestamp = 22401,
  kInvalidResolution = 22402,
  kTooManyRequests = 23000,
  kTooManySubscriptions = 23001,
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
