#include "tests/bench/floor/bare_service.h"

#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/byte_buffer.h>

#include <cstring>
#include <deque>
#include <utility>

namespace switchyard::bench {
namespace {

using marketdata::v1::StreamMarketDataRequest;
using marketdata::v1::StreamMarketDataResponse;

// The reader pauses while a stream has more than this waiting.
constexpr std::size_t kHighWater = 4'096;
constexpr std::size_t kLowWater = 1'024;

constexpr std::uint64_t kStampMark = 0x1122334455667788;

// A usual delta of 8 + 8 levels.
std::string Payload() {
  StreamMarketDataResponse response;
  marketdata::v1::MarketDataEvent& event = *response.add_events();
  event.set_exchange("gateio");
  event.set_symbol("BTC-USDT");
  event.set_channel(marketdata::v1::CHANNEL_ORDER_BOOK);
  event.set_depth(50);
  event.set_kind(marketdata::v1::EVENT_KIND_DELTA);
  event.set_epoch(kStampMark);
  event.set_sequence(123'456);
  event.set_exchange_time_ns(1'700'000'000'000'000'000);
  event.set_receive_time_ns(1'700'000'000'100'000'000);
  event.set_publish_time_ns(1'700'000'000'100'002'000);
  marketdata::v1::OrderBookLevels& book = *event.mutable_order_book();
  book.set_price_exponent(-2);
  book.set_quantity_exponent(-8);
  for (std::int64_t i = 0; i < 8; ++i) {
    book.add_bid_price_mantissas(1'913'774 - i);
    book.add_bid_quantity_mantissas(613'500'000'000 + i);
    book.add_ask_price_mantissas(1'913'775 + i);
    book.add_ask_quantity_mantissas(613'500'000'000 + i);
  }
  return response.SerializeAsString();
}

// As a real one: 20 + 20 levels.
std::string Book() {
  marketdata::v1::GetOrderBookResponse response;
  response.set_exchange("gateio");
  response.set_symbol("BTC-USDT");
  response.set_depth(20);
  response.mutable_freshness()->set_age_ns(1'000'000);
  response.set_exchange_time_ns(1'700'000'000'000'000'000);
  marketdata::v1::OrderBookLevels& book = *response.mutable_order_book();
  book.set_price_exponent(-1);
  book.set_quantity_exponent(-6);
  for (std::int64_t i = 0; i < 20; ++i) {
    book.add_bid_price_mantissas(971'234 - i);
    book.add_bid_quantity_mantissas(90'000 + i);
    book.add_ask_price_mantissas(971'235 + i);
    book.add_ask_quantity_mantissas(90'000 + i);
  }
  return response.SerializeAsString();
}

// Digits of the first bid's quantity: ...,"b":[["97123.4","123456789"],...
std::uint64_t StampOf(std::string_view frame) {
  std::size_t at = frame.find("\"b\":[[\"");
  if (at == std::string_view::npos) return 0;
  at = frame.find("\",\"", at + 7);
  if (at == std::string_view::npos) return 0;
  std::uint64_t stamp = 0;
  for (at += 3; at < frame.size() && frame[at] >= '0' && frame[at] <= '9'; ++at) {
    stamp = stamp * 10 + static_cast<std::uint64_t>(frame[at] - '0');
  }
  return stamp;
}

grpc::ByteBuffer Bytes(const StreamMarketDataResponse& response) {
  const grpc::Slice slice(response.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace

// One outstanding write, a queue behind it, hints while more wait.
class BareStream final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  explicit BareStream(BareService& service) : service_(service) {
    StartSendInitialMetadata();
    StreamMarketDataResponse acknowledgement;
    acknowledgement.mutable_acknowledgement()->add_results();
    Push(Bytes(acknowledgement));
  }

  // The number of messages that wait.
  std::size_t Push(grpc::ByteBuffer message) {
    const std::lock_guard lock(mutex_);
    if (finished_) return 0;
    queue_.push_back(std::move(message));
    if (!writing_) WriteLocked();
    return queue_.size();
  }

  void OnWriteDone(bool ok) override {
    bool resume = false;
    {
      const std::lock_guard lock(mutex_);
      writing_ = false;
      if (!ok) {
        FinishLocked();
      } else if (!finished_ && !queue_.empty()) {
        WriteLocked();
      }
      resume = queue_.size() == kLowWater;
    }
    if (resume) service_.Resume();
  }
  void OnCancel() override {
    const std::lock_guard lock(mutex_);
    FinishLocked();
  }
  void OnDone() override {
    service_.Remove(this);
    delete this;
  }

 private:
  void WriteLocked() {
    writing_ = true;
    message_.Swap(&queue_.front());
    queue_.pop_front();
    grpc::WriteOptions options;
    if (!queue_.empty()) options.set_buffer_hint();
    StartWrite(&message_, options);
  }
  void FinishLocked() {
    if (std::exchange(finished_, true)) return;
    queue_.clear();
    Finish(grpc::Status::OK);
  }

  BareService& service_;
  std::mutex mutex_;
  std::deque<grpc::ByteBuffer> queue_;
  grpc::ByteBuffer message_;
  bool writing_ = false;
  bool finished_ = false;
};

BareService::BareService(const std::string& host, const std::string& port)
    : book_(Book()),
      payload_(Payload()),
      reader_(host, port,
              {.on_frame = [this](std::string_view frame) { return OnFrame(frame); },
               .on_reconnect = [this] { OnReconnect(); }}) {
  char mark[sizeof(kStampMark)];
  std::memcpy(mark, &kStampMark, sizeof(mark));
  stamp_offset_ = payload_.find(std::string_view(mark, sizeof(mark)));
}

BareService::~BareService() = default;

grpc::ServerWriteReactor<grpc::ByteBuffer>* BareService::StreamMarketData(
    grpc::CallbackServerContext* /*context*/, const grpc::ByteBuffer* request) {
  StreamMarketDataRequest parsed;
  grpc::ByteBuffer copy(*request);
  const grpc::Status read =
      grpc::SerializationTraits<StreamMarketDataRequest>::Deserialize(&copy, &parsed);
  auto* const stream = new BareStream(*this);
  const std::lock_guard lock(mutex_);
  streams_.push_back(stream);
  if (streams_.size() == 1 && read.ok() && !parsed.subscriptions().empty()) {
    std::vector<std::string> symbols;
    for (const auto& subscription : parsed.subscriptions()) {
      symbols.push_back(subscription.symbol());
    }
    batch_size_ = std::max(1u, parsed.subscriptions(0).depth());
    batch_.clear();
    reader_.Start(std::move(symbols));
  }
  return stream;
}

grpc::ServerUnaryReactor* BareService::GetOrderBook(grpc::CallbackServerContext* context,
                                                    const grpc::ByteBuffer* /*request*/,
                                                    grpc::ByteBuffer* response) {
  const grpc::Slice slice(book_);
  *response = grpc::ByteBuffer(&slice, 1);
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

void BareService::Remove(BareStream* stream) {
  const std::lock_guard lock(mutex_);
  std::erase(streams_, stream);
  if (streams_.empty()) reader_.Stop();
}

bool BareService::OnFrame(std::string_view frame) {
  const std::uint64_t stamp = StampOf(frame);
  if (stamp == 0) return true;  // an answer to a subscription
  grpc::Slice slice(payload_);
  std::memcpy(const_cast<std::uint8_t*>(slice.begin()) + stamp_offset_, &stamp, sizeof(stamp));
  const std::lock_guard lock(mutex_);
  batch_.push_back(std::move(slice));
  if (batch_.size() < batch_size_) return true;
  std::size_t most = 0;
  for (BareStream* const stream : streams_) {
    most = std::max(most, stream->Push(grpc::ByteBuffer(batch_.data(), batch_.size())));
  }
  batch_.clear();
  return most < kHighWater;
}

// A heartbeat tells the client when the new socket is there.
void BareService::OnReconnect() {
  StreamMarketDataResponse marker;
  marker.mutable_heartbeat()->set_publish_time_ns(1);
  const std::lock_guard lock(mutex_);
  for (BareStream* const stream : streams_) stream->Push(Bytes(marker));
}

}  // namespace switchyard::bench
