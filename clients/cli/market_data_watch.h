#pragma once

#include <cstdint>
#include <string_view>

#include "clients/cli/session.h"
#include "clients/cli/stream.h"
#include "switchyard/marketdata/v1/market_data_service.pb.h"

namespace switchyard::clients::cli {

// Follows one topic of StreamMarketData: counts, prints JSON, reports a refusal. One thread.
class MarketDataWatch : public StreamHandler<marketdata::v1::StreamMarketDataResponse> {
 public:
  explicit MarketDataWatch(Session& session);

  // Runs until the end; returns the exit code.
  int Run(marketdata::v1::Channel channel);

  Next OnMessage(const marketdata::v1::StreamMarketDataResponse& response) final;
  void OnInterrupted(std::string_view why) override;

 protected:
  // One event. Prints it, unless --json: that is done.
  virtual Next OnEvent(const marketdata::v1::MarketDataEvent& event) = 0;

  Session& session() { return session_; }
  bool json() const { return session_.line().json; }

 private:
  Session& session_;
  std::int64_t events_ = 0;
  common::v1::Status refusal_;
};

}  // namespace switchyard::clients::cli
