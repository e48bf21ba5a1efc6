#include "tests/integration/contract_client/stream_client.h"

#include <fmt/format.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/sync_stream.h>

#include <utility>

#include "common/status/grpc_status.h"
#include "common/status/status.h"
#include "switchyard/marketdata/v1/market_data_service.grpc.pb.h"

namespace switchyard::contract_client {
namespace {

using marketdata::v1::StreamMarketDataResponse;
using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kReopenDelay{200};
// Until the acknowledgement says how often heartbeats come.
constexpr std::chrono::milliseconds kFirstSilenceLimit{10'000};
constexpr int kMissedHeartbeats = 3;

}  // namespace

StreamClient::StreamClient(std::shared_ptr<grpc::Channel> channel, StreamOptions options)
    : channel_(std::move(channel)),
      options_(std::move(options)),
      last_message_(SteadyClock::now()),
      silence_limit_(kFirstSilenceLimit),
      thread_([this] { Run(); }) {}

StreamClient::~StreamClient() { Stop(); }

void StreamClient::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (context_ != nullptr) context_->TryCancel();
    stop_changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

int StreamClient::streams_opened() const {
  const std::lock_guard lock(mutex_);
  return streams_opened_;
}

std::vector<std::string> StreamClient::lost_streams() const {
  const std::lock_guard lock(mutex_);
  return lost_streams_;
}

absl::Status StreamClient::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

SteadyClock::time_point StreamClient::CheckSilence() {
  const std::lock_guard lock(mutex_);
  const auto now = SteadyClock::now();
  // Between two streams there is nothing to hear.
  if (context_ == nullptr) return now + silence_limit_;
  if (now - last_message_ <= silence_limit_) return last_message_ + silence_limit_;
  for (auto& [symbol, topic] : topics_) {
    topic.checker.Report("silence", "no message for three heartbeats");
  }
  context_->TryCancel();
  return now + silence_limit_;
}

void StreamClient::Run() {
  while (ReadStream()) {
    std::unique_lock lock(mutex_);
    if (stop_changed_.wait_for(lock, kReopenDelay, [this] { return stopping_; })) return;
  }
}

bool StreamClient::ReadStream() {
  marketdata::v1::StreamMarketDataRequest request;
  for (const std::string& symbol : options_.symbols) {
    auto& subscription = *request.add_subscriptions();
    subscription.set_exchange(options_.exchange);
    subscription.set_symbol(symbol);
    subscription.set_channel(marketdata::v1::CHANNEL_ORDER_BOOK);
    subscription.set_depth(options_.depth);
  }
  grpc::ClientContext context;
  // A connection that was not made is no stream that was lost, and the channel tries again by
  // itself: gRPC 1.51 reads errno late after connect(), so that now and then one of many
  // connections fails at once ("No such file or directory"). CheckSilence ends waiting in vain.
  context.set_wait_for_ready(true);
  const auto opened = SteadyClock::now();
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    context_ = &context;
    ++streams_opened_;
    last_message_ = opened;
    silence_limit_ = kFirstSilenceLimit;
    for (auto& [symbol, topic] : topics_) topic.checker.OnNewStream();
  }
  const auto stub = marketdata::v1::MarketDataService::NewStub(channel_);
  const auto reader = stub->StreamMarketData(&context, request);
  StreamMarketDataResponse response;
  while (reader->Read(&response)) {
    OnMessage(response);
    if (response.has_acknowledgement()) options_.on_silence_limit();
    options_.on_message();
  }
  const grpc::Status status = reader->Finish();

  const std::lock_guard lock(mutex_);
  context_ = nullptr;
  if (stopping_ || !failure_.ok()) return false;
  // CANCELLED: by CheckSilence, and noted there.
  const bool lost = status.ok() || status.error_code() == grpc::StatusCode::UNAVAILABLE ||
                    status.error_code() == grpc::StatusCode::CANCELLED;
  if (lost) {
    const std::chrono::duration<double> age = SteadyClock::now() - opened;
    lost_streams_.push_back(fmt::format("after {:.3f} s: {} {}", age.count(),
                                        static_cast<int>(status.error_code()),
                                        status.error_message()));
  } else {
    failure_ = FromGrpcStatus(status);
  }
  return lost;
}

void StreamClient::OnMessage(const StreamMarketDataResponse& response) {
  const std::lock_guard lock(mutex_);
  last_message_ = SteadyClock::now();
  if (response.has_acknowledgement()) OnAcknowledgement(response.acknowledgement());
  for (const auto& event : response.events()) {
    const auto topic = topics_.find(event.symbol());
    if (topic == topics_.end() || event.exchange() != options_.exchange) {
      failure_ = absl::InternalError(fmt::format("an event of {} {}, which nobody asked for",
                                                 event.exchange(), event.symbol()));
      context_->TryCancel();
      return;
    }
    topic->second.checker.OnEvent(event, SystemClock());
  }
}

void StreamClient::OnAcknowledgement(const common::v1::StreamAcknowledgement& acknowledgement) {
  silence_limit_ =
      kMissedHeartbeats * std::chrono::milliseconds(acknowledgement.heartbeat_interval_ms());
  for (const auto& result : acknowledgement.results()) {
    const auto index = static_cast<std::size_t>(result.index());
    if (result.status().code() != 0 || index >= options_.symbols.size()) {
      failure_ = result.status().code() != 0
                     ? FromProto(result.status())
                     : absl::InternalError("a result for a subscription that was not sent");
      context_->TryCancel();
      return;
    }
    const std::string& symbol = options_.symbols[index];
    topics_.try_emplace(symbol,
                        Topic{result.granted_depth(), BookChecker(symbol, result.granted_depth())});
  }
}

}  // namespace switchyard::contract_client
