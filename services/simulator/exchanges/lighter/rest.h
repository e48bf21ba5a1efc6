#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "services/simulator/clock.h"
#include "services/simulator/exchanges/lighter/listing.h"
#include "services/simulator/transport/http_message.h"

namespace switchyard::simulator::lighter {

// An order as the public book shows it.
struct RestingOrder {
  std::int64_t order_index = 0;
  std::int64_t account_index = 0;
  std::int64_t initial_lots = 0;  // 0 = what remains
  std::int64_t expiry_ms = 0;
  std::int64_t time_ns = 0;
};

// What public answers read.
struct RestContext {
  Listings& listings;
  const ExchangeClock& clock;
  // Tells of an order in a book.
  std::function<RestingOrder(engine::OrderId, engine::Side)> resting;
};

// A whole number from the query: `fallback` if absent; empty: no number, or outside the bounds.
std::optional<std::int64_t> NumberParameter(const transport::HttpRequest& request,
                                            std::string_view name,
                                            std::optional<std::int64_t> fallback,
                                            std::int64_t minimum, std::int64_t maximum);

// GET of what follows "/api/v1/". Status 404: no public endpoint.
transport::HttpResponse PublicRest(const RestContext& context,
                                   const transport::HttpRequest& request,
                                   std::string_view endpoint);
// GET / and GET /info. Status 404: another path.
transport::HttpResponse RootRest(const RestContext& context, std::string_view path);

// Single endpoints, by their names.
transport::HttpResponse OrderBooks(const RestContext& context,
                                   const transport::HttpRequest& request);
transport::HttpResponse OrderBookDetails(const RestContext& context,
                                         const transport::HttpRequest& request);
transport::HttpResponse ExchangeStats(const RestContext& context,
                                      const transport::HttpRequest& request);
transport::HttpResponse AssetDetails(const RestContext& context,
                                     const transport::HttpRequest& request);
transport::HttpResponse OrderBookOrders(const RestContext& context,
                                        const transport::HttpRequest& request);
transport::HttpResponse RecentTrades(const RestContext& context,
                                     const transport::HttpRequest& request);
transport::HttpResponse Candles(const RestContext& context, const transport::HttpRequest& request);
transport::HttpResponse Fundings(const RestContext& context, const transport::HttpRequest& request);
transport::HttpResponse FundingRates(const RestContext& context,
                                     const transport::HttpRequest& request);

}  // namespace switchyard::simulator::lighter
