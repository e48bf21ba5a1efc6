#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "services/simulator/exchanges/gateio/feed.h"
#include "services/simulator/exchanges/gateio/listing.h"
#include "services/simulator/exchanges/gateio/product_base.h"
#include "services/simulator/flow_driver.h"

namespace switchyard::simulator::gateio {

struct LiveOptions {
  std::size_t symbols = 0;  // 0 = the well-known ones
  std::uint64_t seed = 1;
  std::uint32_t updates_per_second = 10;  // of each symbol
  FeedOptions feed;
};

// A product whose markets the engine moves.
class LiveProduct final : public ProductBase, private engine::MarketListener {
 public:
  // `io` must outlive it.
  LiveProduct(boost::asio::io_context& io, Product product, const Surroundings& surroundings,
              const LiveOptions& options);
  ~LiveProduct() override;

  transport::HttpResponse Rest(const transport::HttpRequest& request,
                               std::string_view path) override;
  void OnTick() override;
  void Stop() override { flow_.Stop(); }

  Listings& listings() { return listings_; }
  // Hears of each change of a market after the public has, and may change it again.
  void set_change_listener(std::function<void(engine::Market&)> listener) {
    change_listener_ = std::move(listener);
  }

  bool HasSymbol(std::string_view symbol) const override;
  absl::StatusOr<v1::GetBookResponse> Book(const std::string& symbol, std::uint32_t depth) override;
  absl::Status SetFlow(const v1::SetFlowRequest& request) override;
  absl::StatusOr<std::uint64_t> StartReplay(std::uint32_t speed_percent) override;

  absl::StatusOr<std::vector<TopicKey>> Parse(Channel channel,
                                              const std::vector<std::string>& payload,
                                              bool decimal_sizes) override;
  void Greet(const TopicKey& key, Subscription& subscription) override;

 private:
  void OnChange(engine::Market& market) override;
  void BreakSequence(engine::Market& market);
  std::string CrossingPrice(const std::string& symbol) override;
  void OnSubscribed(const TopicKey& key, Subscription& subscription) override;
  void OnUnsubscribed(const TopicKey& key, Subscription& subscription) override;

  Listings listings_;
  Feed feed_;
  FlowDriver flow_;
  std::function<void(engine::Market&)> change_listener_;
  metrics::Counter& changes_metric_;
};

}  // namespace switchyard::simulator::gateio
