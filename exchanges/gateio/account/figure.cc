#include "exchanges/gateio/account/figure.h"

#include <algorithm>

#include "common/exchange/market_data_proto.h"
#include "common/status/status.h"

namespace switchyard::exchanges::gateio {

Figure Derived(const Decimal& value, std::initializer_list<Stamp> inputs) {
  const Stamp oldest = *std::min_element(
      inputs.begin(), inputs.end(), [](const Stamp& a, const Stamp& b) { return a.at < b.at; });
  return {value.Normalised(), oldest, /*derived=*/true};
}

absl::StatusOr<std::optional<Figure>> ReadFigure(const json::Json& object, std::string_view field,
                                                 const Stamp& stamp) {
  SWITCHYARD_ASSIGN_OR_RETURN(const std::optional<Decimal> value,
                              json::OptionalDecimal(object, field));
  if (!value) return std::optional<Figure>();
  return std::optional(Figure{value->Normalised(), stamp});
}

void Fill(const Figure& figure, std::chrono::nanoseconds now, common::v1::SourcedDecimal& message) {
  message.set_value(figure.value.ToString());
  message.set_source(exchange::ToProto(figure.stamp.source));
  message.set_age_ns(std::max<std::int64_t>((now - figure.stamp.at).count(), 0));
  message.set_derived(figure.derived);
}

}  // namespace switchyard::exchanges::gateio
