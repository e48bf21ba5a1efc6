#include "exchanges/lighter/websocket/public_message_handler.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <charconv>
#include <cstdint>
#include <string>

#include "common/status/status.h"
#include "exchanges/lighter/websocket/payload_reader.h"

namespace switchyard::exchanges::lighter {
namespace {

namespace ondemand = simdjson::ondemand;
static_assert(PublicParser::kSpareBytes >= simdjson::SIMDJSON_PADDING);

// Large enough for every frame but the first of a deep book; the parser grows beyond by itself.
constexpr std::size_t kUsualFrameBytes = 64 * 1024;

wire::Event EventOf(std::string_view type, bool has_error, Channel channel) {
  if (has_error || type == "error") return wire::Event::kError;
  if (type == "ping") return wire::Event::kPing;
  if (type == "pong") return wire::Event::kPong;
  if (type == "connected") return wire::Event::kConnected;
  if (type == "unsubscribed") return wire::Event::kUnsubscribed;
  if (!IsPublic(channel)) return wire::Event::kUnknown;
  if (type.starts_with("subscribed/")) return wire::Event::kSubscribed;
  if (type.starts_with("update/")) return wire::Event::kUpdate;
  return wire::Event::kUnknown;
}

void Clear(wire::Push& push) {
  push.event = wire::Event::kUnknown;
  push.channel = Channel::kUnknown;
  push.type = push.channel_name = push.resolution = {};
  push.market = -1;
  push.time = {};
  push.error_code = 0;
  push.error_message.clear();
  push.ticker = {};
  push.trades.clear();
  push.stats.clear();
  push.candles.clear();
}

}  // namespace

ChannelParts ParseChannel(std::string_view name) {
  ChannelParts parts;
  const std::size_t first = name.find_first_of(":/");
  parts.channel = FromWireName(name.substr(0, first));
  if (first == std::string_view::npos) return parts;
  const std::string_view rest = name.substr(first + 1);
  const std::size_t second = rest.find_first_of(":/");
  const std::string_view market = rest.substr(0, second);
  if (second != std::string_view::npos) parts.resolution = rest.substr(second + 1);
  wire::MarketId id = -1;
  const auto [end, error] = std::from_chars(market.data(), market.data() + market.size(), id);
  if (error == std::errc() && end == market.data() + market.size() && id >= 0) parts.market = id;
  return parts;
}

class PublicParser::Impl {
 public:
  Impl() {
    // Where that fails, it fails again at the first frame, which says so.
    if (parser_.allocate(kUsualFrameBytes)) problem_ = "no memory";
  }

  absl::Status Parse(std::string_view frame, wire::Push& push) {
    Clear(push);
    seen_ = {};
    problem_ = "not JSON of the expected form";
    ondemand::document document;
    const simdjson::padded_string_view padded(frame.data(), frame.size(),
                                              frame.size() + kSpareBytes);
    const bool read = !parser_.iterate(padded).get(document) && ReadEnvelope(document, push);
    const ChannelParts parts = ParseChannel(push.channel_name);
    push.channel = parts.channel;
    push.market = parts.market;
    push.resolution = parts.resolution;
    if (!read) return Malformed(push);
    push.event = EventOf(push.type, seen_.error, push.channel);
    const bool has_data =
        push.event == wire::Event::kSubscribed || push.event == wire::Event::kUpdate;
    if (has_data && !HasPayload(push.channel)) {
      problem_ = "no data of its channel";
      return Malformed(push);
    }
    push.ticker.nonce = seen_.nonce;
    return absl::OkStatus();
  }

 private:
  // What the frame held.
  struct Seen {
    bool error = false, book = false, ticker = false, trades = false, stats = false;
    bool candles = false;
    std::uint64_t nonce = 0;
  };

  absl::Status Malformed(const wire::Push& push) const {
    return MakeError(
        absl::StatusCode::kInternal, common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE,
        fmt::format("cannot read a frame of channel '{}': {}", push.channel_name, problem_));
  }

  bool HasPayload(Channel channel) const {
    switch (channel) {
      case Channel::kOrderBook:
        return seen_.book;
      case Channel::kTicker:
        return seen_.ticker;
      case Channel::kTrades:
        return seen_.trades;
      case Channel::kCandles:
        return seen_.candles;
      default:
        return seen_.stats;
    }
  }

  bool ReadEnvelope(ondemand::document& document, wire::Push& push) {
    ondemand::object object;
    if (document.get_object().get(object)) return false;
    for (auto item : object) {
      std::string_view key;
      ondemand::value value;
      if (item.unescaped_key().get(key) || item.value().get(value)) return false;
      if (!ReadField(key, value, push)) {
        problem_ = key;
        return false;
      }
    }
    return true;
  }

  // A payload's own key says what it is: the channel's name may stand behind it.
  bool ReadField(std::string_view key, ondemand::value value, wire::Push& push) {
    std::int64_t number = 0;
    if (key == "channel") return ReadText(value, &push.channel_name);
    if (key == "type") return ReadText(value, &push.type);
    if (key == "timestamp") {
      constexpr std::int64_t kLast = 9'000'000'000'000;
      if (!ReadInteger(value, &number) || number < 0 || number > kLast) return false;
      push.time = TimeNs::FromMillis(number);
      return true;
    }
    if (key == "nonce") {
      if (!ReadInteger(value, &number) || number < 0) return false;
      seen_.nonce = static_cast<std::uint64_t>(number);
      return true;
    }
    if (key == "order_book") return seen_.book = ReadOrderBook(value, &push.order_book);
    if (key == "ticker") return seen_.ticker = ReadTicker(value, &push.ticker);
    if (key == "trades" || key == "liquidation_trades") {
      return seen_.trades = ReadTrades(value, &push.trades);
    }
    if (key == "market_stats" || key == "spot_market_stats") {
      return seen_.stats = ReadStats(value, &push.stats);
    }
    if (key == "candles") return seen_.candles = ReadCandles(value, &push.candles);
    return ReadErrorField(key, value, push);
  }

  // Nested in `error`, or flat beside the type.
  bool ReadErrorField(std::string_view key, ondemand::value value, wire::Push& push) {
    if (key == "code") return ReadInteger(value, &push.error_code);
    if (key == "message") {
      std::string_view text;
      if (!ReadText(value, &text)) return false;
      push.error_message = text;
      return true;
    }
    if (key != "error") return true;
    seen_.error = true;
    ondemand::object error;
    if (value.get_object().get(error)) return false;
    for (auto item : error) {
      std::string_view name;
      ondemand::value field;
      if (item.unescaped_key().get(name) || item.value().get(field)) return false;
      if (name != "error" && !ReadErrorField(name, field, push)) return false;
    }
    return true;
  }

  ondemand::parser parser_;
  std::string_view problem_;
  Seen seen_;
};

PublicParser::PublicParser() : impl_(std::make_unique<Impl>()) {}
PublicParser::~PublicParser() = default;

absl::Status PublicParser::Parse(std::string_view frame, wire::Push& push) {
  return impl_->Parse(frame, push);
}

}  // namespace switchyard::exchanges::lighter
