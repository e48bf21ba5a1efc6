#include "services/status/status_service.h"

#include <fmt/format.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include <algorithm>
#include <utility>

#include "common/status/status.h"
#include "services/process/gather.h"
#include "services/status/status_converters.h"
#include "services/status/version.h"

namespace switchyard::status {
namespace {

using process::UnaryCall;
using StatusGather = process::Gather<exchange::ClientStatus>;

constexpr char kWatchMethod[] = "/switchyard.status.v1.StatusService/WatchStatus";
// GetStatus waits no longer for an exchange.
constexpr std::chrono::seconds kAnswerWithin{1};
constexpr std::uint32_t kDefaultIntervalMs = 1'000;
constexpr std::uint32_t kLeastIntervalMs = 100;
constexpr std::uint32_t kMostIntervalMs = 60'000;

std::chrono::milliseconds IntervalOf(const v1::WatchStatusRequest& request) {
  const std::uint32_t asked = request.interval_ms();
  return std::chrono::milliseconds(
      asked == 0 ? kDefaultIntervalMs : std::clamp(asked, kLeastIntervalMs, kMostIntervalMs));
}

v1::WatchStatusResponse Acknowledgement(const stream::StreamOptions& options) {
  v1::WatchStatusResponse response;
  response.mutable_acknowledgement()->add_results();
  response.mutable_acknowledgement()->set_heartbeat_interval_ms(
      static_cast<std::uint32_t>(options.heartbeat_interval.count()));
  return response;
}

absl::StatusOr<v1::WatchStatusRequest> Parse(const grpc::ByteBuffer& encoded) {
  v1::WatchStatusRequest request;
  grpc::ByteBuffer buffer(encoded);  // shares the bytes; parsing consumes its own reference
  if (!grpc::GenericDeserialize<grpc::ProtoBufferReader, v1::WatchStatusRequest>(&buffer, &request)
           .ok()) {
    return absl::InvalidArgumentError("the request is no WatchStatusRequest");
  }
  return request;
}

}  // namespace

StatusService::StatusService(const process::ServiceContext& context, const StatusBoard& board)
    : clients_(context.clients),
      streams_(context.streams),
      ticker_(context.ticker),
      clock_(context.clock),
      board_(board),
      start_time_(clock_.Now()) {}

absl::StatusOr<std::vector<std::size_t>> StatusService::Select(const std::string& exchange) const {
  if (!exchange.empty()) {
    if (const auto found = clients_.Find(exchange); !found.ok()) return found.status();
  }
  std::vector<std::size_t> selected;
  for (std::size_t i = 0; i < board_.subjects().size(); ++i) {
    if (exchange.empty() || board_.subjects()[i].exchange == exchange) selected.push_back(i);
  }
  return selected;
}

v1::ExchangeStatus StatusService::StatusOf(std::size_t subject,
                                           const exchange::ClientStatus& status) const {
  const Subject& about = board_.subjects()[subject];
  v1::ExchangeStatus told = ToProto(about.exchange, about.component, status,
                                    about.client_streams ? about.client_streams() : 0);
  *told.mutable_accounts() = {about.accounts.begin(), about.accounts.end()};
  return told;
}

stream::EncodedEvent StatusService::Encode(std::size_t subject,
                                           const exchange::ClientStatus& status) const {
  return stream::EncodedEvent::Encode(StatusOf(subject, status));
}

grpc::ServerUnaryReactor* StatusService::GetCapabilities(Context*,
                                                         const v1::GetCapabilitiesRequest* request,
                                                         v1::GetCapabilitiesResponse* response) {
  const auto call = UnaryCall::Create();
  if (!request->exchange().empty()) {
    const auto client = clients_.Find(request->exchange());
    if (client.ok()) *response->add_capabilities() = ToProto((*client)->capabilities());
    call->End(client.status());
    return call.get();
  }
  for (const auto& [id, client] : clients_.all()) {
    *response->add_capabilities() = ToProto(client->capabilities());
  }
  call->End(absl::OkStatus());
  return call.get();
}

grpc::ServerUnaryReactor* StatusService::GetStatus(Context*, const v1::GetStatusRequest* request,
                                                   v1::GetStatusResponse* response) {
  const auto call = UnaryCall::Create();
  const absl::StatusOr<std::vector<std::size_t>> selected = Select(request->exchange());
  if (!selected.ok()) {
    call->End(selected.status());
    return call.get();
  }
  const auto answers = std::make_shared<StatusGather>(
      selected->size(), [this, call, response, subjects = *selected](StatusGather::Answers all) {
        if (!call->Claim()) return;
        for (std::size_t i = 0; i < subjects.size(); ++i) {
          if (all[i].has_value() && all[i]->ok()) {
            *response->add_statuses() = StatusOf(subjects[i], **all[i]);
            continue;
          }
          // Its accounts are known all the same.
          *response->add_statuses() = StatusOf(subjects[i], {});
          const Subject& silent = board_.subjects()[subjects[i]];
          v1::ExchangeError& error = *response->add_errors();
          error.set_exchange(silent.exchange);
          error.set_component(silent.component);
          *error.mutable_status() = switchyard::ToProto(
              all[i].has_value()
                  ? all[i]->status()
                  : absl::UnavailableError(fmt::format("{}: no answer in time", silent.exchange)));
        }
        response->set_start_time_ns(start_time_.value);
        response->set_version(std::string(kVersion));
        call->Answer(absl::OkStatus());
      });
  if (selected->empty()) answers->Expire();
  // Before anybody is asked, so that the time runs from there.
  ticker_.CallAfter(kAnswerWithin, [waiting = std::weak_ptr(answers)] {
    if (const auto late = waiting.lock()) late->Expire();
  });
  for (std::size_t i = 0; i < selected->size(); ++i) {
    const Subject& subject = board_.subjects()[(*selected)[i]];
    if (!subject.connects()) {
      answers->Set(i, board_.Read((*selected)[i]).status);
    } else {
      subject.GetStatus([answers, i](auto status) { answers->Set(i, std::move(status)); });
    }
  }
  return call.get();
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* StatusService::WatchStatus(
    Context*, const grpc::ByteBuffer* encoded) {
  const absl::StatusOr<v1::WatchStatusRequest> request = Parse(*encoded);
  const absl::StatusOr<std::vector<std::size_t>> selected =
      request.ok() ? Select(request->exchange())
                   : absl::StatusOr<std::vector<std::size_t>>(request.status());
  if (!selected.ok()) {
    const StreamPtr refused = streams_.Open({}, kWatchMethod, [](const StreamPtr&) {});
    refused->Finish(selected.status());
    return refused->StartReactor();
  }
  auto watch = std::make_unique<Watch>();
  watch->interval = IntervalOf(*request);
  for (const std::size_t subject : *selected) watch->seen.push_back({subject, 0});
  const stream::StreamOptions options;
  watch->stream = streams_.Open(options, kWatchMethod, [this](const StreamPtr& ended) {
    const std::lock_guard lock(mutex_);
    std::erase_if(watches_, [&](const auto& each) { return each->stream == ended; });
  });
  grpc::ServerWriteReactor<grpc::ByteBuffer>* reactor = watch->stream->StartReactor();
  watch->stream->Acknowledge(Acknowledgement(options));
  const std::lock_guard lock(mutex_);
  watch->last_full = clock_.Steady();
  Send(*watch, watch->last_full);
  watches_.push_back(std::move(watch));
  return reactor;
}

void StatusService::Tick(std::chrono::nanoseconds steady_now) {
  const std::lock_guard lock(mutex_);
  for (const auto& watch : watches_) Send(*watch, steady_now);
}

void StatusService::Send(Watch& watch, std::chrono::nanoseconds steady_now) {
  const bool all = steady_now - watch.last_full >= watch.interval;
  if (all) watch.last_full = steady_now;
  for (Watch::Seen& seen : watch.seen) {
    const Report report = board_.Read(seen.subject);
    if (report.version == 0 || (!all && report.version == seen.version)) continue;
    seen.version = report.version;
    watch.stream->Push(Encode(seen.subject, report.status), {.owner = this, .id = seen.subject});
  }
  watch.stream->Flush();
}

void StatusService::Refresh(std::shared_ptr<stream::EventStream> stream,
                            std::vector<stream::TopicId> topics) {
  for (const stream::TopicId topic : topics) {
    stream->PushFresh(Encode(topic, board_.Read(topic).status), {.owner = this, .id = topic});
  }
  stream->Flush();
}

}  // namespace switchyard::status
