#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/simulator/exchanges/gateio/product_base.h"
#include "services/simulator/replay/player.h"
#include "services/simulator/replay/recording.h"

namespace switchyard::simulator::gateio {

// A product that says again what was recorded. REST answers are the recorded ones whatever the
// limit asked for; frames go to the subscribers of their channel and symbol, with their recorded
// times.
class ReplayProduct final : public ProductBase {
 public:
  // `io` must outlive it. Errors: InvalidArgument, the recording has no instruments or no push of a
  // known channel.
  static absl::StatusOr<std::unique_ptr<ReplayProduct>> Create(boost::asio::io_context& io,
                                                               Product product,
                                                               const Surroundings& surroundings,
                                                               replay::Recording recording,
                                                               bool start_when_subscribed);

  transport::HttpResponse Rest(const transport::HttpRequest& request,
                               std::string_view path) override;
  void OnTick() override;
  void Stop() override { player_.Stop(); }

  bool HasSymbol(std::string_view symbol) const override { return symbols_.Has(symbol); }
  absl::StatusOr<v1::GetBookResponse> Book(const std::string& symbol, std::uint32_t depth) override;
  absl::Status SetFlow(const v1::SetFlowRequest& request) override;
  absl::StatusOr<std::uint64_t> StartReplay(std::uint32_t speed_percent) override;
  v1::ExchangeStatistics Statistics() const override;

  absl::StatusOr<std::vector<TopicKey>> Parse(Channel channel,
                                              const std::vector<std::string>& payload,
                                              bool decimal_sizes) override;
  void Greet(const TopicKey&, Subscription&) override {}

 private:
  // What a frame is for: full channel name and symbol.
  using Stream = std::pair<std::string, std::string>;

  struct Push {
    std::int64_t time_ns;
    Stream stream;
    transport::Frame frame;
  };

  // What a recording holds, by how it is looked up.
  struct Content {
    Symbols symbols;
    std::map<std::string, std::string> answers;     // by path, or path and symbol
    std::map<std::string, std::string> ask_prices;  // the highest one, by symbol
    std::vector<Push> pushes;
  };

  ReplayProduct(boost::asio::io_context& io, const Surroundings& surroundings, Content content,
                bool start_when_subscribed);

  static void ReadAnswers(const replay::Recording& recording, Content& content);
  static void ReadPushes(const replay::Recording& recording, Content& content);

  std::string CrossingPrice(const std::string& symbol) override;
  void OnSubscribed(const TopicKey& key, Subscription& subscription) override;
  void OnUnsubscribed(const TopicKey& key, Subscription& subscription) override;

  const Symbols symbols_;
  const std::map<std::string, std::string> answers_;
  const std::map<std::string, std::string> ask_prices_;
  const std::vector<Push> pushes_;
  std::set<Stream> recorded_streams_;
  const bool start_when_subscribed_;
  std::map<Stream, std::vector<Subscription*>> subscriptions_;
  replay::Player player_;
};

}  // namespace switchyard::simulator::gateio
