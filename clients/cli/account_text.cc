#include "clients/cli/account_text.h"

#include <fmt/format.h>

#include "clients/cli/enum_text.h"
#include "clients/cli/time_text.h"

namespace switchyard::clients::cli {
namespace {

std::string MarginModeText(common::v1::MarginMode mode, const std::string& raw) {
  if (mode == common::v1::MARGIN_MODE_UNSPECIFIED) return "";
  return mode == common::v1::MARGIN_MODE_UNRECOGNISED ? fmt::format("\"{}\"", raw) : EnumText(mode);
}

// LONG, SHORT or flat: of a net position by its direction.
std::string DirectionText(const position::v1::Position& position) {
  if (position.position_side() > common::v1::POSITION_SIDE_NET) {
    return EnumText(position.position_side());
  }
  switch (position.side()) {
    case common::v1::SIDE_BUY:
      return "LONG";
    case common::v1::SIDE_SELL:
      return "SHORT";
    default:
      return "flat";
  }
}

}  // namespace

std::string FigureText(const common::v1::SourcedDecimal& figure) {
  return figure.derived() ? figure.value() + "*" : figure.value();
}

Table MakePositionTable() {
  return Table({"exchange", "account", "symbol", "side", ">size", ">entry", ">mark", ">liquidation",
                ">leverage", "margin", ">unrealised", ">realised", ">funding", "opened (UTC)"});
}

void AddPosition(const position::v1::Position& position, Table& table) {
  table.AddRow({position.exchange(), position.account(), position.symbol(), DirectionText(position),
                FigureText(position.size()), FigureText(position.entry_price()),
                FigureText(position.mark_price()), FigureText(position.liquidation_price()),
                FigureText(position.leverage()),
                MarginModeText(position.margin_mode(), position.raw_margin_mode()),
                FigureText(position.unrealised_profit()), FigureText(position.realised_profit()),
                FigureText(position.cumulative_funding()),
                DateAndTime(position.open_time().value_time_ns())});
}

Table MakeBalanceTable() {
  return Table({"exchange", "account", "currency", "wallet", ">total", ">available", ">locked",
                ">borrowed"});
}

void AddBalance(const account::v1::Balance& balance, Table& table) {
  std::string wallet;
  if (balance.wallet() == account::v1::WALLET_UNRECOGNISED) {
    wallet = fmt::format("\"{}\"", balance.raw_wallet());
  } else if (balance.wallet() != account::v1::WALLET_UNSPECIFIED) {
    wallet = EnumText(balance.wallet());
  }
  table.AddRow({balance.exchange(), balance.account(), balance.currency(), wallet, balance.total(),
                balance.available(), balance.locked(), balance.borrowed()});
}

Table MakeAccountTable() {
  return Table({"exchange", "account", "in", ">equity", ">available", ">margin used", ">unrealised",
                ">realised", "mode", ""});
}

void AddAccount(const account::v1::Account& account, const std::string& state, Table& table) {
  const account::v1::AccountFigures& total = account.total();
  table.AddRow({account.exchange(), account.account(), account.currency(),
                FigureText(total.equity()), FigureText(total.available()),
                FigureText(total.margin_used()), FigureText(total.unrealised_profit()),
                FigureText(total.realised_profit()),
                account.position_mode() == account::v1::POSITION_MODE_UNSPECIFIED
                    ? ""
                    : EnumText(account.position_mode()),
                state});
}

std::string LeverageText(const account::v1::LeverageSetting& setting) {
  std::string text = setting.leverage();
  if (!setting.short_leverage().empty() && setting.short_leverage() != setting.leverage()) {
    text = fmt::format("long {}, short {}", setting.leverage(), setting.short_leverage());
  }
  const std::string mode = MarginModeText(setting.margin_mode(), setting.raw_margin_mode());
  if (!mode.empty()) text += ", " + mode;
  if (!setting.max_leverage().empty()) text += ", at most " + setting.max_leverage();
  return text;
}

}  // namespace switchyard::clients::cli
