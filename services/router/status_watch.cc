#include "services/router/status_watch.h"

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/stream/encoded_event.h"
#include "common/stream/event_stream.h"
#include "services/router/backend_status.h"

namespace switchyard::router {
namespace {

using status::v1::ExchangeStatus;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr char kMethod[] = "/switchyard.status.v1.StatusService/WatchStatus";

class StatusWatch final : public LiveStream,
                          public stream::TopicOwner,
                          public std::enable_shared_from_this<StatusWatch> {
 public:
  StatusWatch(const ServiceContext& context, const access::Caller& caller,
              const status::v1::WatchStatusRequest& request)
      : context_(context),
        caller_(caller),
        exchange_(request.exchange()),
        interval_(Interval(request)) {}

  grpc::ServerWriteReactor<grpc::ByteBuffer>* Start() {
    stream::StreamOptions options;
    options.slow_reader = stream::SlowReader::kConflate;
    // The stream's end holds the watch, which so outlives every Refresh; it lets go of the stream.
    const auto stream = context_.open_streams.Open(
        options, kMethod, [self = shared_from_this()](const auto&) { self->End(); });
    status::v1::WatchStatusResponse response;
    response.mutable_acknowledgement()->add_results();
    response.mutable_acknowledgement()->set_heartbeat_interval_ms(
        static_cast<std::uint32_t>(options.heartbeat_interval.count()));
    stream->Acknowledge(response);
    {
      const std::lock_guard lock(mutex_);
      stream_ = stream;
    }
    context_.registry.Add(shared_from_this());
    grpc::ServerWriteReactor<grpc::ByteBuffer>* const reactor = stream->StartReactor();
    AskNow(/*only_changed=*/false);
    return reactor;
  }

  void Tick(nanoseconds steady_now) override {
    {
      const std::lock_guard lock(mutex_);
      if (steady_now < next_round_) return;
    }
    AskNow(/*only_changed=*/false);
  }
  void OnBackendChange() override { AskNow(/*only_changed=*/true); }
  void Finish(const absl::Status& status) override {
    if (const auto stream = Stream()) stream->Finish(status);
  }

  // The next round's statuses are what the slow reader gets.
  void Refresh(std::shared_ptr<stream::EventStream>, std::vector<stream::TopicId> topics) override {
    const std::lock_guard lock(mutex_);
    refresh_.insert(topics.begin(), topics.end());
  }

 private:
  static milliseconds Interval(const status::v1::WatchStatusRequest& request) {
    const std::uint32_t wanted = request.interval_ms();
    return milliseconds(wanted == 0 ? 1'000 : std::clamp(wanted, 100u, 60'000u));
  }

  std::shared_ptr<stream::EventStream> Stream() {
    const std::lock_guard lock(mutex_);
    return stream_;
  }

  void AskNow(bool only_changed) {
    {
      const std::lock_guard lock(mutex_);
      if (stream_ == nullptr) return;
      if (std::exchange(asking_, true)) {
        // A backend's change must not wait for the interval.
        ask_again_ = ask_again_ || only_changed;
        return;
      }
      next_round_ = context_.clock.Steady() + interval_;
    }
    AskStatuses(context_.backends, context_.queries, exchange_,
                std::chrono::system_clock::now() + std::max<milliseconds>(interval_, kLeastWait),
                [self = shared_from_this(), only_changed](BackendStatuses statuses) {
                  KeepGranted(self->caller_, &statuses);
                  self->Publish(statuses.statuses, only_changed);
                });
  }

  // Pushes without the lock: the stream may ask for a refresh from within.
  void Publish(const std::vector<ExchangeStatus>& statuses, bool only_changed) {
    const std::shared_ptr<stream::EventStream> stream = Stream();
    if (stream == nullptr) return;
    for (std::size_t i = 0; i < statuses.size(); ++i) {
      PublishOne(*stream, i, statuses[i], only_changed);
    }
    stream->Flush();
    bool again = false;
    {
      const std::lock_guard lock(mutex_);
      asking_ = false;
      again = std::exchange(ask_again_, false);
    }
    if (again) AskNow(/*only_changed=*/true);
  }

  void PublishOne(stream::EventStream& stream, stream::TopicId topic, const ExchangeStatus& status,
                  bool only_changed) {
    bool fresh = false;
    {
      const std::lock_guard lock(mutex_);
      const std::string state = StateOf(status);
      const bool changed = std::exchange(last_states_[topic], state) != state;
      fresh = refresh_.erase(topic) > 0;
      if (only_changed && !changed && !fresh) return;
    }
    const auto event = stream::EncodedEvent::Encode(status);
    const stream::TopicRef ref{this, topic, stream::SlowReader::kConflate};
    if (fresh) {
      stream.PushFresh(event, ref);
    } else {
      stream.Push(event, ref);
    }
  }

  // What counts as a change: ages and counters move all the time.
  static std::string StateOf(const ExchangeStatus& status) {
    std::string state = status.ready() ? "ready" : "not ready";
    for (const status::v1::ConnectionStatus& connection : status.connections()) {
      state += ' ' + connection.name() + '=' + std::to_string(connection.state());
    }
    return state;
  }

  void End() {
    const std::lock_guard lock(mutex_);
    stream_.reset();
  }

  static constexpr milliseconds kLeastWait{1'000};

  const ServiceContext context_;
  const access::Caller caller_;
  const std::string exchange_;
  const milliseconds interval_;

  std::mutex mutex_;
  std::shared_ptr<stream::EventStream> stream_;  // null once the call is over
  bool asking_ = false;
  bool ask_again_ = false;
  nanoseconds next_round_{0};
  std::map<stream::TopicId, std::string> last_states_;
  std::set<stream::TopicId> refresh_;
};

}  // namespace

grpc::ServerWriteReactor<grpc::ByteBuffer>* StartStatusWatch(
    const ServiceContext& context, const access::Caller& caller,
    const status::v1::WatchStatusRequest& request) {
  return std::make_shared<StatusWatch>(context, caller, request)->Start();
}

}  // namespace switchyard::router
