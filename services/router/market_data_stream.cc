#include "services/router/market_data_stream.h"

#include <fmt/format.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/log/log.h"
#include "common/retry/backoff.h"
#include "common/status/grpc_status.h"
#include "common/status/status.h"
#include "services/router/exchange_feed.h"
#include "services/router/finished_writer.h"
#include "services/router/silence_watch.h"
#include "services/router/upstream_call.h"
#include "services/router/upstream_reader.h"
#include "services/router/wire_message.h"
#include "switchyard/marketdata/v1/market_data_service.pb.h"

namespace switchyard::router {
namespace {

using marketdata::v1::StreamMarketDataRequest;
using marketdata::v1::StreamMarketDataResponse;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr int kMaxSubscriptions = 1'000;
// The acknowledgement waits this long for the backends' own; those that have not answered by then
// are treated as lost, so that one hung backend does not hold back the rest.
constexpr milliseconds kAcknowledgementWait{1'000};
constexpr retry::Reconnect kReconnect{
    .first = milliseconds(50), .factor = 2.0, .cap = milliseconds(2'000), .attempts = 0};

const std::string& MethodPath() {
  static const auto& path =
      *new std::string("/switchyard.marketdata.v1.MarketDataService/StreamMarketData");
  return path;
}

// A backend that is up but serves nothing yet (its instruments are still loading): it accepts no
// subscription, and says of some that this may pass. Where it accepts any, its refusals stand, so
// that one symbol cannot hold back the others.
bool IsNotReadyYet(const common::v1::StreamAcknowledgement& answer) {
  const auto& results = answer.results();
  const auto code = [](const auto& result) { return result.status().code(); };
  return std::any_of(
             results.begin(), results.end(),
             [&](const auto& result) { return code(result) == grpc::StatusCode::UNAVAILABLE; }) &&
         std::none_of(results.begin(), results.end(),
                      [&](const auto& result) { return code(result) == grpc::StatusCode::OK; });
}

class MarketDataStream final : public LiveStream,
                               public UpstreamListener,
                               public std::enable_shared_from_this<MarketDataStream> {
 public:
  MarketDataStream(const StreamContext& context, const grpc::CallbackServerContext& client,
                   StreamMarketDataRequest request)
      : context_(context),
        request_(std::move(request)),
        metadata_(AllowedMetadata(client, context.gate)),
        deadline_(client.deadline()),
        heartbeat_interval_(HeartbeatInterval(request_.heartbeat_interval_ms())),
        started_(context.clock.Steady()),
        last_heartbeat_(started_) {
    SplitByExchange();
  }

  grpc::ServerWriteReactor<grpc::ByteBuffer>* Start();

  void Tick(nanoseconds steady_now) override;
  void OnBackendChange() override;
  void Finish(const absl::Status& status) override;

  void OnUpstreamMessage(UpstreamReader& reader, grpc::ByteBuffer& message) override;
  void OnUpstreamEnd(UpstreamReader& reader, const grpc::Status& status,
                     bool may_have_reached) override;

 private:
  class Reactor;

  // One exchange and the upstream stream that serves it.
  struct Feed {
    Feed(const Backend& backend, nanoseconds now) : backend(backend), rules(backend.exchange()) {
      next_attempt = now;
    }

    const Backend& backend;
    ExchangeFeed rules;
    // Null while there is no call.
    std::shared_ptr<UpstreamReader> reader;
    bool acknowledged = false;  // by the running call
    bool was_lost = false;      // since the last running call that was acknowledged
    TimeNs last_message;        // of any call that was acknowledged; 0 = none was
    SilenceWatch silence;
    bool refused = false;  // for good
    // A message that was read and not yet written; the next one is not asked for meanwhile.
    std::optional<grpc::ByteBuffer> waiting;
    nanoseconds waiting_since{0};
    // To be written before anything newer.
    std::deque<stream::EncodedEvent> stale;
    std::uint64_t conflated = 0;              // by all calls before the running one
    std::uint64_t conflated_now = 0;          // by the running one, as its last heartbeat said
    std::unique_ptr<retry::Backoff> backoff;  // made at the first failure
    nanoseconds next_attempt{0};
  };

  static milliseconds HeartbeatInterval(std::uint32_t wanted_ms) {
    return milliseconds(wanted_ms == 0 ? 5'000 : std::clamp(wanted_ms, 100u, 15'000u));
  }
  void SplitByExchange();

  // All below: mutex_ held.
  void OpenFeedsLocked();
  void OpenLocked(std::size_t index);
  void LoseLocked(Feed& feed);
  void RetryLaterLocked(Feed& feed);
  void LoseIfSilentLocked(Feed& feed, nanoseconds now);
  void AbandonLocked(Feed& feed);
  // Of the given subscriptions: their backend will not serve them.
  void TellUnsubscribedLocked(Feed& feed, const std::vector<std::size_t>& subscriptions);
  void TakeAcknowledgementLocked(Feed& feed, const grpc::ByteBuffer& message);
  bool AcknowledgementDueLocked() const;
  void WriteNextLocked();
  void WriteAcknowledgementLocked();
  void WriteHeartbeatLocked();
  void WriteEventsLocked();
  bool AppendLocked(Feed& feed, EventBatch& batch);
  void WriteLocked(grpc::ByteBuffer message);
  void FinishLocked(const absl::Status& status);

  void OnWriteDone(bool ok);
  void OnEnd();

  const StreamContext context_;
  const StreamMarketDataRequest request_;
  const ForwardedMetadata metadata_;
  const std::chrono::system_clock::time_point deadline_;
  const milliseconds heartbeat_interval_;
  const nanoseconds started_;

  std::mutex mutex_;
  Reactor* reactor_ = nullptr;  // null before Start and once the call is over
  // Addresses are stable: upstream readers are told apart by index. Only the constructor adds.
  std::vector<std::unique_ptr<Feed>> feeds_;
  // Results of subscriptions that belong to no feed; the feeds fill in theirs.
  common::v1::StreamAcknowledgement acknowledgement_;
  bool acknowledgement_sent_ = false;
  bool heartbeat_due_ = false;
  bool writing_ = false;
  bool finished_ = false;
  std::size_t first_feed_ = 0;  // whose turn it is to be written first
  nanoseconds last_heartbeat_;
  std::optional<absl::Status> early_finish_;  // Finish came before Start
  int code_ = 0;                              // that the call ended with
};

// Passes gRPC's calls on to the stream and keeps it alive until the call is over.
class MarketDataStream::Reactor final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  explicit Reactor(std::shared_ptr<MarketDataStream> stream) : stream_(std::move(stream)) {}

  void Write(grpc::ByteBuffer message) {
    // Must live until OnWriteDone.
    message_.Swap(&message);
    StartWrite(&message_);
  }

  void OnWriteDone(bool ok) override { stream_->OnWriteDone(ok); }
  void OnCancel() override { stream_->Finish(absl::CancelledError("cancelled by the client")); }
  void OnDone() override {
    // First: its lock orders the other callbacks, which have taken it too, before the deletion.
    stream_->OnEnd();
    delete this;
  }

 private:
  std::shared_ptr<MarketDataStream> stream_;
  grpc::ByteBuffer message_;
};

void MarketDataStream::SplitByExchange() {
  std::map<std::string, Feed*> by_exchange;
  for (int i = 0; i < request_.subscriptions_size(); ++i) {
    const auto index = static_cast<std::uint32_t>(i);
    const std::string& exchange = request_.subscriptions(i).exchange();
    common::v1::SubscriptionResult& result = *acknowledgement_.add_results();
    result.set_index(index);
    const absl::StatusOr<const Backend*> backend =
        exchange.empty() ? InvalidField("exchange", "required")
                         : context_.backends.Find(exchange, "market_data");
    if (!backend.ok()) {
      *result.mutable_status() = ToProto(backend.status());
      continue;
    }
    Feed*& feed = by_exchange[exchange];
    if (feed == nullptr) {
      feed = feeds_.emplace_back(std::make_unique<Feed>(**backend, started_)).get();
    }
    feed->rules.Add(index, request_.subscriptions(i));
  }
  acknowledgement_.set_heartbeat_interval_ms(
      static_cast<std::uint32_t>(heartbeat_interval_.count()));
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* MarketDataStream::Start() {
  context_.metrics.open_streams.Add(1);
  const std::lock_guard lock(mutex_);
  reactor_ = new Reactor(shared_from_this());
  // At once, so that the client knows that the call is taken before any backend has answered.
  reactor_->StartSendInitialMetadata();
  if (early_finish_) {
    code_ = static_cast<int>(early_finish_->code());
    reactor_->Finish(ToGrpcStatus(*early_finish_));
    return reactor_;
  }
  OpenFeedsLocked();
  WriteNextLocked();
  return reactor_;
}

void MarketDataStream::OpenFeedsLocked() {
  for (std::size_t i = 0; i < feeds_.size(); ++i) OpenLocked(i);
}

// Does nothing where a call is running, none is wanted, or the backend is not there.
void MarketDataStream::OpenLocked(std::size_t index) {
  Feed& feed = *feeds_[index];
  if (feed.reader || feed.refused || feed.rules.all_refused()) return;
  if (context_.clock.Steady() < feed.next_attempt) return;
  BackendConnection& connection = feed.backend.Pick();
  if (!connection.ready()) {
    if (!feed.backend.undecided()) LoseLocked(feed);
    return;
  }
  feed.acknowledged = false;
  feed.conflated += std::exchange(feed.conflated_now, 0);
  feed.silence.Begin(context_.clock.Steady());
  feed.reader =
      UpstreamReader::Start(connection, {MethodPath(), metadata_, deadline_, index},
                            Serialise(feed.rules.MakeRequest(request_)), shared_from_this());
}

// Tells the client once; from now on attempts are made at every tick.
void MarketDataStream::LoseLocked(Feed& feed) {
  if (std::exchange(feed.was_lost, true)) return;
  auto events = feed.rules.StaleEvents(common::v1::STALE_REASON_BACKEND_LOST, context_.clock.Now());
  context_.metrics.backend_lost_events.Increment(events.size());
  std::move(events.begin(), events.end(), std::back_inserter(feed.stale));
}

// Before the client's acknowledgement there is nothing to tell: it will say so itself.
void MarketDataStream::TellUnsubscribedLocked(Feed& feed,
                                              const std::vector<std::size_t>& subscriptions) {
  if (!acknowledgement_sent_) return;
  auto events = feed.rules.StaleEvents(subscriptions, common::v1::STALE_REASON_UNSUBSCRIBED,
                                       context_.clock.Now());
  std::move(events.begin(), events.end(), std::back_inserter(feed.stale));
}

void MarketDataStream::OnUpstreamMessage(UpstreamReader& reader, grpc::ByteBuffer& message) {
  const std::lock_guard lock(mutex_);
  Feed& feed = *feeds_[reader.tag()];
  if (finished_ || feed.reader.get() != &reader) {
    // Cancelled: read on to the end.
    reader.Next();
    return;
  }
  if (feed.acknowledged) feed.last_message = context_.clock.Now();
  const nanoseconds now = context_.clock.Steady();
  feed.silence.Heard(now);
  switch (KindOf(message)) {
    case MessageKind::kEvents:
      feed.waiting.emplace().Swap(&message);
      feed.waiting_since = now;
      WriteNextLocked();
      return;
    case MessageKind::kAcknowledgement:
      TakeAcknowledgementLocked(feed, message);
      WriteNextLocked();
      break;
    case MessageKind::kHeartbeat: {
      StreamMarketDataResponse response;
      if (Parse(message, &response)) feed.conflated_now = response.heartbeat().conflated_events();
      break;
    }
    case MessageKind::kUnknown:
      log::Warning("unknown_stream_message", {{"exchange", feed.backend.exchange()}});
      break;
  }
  reader.Next();
}

void MarketDataStream::TakeAcknowledgementLocked(Feed& feed, const grpc::ByteBuffer& message) {
  StreamMarketDataResponse response;
  if (!Parse(message, &response) ||
      response.acknowledgement().results_size() != feed.rules.asked()) {
    log::Warning("malformed_acknowledgement", {{"exchange", feed.backend.exchange()}});
    AbandonLocked(feed);
    return;
  }
  if (IsNotReadyYet(response.acknowledgement())) {
    AbandonLocked(feed);
    return;
  }
  feed.acknowledged = true;
  feed.silence.Promised(milliseconds(response.acknowledgement().heartbeat_interval_ms()));
  if (feed.backoff) feed.backoff->Connected(context_.clock.Steady());
  TellUnsubscribedLocked(feed, feed.rules.TakeAcknowledgement(response.acknowledgement()));
  if (!std::exchange(feed.was_lost, false)) return;
  context_.metrics.upstream_reconnects.Increment();
  // What was traded since its last sign of life nobody will tell; the acknowledgement itself came
  // too late to count as one.
  if (feed.last_message.value == 0) return;
  auto gaps = feed.rules.GapEvents(feed.last_message, context_.clock.Now());
  std::move(gaps.begin(), gaps.end(), std::back_inserter(feed.stale));
}

void MarketDataStream::OnUpstreamEnd(UpstreamReader& reader, const grpc::Status& status,
                                     bool /*may_have_reached*/) {
  const std::lock_guard lock(mutex_);
  Feed& feed = *feeds_[reader.tag()];
  if (feed.reader.get() != &reader) return;
  feed.reader.reset();
  if (finished_) return;
  const absl::Status error = FromGrpcStatus(status);
  if (ReasonOf(error) == common::v1::ERROR_REASON_SLOW_READER) {
    context_.metrics.slow_reader_disconnects.Increment();
    FinishLocked(error);
    return;
  }
  if (IsFinalRefusal(status)) {
    feed.refused = true;
    TellUnsubscribedLocked(feed, feed.rules.RefuseAll(error));
  } else {
    RetryLaterLocked(feed);
  }
  WriteNextLocked();
}

void MarketDataStream::RetryLaterLocked(Feed& feed) {
  LoseLocked(feed);
  if (!feed.backoff) {
    feed.backoff = std::make_unique<retry::Backoff>(kReconnect, retry::SystemRandom());
  }
  const nanoseconds now = context_.clock.Steady();
  feed.next_attempt = now + feed.backoff->Failed(now);
}

// While a message waits here, nothing is read: then it is the client that is slow.
void MarketDataStream::LoseIfSilentLocked(Feed& feed, nanoseconds now) {
  if (!feed.reader || feed.waiting || !feed.silence.IsTooLong(now)) return;
  log::Warning("backend_silent", {{"exchange", feed.backend.exchange()},
                                  {"silent_ns", feed.silence.Silence(now).count()}});
  AbandonLocked(feed);
}

// The running call is of no use: to the client no different from a backend that is not there.
void MarketDataStream::AbandonLocked(Feed& feed) {
  feed.reader->Cancel();
  feed.reader.reset();
  RetryLaterLocked(feed);
}

bool MarketDataStream::AcknowledgementDueLocked() const {
  if (context_.clock.Steady() - started_ >= kAcknowledgementWait) return true;
  return std::all_of(feeds_.begin(), feeds_.end(), [](const std::unique_ptr<Feed>& feed) {
    return feed->acknowledged || feed->was_lost || feed->refused;
  });
}

void MarketDataStream::WriteNextLocked() {
  if (writing_ || finished_ || reactor_ == nullptr) return;
  if (!acknowledgement_sent_) {
    if (AcknowledgementDueLocked()) WriteAcknowledgementLocked();
  } else if (heartbeat_due_) {
    WriteHeartbeatLocked();
  } else {
    WriteEventsLocked();
  }
}

void MarketDataStream::WriteAcknowledgementLocked() {
  StreamMarketDataResponse response;
  acknowledgement_sent_ = true;
  for (const std::unique_ptr<Feed>& feed : feeds_) {
    if (!feed->acknowledged && !feed->refused) LoseLocked(*feed);
    feed->rules.FillResults(&acknowledgement_);
  }
  *response.mutable_acknowledgement() = std::move(acknowledgement_);
  WriteLocked(Serialise(response));
}

void MarketDataStream::WriteHeartbeatLocked() {
  StreamMarketDataResponse response;
  common::v1::Heartbeat& heartbeat = *response.mutable_heartbeat();
  const nanoseconds now = context_.clock.Steady();
  heartbeat.set_publish_time_ns(context_.clock.Now().value);
  std::uint32_t queued = 0;
  nanoseconds lag{0};
  std::uint64_t conflated = 0;
  for (const std::unique_ptr<Feed>& feed : feeds_) {
    queued += static_cast<std::uint32_t>(feed->stale.size());
    if (feed->waiting) {
      queued += static_cast<std::uint32_t>(CountEvents(*feed->waiting));
      lag = std::max(lag, now - feed->waiting_since);
    }
    conflated += feed->conflated + feed->conflated_now;
  }
  heartbeat.set_queued_events(queued);
  heartbeat.set_queue_lag_ns(lag.count());
  heartbeat.set_conflated_events(conflated);
  heartbeat_due_ = false;
  WriteLocked(Serialise(response));
}

// Everything that waits goes together, as far as one message holds it; feeds take turns in being
// first, so that a busy one starves nobody.
void MarketDataStream::WriteEventsLocked() {
  EventBatch batch;
  std::vector<Feed*> taken;
  const std::size_t first = first_feed_;
  for (std::size_t i = 0; i < feeds_.size(); ++i) {
    Feed& feed = *feeds_[(first + i) % feeds_.size()];
    const bool had_message = feed.waiting.has_value();
    const bool room_left = AppendLocked(feed, batch);
    if (had_message && !feed.waiting) taken.push_back(&feed);
    if (!room_left) break;
  }
  if (batch.empty()) return;
  first_feed_ = (first + 1) % feeds_.size();
  context_.metrics.forwarded_messages.Increment(taken.size());
  context_.metrics.forwarded_bytes.Increment(batch.bytes());
  WriteLocked(batch.Take());
  for (Feed* const feed : taken) {
    feed->silence.Heard(context_.clock.Steady());
    feed->reader->Next();
  }
}

// False when the batch is full.
bool MarketDataStream::AppendLocked(Feed& feed, EventBatch& batch) {
  while (!feed.stale.empty()) {
    if (!batch.Add(feed.stale.front())) return false;
    feed.stale.pop_front();
  }
  if (!feed.waiting) return true;
  if (!batch.Add(*feed.waiting)) return false;
  feed.waiting.reset();
  return true;
}

void MarketDataStream::WriteLocked(grpc::ByteBuffer message) {
  writing_ = true;
  reactor_->Write(std::move(message));
}

void MarketDataStream::OnWriteDone(bool ok) {
  const std::lock_guard lock(mutex_);
  writing_ = false;
  if (ok) {
    WriteNextLocked();
  } else {
    FinishLocked(absl::CancelledError("the client is gone"));
  }
}

void MarketDataStream::Tick(nanoseconds steady_now) {
  const std::lock_guard lock(mutex_);
  if (finished_ || reactor_ == nullptr) return;
  for (const std::unique_ptr<Feed>& feed : feeds_) LoseIfSilentLocked(*feed, steady_now);
  OpenFeedsLocked();
  if (steady_now - last_heartbeat_ >= heartbeat_interval_) {
    last_heartbeat_ = steady_now;
    heartbeat_due_ = acknowledgement_sent_;
  }
  WriteNextLocked();
}

void MarketDataStream::OnBackendChange() {
  const std::lock_guard lock(mutex_);
  if (finished_ || reactor_ == nullptr) return;
  OpenFeedsLocked();
  WriteNextLocked();
}

void MarketDataStream::Finish(const absl::Status& status) {
  const std::lock_guard lock(mutex_);
  FinishLocked(status);
}

void MarketDataStream::FinishLocked(const absl::Status& status) {
  if (finished_) return;
  finished_ = true;
  for (const std::unique_ptr<Feed>& feed : feeds_) {
    feed->stale.clear();
    if (!feed->reader) continue;
    feed->reader->Cancel();
    // The end is learnt by reading; where a message waits, no read is under way.
    if (feed->waiting) feed->reader->Next();
    feed->waiting.reset();
  }
  if (reactor_ == nullptr) {
    early_finish_ = status;
    return;
  }
  code_ = static_cast<int>(status.code());
  reactor_->Finish(ToGrpcStatus(status));
}

void MarketDataStream::OnEnd() {
  {
    const std::lock_guard lock(mutex_);
    reactor_ = nullptr;
    FinishLocked(absl::CancelledError("the call is over"));
  }
  context_.metrics.open_streams.Add(-1);
  context_.method_metrics.CountEnd(code_);
}

absl::Status Validate(const StreamMarketDataRequest& request) {
  if (request.subscriptions().empty()) {
    return InvalidField("subscriptions", "at least one is needed");
  }
  if (request.subscriptions_size() > kMaxSubscriptions) {
    return MakeError(absl::StatusCode::kInvalidArgument, common::v1::ERROR_REASON_REQUEST_TOO_LARGE,
                     fmt::format("{} subscriptions; a stream holds at most {}",
                                 request.subscriptions_size(), kMaxSubscriptions),
                     {{"field", "subscriptions"}});
  }
  return absl::OkStatus();
}

}  // namespace

grpc::ServerWriteReactor<grpc::ByteBuffer>* StartMarketDataStream(
    const StreamContext& context, const grpc::CallbackServerContext& client,
    const grpc::ByteBuffer& request) {
  StreamMarketDataRequest parsed;
  const absl::Status status = Parse(request, &parsed)
                                  ? Validate(parsed)
                                  : InvalidField("request", "not a StreamMarketDataRequest");
  if (!status.ok()) {
    context.method_metrics.CountEnd(static_cast<int>(status.code()));
    return FinishedWriter(status);
  }
  const auto stream = std::make_shared<MarketDataStream>(context, client, std::move(parsed));
  context.registry.Add(stream);
  return stream->Start();
}

}  // namespace switchyard::router
