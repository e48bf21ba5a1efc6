#include "exchanges/gateio/websocket/public_message_handler.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <charconv>
#include <string>

#include "common/status/status.h"
#include "exchanges/gateio/utils/converters.h"
#include "exchanges/gateio/websocket/payload_reader.h"

namespace switchyard::exchanges::gateio {
namespace {

namespace ondemand = simdjson::ondemand;
static_assert(PublicParser::kSpareBytes >= simdjson::SIMDJSON_PADDING);

// Large enough for every frame but the first of a deep stream; the parser grows beyond by itself.
constexpr std::size_t kUsualFrameBytes = 64 * 1024;

bool HasPublicData(Channel channel) {
  return channel >= Channel::kBookUpdate && channel <= Channel::kLiquidations;
}

// Whether a frame of this channel and event carries data that we read. The event may be absent:
// obu pushes come without. The legacy futures book sends changes as `update` that carry no range of
// ids; nothing here asks for them.
bool IsData(Product product, Channel channel, std::string_view event) {
  if (!HasPublicData(channel)) return false;
  if (product == Product::kFutures && channel == Channel::kBookSnapshot) return event == "all";
  return event.empty() || event == "update";
}

wire::Event EventOf(Product product, Channel channel, std::string_view event) {
  if (event == "upgrade") return wire::Event::kUpgrade;
  if (channel == Channel::kUnknown) return wire::Event::kUnknown;
  if (channel == Channel::kPong) return wire::Event::kPong;
  if (event == "subscribe") return wire::Event::kSubscribed;
  if (event == "unsubscribe") return wire::Event::kUnsubscribed;
  return IsData(product, channel, event) ? wire::Event::kUpdate : wire::Event::kUnknown;
}

// False, and nothing written, where it is no integer.
bool ReadInteger(ondemand::value value, std::int64_t* number) {
  std::string_view text;
  if (!ReadNumberText(value, &text)) return false;
  std::int64_t parsed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  if (error != std::errc() || end != text.data() + text.size()) return false;
  *number = parsed;
  return true;
}

// {"code":2,"message":"..."} or null.
bool ReadError(ondemand::value value, wire::Push& push) {
  if (IsNull(value)) return true;
  push.refused = true;
  ondemand::object object;
  if (value.get_object().get(object)) return false;
  for (auto item : object) {
    ondemand::field field;
    if (std::move(item).get(field)) return false;
    const std::string_view key = KeyOf(field);
    if (key == "code" && !ReadInteger(field.value(), &push.error.code)) return false;
    if (key == "message") {
      std::string_view message;
      if (!ReadText(field.value(), &message)) return false;
      push.error.message = message;
    }
  }
  return true;
}

// The result of an answer: {"status":"success"}, {"status":"fail"} or null.
bool ReadOutcome(ondemand::value value, wire::Push& push) {
  if (IsNull(value)) return true;
  ondemand::object object;
  if (value.get_object().get(object)) return false;
  for (auto item : object) {
    ondemand::field field;
    if (std::move(item).get(field)) return false;
    if (KeyOf(field) != "status") continue;
    std::string_view status;
    if (!ReadText(field.value(), &status)) return false;
    if (status != "success") push.refused = true;
  }
  return true;
}

// A list of texts; what is no text in it, or no list, does not matter to anybody.
bool ReadPayload(ondemand::value value, std::vector<std::string_view>& payload) {
  ondemand::json_type type;
  if (value.type().get(type)) return false;
  if (type != ondemand::json_type::array) return true;
  ondemand::array array;
  if (value.get_array().get(array)) return false;
  for (auto item : array) {
    ondemand::value entry;
    if (item.get(entry)) return false;
    std::string_view text;
    if (ReadText(entry, &text)) payload.push_back(text);
  }
  return true;
}

void Clear(wire::Push& push) {
  push.channel = Channel::kUnknown;
  push.event = wire::Event::kUnknown;
  push.channel_name = push.event_name = push.symbol = {};
  push.time = {};
  push.request_id = 0;
  push.payload.clear();
  push.refused = false;
  push.error.code = 0;
  push.error.message.clear();
}

}  // namespace

class PublicParser::Impl {
 public:
  explicit Impl(Product product) : product_(product) {
    // Where that fails, it fails again at the first frame, which says so.
    if (parser_.allocate(kUsualFrameBytes)) problem_ = "no memory";
  }

