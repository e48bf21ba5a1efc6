#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "services/simulator/clock.h"
#include "services/simulator/exchanges/gateio/listing.h"
#include "services/simulator/transport/http_message.h"

namespace switchyard::simulator::gateio {

// What REST answers read.
struct RestContext {
  Listings& listings;
  const ExchangeClock& clock;
};

// {"label":..,"message":..}
transport::HttpResponse ErrorResponse(unsigned status, std::string_view label,
                                      std::string_view message);
transport::HttpResponse JsonResponse(std::string body);

// A count from the query: `fallback` if absent, -1 if it is no number from 1 to `maximum`.
std::int64_t CountParameter(const transport::HttpRequest& request, std::string_view name,
                            std::int64_t fallback, std::int64_t maximum);
// A time in seconds from the query: `fallback` if absent, -1 if it is no number.
std::int64_t TimeParameter(const transport::HttpRequest& request, std::string_view name,
                           std::int64_t fallback);

// Window of a list by time and count; `valid` false = a bad parameter.
struct Range {
  bool valid;
  std::int64_t from_s;
  std::int64_t to_s;
  std::size_t limit;
};
Range RangeOf(const transport::HttpRequest& request, std::int64_t fallback, std::int64_t maximum);

// GET /api/v4/spot/*. `path` is what follows "/api/v4/spot/".
transport::HttpResponse SpotRest(const RestContext& context, const transport::HttpRequest& request,
                                 std::string_view path);
// GET /api/v4/futures/usdt/*. `path` is what follows "/api/v4/futures/usdt/".
transport::HttpResponse FuturesRest(const RestContext& context,
                                    const transport::HttpRequest& request, std::string_view path);
// Public paths of other products that clients ask for when they load markets: empty lists, and the
// chains of a currency. `path` is what follows "/api/v4/". Status 404: none of them.
transport::HttpResponse OtherRest(const transport::HttpRequest& request, std::string_view path);

}  // namespace switchyard::simulator::gateio
