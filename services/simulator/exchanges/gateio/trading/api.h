#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/json/json.h"
#include "services/simulator/engine/amount.h"
#include "services/simulator/engine/client_order.h"
#include "services/simulator/engine/order_desk.h"
#include "services/simulator/exchanges/gateio/instruments.h"

namespace switchyard::simulator::gateio {

// Parameters of a call, from a query, a body or a frame: an object whose values are texts or
// numbers; numbers that are not integers are kept as their text.
using Json = json::Json;

// Who calls, and how.
struct Caller {
  engine::UserId user = 0;
  bool websocket = false;
  bool decimal_sizes = false;   // X-Gate-Size-Decimal
  std::int64_t fill_parts = 1;  // a fault's
};

// What a call answers, whichever way it came.
struct ApiResult {
  unsigned status = 200;
  std::string body;     // JSON; empty for an error
  std::string label;    // errors only
  std::string message;  // errors only
  bool detail = false;  // the message is told as `detail`

  bool ok() const { return label.empty(); }
};

ApiResult Success(std::string body, unsigned status = 200);
ApiResult Failure(unsigned status, std::string_view label, std::string_view message);
// 400 INVALID_PARAM_VALUE.
ApiResult BadParameter(std::string_view what);
ApiResult MissingParameter(std::string_view name);
// Body of an error on REST.
std::string ErrorBody(const ApiResult& result);

// The exchange's words for a refusal. `price_scale` prints the prices of a post-only refusal.
ApiResult RefusalResult(Product product, const engine::Outcome& outcome, int price_scale);

// A parameter as text; empty = absent or null. Booleans are "true" and "false".
std::string TextOf(const Json& parameters, const char* name);
bool FlagOf(const Json& parameters, const char* name);
// `fallback` if absent, empty if it is no integer of at least `minimum`.
std::optional<std::int64_t> IntegerOf(const Json& parameters, const char* name,
                                      std::int64_t fallback, std::int64_t minimum = 0);

// How a decimal text reads at a scale.
enum class Reading { kRight, kTooPrecise, kMalformed };
// `out` is the mantissa; texts of 10^15 units and more are malformed.
Reading ReadMantissa(std::string_view text, int scale, std::int64_t& out);

// A client's `text`: empty, "t-" with at most 28 of [0-9A-Za-z_.-] after it, or a value that the
// exchange sets itself.
bool IsClientText(std::string_view text);

// Which rows of a list a call wants: `limit`, `page` or `offset`, `from`, `to`.
struct Window {
  bool valid = true;
  std::int64_t limit = 100;
  std::int64_t skip = 0;
  std::int64_t from_s = 0;
  std::int64_t to_s = 0;

  bool Holds(std::int64_t time_s) const { return time_s >= from_s && time_s <= to_s; }
  // True: this row is to be written. To be asked of rows that match, in order.
  bool Take();
  bool full() const { return limit == 0; }
};
Window WindowOf(const Json& parameters, std::int64_t limit, std::int64_t maximum);

// Nanoseconds as seconds with milliseconds, exactly: "1735789790.476".
std::string FloatSeconds(std::int64_t ns);

inline constexpr std::int64_t kNsPerMs = 1'000'000;
inline constexpr std::int64_t kNsPerS = 1'000'000'000;

}  // namespace switchyard::simulator::gateio
