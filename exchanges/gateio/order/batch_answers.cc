#include "exchanges/gateio/order/batch_answers.h"

#include <fmt/format.h>

#include <utility>

#include "exchanges/gateio/errors.h"
#include "exchanges/gateio/private/rest_command.h"
#include "exchanges/gateio/rest/answer.h"

namespace switchyard::exchanges::gateio {
namespace {

using exchange::CommandFate;
using exchange::CommandResult;
using json::Json;

constexpr int kBadRequest = 400;

CommandResult Unknown(std::string_view what, std::string_view why) {
  CommandResult out;
  out.status = OutcomeUnknown(what, why);
  return out;
}

CommandResult Confirmed(std::optional<model::OrderReport> report) {
  CommandResult out;
  out.fate = CommandFate::kConfirmed;
  out.report = std::move(report);
  return out;
}

bool Succeeded(const Json& item) {
  const Json* const flag = json::Find(item, "succeeded");
  return flag != nullptr && flag->is_boolean() && flag->get<bool>();
}

// A futures cancel has its label in `message`.
CommandResult ItemResult(const OrderReports& reports, std::string_view what, const Json& item,
                         const Origin& origin, TimeNs now) {
  std::string label = TextOf(item, "label");
  std::string text = TextOf(item, "message");
  if (text.empty()) text = TextOf(item, "detail");
  if (Succeeded(item) || (label.empty() && text.empty())) {
    return ResultOf(reports, what, item, origin);
  }
  if (label.empty()) std::swap(label, text);
  const absl::Status why = FromApiError(what, kBadRequest, label, text, std::nullopt, now);
  if (why.code() == absl::StatusCode::kUnavailable) {
    return Unknown(what, std::string(why.message()));
  }
  CommandResult out;
  out.fate = CommandFate::kRefused;
  out.status = why;
  return out;
}

}  // namespace

CommandResult ResultOf(const OrderReports& reports, std::string_view what, const Json& answer,
                       const Origin& origin) {
  if (auto report = reports.ReadOrder(answer, origin); report.ok()) {
    return Confirmed(*std::move(report));
  }
  // Acknowledged, with less than an order.
  if (!TextOf(answer, "id").empty()) return Confirmed(std::nullopt);
  return Unknown(what, "the answer is no order");
}

CommandResult ConditionalResultOf(const exchange::PlaceCommand& command, std::string_view what,
                                  const Json& answer, TimeNs receive_time) {
  const std::string id = TextOf(answer, "id");
  if (id.empty()) return Unknown(what, "the answer has no id");
  model::OrderReport report;
  report.symbol = command.symbol;
  report.exchange_order_id = id;
  report.exchange_client_id = command.exchange_client_id;
  report.state = order::v1::ORDER_STATE_OPEN;
  report.trigger_state = order::v1::TRIGGER_STATE_WAITING;
  report.terms = command.terms;
  report.receive_time = receive_time;
  report.source = model::Source::kRest;
  return Confirmed(std::move(report));
}

CommandResult AmendedResultOf(const std::string& id, std::string_view what, const Json& answer) {
  if (TextOf(answer, "id") == id) return Confirmed(std::nullopt);
  return Unknown(what, "the answer does not name the order");
}

std::vector<CommandResult> BatchResultsOf(const OrderReports& reports, std::string_view what,
                                          const std::vector<std::string>& ids, const Json& answer,
                                          const Origin& origin, TimeNs now) {
  std::vector<CommandResult> out(ids.size(), Unknown(what, "the answer does not tell of it"));
  if (!answer.is_array()) return out;
  std::vector<const Json*> items(ids.size());
  std::vector<const Json*> nameless;
  for (const Json& item : answer) {
    const std::string text = TextOf(item, "text");
    const std::string id = TextOf(item, "id");
    bool named = false;
    for (std::size_t i = 0; i < ids.size() && !named; ++i) {
      if (items[i] != nullptr || (ids[i] != text && ids[i] != id)) continue;
      items[i] = &item;
      named = true;
    }
    if (!named) nameless.push_back(&item);
  }
  // Refusals of futures batches name no order. Only a whole answer tells which place is whose.
  if (answer.size() == ids.size()) {
    for (std::size_t i = 0, next = 0; i < ids.size() && next < nameless.size(); ++i) {
      if (items[i] == nullptr) items[i] = nameless[next++];
    }
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (items[i] != nullptr) out[i] = ItemResult(reports, what, *items[i], origin, now);
  }
  return out;
}

}  // namespace switchyard::exchanges::gateio
