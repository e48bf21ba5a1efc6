#include "tests/clients/fake/book_events.h"

#include "common/time/time.h"

namespace switchyard::clients::fake {

using marketdata::v1::MarketDataEvent;

MarketDataEvent BookEvent(marketdata::v1::EventKind kind, std::uint64_t epoch,
                          std::uint64_t sequence) {
  MarketDataEvent event;
  event.set_exchange("gateio");
  event.set_symbol("BTC-USDT");
  event.set_channel(marketdata::v1::CHANNEL_ORDER_BOOK);
  event.set_depth(10);
  event.set_kind(kind);
  event.set_epoch(epoch);
  event.set_sequence(sequence);
  event.set_receive_time_ns(SystemClock().Now().value);
  event.set_publish_time_ns(event.receive_time_ns());
  if (kind == marketdata::v1::EVENT_KIND_STALE) {
    event.set_reason(common::v1::STALE_REASON_SEQUENCE_GAP);
    return event;
  }
  event.set_source(common::v1::SOURCE_WEBSOCKET);
  event.mutable_order_book()->set_price_exponent(-1);
  event.mutable_order_book()->set_quantity_exponent(-2);
  return event;
}

void AddBid(MarketDataEvent& event, std::int64_t price, std::int64_t quantity) {
  event.mutable_order_book()->add_bid_price_mantissas(price);
  event.mutable_order_book()->add_bid_quantity_mantissas(quantity);
}

void AddAsk(MarketDataEvent& event, std::int64_t price, std::int64_t quantity) {
  event.mutable_order_book()->add_ask_price_mantissas(price);
  event.mutable_order_book()->add_ask_quantity_mantissas(quantity);
}

}  // namespace switchyard::clients::fake
