#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "services/simulator/engine/candles.h"
#include "services/simulator/engine/market.h"
#include "services/simulator/exchanges/gateio/book_view.h"
#include "services/simulator/exchanges/gateio/listing.h"

namespace switchyard::simulator::gateio {

// Where a frame comes from and how sizes are written.
struct FrameContext {
  Product product;
  const Listing& listing;
  std::int64_t now_ns;
  // Futures: sizes as decimal strings (X-Gate-Size-Decimal), else truncated integers.
  bool decimal_sizes;
};

// A change of a book (order_book_update, obu).
struct BookUpdate {
  std::uint64_t first_id;
  std::uint64_t last_id;
  bool full;                // replaces what the client has
  std::string_view levels;  // field `l`; empty = absent
  const ShownBook& book;
};

// Each function appends one whole push frame. Sources and what they leave open: README.md
// beside this file.
void AppendBookUpdate(std::string& out, const FrameContext& context, const BookUpdate& update);
// `depth` is the stream's own number, 50 or 400.
void AppendObu(std::string& out, const FrameContext& context, int depth, const BookUpdate& update);
// spot.order_book, and the first frame of futures.order_book.
void AppendBookSnapshot(std::string& out, const FrameContext& context, const ShownBook& book);
// The later frames of futures.order_book: signed sizes.
void AppendSignedBookUpdate(std::string& out, const FrameContext& context, const ShownBook& book);
void AppendBookTicker(std::string& out, const FrameContext& context);
void AppendTrade(std::string& out, const FrameContext& context, const engine::Trade& trade);
void AppendTicker(std::string& out, const FrameContext& context);
void AppendCandle(std::string& out, const FrameContext& context, std::string_view interval,
                  const engine::Candle& candle, bool closed);
void AppendContractStats(std::string& out, const FrameContext& context);
void AppendPublicLiquidation(std::string& out, const FrameContext& context,
                             const engine::Trade& trade);

// A futures size: integer or quoted decimal, as the context says.
void AppendSize(std::string& out, const FrameContext& context, engine::Int128 lots);

}  // namespace switchyard::simulator::gateio