  absl::Status Parse(std::string_view frame, wire::Push& push) {
    Clear(push);
    problem_ = "not JSON of the expected form";
    result_ = Result::kAbsent;
    ondemand::document document;
    const simdjson::padded_string_view padded(frame.data(), frame.size(),
                                              frame.size() + kSpareBytes);
    if (parser_.iterate(padded).get(document) || !ReadEnvelope(document, push)) {
      return Malformed(push);
    }
    push.event = EventOf(product_, push.channel, push.event_name);
    const bool wants_data = push.event == wire::Event::kUpdate;
    const bool wants_outcome =
        push.event == wire::Event::kSubscribed || push.event == wire::Event::kUnsubscribed;
    if (wants_data && result_ == Result::kAbsent) {
      problem_ = "no result";
      return Malformed(push);
    }
    const Result wanted = wants_data ? Result::kData : Result::kOutcome;
    if ((wants_data || wants_outcome) && result_ != Result::kAbsent && result_ != wanted) {
      // The result stood before what says how to read it. From the start, not by `rewind`: that is
      // undefined behind an error.
      if (parser_.iterate(padded).get(document) || !ReadLateResult(document, wants_data, push)) {
        return Malformed(push);
      }
    }
    return absl::OkStatus();
  }

 private:
  // What became of the field `result` in the first pass.
  enum class Result { kAbsent, kSkipped, kData, kOutcome };

  absl::Status Malformed(const wire::Push& push) const {
    return MakeError(absl::StatusCode::kInternal,
                     common::v1::ERROR_REASON_MALFORMED_EXCHANGE_MESSAGE,
                     fmt::format("cannot read a {} frame of channel '{}': {}",
                                 ProductName(product_), push.channel_name, problem_));
  }

  bool ReadEnvelope(ondemand::document& document, wire::Push& push) {
    ondemand::object object;
    if (document.get_object().get(object)) return false;
    TimeNs seconds;
    for (auto item : object) {
      ondemand::field field;
      if (std::move(item).get(field)) return false;
      if (!ReadEnvelopeField(KeyOf(field), field.value(), &seconds, push)) return false;
    }
    if (!push.time.given()) push.time = seconds;
    return true;
  }

  bool ReadEnvelopeField(std::string_view key, ondemand::value value, TimeNs* seconds,
                         wire::Push& push) {
    std::string_view text;
    if (key == "channel") {
      if (!ReadText(value, &push.channel_name)) return false;
      push.channel = ChannelOf(push.channel_name);
    } else if (key == "event") {
      return ReadText(value, &push.event_name);
    } else if (key == "time_ms" || key == "time") {
      if (!ReadText(value, &text)) return false;
      const bool millis = key == "time_ms";
      const std::optional<TimeNs> time = millis ? TimeFromMillis(text) : TimeFromSeconds(text);
      if (time) (millis ? push.time : *seconds) = *time;
    } else if (key == "id") {
      // Ids that are no integers are not ours.
      (void)ReadInteger(value, &push.request_id);
    } else if (key == "payload") {
      return ReadPayload(value, push.payload);
    } else if (key == "error") {
      return ReadError(value, push);
    } else if (key == "result") {
      return ReadResult(value, push);
    }
    return true;
  }

  // Frames of one channel come in rows, so the last name is nearly always the next one too.
  Channel ChannelOf(std::string_view name) {
    if (name != last_name_) {
      last_name_ = name;
      last_channel_ = FromWireName(product_, name);
    }
    return last_channel_;
  }

  // Reads the result at once where what came before says how: nearly always.
  bool ReadResult(ondemand::value value, wire::Push& push) {
    result_ = Result::kSkipped;
    if (push.event_name == "subscribe" || push.event_name == "unsubscribe") {
      result_ = Result::kOutcome;
      return ReadOutcome(value, push);
    }
    if (!IsData(product_, push.channel, push.event_name)) return true;
    const bool event_known = !push.event_name.empty();
    const bool read = payloads_.Read(push.channel, value, push);
    if (read) {
      result_ = Result::kData;
      return true;
    }
    problem_ = payloads_.problem();
    // Without an event it may yet be an answer: its own pass decides.
    return !event_known;
  }

  bool ReadLateResult(ondemand::document& document, bool data, wire::Push& push) {
    ondemand::object object;
    if (document.get_object().get(object)) return false;
    for (auto item : object) {
      ondemand::field field;
      if (std::move(item).get(field)) return false;
      if (KeyOf(field) != "result") continue;
      if (!data) return ReadOutcome(field.value(), push);
      if (payloads_.Read(push.channel, field.value(), push)) return true;
      problem_ = payloads_.problem();
      return false;
    }
    return false;
  }

  const Product product_;
  ondemand::parser parser_;
  PayloadReader payloads_;
  std::string_view problem_;
  Result result_ = Result::kAbsent;
  std::string last_name_;
  Channel last_channel_ = Channel::kUnknown;
};

PublicParser::PublicParser(Product product) : impl_(std::make_unique<Impl>(product)) {}
PublicParser::~PublicParser() = default;

absl::Status PublicParser::Parse(std::string_view frame, wire::Push& push) {
  return impl_->Parse(frame, push);
}

}  // namespace switchyard::exchanges::gateio
