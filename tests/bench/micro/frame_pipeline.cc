#include "tests/bench/micro/frame_pipeline.h"

#include <chrono>
#include <utility>

namespace switchyard::bench {
namespace {

using exchanges::gateio::Product;

// Nothing drains the reader's queue between two rewinds: nothing may conflate either.
const stream::StreamOptions kEndlessQueue = {
    .slow_reader = std::nullopt,
    .heartbeat_interval = std::chrono::hours(1),
    .max_queued_events = std::size_t{1} << 30,
    .max_queued_bytes = std::size_t{1} << 40,
};

}  // namespace

FramePipeline::FramePipeline(Product product, const FrameSeries& series)
    : series_(series),
      parser_(product),
      published_(100),
      board_({.exchange = "gateio", .book_depths = kDepths}, SystemClock(),
             {.post = [](std::function<void()> work) { work(); },
              .valid_book = [this](model::InstrumentId) { return &sequencer_.book(); },
              .wanted = [](const exchange::DemandKey&) {},
              .unwanted = [](const exchange::DemandKey&) {}}) {
  instrument_.symbol = "BTC-USDT";
  instrument_.price_scale = series.units.price_scale;
  instrument_.quantity_scale = series.units.quantity_scale;
  Rewind();
}

FramePipeline::~FramePipeline() { board_.Detach(reader_); }

void FramePipeline::Rewind() {
  if (reader_ != nullptr) board_.Detach(reader_);
  sequencer_.Reset();
  (void)sequencer_.OnSnapshot(series_.snapshot);
  reader_ = stream::EventStream::Create(kEndlessQueue, counters_, SystemClock(), {});
  (void)board_.Attach(
      instrument_,
      {.symbol = "BTC-USDT", .channel = exchange::Channel::kOrderBook, .depth = kDepths[0]},
      reader_);
  board_.Flush();
}

bool FramePipeline::Handle(std::string_view frame) {
  const TimeNs received = SystemClock().Now();
  if (!parser_.Parse(frame, push_).ok()) return false;
  if (!ToChange(push_.book_update, /*is_stream=*/false, series_.units, received, change_)) {
    return false;
  }
  if (sequencer_.OnChange(change_) != exchange::BookResult::kApplied) return false;
  published_.Publish(sequencer_.book(),
                     {change_.exchange_time, change_.receive_time, sequencer_.current()},
                     SystemClock().Steady());
  exchange::EventStamp stamp;
  stamp.exchange_time = change_.exchange_time;
  stamp.receive_time = change_.receive_time;
  stamp.exchange_sequence = sequencer_.current();
  board_.PublishBook(instrument_.id, sequencer_.book(), stamp);
  board_.Flush();
  ++applied_;
  return true;
}

}  // namespace switchyard::bench
