#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/exchange/order_client.h"
#include "common/json/json.h"
#include "common/model/market_data.h"
#include "common/model/order.h"
#include "common/time/time.h"
#include "exchanges/gateio/channels.h"
#include "exchanges/gateio/rest/rest_request.h"

namespace switchyard::exchanges::gateio {

// A command in Gate.io's words, for both of its paths.
struct OrderCall {
  std::string what;     // for errors: what is attempted, on what
  std::string channel;  // of the WebSocket API; empty = REST alone
  std::string param;    // its `req_param`, JSON
  RestRequest rest;
};

// Where a message was read from.
struct Origin {
  const model::InstrumentTable& instruments;
  TimeNs receive_time;
  model::Source source = model::Source::kRest;
};

// What one product's orders look like on the wire: builds requests and reads answers. Pure and
// stateless: any thread. Builders expect terms that Check has passed. Errors of readers are
// Internal, MALFORMED_EXCHANGE_MESSAGE; NotFound, UNKNOWN_INSTRUMENT where a symbol is not listed.
class OrderProtocol {
 public:
  using Json = json::Json;

  virtual ~OrderProtocol() = default;

  virtual Product product() const = 0;
  // As exchange::OrderClient::Check.
  virtual absl::Status Check(const model::Instrument& instrument,
                             const model::OrderTerms& terms) const = 0;

  // Commands. Errors: InvalidArgument, NOT_REPRESENTABLE.
  virtual absl::StatusOr<OrderCall> Place(const model::Instrument& instrument,
                                          const exchange::PlaceCommand& command) const = 0;
  // Orders that are not conditional, at most kBatchOrders.
  virtual absl::StatusOr<OrderCall> PlaceBatch(
      const model::InstrumentTable& instruments,
      std::span<const exchange::PlaceCommand> commands) const = 0;
  virtual absl::StatusOr<OrderCall> Amend(const model::Instrument& instrument,
                                          const exchange::AmendCommand& command) const = 0;
  virtual OrderCall Cancel(const model::Instrument& instrument,
                           const exchange::OrderReference& order) const = 0;
  // Orders that are not conditional, at most kBatchCancels, each with an id that a batch takes.
  virtual OrderCall CancelBatch(const model::InstrumentTable& instruments,
                                std::span<const exchange::OrderReference> orders) const = 0;
  // Whether a batch takes an order by its client id.
  virtual bool BatchTakesClientIds() const = 0;
  // Orders that are not conditional. Without `instrument`: of all markets.
  virtual OrderCall CancelAll(const model::Instrument* instrument, common::v1::Side side) const = 0;
  // Whether CancelAll works without an instrument.
  virtual bool CancelsAllMarkets() const = 0;
  virtual OrderCall CancelAllConditional(const model::Instrument* instrument) const = 0;
  virtual OrderCall Countdown(std::chrono::seconds timeout) const = 0;

  // Reads. `id` is the exchange's or a client id.
  virtual RestRequest GetOrder(const model::Instrument& instrument, std::string_view id) const = 0;
  virtual RestRequest GetConditional(std::string_view id) const = 0;
  // Page `page` (from 1) of what is open, `kPage` of them at most (of each market).
  virtual RestRequest OpenOrders(const model::Instrument* instrument, int page) const = 0;
  virtual RestRequest ConditionalOrders(const model::Instrument* instrument, bool open,
                                        int page) const = 0;
  virtual RestRequest FinishedOrders(const model::Instrument* instrument,
                                     const exchange::HistoryQuery& query, int page) const = 0;
  virtual RestRequest Fills(const model::Instrument* instrument,
                            const exchange::HistoryQuery& query, int page) const = 0;

  // Readers. An order, of any path. `symbol` where the object itself does not say.
  virtual absl::StatusOr<model::OrderReport> ReadOrder(const Json& order,
                                                       const Origin& origin) const = 0;
  virtual absl::StatusOr<model::OrderReport> ReadConditional(const Json& order,
                                                             const Origin& origin) const = 0;
  // The id of the order that a triggered conditional order has become; empty = none yet.
  virtual std::string FiredOrderId(const Json& conditional) const = 0;
  virtual absl::StatusOr<model::FillReport> ReadFill(const Json& fill,
                                                     const Origin& origin) const = 0;
  // The orders in a page of open ones; `full` where another page may follow.
  virtual absl::StatusOr<std::vector<model::OrderReport>> ReadOpenOrders(const Json& page,
                                                                         const Origin& origin,
                                                                         int number,
                                                                         bool* full) const = 0;
};

// Source: API v4, "Create a batch of orders", "Cancel a batch of orders with an ID list".
inline constexpr std::size_t kBatchOrders = 10;
inline constexpr std::size_t kBatchCancels = 20;
// Of REST lists; the largest that every one of them takes.
inline constexpr int kPage = 100;

std::unique_ptr<OrderProtocol> MakeSpotOrderProtocol();
std::unique_ptr<OrderProtocol> MakeFuturesOrderProtocol();

}  // namespace switchyard::exchanges::gateio
