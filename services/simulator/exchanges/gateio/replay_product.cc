#include "services/simulator/exchanges/gateio/replay_product.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fmt/format.h"
#include "services/simulator/exchanges/gateio/channels.h"
#include "services/simulator/exchanges/gateio/rest.h"

namespace switchyard::simulator::gateio {
namespace {

using Json = nlohmann::json;

std::string_view RestPrefix(Product product) {
  return product == Product::kSpot ? "/api/v4/spot/" : "/api/v4/futures/usdt/";
}

std::string_view SymbolParameter(Product product) {
  return product == Product::kSpot ? "currency_pair" : "contract";
}

std::string_view InstrumentsPath(Product product) {
  return product == Product::kSpot ? "currency_pairs" : "contracts";
}

std::string AnswerKey(std::string_view path, std::string_view symbol) {
  return symbol.empty() ? std::string(path) : fmt::format("{}?{}", path, symbol);
}

// The symbol that a push is about; empty = none found.
std::string SymbolOf(const Json& message) {
  const auto result = message.find("result");
  if (result == message.end()) return {};
  const Json* row = &*result;
  if (row->is_array() && !row->empty()) row = &row->front();
  if (!row->is_object()) return {};
  for (const char* key : {"s", "contract", "currency_pair", "c"}) {
    const auto found = row->find(key);
    const bool is_price = std::string_view(key) == "c" && row->contains("n");
    if (found != row->end() && found->is_string() && !is_price) return found->get<std::string>();
  }
  // Candles: "1m_BTC_USDT".
  const auto name = row->find("n");
  if (name == row->end() || !name->is_string()) return {};
  const std::string text = name->get<std::string>();
  return text.substr(text.find('_') + 1);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ReplayProduct>> ReplayProduct::Create(
    boost::asio::io_context& io, Product product, const Surroundings& surroundings,
    replay::Recording recording, bool start_when_subscribed) {
  Content content = {{product, {}}, {}, {}, {}};
  ReadAnswers(recording, content);
  ReadPushes(recording, content);
  if (content.symbols.names.empty() || content.pushes.empty()) {
    return absl::InvalidArgumentError(fmt::format("the recording has {} instruments and {} pushes",
                                                  content.symbols.names.size(),
                                                  content.pushes.size()));
  }
  return std::unique_ptr<ReplayProduct>(
      new ReplayProduct(io, surroundings, std::move(content), start_when_subscribed));
}

ReplayProduct::ReplayProduct(boost::asio::io_context& io, const Surroundings& surroundings,
                             Content content, bool start_when_subscribed)
    : ProductBase(content.symbols.product, surroundings),
      symbols_(std::move(content.symbols)),
      answers_(std::move(content.answers)),
      ask_prices_(std::move(content.ask_prices)),
      pushes_(std::move(content.pushes)),
      start_when_subscribed_(start_when_subscribed),
      player_(
          io,
          [this] {
            std::vector<std::int64_t> times_ns;
            for (const Push& push : pushes_) times_ns.push_back(push.time_ns);
            return times_ns;
          }(),
          [this](std::size_t index) {
            const Push& push = pushes_[index];
            for (Subscription* subscription : subscriptions_[push.stream]) {
              delivery().Deliver(*subscription, push.frame);
            }
          },
          [this] { return Congested(); }) {
  for (const Push& push : pushes_) recorded_streams_.insert(push.stream);
}

void ReplayProduct::ReadAnswers(const replay::Recording& recording, Content& content) {
  const Product product = content.symbols.product;
  const std::string_view prefix = RestPrefix(product);
  for (const replay::RecordedAnswer& answer : recording.answers) {
    if (!answer.path.starts_with(prefix)) continue;
    const std::string path = answer.path.substr(prefix.size());
    transport::HttpRequest request;
    request.query = answer.query;
    const std::string symbol(request.Parameter(SymbolParameter(product)));
    content.answers[AnswerKey(path, symbol)] = answer.body;
    const Json body = Json::parse(answer.body, nullptr, /*allow_exceptions=*/false);
    if (path == InstrumentsPath(product) && body.is_array()) {
      for (const Json& row : body) {
        const auto name = row.find(product == Product::kSpot ? "id" : "name");
        if (name == row.end() || !name->is_string()) continue;
        content.symbols.names.insert(name->get<std::string>());
        content.answers[path + "/" + name->get<std::string>()] = row.dump();
      }
    }
    if (path == "order_book" && body.is_object() && body.contains("asks") &&
        !body["asks"].empty()) {
      const Json& worst = body["asks"].back();
      content.ask_prices[symbol] =
          worst.is_array() ? worst.at(0).get<std::string>() : worst.value("p", std::string());
    }
  }
}

void ReplayProduct::ReadPushes(const replay::Recording& recording, Content& content) {
  for (const replay::RecordedFrame& frame : recording.frames) {
    const Json message = Json::parse(frame.text, nullptr, /*allow_exceptions=*/false);
    if (!message.is_object()) continue;
    const std::string channel = message.value("channel", std::string());
    const std::string event = message.value("event", std::string());
    // Acknowledgements are given anew.
    if (event == "subscribe" || event == "unsubscribe") continue;
    if (!FindChannel(content.symbols.product, channel)) continue;
    const std::string symbol = SymbolOf(message);
    if (!content.symbols.Has(symbol)) continue;
    content.pushes.push_back(
        {frame.time_ns, {channel, symbol}, std::make_shared<const std::string>(frame.text)});
  }
}

transport::HttpResponse ReplayProduct::Rest(const transport::HttpRequest& request,
                                            std::string_view path) {
  if (product() == Product::kSpot && path == "time") {
    return JsonResponse(fmt::format("{{\"server_time\":{}}}", clock().NowNs() / 1'000'000));
  }
  const std::string_view symbol = request.Parameter(SymbolParameter(product()));
  const auto found = answers_.find(AnswerKey(path, symbol));
  if (found != answers_.end()) return JsonResponse(found->second);
  if (!symbol.empty() && !symbols_.Has(symbol)) {
    return product() == Product::kSpot
               ? ErrorResponse(400, "INVALID_CURRENCY_PAIR", "Invalid currency pair")
               : ErrorResponse(404, "CONTRACT_NOT_FOUND", "contract not found");
  }
  return ErrorResponse(404, "NOT_FOUND", "not in the recording");
}

void ReplayProduct::OnTick() {
  delivery().OnTick(SteadyNowNs());
  PublishCounts();
}

absl::StatusOr<v1::GetBookResponse> ReplayProduct::Book(const std::string&, std::uint32_t) {
  return absl::FailedPreconditionError(fmt::format("{} replays a recording", id()));
}

absl::Status ReplayProduct::SetFlow(const v1::SetFlowRequest&) {
  return absl::FailedPreconditionError(fmt::format("{} replays a recording", id()));
}

absl::StatusOr<std::uint64_t> ReplayProduct::StartReplay(std::uint32_t speed_percent) {
  player_.Start(speed_percent);
  return pushes_.size();
}

v1::ExchangeStatistics ReplayProduct::Statistics() const {
  v1::ExchangeStatistics statistics = ProductBase::Statistics();
  statistics.set_replayed(player_.played());
  return statistics;
}

absl::StatusOr<std::vector<TopicKey>> ReplayProduct::Parse(Channel channel,
                                                           const std::vector<std::string>& payload,
                                                           bool decimal_sizes) {
  return ParsePayload(symbols_, channel, payload, decimal_sizes);
}

std::string ReplayProduct::CrossingPrice(const std::string& symbol) {
  const auto found = ask_prices_.find(symbol);
  return found == ask_prices_.end() ? "999999999" : found->second;
}

void ReplayProduct::OnSubscribed(const TopicKey&, Subscription& subscription) {
  subscriptions_[{subscription.channel, subscription.symbol}].push_back(&subscription);
  if (!start_when_subscribed_ || player_.started()) return;
  const bool complete =
      std::all_of(recorded_streams_.begin(), recorded_streams_.end(), [this](const Stream& stream) {
        const auto found = subscriptions_.find(stream);
        return found != subscriptions_.end() && !found->second.empty();
      });
  if (complete) player_.Start(100);
}

void ReplayProduct::OnUnsubscribed(const TopicKey&, Subscription& subscription) {
  std::erase(subscriptions_[{subscription.channel, subscription.symbol}], &subscription);
}

}  // namespace switchyard::simulator::gateio
