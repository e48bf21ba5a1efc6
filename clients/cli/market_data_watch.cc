#include "clients/cli/market_data_watch.h"

#include <fmt/format.h>

#include "clients/cli/error_text.h"
#include "switchyard/marketdata/v1/market_data_service.grpc.pb.h"

namespace switchyard::clients::cli {

using marketdata::v1::StreamMarketDataResponse;

MarketDataWatch::MarketDataWatch(Session& session) : session_(session) {}

int MarketDataWatch::Run(marketdata::v1::Channel channel) {
  const CommandLine& line = session_.line();
  marketdata::v1::StreamMarketDataRequest request;
  auto& subscription = *request.add_subscriptions();
  subscription.set_exchange(line.arguments[0]);
  subscription.set_symbol(line.arguments[1]);
  subscription.set_channel(channel);
  if (channel == marketdata::v1::CHANNEL_ORDER_BOOK) {
    subscription.set_depth(static_cast<std::uint32_t>(line.depth));
  }
  if (channel == marketdata::v1::CHANNEL_CANDLES) {
    subscription.set_interval_seconds(static_cast<std::uint32_t>(line.interval.count() / 1000));
  }
  const auto stub = marketdata::v1::MarketDataService::NewStub(session_.channel());
  const OpenStream<StreamMarketDataResponse> open = [&](auto* context, auto* queue, void* tag) {
    return stub->AsyncStreamMarketData(context, request, queue, tag);
  };
  const grpc::Status status = FollowStream<StreamMarketDataResponse>(session_, open, *this);
  if (!status.ok()) return session_.Fail(status);
  if (refusal_.code() != 0) return session_.Fail(ErrorText(refusal_));
  return kExitOk;
}

Next MarketDataWatch::OnMessage(const StreamMarketDataResponse& response) {
  if (const auto* const refusal = RefusalIn(response.acknowledgement())) {
    refusal_ = *refusal;
    return Next::kStop;
  }
  for (const auto& event : response.events()) {
    if (json()) session_.PrintJson(event);
    const Next next = OnEvent(event);
    if (++events_ == session_.line().count) return Next::kStop;
    if (next != Next::kContinue) return next;
  }
  return Next::kContinue;
}

void MarketDataWatch::OnInterrupted(std::string_view why) {
  session_.Warn(fmt::format("stream lost ({}), opening it again", why));
}

}  // namespace switchyard::clients::cli
