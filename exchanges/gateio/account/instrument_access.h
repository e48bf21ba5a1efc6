#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/exchange/market_data_client.h"
#include "common/status/status.h"
#include "exchanges/gateio/account/account_link.h"

namespace switchyard::exchanges::gateio {

// The instruments of the market data client, brought to the connection thread of a link. Any
// thread.
class InstrumentAccess {
 public:
  using Table = std::shared_ptr<const model::InstrumentTable>;

  // `market_data` outlives it. Its answers may come after the link is gone, and are dropped then.
  InstrumentAccess(exchange::MarketDataClient& market_data, std::weak_ptr<AccountLink> link)
      : market_data_(market_data), link_(std::move(link)) {}

  // Calls `then(table)` or `fail(status)` on the connection thread.
  template <typename Then, typename Fail>
  void WithTable(Then then, Fail fail) const {
    market_data_.LoadInstruments([link = link_, then = std::move(then),
                                  fail = std::move(fail)](absl::StatusOr<Table> table) {
      const auto alive = link.lock();
      if (alive == nullptr) return;
      alive->Post([table = std::move(table), then, fail] {
        table.ok() ? then(*table) : fail(table.status());
      });
    });
  }

  // Calls `then(instrument, reply)` on the connection thread, or fails the reply.
  // Errors: NotFound, UNKNOWN_INSTRUMENT; those of LoadInstruments.
  template <typename T, typename Then>
  void WithInstrument(const std::string& symbol, exchange::Reply<T> reply, Then then) const {
    WithTable(
        [symbol, reply, then = std::move(then)](const Table& table) {
          const model::Instrument* const found = table->Find(symbol);
          if (found != nullptr) return then(*found, reply);
          reply(MakeError(absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT,
                          "no instrument '" + symbol + "'"));
        },
        [reply](const absl::Status& status) { reply(status); });
  }

 private:
  exchange::MarketDataClient& market_data_;
  const std::weak_ptr<AccountLink> link_;
};

}  // namespace switchyard::exchanges::gateio
