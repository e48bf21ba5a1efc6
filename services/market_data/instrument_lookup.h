#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/exchange/market_data_client.h"
#include "services/market_data/validation.h"
#include "services/process/unary_call.h"

// Instruments that requests name: from the client's table, which it is asked to load where it has
// none or where a symbol is missing (it decides whether a reload is due).
namespace switchyard::market_data {

using InstrumentTablePtr = std::shared_ptr<const model::InstrumentTable>;

// The first symbol that the table lacks, or null.
inline const std::string* FirstMissing(const model::InstrumentTable& table,
                                       const std::vector<std::string>& symbols) {
  for (const std::string& symbol : symbols) {
    if (table.Find(symbol) == nullptr) return &symbol;
  }
  return nullptr;
}

// Calls `then(table)` with a table that has all symbols, perhaps at once; else fails the call.
template <typename Then>
void WithInstruments(exchange::MarketDataClient& client, std::vector<std::string> symbols,
                     std::shared_ptr<process::UnaryCall> call, Then then) {
  if (const InstrumentTablePtr table = client.instruments();
      table != nullptr && FirstMissing(*table, symbols) == nullptr) {
    then(*table);
    return;
  }
  const std::string_view exchange = client.capabilities().exchange;
  client.LoadInstruments([exchange, symbols = std::move(symbols), call = std::move(call),
                          then = std::move(then)](absl::StatusOr<InstrumentTablePtr> table) {
    if (!table.ok()) return call->End(table.status());
    if (const std::string* missing = FirstMissing(**table, symbols)) {
      return call->End(UnknownInstrument(exchange, *missing));
    }
    then(**table);
  });
}

// The same for one symbol: `then(instrument)`. The usual case copies and allocates nothing.
template <typename Then>
void WithInstrument(exchange::MarketDataClient& client, const std::string& symbol,
                    std::shared_ptr<process::UnaryCall> call, Then then) {
  const InstrumentTablePtr table = client.instruments();
  const model::Instrument* found = table == nullptr ? nullptr : table->Find(symbol);
  if (found != nullptr) {
    then(*found);
    return;
  }
  WithInstruments(client, {symbol}, std::move(call),
                  [symbol, then = std::move(then)](const model::InstrumentTable& loaded) {
                    then(*loaded.Find(symbol));
                  });
}

}  // namespace switchyard::market_data
