#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/decimal/decimal.h"
#include "common/model/market_data.h"
#include "common/status/status.h"
#include "google/protobuf/text_format.h"

// What the tests of services/order/risk share.
namespace switchyard::order::risk {

inline Decimal D(std::string_view text) { return Decimal::Parse(text).value(); }

// Adds the fields of `text` to `message`.
template <typename Message>
Message With(Message message, const std::string& text) {
  Message patch;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &patch)) << text;
  message.MergeFrom(patch);
  return message;
}

template <typename Message>
Message Parse(const std::string& text) {
  return With(Message(), text);
}

// Step 0.001, tick 0.01, at least 0.01 BTC and 5 USDT.
inline model::Instrument Spot() {
  model::Instrument instrument;
  instrument.exchange = "acme";
  instrument.symbol = "BTC-USDT";
  instrument.base = "BTC";
  instrument.quote = "USDT";
  instrument.tick = D("0.01");
  instrument.step = D("0.001");
  instrument.min_quantity = D("0.01");
  instrument.min_notional = D("5");
  return instrument;
}

// One contract = 0.0001 BTC: what is not a whole number of contracts cannot be represented.
inline model::Instrument Perpetual() {
  model::Instrument instrument;
  instrument.exchange = "acme_futures";
  instrument.symbol = "BTC-USDT-PERP";
  instrument.kind = model::InstrumentKind::kPerpetual;
  instrument.direction = model::ContractDirection::kLinear;
  instrument.base = "BTC";
  instrument.quote = instrument.settle = "USDT";
  instrument.tick = D("0.1");
  instrument.step = instrument.multiplier = D("0.0001");
  instrument.min_quantity = D("0.0001");
  instrument.max_quantity = D("100");
  return instrument;
}

// A refusal of one field; empty = none is expected.
inline void ExpectField(const absl::Status& status, const std::string& field) {
  if (field.empty()) {
    EXPECT_TRUE(status.ok()) << status;
    return;
  }
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  EXPECT_EQ(ReasonOf(status), common::v1::ERROR_REASON_INVALID_FIELD) << status;
  EXPECT_EQ(MetadataOf(status)["field"], field) << status;
}

}  // namespace switchyard::order::risk
