#include "services/router/consolidated_stream.h"

#include <fmt/format.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/client_callback.h>
#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "common/status/grpc_status.h"
#include "common/status/status.h"
#include "common/stream/encoded_event.h"
#include "common/stream/event_stream.h"
#include "services/router/consolidated_book.h"
#include "services/router/finished_writer.h"
#include "services/router/leg_resolver.h"
#include "switchyard/marketdata/v1/market_data_service.grpc.pb.h"

namespace switchyard::router {
namespace {

using marketdata::v1::MarketDataEvent;
using marketdata::v1::StreamMarketDataRequest;
using marketdata::v1::StreamMarketDataResponse;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr char kMethod[] = "/switchyard.router.v1.RouterService/StreamConsolidatedBook";
constexpr std::uint32_t kDefaultDepth = 10;
constexpr std::uint32_t kMaxDepth = 100;
// The acknowledgement waits for the look-up of the legs, and one hung backend must not hold it
// back.
constexpr milliseconds kLookUpWait{1'000};
// A backend that is there may not know its instruments yet; those legs are looked up again so
// often.
constexpr milliseconds kLookUpAgain{5'000};

// A refusal that may pass: the leg is asked for again with the next look-up.
bool MayPass(const v1::Leg& leg) {
  return leg.state() == v1::LEG_STATE_FAILED &&
         (leg.status().code() == grpc::StatusCode::UNAVAILABLE ||
          leg.status().code() == grpc::StatusCode::RESOURCE_EXHAUSTED);
}

class ConsolidatedStream;

// The legs' events, read one message after another.
class LegReader final : public grpc::ClientReadReactor<StreamMarketDataResponse> {
 public:
  LegReader(std::shared_ptr<ConsolidatedStream> stream, std::shared_ptr<grpc::Channel> channel)
      : stream_(std::move(stream)), stub_(marketdata::v1::MarketDataService::NewStub(channel)) {}

  // Deletes itself when the call is over.
  void Start(StreamMarketDataRequest request, const std::string& principal) {
    request_ = std::move(request);
    if (!principal.empty()) context_.AddMetadata(access::kPrincipalHeader, principal);
    stub_->async()->StreamMarketData(&context_, &request_, this);
    StartRead(&response_);
    opened_.store(true, std::memory_order_release);
    StartCall();
  }
  void Cancel() { context_.TryCancel(); }

  void OnReadDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

 private:
  const std::shared_ptr<ConsolidatedStream> stream_;
  const std::unique_ptr<marketdata::v1::MarketDataService::Stub> stub_;
  grpc::ClientContext context_;
  StreamMarketDataRequest request_;
  StreamMarketDataResponse response_;
  // Orders what Start wrote before what callbacks read, where the thread sanitizer can see it.
  std::atomic<bool> opened_{false};
};

class ConsolidatedStream final : public LiveStream,
                                 public stream::TopicOwner,
                                 public std::enable_shared_from_this<ConsolidatedStream> {
 public:
  ConsolidatedStream(const ServiceContext& context, const access::Caller& caller,
                     const v1::StreamConsolidatedBookRequest& request)
      : context_(context),
        caller_(caller),
        request_(request),
        depth_(request.depth() == 0 ? kDefaultDepth : request.depth()),
        min_interval_(milliseconds(request.min_interval_ms())) {}

  grpc::ServerWriteReactor<grpc::ByteBuffer>* Start();

  void Tick(nanoseconds steady_now) override;
  void OnBackendChange() override;
  void Finish(const absl::Status& status) override;
  // The newest book is all that a slow reader needs. Only notes it, because it may be called from
  // within a push; the next tick or event renders it.
  void Refresh(std::shared_ptr<stream::EventStream>, std::vector<stream::TopicId>) override {
    refresh_wanted_.store(true);
  }

  void OnMessage(LegReader& reader, const StreamMarketDataResponse& response);
  void OnReaderEnd(LegReader& reader, const grpc::Status& status);

 private:
  stream::StreamOptions Options() const;
  void LookUp();
  void OnLegs(absl::StatusOr<ResolvedLegs> resolved);

  // All below: mutex_ held. Lock order: mutex_, then the EventStream's.
  void AcknowledgeLocked(const ResolvedLegs& resolved);
  void OpenLocked();
  void TakeResultsLocked(const common::v1::StreamAcknowledgement& acknowledgement);
  void ApplyLocked(const MarketDataEvent& event);
  void MarkStaleLocked(MergeLeg& leg, common::v1::StaleReason reason);
  void RenderLocked();
  stream::EncodedEvent EncodeLocked();

  void End();

  const ServiceContext context_;
  const access::Caller caller_;
  const v1::StreamConsolidatedBookRequest request_;
  const std::uint32_t depth_;
  const nanoseconds min_interval_;
  std::atomic<bool> refresh_wanted_{false};

  std::mutex mutex_;
  std::shared_ptr<stream::EventStream> stream_;  // null once the call is over
  std::vector<MergeLeg> legs_;
  std::map<std::pair<std::string, std::string>, std::size_t> leg_index_;
  std::vector<std::size_t> subscribed_;  // leg of each subscription of the reader
  LegReader* reader_ = nullptr;          // null while none is open
  bool acknowledged_ = false;
  bool looking_up_ = false;
  bool look_up_again_ = false;  // some exchange could not be looked up
  nanoseconds last_look_up_{0};
  bool resubscribe_ = false;  // a leg's events did not follow the contract
  // Some legs were refused for a reason that may pass; they are asked for again after a while.
  bool refused_for_now_ = false;
  bool dirty_ = false;
  nanoseconds last_render_{0};
  std::uint64_t epoch_ = 0;
  std::uint64_t sequence_ = 0;
  std::int64_t latest_receive_time_ns_ = 0;
};

void LegReader::OnReadDone(bool ok) {
  opened_.load(std::memory_order_acquire);
  if (!ok) return;
  stream_->OnMessage(*this, response_);
  StartRead(&response_);
}

void LegReader::OnDone(const grpc::Status& status) {
  opened_.load(std::memory_order_acquire);
  stream_->OnReaderEnd(*this, status);
  delete this;
}

stream::StreamOptions ConsolidatedStream::Options() const {
  stream::StreamOptions options;
  options.slow_reader = request_.slow_reader_policy() == common::v1::SLOW_READER_POLICY_DISCONNECT
                            ? stream::SlowReader::kDisconnect
                            : stream::SlowReader::kConflate;
  const std::uint32_t wanted = request_.heartbeat_interval_ms();
  if (wanted != 0) options.heartbeat_interval = milliseconds(std::clamp(wanted, 100u, 15'000u));
  return options;
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* ConsolidatedStream::Start() {
  // The stream's end holds this object, which so outlives every Refresh; End lets go of the stream.
  const auto stream = context_.open_streams.Open(
      Options(), kMethod, [self = shared_from_this()](const auto&) { self->End(); });
  {
    const std::lock_guard lock(mutex_);
    stream_ = stream;
  }
  context_.registry.Add(shared_from_this());
  grpc::ServerWriteReactor<grpc::ByteBuffer>* const reactor = stream->StartReactor();
  LookUp();
  return reactor;
}

void ConsolidatedStream::LookUp() {
  {
    const std::lock_guard lock(mutex_);
    if (stream_ == nullptr || std::exchange(looking_up_, true)) return;
    last_look_up_ = context_.clock.Steady();
  }
  ResolveLegs(context_, request_.legs(),
              BackendQueries::Asking(std::chrono::system_clock::now() + kLookUpWait, caller_),
              [self = shared_from_this()](absl::StatusOr<ResolvedLegs> resolved) {
                self->OnLegs(std::move(resolved));
              });
}

void ConsolidatedStream::OnLegs(absl::StatusOr<ResolvedLegs> resolved) {
  const std::lock_guard lock(mutex_);
  looking_up_ = false;
  if (stream_ == nullptr) return;
  if (!resolved.ok()) {
    if (!acknowledged_) stream_->Finish(resolved.status());
    return;
  }
  look_up_again_ = !resolved->errors.empty();
  AcknowledgeLocked(*resolved);
  const bool same =
      std::equal(legs_.begin(), legs_.end(), resolved->legs.begin(), resolved->legs.end(),
                 [](const MergeLeg& left, const v1::Leg& right) {
                   return left.description.exchange() == right.exchange() &&
                          left.description.symbol() == right.symbol();
                 });
  if (same && epoch_ != 0) return;
  legs_.clear();
  leg_index_.clear();
  for (const v1::Leg& leg : resolved->legs) {
    leg_index_[{leg.exchange(), leg.symbol()}] = legs_.size();
    legs_.push_back({leg, {}});
  }
  epoch_ = static_cast<std::uint64_t>(context_.clock.Now().value);
  sequence_ = 0;
  dirty_ = true;
  RenderLocked();
  if (reader_ != nullptr) {
    // Its end opens the next one.
    reader_->Cancel();
  } else {
    OpenLocked();
  }
}

void ConsolidatedStream::AcknowledgeLocked(const ResolvedLegs& resolved) {
  if (std::exchange(acknowledged_, true)) return;
  v1::StreamConsolidatedBookResponse response;
  common::v1::StreamAcknowledgement& acknowledgement = *response.mutable_acknowledgement();
  const bool some_open = !resolved.errors.empty();
  for (std::size_t i = 0; i < resolved.selectors.size(); ++i) {
    common::v1::SubscriptionResult& result = *acknowledgement.add_results();
    result.set_index(static_cast<std::uint32_t>(i));
    // What an exchange that did not answer may yet offer is not refused.
    const bool is_open = some_open && request_.legs(static_cast<int>(i)).has_base();
    if (!resolved.selectors[i].ok() && !is_open) {
      *result.mutable_status() = ToProto(resolved.selectors[i]);
    } else {
      result.set_granted_depth(depth_);
    }
  }
  acknowledgement.set_heartbeat_interval_ms(
      static_cast<std::uint32_t>(Options().heartbeat_interval.count()));
  stream_->Acknowledge(response);
}

void ConsolidatedStream::OpenLocked() {
  StreamMarketDataRequest request;
  subscribed_.clear();
  for (std::size_t i = 0; i < legs_.size(); ++i) {
    v1::Leg& leg = legs_[i].description;
    if (leg.state() == v1::LEG_STATE_FAILED && !MayPass(leg)) continue;
    marketdata::v1::MarketDataSubscription& subscription = *request.add_subscriptions();
    subscription.set_exchange(leg.exchange());
    subscription.set_symbol(leg.symbol());
    subscription.set_channel(marketdata::v1::CHANNEL_ORDER_BOOK);
    subscription.set_depth(depth_);
    subscribed_.push_back(i);
  }
  refused_for_now_ = false;
  if (subscribed_.empty()) return;
  reader_ = new LegReader(shared_from_this(), context_.self.get());
  reader_->Start(std::move(request), caller_.name());
}

void ConsolidatedStream::OnMessage(LegReader& reader, const StreamMarketDataResponse& response) {
  const std::lock_guard lock(mutex_);
  if (stream_ == nullptr || reader_ != &reader) return;
  if (response.has_acknowledgement()) TakeResultsLocked(response.acknowledgement());
  for (const MarketDataEvent& event : response.events()) ApplyLocked(event);
  RenderLocked();
}

void ConsolidatedStream::TakeResultsLocked(
    const common::v1::StreamAcknowledgement& acknowledgement) {
  for (const common::v1::SubscriptionResult& result : acknowledgement.results()) {
    if (result.status().code() == 0 || result.index() >= subscribed_.size()) continue;
    v1::Leg& leg = legs_[subscribed_[result.index()]].description;
    leg.set_state(v1::LEG_STATE_FAILED);
    *leg.mutable_status() = result.status();
    refused_for_now_ = refused_for_now_ || MayPass(leg);
    dirty_ = true;
  }
}

void ConsolidatedStream::ApplyLocked(const MarketDataEvent& event) {
  const auto found = leg_index_.find({event.exchange(), event.symbol()});
  if (found == leg_index_.end()) return;
  MergeLeg& leg = legs_[found->second];
  if (leg.description.state() == v1::LEG_STATE_FAILED && !MayPass(leg.description)) return;
  // A leg that broke the contract stays out until its fresh snapshot.
  const bool waits_for_snapshot = !leg.book.valid();
  if (waits_for_snapshot && event.kind() == marketdata::v1::EVENT_KIND_DELTA) return;
  const absl::Status status = leg.book.Apply(event);
  if (!status.ok()) {
    resubscribe_ = true;
    MarkStaleLocked(leg, status.code() == absl::StatusCode::kDataLoss
                             ? common::v1::STALE_REASON_SEQUENCE_GAP
                             : common::v1::STALE_REASON_MALFORMED_UPDATE);
    return;
  }
  if (event.kind() == marketdata::v1::EVENT_KIND_STALE) {
    MarkStaleLocked(leg, event.reason());
    return;
  }
  v1::Leg& description = leg.description;
  description.set_state(v1::LEG_STATE_LIVE);
  description.clear_stale_reason();
  description.clear_status();
  description.mutable_freshness()->set_source(event.source());
  description.mutable_freshness()->set_age_ns(event.order_book().age_ns());
  description.set_exchange_time_ns(event.exchange_time_ns());
  latest_receive_time_ns_ = context_.clock.Now().value;
  dirty_ = true;
}

void ConsolidatedStream::MarkStaleLocked(MergeLeg& leg, common::v1::StaleReason reason) {
  leg.book.Invalidate();
  leg.description.set_state(v1::LEG_STATE_STALE);
  leg.description.set_stale_reason(reason);
  leg.description.clear_freshness();
  dirty_ = true;
}

void ConsolidatedStream::RenderLocked() {
  const bool refresh = refresh_wanted_.load();
  if (!dirty_ && !refresh) return;
  const nanoseconds now = context_.clock.Steady();
  if (!refresh && sequence_ != 0 && now - last_render_ < min_interval_) return;
  last_render_ = now;
  dirty_ = false;
  const stream::EncodedEvent event = EncodeLocked();
  const stream::TopicRef topic{this, 0, stream::SlowReader::kConflate};
  if (refresh_wanted_.exchange(false)) {
    stream_->PushFresh(event, topic);
  } else {
    stream_->Push(event, topic);
  }
  stream_->Flush();
}

stream::EncodedEvent ConsolidatedStream::EncodeLocked() {
  v1::ConsolidatedBookEvent event;
  *event.mutable_book() = MergeBooks(legs_, depth_);
  const auto& legs = event.book().legs();
  const bool some_live = std::any_of(legs.begin(), legs.end(), [](const v1::Leg& leg) {
    return leg.state() == v1::LEG_STATE_LIVE;
  });
  event.set_kind(some_live ? common::v1::STATE_EVENT_KIND_SNAPSHOT
                           : common::v1::STATE_EVENT_KIND_STALE);
  event.set_epoch(epoch_);
  event.set_sequence(++sequence_);
  event.set_receive_time_ns(latest_receive_time_ns_);
  event.set_publish_time_ns(context_.clock.Now().value);
  return stream::EncodedEvent::Encode(event);
}

void ConsolidatedStream::OnReaderEnd(LegReader& reader, const grpc::Status& status) {
  const std::lock_guard lock(mutex_);
  if (reader_ != &reader) return;
  reader_ = nullptr;
  if (stream_ == nullptr) return;
  if (status.error_code() != grpc::StatusCode::CANCELLED) {
    stream_->Finish(FromGrpcStatus(status));
    return;
  }
  // Cancelled here, to begin anew.
  OpenLocked();
}

void ConsolidatedStream::Tick(nanoseconds steady_now) {
  {
    const std::lock_guard lock(mutex_);
    if (stream_ == nullptr) return;
    // At most once a tick, however badly a backend behaves.
    if (std::exchange(resubscribe_, false) && reader_ != nullptr) reader_->Cancel();
    if (acknowledged_) RenderLocked();
    if (steady_now - last_look_up_ < kLookUpAgain) return;
    if (refused_for_now_ && reader_ != nullptr) {
      last_look_up_ = steady_now;
      reader_->Cancel();
    }
    if (!look_up_again_) return;
  }
  LookUp();
}

void ConsolidatedStream::OnBackendChange() {
  {
    const std::lock_guard lock(mutex_);
    if (!look_up_again_) return;
  }
  LookUp();
}

void ConsolidatedStream::Finish(const absl::Status& status) {
  const std::lock_guard lock(mutex_);
  if (stream_ != nullptr) stream_->Finish(status);
}

void ConsolidatedStream::End() {
  const std::lock_guard lock(mutex_);
  stream_.reset();
  if (reader_ != nullptr) reader_->Cancel();
}

}  // namespace

grpc::ServerWriteReactor<grpc::ByteBuffer>* StartConsolidatedStream(
    const ServiceContext& context, const access::Caller& caller,
    const v1::StreamConsolidatedBookRequest& request) {
  absl::Status status = ValidateSelectors(request.legs(), context.backends, caller);
  if (status.ok() && request.depth() > kMaxDepth) {
    status = InvalidField("depth", fmt::format("{} is more than {}", request.depth(), kMaxDepth));
  }
  if (!status.ok()) return FinishedWriter(status);
  return std::make_shared<ConsolidatedStream>(context, caller, request)->Start();
}

}  // namespace switchyard::router
