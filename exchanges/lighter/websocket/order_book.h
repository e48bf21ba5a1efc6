#pragma once

#include <cstdint>
#include <string>

#include "common/exchange/book_desk_options.h"
#include "common/exchange/book_sequencer.h"
#include "exchanges/lighter/utils/converters.h"
#include "exchanges/lighter/wire.h"

namespace switchyard::exchanges::lighter {

// How books are kept: the exchange sends the whole book on subscription.
exchange::BookDeskOptions DeskOptionsOf(const std::string& exchange);

// An update is valid only if its begin_nonce is the nonce of the message before, snapshot or
// update. In house words it covers begin_nonce + 1 to nonce. Source: lighter.md, section 2.3.
struct SequenceRule {
  static exchange::Continuity AfterSnapshot(const exchange::UpdateRange& range,
                                            std::uint64_t current) {
    return AfterUpdate(range, current);
  }
  // The nonce is the matching engine's, but another server may cut its batches elsewhere: the first
  // frame of a socket that takes over is not exact and may overlap, which is as good, as sizes are
  // absolute.
  static exchange::Continuity AfterUpdate(const exchange::UpdateRange& range,
                                          std::uint64_t current) {
    if (range.last <= current) return exchange::Continuity::kOld;
    const bool next = range.exact ? range.first == current + 1 : range.first <= current + 1;
    return next ? exchange::Continuity::kNext : exchange::Continuity::kGap;
  }
};
static_assert(exchange::SequenceRule<SequenceRule>);

// A frame in house words. `change` is overwritten; its memory is reused. `whole`: the first frame
// of a subscription. False where a level does not fit the instrument's scales exactly, where a
// price stands twice in a whole book, or where an update does not say behind what it comes.
bool ToChange(const wire::OrderBook& book, bool whole, const Units& units, TimeNs exchange_time,
              TimeNs received, exchange::BookChange& change);

}  // namespace switchyard::exchanges::lighter
