#include "services/router/private_stream.h"

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "common/log/log.h"
#include "common/retry/backoff.h"
#include "common/status/grpc_status.h"
#include "common/status/status.h"
#include "common/stream/event_stream.h"
#include "services/router/finished_writer.h"
#include "services/router/private_selection.h"
#include "services/router/private_topic.h"
#include "services/router/silence_watch.h"
#include "services/router/upstream_call.h"
#include "services/router/upstream_reader.h"
#include "services/router/wire_message.h"

namespace switchyard::router {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr char kMethod[] = "/switchyard.router.v1.RouterService/StreamPrivateEvents";
// The acknowledgement waits this long for the capability tables, and again for the names of the
// accounts and the services' own.
constexpr milliseconds kAcknowledgementWait{1'000};
constexpr retry::Reconnect kReconnect{
    .first = milliseconds(50), .factor = 2.0, .cap = milliseconds(2'000), .attempts = 0};

class PrivateStream final : public LiveStream,
                            public UpstreamListener,
                            public stream::TopicOwner,
                            public std::enable_shared_from_this<PrivateStream> {
 public:
  PrivateStream(const ServiceContext& context, const grpc::CallbackServerContext& client,
                const v1::StreamPrivateEventsRequest& request, PrivateSelection selection)
      : context_(context),
        request_(request),
        metadata_(AllowedMetadata(client, context.gate)),
        caller_(context.gate.CallerOf(client)),
        deadline_(client.deadline()),
        selection_(std::move(selection)) {}

  grpc::ServerWriteReactor<grpc::ByteBuffer>* Start();

  void Tick(nanoseconds steady_now) override;
  void OnBackendChange() override;
  void Finish(const absl::Status& status) override;
  // Only notes the topics, because it may be called from within a push; the next tick begins them
  // anew.
  void Refresh(std::shared_ptr<stream::EventStream>, std::vector<stream::TopicId> topics) override {
    const std::lock_guard lock(refresh_mutex_);
    refresh_.insert(topics.begin(), topics.end());
  }

  void OnUpstreamMessage(UpstreamReader& reader, grpc::ByteBuffer& message) override;
  void OnUpstreamEnd(UpstreamReader& reader, const grpc::Status& status,
                     bool may_have_reached) override;

 private:
  // One topic and the upstream stream that serves it.
  struct Feed {
    Feed(PrivateTopic topic, const Backend* backend, std::size_t asked)
        : rules(std::move(topic)), backend(backend), asked(asked) {}

    PrivateTopic rules;
    const Backend* backend;
    std::size_t asked;                       // position of its subscription
    std::shared_ptr<UpstreamReader> reader;  // null while there is no call
    bool acknowledged = false;               // ever
    bool lost = false;                       // told, and not acknowledged since
    TimeNs lost_at;
    absl::Status refusal;         // for good
    bool restarting = false;      // cancelled here, to begin anew
    bool wants_snapshot = false;  // the client's queue waits for the topic's snapshot
    SilenceWatch silence;
    std::unique_ptr<retry::Backoff> backoff;  // made at the first failure
    nanoseconds next_attempt{0};
  };

  stream::StreamOptions Options() const;
  PrivateSelection::NamesOf KnownNames() const;
  void OnCapabilities(const CapabilityCache::Answers& answers);

  // All below: mutex_ held. Lock order: mutex_, then the EventStream's, then refresh_mutex_.
  void AddFeedsLocked();
  void OpenFeedsLocked();
  void OpenLocked(std::size_t index);
  void LoseLocked(std::size_t index);
  void RetryLaterLocked(std::size_t index);
  void LoseIfSilentLocked(std::size_t index, nanoseconds now);
  void AbandonLocked(std::size_t index);
  void RestartWantedLocked();
  void AcknowledgeIfDueLocked();
  std::vector<PrivateSelection::Result> ResultsLocked() const;
  void PushLocked(std::size_t index, const stream::EncodedEvent& event, bool is_snapshot);
  void TakeAcknowledgementLocked(std::size_t index, const PrivateMessage& message);

  void End();

  const ServiceContext context_;
  const v1::StreamPrivateEventsRequest request_;
  const ForwardedMetadata metadata_;
  const access::Caller caller_;
  const std::chrono::system_clock::time_point deadline_;

  std::mutex mutex_;
  std::shared_ptr<stream::EventStream> stream_;  // null once the call is over
  PrivateSelection selection_;
  std::deque<Feed> feeds_;      // grows when the tables are known, and with the accounts
  bool offered_known_ = false;  // the capability tables have answered
  bool acknowledged_ = false;   // to the client
  TimeNs acknowledged_at_;
  nanoseconds opened_at_{0};

  std::mutex refresh_mutex_;
  std::set<stream::TopicId> refresh_;
};

stream::StreamOptions PrivateStream::Options() const {
  stream::StreamOptions options;
  if (request_.slow_reader_policy() == common::v1::SLOW_READER_POLICY_DISCONNECT) {
    options.slow_reader = stream::SlowReader::kDisconnect;
  }
  // Unset: each topic's own, so that a log is never conflated whatever the client asked for.
  const std::uint32_t wanted = request_.heartbeat_interval_ms();
  if (wanted != 0) options.heartbeat_interval = milliseconds(std::clamp(wanted, 100u, 15'000u));
  return options;
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* PrivateStream::Start() {
  // The stream's end holds this object, which so outlives every Refresh; End lets go of the stream.
  const auto stream = context_.open_streams.Open(
      Options(), kMethod, [self = shared_from_this()](const auto&) { self->End(); });
  {
    const std::lock_guard lock(mutex_);
    stream_ = stream;
  }
  context_.registry.Add(shared_from_this());
  grpc::ServerWriteReactor<grpc::ByteBuffer>* const reactor = stream->StartReactor();
  context_.capabilities.Get("", std::chrono::system_clock::now() + kAcknowledgementWait,
                            [self = shared_from_this()](const CapabilityCache::Answers& answers) {
                              self->OnCapabilities(answers);
                            });
  return reactor;
}

// Refuses what the tables do not offer; where a table could not be asked, the service itself will
// say.
void PrivateStream::OnCapabilities(const CapabilityCache::Answers& answers) {
  const std::lock_guard lock(mutex_);
  if (stream_ == nullptr) return;
  selection_.Offer(answers);
  AddFeedsLocked();
  for (Feed& feed : feeds_) {
    const std::string& exchange = feed.rules.subscription().exchange();
    const auto answer = std::find_if(answers.begin(), answers.end(), [&](const auto& candidate) {
      return candidate.first == exchange;
    });
    const bool offered = answer == answers.end() || !answer->second.ok() ||
                         Offers(*answer->second, feed.rules.traits().rpc);
    if (!offered || feed.backend == nullptr) {
      feed.refusal = NotInCapabilities(exchange, feed.rules.traits().rpc);
    }
  }
  const bool none = std::all_of(feeds_.begin(), feeds_.end(),
                                [](const Feed& feed) { return !feed.refusal.ok(); });
  if (none && selection_.is_closed()) {
    stream_->Finish(feeds_.empty() ? selection_.Missing(KnownNames()).front().status
                                   : feeds_.front().refusal);
    return;
  }
  offered_known_ = true;
  opened_at_ = context_.clock.Steady();
  OpenFeedsLocked();
  AcknowledgeIfDueLocked();
}

PrivateSelection::NamesOf PrivateStream::KnownNames() const {
  return [this](const std::string& exchange, const std::string& component) {
    auto names = context_.accounts.Known(exchange, component);
    if (names) {
      // Others' accounts do not exist for this caller.
      std::erase_if(*names, [&](const std::string& account) {
        return !caller_.MayOnAccount(common::v1::ROLE_READ, exchange, account);
      });
    }
    return names;
  };
}

// Every account that has become known.
void PrivateStream::AddFeedsLocked() {
  for (const PrivateSelection::Topic& topic : selection_.TakeNew(KnownNames())) {
    feeds_.emplace_back(
        PrivateTopic(topic.subscription, *topic.traits),
        context_.backends.FindOrNull(topic.subscription.exchange(), topic.traits->component),
        topic.asked);
  }
}

void PrivateStream::OpenFeedsLocked() {
  if (!offered_known_) return;
  AddFeedsLocked();
  for (std::size_t i = 0; i < feeds_.size(); ++i) OpenLocked(i);
}

// Does nothing where a call is running, none is wanted, or the backend is not there.
void PrivateStream::OpenLocked(std::size_t index) {
  Feed& feed = feeds_[index];
  if (feed.reader || !feed.refusal.ok()) return;
  if (context_.clock.Steady() < feed.next_attempt) return;
  BackendConnection& connection = feed.backend->Pick();
  if (!connection.ready()) {
    if (!feed.backend->undecided()) LoseLocked(index);
    return;
  }
  feed.silence.Begin(context_.clock.Steady());
  feed.reader =
      UpstreamReader::Start(connection, {feed.rules.traits().path, metadata_, deadline_, index},
                            feed.rules.MakeRequest(request_), shared_from_this());
}

void PrivateStream::LoseLocked(std::size_t index) {
  Feed& feed = feeds_[index];
  if (std::exchange(feed.lost, true)) return;
  feed.lost_at = context_.clock.Now();
  // A log has no stale state: it goes on where it stands.
  if (feed.rules.traits().is_log) return;
  PushLocked(index, feed.rules.StaleEvent(common::v1::STALE_REASON_BACKEND_LOST, feed.lost_at),
             /*is_snapshot=*/false);
}

void PrivateStream::RetryLaterLocked(std::size_t index) {
  LoseLocked(index);
  Feed& feed = feeds_[index];
  if (!feed.backoff) {
    feed.backoff = std::make_unique<retry::Backoff>(kReconnect, retry::SystemRandom());
  }
  const nanoseconds now = context_.clock.Steady();
  feed.next_attempt = now + feed.backoff->Failed(now);
}

void PrivateStream::LoseIfSilentLocked(std::size_t index, nanoseconds now) {
  Feed& feed = feeds_[index];
  if (!feed.reader || !feed.silence.IsTooLong(now)) return;
  log::Warning("backend_silent", {{"exchange", feed.backend->exchange()},
                                  {"channel", feed.rules.traits().rpc},
                                  {"silent_ns", feed.silence.Silence(now).count()}});
  AbandonLocked(index);
}

// The running call is of no use.
void PrivateStream::AbandonLocked(std::size_t index) {
  Feed& feed = feeds_[index];
  feed.reader->Cancel();
  feed.reader.reset();
  feed.restarting = false;
  RetryLaterLocked(index);
}

void PrivateStream::OnUpstreamMessage(UpstreamReader& reader, grpc::ByteBuffer& bytes) {
  const std::lock_guard lock(mutex_);
  Feed& feed = feeds_[reader.tag()];
  const bool running = stream_ != nullptr && feed.reader.get() == &reader;
  if (running) feed.silence.Heard(context_.clock.Steady());
  // Cancelled: read on to the end.
  if (running && !feed.restarting && KindOf(bytes) != MessageKind::kHeartbeat) {
    const absl::StatusOr<PrivateMessage> message = feed.rules.Read(bytes);
    if (!message.ok()) {
      log::Warning("malformed_stream_message",
                   {{"exchange", feed.backend->exchange()},
                    {"channel", feed.rules.traits().rpc},
                    {"error", std::string(message.status().message())}});
      // A row may have been in it: the log is asked for again from where it stands.
      AbandonLocked(reader.tag());
    } else if (message->is_acknowledgement) {
      TakeAcknowledgementLocked(reader.tag(), *message);
    } else {
      for (const PrivateMessage::Event& event : message->events) {
        PushLocked(reader.tag(), event.encoded, event.is_snapshot);
      }
    }
    AcknowledgeIfDueLocked();
    if (stream_ != nullptr) stream_->Flush();
  }
  reader.Next();
}

void PrivateStream::TakeAcknowledgementLocked(std::size_t index, const PrivateMessage& message) {
  Feed& feed = feeds_[index];
  feed.refusal = message.refusal;
  feed.silence.Promised(message.heartbeat_interval);
  if (!feed.refusal.ok()) return;
  if (feed.backoff) feed.backoff->Connected(context_.clock.Steady());
  const bool came_back = std::exchange(feed.lost, false);
  // The log begins with its own first acknowledgement or with the client's, whichever is earlier;
  // what is acknowledged later, without a position, may have skipped rows.
  const bool may_skip = feed.acknowledged ? came_back : acknowledged_;
  if (may_skip && feed.rules.traits().is_log && !feed.rules.can_resume()) {
    const TimeNs from = feed.acknowledged ? feed.lost_at : acknowledged_at_;
    PushLocked(index, feed.rules.GapEvent(from, context_.clock.Now()), /*is_snapshot=*/false);
  }
  feed.acknowledged = true;
}

void PrivateStream::PushLocked(std::size_t index, const stream::EncodedEvent& event,
                               bool is_snapshot) {
  Feed& feed = feeds_[index];
  const stream::TopicRef topic{
      this, index,
      feed.rules.traits().is_log ? stream::SlowReader::kDisconnect : stream::SlowReader::kConflate};
  if (is_snapshot && std::exchange(feed.wants_snapshot, false)) {
    stream_->PushFresh(event, topic);
  } else {
    stream_->Push(event, topic);
  }
}

void PrivateStream::OnUpstreamEnd(UpstreamReader& reader, const grpc::Status& status,
                                  bool /*may_have_reached*/) {
  const std::lock_guard lock(mutex_);
  Feed& feed = feeds_[reader.tag()];
  if (feed.reader.get() != &reader) return;
  feed.reader.reset();
  if (stream_ == nullptr) return;
  if (std::exchange(feed.restarting, false)) {
    OpenLocked(reader.tag());
    return;
  }
  const absl::Status error = FromGrpcStatus(status);
  // An exchange that does not offer the channel is no part of what was left open.
  const bool not_meant = ReasonOf(error) == common::v1::ERROR_REASON_NOT_IN_CAPABILITIES &&
                         request_.subscriptions(static_cast<int>(feed.asked)).exchange().empty();
  const bool refused_late = IsFinalRefusal(status) && acknowledged_ && !not_meant;
  if (ReasonOf(error) == common::v1::ERROR_REASON_SLOW_READER ||
      (refused_late && feed.rules.traits().is_log)) {
    stream_->Finish(error);
    return;
  }
  if (IsFinalRefusal(status)) {
    feed.refusal = error;
    if (refused_late) {
      PushLocked(reader.tag(),
                 feed.rules.StaleEvent(common::v1::STALE_REASON_UNSUBSCRIBED, context_.clock.Now()),
                 /*is_snapshot=*/false);
    }
  } else {
    RetryLaterLocked(reader.tag());
  }
  AcknowledgeIfDueLocked();
  stream_->Flush();
}

// Of every topic, and of what has none.
std::vector<PrivateSelection::Result> PrivateStream::ResultsLocked() const {
  std::vector<PrivateSelection::Result> results = selection_.Missing(KnownNames());
  for (const Feed& feed : feeds_) {
    const v1::PrivateSubscription& topic = feed.rules.subscription();
    results.push_back({feed.asked, topic.exchange(), topic.account(), feed.refusal});
  }
  std::sort(results.begin(), results.end(), [](const auto& left, const auto& right) {
    return std::tie(left.asked, left.exchange, left.account) <
           std::tie(right.asked, right.exchange, right.account);
  });
  return results;
}

void PrivateStream::AcknowledgeIfDueLocked() {
  if (acknowledged_ || !offered_known_ || stream_ == nullptr) return;
  const bool all_decided = selection_.IsKnown(KnownNames()) &&
                           std::all_of(feeds_.begin(), feeds_.end(), [](const Feed& feed) {
                             return feed.acknowledged || feed.lost || !feed.refusal.ok();
                           });
  if (!all_decided && context_.clock.Steady() - opened_at_ < kAcknowledgementWait) return;
  acknowledged_ = true;
  acknowledged_at_ = context_.clock.Now();
  v1::StreamPrivateEventsResponse response;
  common::v1::StreamAcknowledgement& acknowledgement = *response.mutable_acknowledgement();
  for (const PrivateSelection::Result& result : ResultsLocked()) {
    common::v1::SubscriptionResult& told = *acknowledgement.add_results();
    told.set_index(static_cast<std::uint32_t>(result.asked));
    *told.mutable_status() = ToProto(result.status);
    told.set_exchange(result.exchange);
    told.set_account(result.account);
  }
  acknowledgement.set_heartbeat_interval_ms(
      static_cast<std::uint32_t>(Options().heartbeat_interval.count()));
  stream_->Acknowledge(response);
}

void PrivateStream::RestartWantedLocked() {
  std::set<stream::TopicId> wanted;
  {
    const std::lock_guard lock(refresh_mutex_);
    wanted.swap(refresh_);
  }
  for (const stream::TopicId index : wanted) {
    Feed& feed = feeds_[index];
    feed.wants_snapshot = true;
    if (!feed.reader) continue;
    feed.restarting = true;
    feed.reader->Cancel();
  }
}

void PrivateStream::Tick(nanoseconds steady_now) {
  const std::lock_guard lock(mutex_);
  if (stream_ == nullptr) return;
  for (std::size_t i = 0; i < feeds_.size(); ++i) LoseIfSilentLocked(i, steady_now);
  RestartWantedLocked();
  OpenFeedsLocked();
  AcknowledgeIfDueLocked();
  stream_->Flush();
}

void PrivateStream::OnBackendChange() {
  const std::lock_guard lock(mutex_);
  if (stream_ == nullptr) return;
  OpenFeedsLocked();
  AcknowledgeIfDueLocked();
  stream_->Flush();
}

void PrivateStream::Finish(const absl::Status& status) {
  const std::lock_guard lock(mutex_);
  if (stream_ != nullptr) stream_->Finish(status);
}

void PrivateStream::End() {
  const std::lock_guard lock(mutex_);
  stream_.reset();
  for (const Feed& feed : feeds_) {
    if (feed.reader) feed.reader->Cancel();
  }
}

}  // namespace

grpc::ServerWriteReactor<grpc::ByteBuffer>* StartPrivateStream(
    const ServiceContext& context, const grpc::CallbackServerContext& client,
    const v1::StreamPrivateEventsRequest& request) {
  absl::StatusOr<PrivateSelection> selection =
      PrivateSelection::Create(request, context.backends, context.gate.CallerOf(client));
  if (!selection.ok()) return FinishedWriter(selection.status());
  return std::make_shared<PrivateStream>(context, client, request, *std::move(selection))->Start();
}

}  // namespace switchyard::router
