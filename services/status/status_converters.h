#pragma once

#include <cstdint>
#include <string_view>

#include "common/exchange/capabilities.h"
#include "common/exchange/market_data_client.h"
#include "switchyard/status/v1/status_service.pb.h"

// What exchanges can do and how they are, in the contract's words. Pure.
namespace switchyard::status {

v1::Path ToProto(exchange::Path path);
v1::Scope ToProto(exchange::Scope scope);
v1::ConnectionState ToProto(exchange::ConnectionState state);

// Every RPC and every channel is listed.
v1::ExchangeCapabilities ToProto(const exchange::Capabilities& capabilities);

// `component` is `market_data`, `order`, `position` or `account`.
v1::ExchangeStatus ToProto(std::string_view exchange, std::string_view component,
                           const exchange::ClientStatus& status, std::uint32_t client_streams);

}  // namespace switchyard::status
