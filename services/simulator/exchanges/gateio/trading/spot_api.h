#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "services/simulator/clock.h"
#include "services/simulator/engine/spot_desk.h"
#include "services/simulator/engine/triggers.h"
#include "services/simulator/exchanges/gateio/listing.h"
#include "services/simulator/exchanges/gateio/trading/api.h"

namespace switchyard::simulator::gateio {

// Hears of trigger orders.
class TriggerListener {
 public:
  virtual ~TriggerListener() = default;
  virtual void OnTrigger(const engine::Trigger& trigger) = 0;
};

// Spot calls by their meaning, for REST and the WebSocket API alike. Source: gateio.md section 4.
// I/O thread only.
class SpotApi {
 public:
  // All must outlive it.
  SpotApi(Listings& listings, engine::SpotDesk& desk, engine::Ledger& ledger,
          const ExchangeClock& clock, TriggerListener& triggers);

  ApiResult Create(const Caller& caller, const Json& body);
  ApiResult CreateBatch(const Caller& caller, const Json& list);
  // `id` is the exchange's or a text; so below. The pair is in `parameters`.
  ApiResult Amend(const Caller& caller, std::string_view id, const Json& parameters);
  ApiResult AmendBatch(const Caller& caller, const Json& list);
  ApiResult Cancel(const Caller& caller, std::string_view id, const Json& parameters);
  ApiResult CancelBatch(const Caller& caller, const Json& list);
  // All open orders, of a pair and a side where given.
  ApiResult CancelAll(const Caller& caller, const Json& parameters);
  ApiResult Countdown(const Caller& caller, const Json& body);

  ApiResult Get(const Caller& caller, std::string_view id, const Json& parameters) const;
  ApiResult List(const Caller& caller, const Json& parameters) const;
  ApiResult ListOpen(const Caller& caller, const Json& parameters) const;
  ApiResult MyTrades(const Caller& caller, const Json& parameters) const;
  ApiResult Accounts(const Caller& caller, const Json& parameters) const;
  ApiResult AccountBook(const Caller& caller, const Json& parameters) const;
  // `/wallet/fee` and `/spot/fee`; `/spot/batch_fee`.
  ApiResult Fee(const Caller& caller, const Json& parameters) const;
  ApiResult BatchFee(const Caller& caller, const Json& parameters) const;

  ApiResult CreateTrigger(const Caller& caller, const Json& body);
  ApiResult ListTriggers(const Caller& caller, const Json& parameters) const;
  ApiResult GetTrigger(const Caller& caller, std::string_view id) const;
  ApiResult CancelTrigger(const Caller& caller, std::string_view id);
  ApiResult CancelTriggers(const Caller& caller, const Json& parameters);

  // A market has changed: its price may fire triggers.
  void OnPrice(const engine::Market& market);
  // Fires what is due and cancels what has run out.
  void OnTick();

 private:
  // Reads an order's fields. The request is for the exchange's engine as it stands.
  ApiResult ReadOrder(const Caller& caller, const Json& body, engine::OrderRequest& request) const;
  ApiResult ReadSize(const Listing& listing, const Json& body, engine::OrderRequest& request) const;
  // The order that an id or text names; null: `error` is set.
  engine::ClientOrder* FindOrder(const Caller& caller, std::string_view id, std::string_view pair,
                                 bool finished_by_text, ApiResult& error) const;
  ApiResult CancelOne(const Caller& caller, std::string_view id, std::string_view pair,
                      bool finished_by_text);
  std::string OrderBody(const engine::ClientOrder& order, std::string_view action_mode = {}) const;
  std::int64_t NowNs() const { return clock_.NowNs(); }

  Listings& listings_;
  engine::SpotDesk& desk_;
  engine::Ledger& ledger_;
  const ExchangeClock& clock_;
  TriggerListener& trigger_listener_;
  engine::TriggerBook triggers_{900'000'001};
  // When to cancel all, by user and pair (empty = all pairs).
  std::map<std::pair<engine::UserId, std::string>, std::int64_t> countdowns_ns_;
};

}  // namespace switchyard::simulator::gateio
