#pragma once

#include "exchanges/gateio/order/order_protocol.h"

namespace switchyard::exchanges::gateio::futures {

// Orders of the USDT futures account: sizes are contracts, and their sign is the side.
// Source: API v4, "Futures"; Futures WebSocket v4.
class OrderProtocol final : public gateio::OrderProtocol {
 public:
  Product product() const override { return Product::kFutures; }
  absl::Status Check(const model::Instrument& instrument,
                     const model::OrderTerms& terms) const override;

  absl::StatusOr<OrderCall> Place(const model::Instrument& instrument,
                                  const exchange::PlaceCommand& command) const override;
  absl::StatusOr<OrderCall> PlaceBatch(
      const model::InstrumentTable& instruments,
      std::span<const exchange::PlaceCommand> commands) const override;
  absl::StatusOr<OrderCall> Amend(const model::Instrument& instrument,
                                  const exchange::AmendCommand& command) const override;
  OrderCall Cancel(const model::Instrument& instrument,
                   const exchange::OrderReference& order) const override;
  OrderCall CancelBatch(const model::InstrumentTable& instruments,
                        std::span<const exchange::OrderReference> orders) const override;
  bool BatchTakesClientIds() const override { return false; }
  OrderCall CancelAll(const model::Instrument* instrument, common::v1::Side side) const override;
  bool CancelsAllMarkets() const override { return false; }
  OrderCall CancelAllConditional(const model::Instrument* instrument) const override;
  OrderCall Countdown(std::chrono::seconds timeout) const override;

  RestRequest GetOrder(const model::Instrument& instrument, std::string_view id) const override;
  RestRequest GetConditional(std::string_view id) const override;
  RestRequest OpenOrders(const model::Instrument* instrument, int page) const override;
  RestRequest ConditionalOrders(const model::Instrument* instrument, bool open,
                                int page) const override;
  RestRequest FinishedOrders(const model::Instrument* instrument,
                             const exchange::HistoryQuery& query, int page) const override;
  RestRequest Fills(const model::Instrument* instrument, const exchange::HistoryQuery& query,
                    int page) const override;

  absl::StatusOr<model::OrderReport> ReadOrder(const Json& order,
                                               const Origin& origin) const override;
  absl::StatusOr<model::OrderReport> ReadConditional(const Json& order,
                                                     const Origin& origin) const override;
  std::string FiredOrderId(const Json& conditional) const override;
  absl::StatusOr<model::FillReport> ReadFill(const Json& fill, const Origin& origin) const override;
  absl::StatusOr<std::vector<model::OrderReport>> ReadOpenOrders(const Json& page,
                                                                 const Origin& origin, int number,
                                                                 bool* full) const override;
};

}  // namespace switchyard::exchanges::gateio::futures
