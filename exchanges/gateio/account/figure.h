#pragma once

#include <chrono>
#include <initializer_list>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/decimal/decimal.h"
#include "common/json/json.h"
#include "common/model/market_data.h"
#include "switchyard/common/v1/values.pb.h"

// Figures of accounts and positions with where and when they were told. Pure values.
namespace switchyard::exchanges::gateio {

// Where a message came from and when: what all its figures share.
struct Stamp {
  model::Source source = model::Source::kRest;
  std::chrono::nanoseconds at{0};  // steady
};

struct Figure {
  Decimal value;
  Stamp stamp;
  bool derived = false;
};

// One that was computed: as old as its oldest input, and of that one's source.
Figure Derived(const Decimal& value, std::initializer_list<Stamp> inputs);

// A field's number, normalised (exponents and superfluous zeros gone); nullopt where there is none.
// Errors: Internal, it is no number.
absl::StatusOr<std::optional<Figure>> ReadFigure(const json::Json& object, std::string_view field,
                                                 const Stamp& stamp);

// `now` is the steady time of answering or publishing.
void Fill(const Figure& figure, std::chrono::nanoseconds now, common::v1::SourcedDecimal& message);

}  // namespace switchyard::exchanges::gateio
