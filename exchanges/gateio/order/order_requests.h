#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/exchange/order_client.h"
#include "common/json/json.h"
#include "common/model/market_data.h"
#include "common/model/order.h"
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

// How one product's orders are sent and asked for. Pure and stateless: any thread. Builders expect
// terms that Check has passed.
class OrderRequests {
 public:
  using Json = json::Json;
  // Where and in which words the two products differ while they ask alike.
  struct Dialect {
    Product product = Product::kSpot;
    std::string_view orders, batch_orders, conditional_orders, countdown;  // paths
    std::string_view place, place_batch;   // channels of the WebSocket API
    std::string_view market_field;         // names a market in queries about conditional orders
    std::string_view conditional_account;  // that such orders are of; empty = nothing is said
    bool batch_takes_client_ids = false;   // a batch of cancels takes an order by its client id
    bool cancels_all_markets = false;      // CancelAll works without an instrument
  };

  virtual ~OrderRequests() = default;

  Product product() const { return dialect_.product; }
  bool batch_takes_client_ids() const { return dialect_.batch_takes_client_ids; }
  bool cancels_all_markets() const { return dialect_.cancels_all_markets; }

  // As exchange::OrderClient::Check.
  virtual absl::Status Check(const model::Instrument& instrument,
                             const model::OrderTerms& terms) const = 0;

  // Commands. Errors: InvalidArgument, NOT_REPRESENTABLE.
  absl::StatusOr<OrderCall> Place(const model::Instrument& instrument,
                                  const exchange::PlaceCommand& command) const;
  // Orders that are not conditional, at most kBatchOrders.
  absl::StatusOr<OrderCall> PlaceBatch(const model::InstrumentTable& instruments,
                                       std::span<const exchange::PlaceCommand> commands) const;
  // Errors also: Unimplemented, NOT_IN_CAPABILITIES.
  virtual absl::StatusOr<OrderCall> Amend(const model::Instrument& instrument,
                                          const exchange::AmendCommand& command) const = 0;
  OrderCall Cancel(const model::Instrument& instrument,
                   const exchange::OrderReference& order) const;
  // Orders that are not conditional, at most kBatchCancels, each with an id that a batch takes.
  virtual OrderCall CancelBatch(const model::InstrumentTable& instruments,
                                std::span<const exchange::OrderReference> orders) const = 0;
  // Orders that are not conditional. Without `instrument`: of all markets.
  virtual OrderCall CancelAll(const model::Instrument* instrument, common::v1::Side side) const = 0;
  OrderCall CancelAllConditional(const model::Instrument* instrument) const;
  OrderCall Countdown(std::chrono::seconds timeout) const;

  // Reads. `id` is the exchange's or a client id.
  virtual RestRequest GetOrder(const model::Instrument& instrument, std::string_view id) const = 0;
  RestRequest GetConditional(std::string_view id) const;
  // Page `page` (from 1) of what is open, `kPage` of them at most (of each market).
  virtual RestRequest OpenOrders(const model::Instrument* instrument, int page) const = 0;
  RestRequest ConditionalOrders(const model::Instrument* instrument, bool open, int page) const;
  virtual RestRequest FinishedOrders(const model::Instrument* instrument,
                                     const exchange::HistoryQuery& query, int page) const = 0;
  virtual RestRequest Fills(const model::Instrument* instrument,
                            const exchange::HistoryQuery& query, int page) const = 0;

 protected:
  explicit OrderRequests(const Dialect& dialect) : dialect_(dialect) {}

  virtual absl::StatusOr<Json> OrderObject(const model::Instrument& instrument,
                                           const exchange::PlaceCommand& command) const = 0;
  virtual absl::StatusOr<Json> ConditionalObject(const model::Instrument& instrument,
                                                 const exchange::PlaceCommand& command) const = 0;
  // The cancel of an order that is not conditional, as far as the product has a say.
  virtual void PutCancel(const model::Instrument& instrument, const std::string& id,
                         OrderCall& call) const = 0;

 private:
  const Dialect dialect_;
};

// Source: API v4, "Create a batch of orders", "Cancel a batch of orders with an ID list".
inline constexpr std::size_t kBatchOrders = 10;
inline constexpr std::size_t kBatchCancels = 20;
// Of REST lists; the largest that every one of them takes.
inline constexpr int kPage = 100;

// What builders share. The exchange's id where it is known, else the client id.
std::string IdOf(const exchange::OrderReference& order);
// `ioc` for market orders that leave it open.
std::string_view TimeInForceOf(const model::OrderTerms& terms);
RestRequest RequestWithBody(std::string_view method, std::string_view path, std::string body);
// `<path>/<id>`.
RestRequest RequestOfOne(std::string_view method, std::string_view path, std::string_view id);
// `limit` and `offset` of page `page` (from 1).
void PutOffset(RestRequest& request, int page, int size);
// `from` and `to`, whole seconds.
void PutRange(RestRequest& request, const exchange::HistoryQuery& query);

}  // namespace switchyard::exchanges::gateio
