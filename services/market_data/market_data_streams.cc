#include "services/market_data/market_data_streams.h"

#include <fmt/format.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <utility>

#include "common/status/status.h"

namespace switchyard::market_data {
namespace {

namespace v1 = marketdata::v1;
using Reactor = grpc::ServerWriteReactor<grpc::ByteBuffer>;

constexpr char kMethod[] = "/switchyard.marketdata.v1.MarketDataService/StreamMarketData";
// The acknowledgement waits no longer for an exchange.
constexpr std::chrono::seconds kAcknowledgeWithin{1};

absl::StatusOr<v1::StreamMarketDataRequest> Parse(const grpc::ByteBuffer& encoded) {
  v1::StreamMarketDataRequest request;
  grpc::ByteBuffer buffer(encoded);  // shares the bytes; parsing consumes its own reference
  if (!grpc::GenericDeserialize<grpc::ProtoBufferReader, v1::StreamMarketDataRequest>(&buffer,
                                                                                      &request)
           .ok()) {
    return absl::InvalidArgumentError("the request is no StreamMarketDataRequest");
  }
  return request;
}

absl::Status NoAnswer(const std::string& exchange) {
  return MakeError(absl::StatusCode::kUnavailable, common::v1::ERROR_REASON_EXCHANGE_UNREACHABLE,
                   fmt::format("subscribing to {}: no answer in time", exchange),
                   {{"exchange", exchange}});
}

using Answers = process::Gather<std::vector<exchange::TopicGrant>>::Answers;

exchange::TopicGrant GrantOf(const SubscriptionPlan& plan, const Answers& answers,
                             const SubscriptionPlan::Subscription& subscription) {
  if (!subscription.refused.ok()) return {.status = subscription.refused};
  const auto& answer = answers[subscription.exchange];
  const std::string& exchange = plan.exchanges[subscription.exchange].id;
  if (!answer.has_value()) return {.status = NoAnswer(exchange)};
  if (!answer->ok()) return {.status = answer->status()};
  if (subscription.topic >= (*answer)->size()) {
    return {.status = absl::InternalError(fmt::format("{}: a grant is missing", exchange))};
  }
  return (**answer)[subscription.topic];
}

v1::StreamMarketDataResponse Acknowledgement(const SubscriptionPlan& plan, const Answers& answers) {
  v1::StreamMarketDataResponse response;
  common::v1::StreamAcknowledgement& acknowledgement = *response.mutable_acknowledgement();
  acknowledgement.set_heartbeat_interval_ms(
      static_cast<std::uint32_t>(plan.options.heartbeat_interval.count()));
  for (std::uint32_t i = 0; i < plan.subscriptions.size(); ++i) {
    const exchange::TopicGrant grant = GrantOf(plan, answers, plan.subscriptions[i]);
    common::v1::SubscriptionResult& result = *acknowledgement.add_results();
    result.set_index(i);
    *result.mutable_status() = ToProto(grant.status);
    if (grant.status.ok()) result.set_granted_depth(grant.granted_depth);
  }
  return response;
}

}  // namespace

MarketDataStreams::MarketDataStreams(const process::ServiceContext& context)
    : clients_(context.clients), streams_(context.streams), ticker_(context.ticker) {
  for (const auto& [id, client] : clients_.all()) {
    readers_[id] = &context.metrics.AddGauge("switchyard_stream_readers",
                                             "Open streams that read something of an exchange.",
                                             {{"exchange", id}});
  }
}

Reactor* MarketDataStreams::Open(const grpc::ByteBuffer& encoded) {
  const absl::StatusOr<v1::StreamMarketDataRequest> request = Parse(encoded);
  absl::StatusOr<SubscriptionPlan> planned =
      request.ok() ? PlanSubscriptions(*request, clients_)
                   : absl::StatusOr<SubscriptionPlan>(request.status());
  if (!planned.ok()) {
    const StreamPtr refused = streams_.Open({}, kMethod, [](const StreamPtr&) {});
    refused->Finish(planned.status());
    return refused->StartReactor();
  }
  const PlanPtr plan = std::make_shared<const SubscriptionPlan>(*std::move(planned));
  CountReaders(*plan, 1);
  const StreamPtr stream =
      streams_.Open(plan->options, kMethod, [this, plan](const StreamPtr& ended) {
        for (const SubscriptionPlan::Exchange& each : plan->exchanges) {
          each.client->Unsubscribe(ended);
        }
        CountReaders(*plan, -1);
      });
  // The end of the call is reported only after this function has returned its reactor, so that
  // Unsubscribe always comes after Subscribe.
  Reactor* reactor = stream->StartReactor();
  Subscribe(stream, plan);
  return reactor;
}

void MarketDataStreams::Subscribe(const StreamPtr& stream, const PlanPtr& plan) {
  // An exchange that has not answered in time is refused: whatever it has attached by then, or
  // attaches later, is detached again.
  const auto grants =
      std::make_shared<Grants>(plan->exchanges.size(), [stream, plan](Answers answers) {
        stream->Acknowledge(Acknowledgement(*plan, answers));
        for (std::size_t i = 0; i < answers.size(); ++i) {
          if (!answers[i].has_value()) plan->exchanges[i].client->Unsubscribe(stream);
        }
      });
  if (plan->exchanges.empty()) return grants->Expire();
  // Before anybody is asked, so that the time runs from there.
  ticker_.CallAfter(kAcknowledgeWithin, [waiting = std::weak_ptr(grants)] {
    if (const auto late = waiting.lock()) late->Expire();
  });
  for (std::size_t i = 0; i < plan->exchanges.size(); ++i) {
    exchange::MarketDataClient* client = plan->exchanges[i].client;
    client->Subscribe(plan->exchanges[i].topics, stream, [grants, stream, client, i](auto answer) {
      const bool in_time = grants->Set(i, std::move(answer));
      if (!in_time || stream->finished()) client->Unsubscribe(stream);
    });
  }
}

void MarketDataStreams::CountReaders(const SubscriptionPlan& plan, int change) {
  for (const SubscriptionPlan::Exchange& each : plan.exchanges) {
    readers_.find(each.id)->second->Add(change);
  }
}

std::uint32_t MarketDataStreams::OpenStreams(std::string_view exchange) const {
  const auto found = readers_.find(exchange);
  return found == readers_.end() ? 0 : static_cast<std::uint32_t>(found->second->value());
}

}  // namespace switchyard::market_data
