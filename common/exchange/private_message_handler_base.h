#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/exchange/message_counters.h"
#include "common/log/log.h"
#include "common/time/time.h"

namespace switchyard::exchange {

// What a private frame is, as far as routing goes.
enum class PrivateMessage : std::uint8_t {
  kOrderUpdate,
  kExecutionReport,
  kBalanceUpdate,
  kPositionUpdate,
  kLogin,      // the answer to a login, or to an order sent over the socket
  kSubscribe,  // the answer to a private subscription
  kPing,
  kUnknown,
};
inline constexpr std::string_view kPrivateMessageNames[] = {
    "order_update", "execution_report", "balance_update", "position_update",
    "login",        "subscribe",        "ping",           "unknown"};

// As PublicMessageHandlerBase, for private frames: nothing here is ever dropped or replaced by its
// successor, so a frame that cannot be parsed is an error that Derived must hear of (OnMalformed),
// because what it told has to be read again from REST. Frames are never written to the log: they
// hold what an account owns. Connection thread.
template <typename Derived>
class PrivateMessageHandlerBase {
 public:
  PrivateMessageHandlerBase(metrics::Metrics& metrics, const Clock& clock,
                            std::string_view exchange)
      : counters_(metrics, exchange, "private", kPrivateMessageNames),
        clock_(clock),
        exchange_(exchange),
        samples_(clock, std::chrono::seconds(10)) {}

  // `parse` fills the parsed form; `delivery` holds it with what came along.
  template <typename Parse, typename Push, typename Delivery>
  void Handle(Derived& derived, std::string_view frame, Parse parse, const Push& push,
              const Delivery& delivery) {
    const std::chrono::nanoseconds begin = clock_.Steady();
    if (absl::Status parsed = parse(); !parsed.ok()) {
      counters_.ParseError();
      samples_.Log(log::Level::kError, "private_frame_not_understood",
                   {{"exchange", exchange_}, {"bytes", frame.size()}, {"error", parsed}});
      derived.OnMalformed(parsed);
      return;
    }
    const PrivateMessage kind = derived.Detect(push);
    counters_.Received(static_cast<std::size_t>(kind), frame.size());
    Route(derived, kind, delivery);
    counters_.Took(clock_.Steady() - begin);
  }

 private:
  template <typename Delivery>
  void Route(Derived& derived, PrivateMessage kind, const Delivery& delivery) {
    switch (kind) {
      case PrivateMessage::kOrderUpdate:
        return derived.OnOrderUpdate(delivery);
      case PrivateMessage::kExecutionReport:
        return derived.OnExecutionReport(delivery);
      case PrivateMessage::kBalanceUpdate:
        return derived.OnBalanceUpdate(delivery);
      case PrivateMessage::kPositionUpdate:
        return derived.OnPositionUpdate(delivery);
      case PrivateMessage::kLogin:
        return derived.OnLogin(delivery);
      case PrivateMessage::kSubscribe:
        return derived.OnAnswer(delivery);
      case PrivateMessage::kPing:
        return derived.OnPong(delivery);
      case PrivateMessage::kUnknown:
        samples_.Log(log::Level::kInfo, "private_frame_of_unknown_kind", {{"exchange", exchange_}});
        return;
    }
  }

  MessageCounters counters_;
  const Clock& clock_;
  const std::string exchange_;
  log::SampledLog samples_;
};

}  // namespace switchyard::exchange
