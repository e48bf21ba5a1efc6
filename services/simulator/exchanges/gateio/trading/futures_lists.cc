#include <algorithm>
#include <string>

#include "fmt/format.h"
#include "services/simulator/exchanges/gateio/trading/futures_api.h"

namespace switchyard::simulator::gateio {
namespace {

using engine::ClientFill;
using engine::ClientOrder;

// True for a row of the contract asked for; an empty one asks for all.
bool IsOf(const engine::Market* market, const std::string& contract) {
  return contract.empty() || (market != nullptr && market->spec().symbol == contract);
}

// Writes the rows of a list that is kept oldest first, newest first.
template <typename Rows, typename Matches, typename Write>
ApiResult WriteRows(const Json& parameters, const Rows& rows, Matches matches, Write write) {
  Window window = WindowOf(parameters, 100, 1000);
  if (!window.valid) return BadParameter("limit, offset, from or to");
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  for (auto row = rows.rbegin(); row != rows.rend() && !window.full(); ++row) {
    if (!matches(*row) || !window.Holds(row->time_ns / kNsPerS) || !window.Take()) continue;
    write(json, *row);
  }
  json.EndArray();
  return Success(std::move(body));
}

}  // namespace

ApiResult FuturesApi::Get(const Caller& caller, std::string_view id) const {
  ApiResult error;
  const ClientOrder* const order = FindOrder(caller, id, error);
  return order == nullptr ? error : OrderResult(caller, *order);
}

ApiResult FuturesApi::WriteOrders(const Caller& caller, const Json& parameters,
                                  bool by_time) const {
  const std::string contract = TextOf(parameters, "contract");
  if (!contract.empty() && listings_.Find(contract) == nullptr) return UnknownContract();
  const std::string status = TextOf(parameters, "status");
  if (!by_time && status != "open" && status != "finished") return BadParameter("status");
  const auto last_id = IntegerOf(parameters, "last_id", 0);
  Window window = WindowOf(parameters, 100, 1000);
  if (!window.valid || !last_id) return BadParameter("limit, offset or last_id");
  std::string body;
  JsonWriter json(body);
  json.BeginArray();
  const auto& orders = desk_.store().OrdersOf(caller.user);
  for (auto it = orders.rbegin(); it != orders.rend() && !window.full(); ++it) {
    const ClientOrder& order = **it;
    if (!IsOf(order.market, contract) || (*last_id != 0 && order.id >= *last_id)) continue;
    if (!by_time && order.is_open() != (status == "open")) continue;
    if (by_time && (order.is_open() || !window.Holds(order.finished_ns / kNsPerS))) {
      continue;
    }
    if (!window.Take()) continue;
    json.BeginObject();
    AppendFuturesOrder(json, desk_.terms(*order.market), order, caller.decimal_sizes);
    json.EndObject();
  }
  json.EndArray();
  return Success(std::move(body));
}

ApiResult FuturesApi::List(const Caller& caller, const Json& parameters) const {
  return WriteOrders(caller, parameters, false);
}

ApiResult FuturesApi::ListByTime(const Caller& caller, const Json& parameters) const {
  return WriteOrders(caller, parameters, true);
}

ApiResult FuturesApi::WriteFills(const Caller& caller, const Json& parameters,
                                 bool timerange) const {
  const std::string contract = TextOf(parameters, "contract");
  if (!contract.empty() && listings_.Find(contract) == nullptr) return UnknownContract();
  const std::string order = TextOf(parameters, "order");
  const std::string role = TextOf(parameters, "role");
  const auto last_id = IntegerOf(parameters, "last_id", 0);
  if (!last_id) return BadParameter("last_id");
  const auto matches = [&](const ClientFill& fill) {
    return IsOf(fill.market, contract) && (*last_id == 0 || fill.trade_id < *last_id) &&
           (order.empty() || order == "0" || std::to_string(fill.order_id) == order) &&
           (role.empty() || (role == "taker") == fill.taker);
  };
  return WriteRows(parameters, desk_.store().FillsOf(caller.user), matches,
                   [&](JsonWriter& json, const ClientFill& fill) {
                     AppendFuturesFill(json, desk_.terms(*fill.market), fill, caller.decimal_sizes,
                                       timerange);
                   });
}

ApiResult FuturesApi::MyTrades(const Caller& caller, const Json& parameters) const {
  return WriteFills(caller, parameters, false);
}

ApiResult FuturesApi::MyTradesByTime(const Caller& caller, const Json& parameters) const {
  return WriteFills(caller, parameters, true);
}

ApiResult FuturesApi::Account(const Caller& caller, const Json&) const {
  const engine::FuturesAccount& account = desk_.AccountOf(caller.user);
  const engine::AccountFigures figures = desk_.FiguresOf(caller.user);
  const std::string available = std::max(engine::Amount(), figures.available).Text();
  std::string body;
  JsonWriter json(body);
  json.BeginObject()
      .Number("user", caller.user)
      .Text("currency", "USDT")
      .Text("total", account.balance.Text())
      .Text("unrealised_pnl", figures.unrealised.Text())
      .Text("position_margin", (figures.isolated_margin + figures.cross_margin).Text())
      .Text("order_margin", figures.order_margin.Text())
      .Text("available", available)
      .Text("point", "0")
      .Text("bonus", "0")
      .Bool("in_dual_mode", account.dual)
      .Text("position_mode", account.dual ? "dual" : "single")
      .Number("margin_mode", 0)
      .Bool("enable_credit", true)
      .Bool("enable_evolved_classic", false)
      .Bool("enable_new_dual_mode", true)
      .Bool("enable_tiered_mm", false)
      .Bool("enable_dual_plus", false)
      .Text("position_initial_margin", (figures.isolated_margin + figures.cross_margin).Text())
      .Text("maintenance_margin", figures.maintenance.Text())
      .Text("isolated_position_margin", figures.isolated_margin.Text())
      .Text("cross_order_margin", "0")
      .Text("cross_initial_margin", figures.cross_margin.Text())
      .Text("cross_maintenance_margin", figures.cross_maintenance.Text())
      .Text("cross_unrealised_pnl", figures.cross_unrealised.Text())
      .Text("cross_available", available)
      .Text("cross_margin_balance",
            (account.balance - figures.isolated_margin + figures.cross_unrealised).Text());
  json.Key("history")
      .BeginObject()
      .Text("dnw", account.transferred.Text())
      .Text("pnl", account.pnl.Text())
      .Text("fee", account.fee.Text())
      .Text("refr", "0")
      .Text("fund", account.funding.Text())
      .Text("point_dnw", "0")
      .Text("point_fee", "0")
      .Text("point_refr", "0")
      .Text("bonus_dnw", "0")
      .Text("bonus_offset", "0")
      .EndObject();
  json.EndObject();
  return Success(std::move(body));
}

ApiResult FuturesApi::AccountBook(const Caller& caller, const Json& parameters) const {
  const std::string contract = TextOf(parameters, "contract");
  const std::string type = TextOf(parameters, "type");
  return WriteRows(
      parameters, desk_.AccountOf(caller.user).entries,
      [&](const engine::FuturesEntry& entry) {
        return IsOf(entry.market, contract) && (type.empty() || type == EntryType(entry.kind));
      },
      [](JsonWriter& json, const engine::FuturesEntry& entry) { AppendEntry(json, entry); });
}

ApiResult FuturesApi::Closes(const Caller& caller, const Json& parameters) const {
  const std::string contract = TextOf(parameters, "contract");
  const std::string side = TextOf(parameters, "side");
  const std::string pnl = TextOf(parameters, "pnl");
  return WriteRows(
      parameters, desk_.AccountOf(caller.user).closes,
      [&](const engine::PositionClose& close) {
        const bool lost = close.position.realised().is_negative();
        return IsOf(close.position.market, contract) &&
               (side.empty() || (side == "long") == close.was_long) &&
               (pnl.empty() || (pnl == "loss") == lost);
      },
      [&](JsonWriter& json, const engine::PositionClose& close) {
        AppendClose(json, desk_.terms(*close.position.market), close);
      });
}

ApiResult FuturesApi::Liquidations(const Caller& caller, const Json& parameters) const {
  const std::string contract = TextOf(parameters, "contract");
  return WriteRows(
      parameters, desk_.AccountOf(caller.user).liquidations,
      [&](const engine::ForcedClose& row) { return IsOf(row.before.market, contract); },
      [&](JsonWriter& json, const engine::ForcedClose& row) {
        AppendLiquidation(json, desk_.terms(*row.before.market), row,
                          {false, caller.decimal_sizes});
      });
}

ApiResult FuturesApi::Deleverages(const Caller& caller, const Json& parameters) const {
  const std::string contract = TextOf(parameters, "contract");
  return WriteRows(
      parameters, desk_.AccountOf(caller.user).deleverages,
      [&](const engine::ForcedClose& row) { return IsOf(row.before.market, contract); },
      [&](JsonWriter& json, const engine::ForcedClose& row) {
        AppendDeleverage(json, desk_.terms(*row.before.market), row, {false, caller.decimal_sizes});
      });
}

ApiResult FuturesApi::Fee(const Caller&, const Json& parameters) const {
  const std::string contract = TextOf(parameters, "contract");
  if (!contract.empty() && listings_.Find(contract) == nullptr) return UnknownContract();
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  for (const auto& listing : listings_.all()) {
    if (!IsOf(&listing->market, contract)) continue;
    const engine::ContractTerms& terms = desk_.terms(listing->market);
    json.Key(listing->symbol())
        .BeginObject()
        .Decimal("taker_fee", terms.taker_fee, 6)
        .Decimal("maker_fee", terms.maker_fee, 6)
        .EndObject();
  }
  json.EndObject();
  return Success(std::move(body));
}

}  // namespace switchyard::simulator::gateio
