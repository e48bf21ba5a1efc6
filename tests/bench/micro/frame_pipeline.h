#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "common/exchange/book_sequencer.h"
#include "common/exchange/published_book.h"
#include "common/exchange/topic_board.h"
#include "common/stream/event_stream.h"
#include "exchanges/gateio/websocket/order_book.h"
#include "exchanges/gateio/websocket/public_message_handler.h"
#include "tests/bench/micro/frames.h"

namespace switchyard::bench {

// What becomes of a book frame on its connection thread: parsed, converted, sequenced, published
// for unary reads, encoded once and queued for one reader. The steps and their order are those of
// gateio::WebSocketManager and exchange::BookDesk; sockets and gRPC are left out. One thread.
class FramePipeline {
 public:
  FramePipeline(exchanges::gateio::Product product, const FrameSeries& series);
  ~FramePipeline();

  // Back to the snapshot, with a reader whose queue is empty.
  void Rewind();
  // False where the frame was not applied.
  bool Handle(std::string_view frame);

  const model::Book& book() const { return sequencer_.book(); }
  // Bytes that the reader would have been sent since Rewind are not counted; events are.
  std::uint64_t applied() const { return applied_; }

 private:
  static constexpr std::array<std::uint32_t, 1> kDepths = {50};

  const FrameSeries& series_;
  model::Instrument instrument_;
  exchanges::gateio::PublicParser parser_;
  exchanges::gateio::wire::Push push_;
  exchange::BookChange change_;
  exchange::BookSequencer<exchanges::gateio::SequenceRule> sequencer_;
  exchange::PublishedBook published_;
  stream::StreamCounters counters_;
  exchange::TopicBoard board_;
  std::shared_ptr<stream::EventStream> reader_;
  std::uint64_t applied_ = 0;
};

}  // namespace switchyard::bench
