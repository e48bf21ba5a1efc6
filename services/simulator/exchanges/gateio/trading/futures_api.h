#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "services/simulator/clock.h"
#include "services/simulator/engine/futures_desk.h"
#include "services/simulator/engine/triggers.h"
#include "services/simulator/exchanges/gateio/listing.h"
#include "services/simulator/exchanges/gateio/trading/api.h"
#include "services/simulator/exchanges/gateio/trading/futures_json.h"
#include "services/simulator/exchanges/gateio/trading/spot_api.h"

namespace switchyard::simulator::gateio {

// Futures calls by their meaning, for REST and the WebSocket API alike. Source: gateio.md section
// 6. I/O thread only.
class FuturesApi {
 public:
  // All must outlive it.
  FuturesApi(Listings& listings, engine::FuturesDesk& desk, const ExchangeClock& clock,
             TriggerListener& triggers);

  ApiResult Create(const Caller& caller, const Json& body);
  ApiResult CreateBatch(const Caller& caller, const Json& list);
  // By level of the book: `level` and `direction`.
  ApiResult CreateAtLevel(const Caller& caller, const Json& body);
  // `id` is the exchange's or a text; so below.
  ApiResult Amend(const Caller& caller, std::string_view id, const Json& body);
  ApiResult AmendBatch(const Caller& caller, const Json& list);
  ApiResult Cancel(const Caller& caller, std::string_view id);
  // A list of ids.
  ApiResult CancelBatch(const Caller& caller, const Json& list);
  ApiResult CancelAll(const Caller& caller, const Json& parameters);
  ApiResult Countdown(const Caller& caller, const Json& body);

  ApiResult Get(const Caller& caller, std::string_view id) const;
  ApiResult List(const Caller& caller, const Json& parameters) const;
  ApiResult ListByTime(const Caller& caller, const Json& parameters) const;
  ApiResult MyTrades(const Caller& caller, const Json& parameters) const;
  ApiResult MyTradesByTime(const Caller& caller, const Json& parameters) const;

  ApiResult Account(const Caller& caller, const Json& parameters) const;
  ApiResult AccountBook(const Caller& caller, const Json& parameters) const;
  ApiResult Closes(const Caller& caller, const Json& parameters) const;
  ApiResult Liquidations(const Caller& caller, const Json& parameters) const;
  ApiResult Deleverages(const Caller& caller, const Json& parameters) const;
  ApiResult Fee(const Caller& caller, const Json& parameters) const;

  ApiResult Positions(const Caller& caller, const Json& parameters) const;
  // `dual`: asked by dual_comp, which answers with a list.
  ApiResult Position(const Caller& caller, std::string_view contract, bool dual) const;
  ApiResult SetLeverage(const Caller& caller, std::string_view contract, const Json& parameters,
                        bool dual);
  ApiResult GetLeverage(const Caller& caller, std::string_view contract,
                        const Json& parameters) const;
  ApiResult SetMarginMode(const Caller& caller, const Json& body, bool dual);
  ApiResult ChangeMargin(const Caller& caller, std::string_view contract, const Json& parameters,
                         bool dual);
  ApiResult SetRiskLimit(const Caller& caller, std::string_view contract, const Json& parameters,
                         bool dual);
  // `dual_mode` or `position_mode`.
  ApiResult SetPositionMode(const Caller& caller, const Json& parameters);

  ApiResult CreateTrigger(const Caller& caller, const Json& body);
  ApiResult AmendTrigger(const Caller& caller, std::string_view id, const Json& body);
  ApiResult ListTriggers(const Caller& caller, const Json& parameters) const;
  ApiResult GetTrigger(const Caller& caller, std::string_view id) const;
  ApiResult CancelTrigger(const Caller& caller, std::string_view id);
  ApiResult CancelTriggers(const Caller& caller, const Json& parameters);

  // A market has changed: its price may fire triggers.
  void OnPrice(const engine::Market& market);
  // Fires what is due and cancels what has run out.
  void OnTick();

  PositionView ViewOf(const engine::Position& position) const;
  // The symbol of an order; empty = unknown.
  std::string SymbolOf(const Caller& caller, std::string_view id) const;

 private:
  ApiResult ReadOrder(const Caller& caller, const Json& body, engine::OrderRequest& request,
                      bool waits) const;
  ApiResult ReadSize(const Caller& caller, const Listing& listing, const Json& body,
                     engine::OrderRequest& request, bool waits) const;
  ApiResult ReadPrice(const Listing& listing, const Json& body, engine::OrderRequest& request,
                      bool waits) const;
  ApiResult CheckDeviation(const Listing& listing, std::int64_t price) const;
  engine::ClientOrder* FindOrder(const Caller& caller, std::string_view id, ApiResult& error) const;
  ApiResult CancelOne(const Caller& caller, std::string_view id, engine::ClientOrder*& order);
  ApiResult OrderResult(const Caller& caller, const engine::ClientOrder& order,
                        unsigned status = 200) const;
  // The slots that a call about a position concerns. Errors: CONTRACT_NOT_FOUND, and the wrong
  // mode.
  ApiResult Slots(const Caller& caller, std::string_view contract, bool dual,
                  std::vector<engine::Position*>& slots) const;
  ApiResult SlotsResult(const Caller& caller, const std::vector<engine::Position*>& slots,
                        bool dual) const;
  ApiResult WriteFills(const Caller& caller, const Json& parameters, bool timerange) const;
  ApiResult WriteOrders(const Caller& caller, const Json& parameters, bool by_time) const;
  void Fire(engine::Trigger& trigger, std::int64_t now_ns);
  std::int64_t NowNs() const { return clock_.NowNs(); }

  Listings& listings_;
  engine::FuturesDesk& desk_;
  const ExchangeClock& clock_;
  TriggerListener& trigger_listener_;
  engine::TriggerBook triggers_{2'007'048'638'370'418'001};
  // When to cancel all, by user and contract (empty = all).
  std::map<std::pair<engine::UserId, std::string>, std::int64_t> countdowns_ns_;
};

// 404 CONTRACT_NOT_FOUND.
ApiResult UnknownContract();

}  // namespace switchyard::simulator::gateio
