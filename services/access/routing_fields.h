#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace grpc {
class ByteBuffer;
}  // namespace grpc

namespace switchyard::access {

// What a request is routed by, and granted by.
struct RoutingFields {
  // Empty only from ReadRoutingFields.
  std::string exchange;
  // Empty where the request names none, or where the service has no accounts.
  std::string account;
};

// Which top-level fields of a request are read.
enum class RoutedBy {
  kExchange,            // field 1
  kExchangeAndAccount,  // fields 1 and 2
};

// Reads the routing fields of an encoded request and skips everything else, however large: the
// request itself is never decoded nor copied. Any thread.
// Errors: InvalidArgument: DUPLICATE_ROUTING_FIELD (protobuf parsers would silently take the last,
// so that router and service could disagree), INVALID_FIELD naming `exchange` when it is missing or
// empty, or the request when it is no protobuf message.
absl::StatusOr<RoutingFields> ScanRoutingFields(const grpc::ByteBuffer& request,
                                                RoutedBy routed_by);

// The same, where the exchange may be missing.
absl::StatusOr<RoutingFields> ReadRoutingFields(const grpc::ByteBuffer& request,
                                                RoutedBy routed_by);

}  // namespace switchyard::access
