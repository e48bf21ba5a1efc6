#include "clients/cli/command_forms.h"

#include <algorithm>
#include <array>

namespace switchyard::clients::cli {
namespace {

enum CommandFlag : unsigned {
  kWatch = 1u << 0,
  kDepth = 1u << 1,
  kInterval = 1u << 2,
  kLimit = 1u << 3,
  kBaseQuote = 1u << 4,
  kKind = 1u << 5,
  kBases = 1u << 6,
  kAccount = 1u << 7,
  kSymbol = 1u << 8,
  kCommand = 1u << 9,  // has effects: asks first, may be repeated
  kRequestId = 1u << 10,
  kTicket = 1u << 11,
  kAmendment = 1u << 12,
  kOrderKey = 1u << 13,
  kWait = 1u << 14,
  kOrderList = 1u << 15,
  kFillList = 1u << 16,
  kCancelAll = 1u << 17,
  kLeverage = 1u << 18,
  kReason = 1u << 19,
  kEngage = 1u << 20,
};

constexpr std::size_t kMany = 1000;

constexpr std::array kCommands = {
    CommandForm{"exchanges", "", "the exchanges that are served", 0, 0, 0},
    CommandForm{"book", "EXCHANGE SYMBOL", "an order book; --watch keeps it live", 2, 2,
                kWatch | kDepth},
    CommandForm{"trades", "EXCHANGE SYMBOL", "public trades", 2, 2, kWatch | kLimit},
    CommandForm{"ticker", "EXCHANGE SYMBOL", "last price and 24 h figures", 2, 2, kWatch},
    CommandForm{"candles", "EXCHANGE SYMBOL", "candles, oldest first", 2, 2,
                kWatch | kInterval | kLimit},
    CommandForm{"funding", "[EXCHANGE [SYMBOL ...]]",
                "funding rates; without an exchange compared over all of them", 0, kMany, kBases},
    CommandForm{"instruments", "EXCHANGE", "what can be traded", 1, 1, kBaseQuote | kKind},
    CommandForm{"consolidated", "BASE", "the books of all exchanges, merged", 1, 1,
                kWatch | kDepth | kKind},
    CommandForm{"capabilities", "EXCHANGE", "what an exchange offers and over which path", 1, 1, 0},
    CommandForm{"status", "[EXCHANGE]", "how the connections are", 0, 1, kWatch},
    CommandForm{"health", "[EXCHANGE/SERVICE ...]",
                "whether the process, or services in it, serve; for probes", 0, kMany, 0},
    CommandForm{"doctor", "[EXCHANGE | /FILE | /FOLDER ...]",
                "what is wrong, and what to do; exit code 0 if nothing failed", 0, kMany, 0},
    CommandForm{"order place", "EXCHANGE SYMBOL buy|sell [QUANTITY]", "places an order", 3, 4,
                kAccount | kCommand | kTicket},
    CommandForm{"order amend", "EXCHANGE ID", "changes an open order", 2, 2,
                kAccount | kCommand | kRequestId | kAmendment | kOrderKey | kSymbol},
    CommandForm{"order cancel", "EXCHANGE ID", "cancels an order", 2, 2,
                kAccount | kCommand | kRequestId | kOrderKey | kSymbol},
    CommandForm{"order cancel-all", "[EXCHANGE]",
                "cancels all open orders; without an exchange on all of them", 0, 1,
                kAccount | kCommand | kRequestId | kCancelAll | kSymbol},
    CommandForm{"order list", "EXCHANGE", "open orders; --watch follows every change", 1, 1,
                kAccount | kSymbol | kWatch | kLimit | kOrderList},
    CommandForm{"order show", "EXCHANGE ID", "an order and its fills, finished ones too", 2, 2,
                kAccount | kOrderKey | kSymbol | kWait},
    CommandForm{"fills", "EXCHANGE", "executions, newest first", 1, 1,
                kAccount | kSymbol | kLimit | kFillList},
    CommandForm{"positions", "EXCHANGE [SYMBOL ...]", "positions that are not flat", 1, kMany,
                kAccount},
    CommandForm{"balances", "EXCHANGE [CURRENCY ...]", "balances that are not zero", 1, kMany,
                kAccount},
    CommandForm{"leverage", "EXCHANGE [SYMBOL]", "leverage and its brackets; --set changes it", 1,
                2, kAccount | kCommand | kLeverage},
    CommandForm{"portfolio", "[EXCHANGE ...]", "figures, balances and positions of all accounts", 0,
                kMany, kAccount | kWatch},
    CommandForm{"limits", "EXCHANGE [SYMBOL]", "pre-trade limits and the kill switch", 1, 2,
                kAccount},
    CommandForm{"kill engage", "EXCHANGE", "refuses every new order from now on", 1, 1,
                kAccount | kCommand | kReason | kEngage},
    CommandForm{"kill release", "EXCHANGE", "takes new orders again", 1, 1,
                kAccount | kCommand | kReason},
    CommandForm{"journal backup", "JOURNAL TARGET",
                "a copy of an order journal on this machine, also while it is in use", 2, 2, 0},
    CommandForm{"journal verify", "FILE", "checks a backup, or a journal that nobody uses", 1, 1,
                0},
    CommandForm{"journal restore", "BACKUP JOURNAL",
                "puts a backup into a journal's place; its service must not run", 2, 2, 0},
};

// Whether it knows one of `flags`.
bool Has(const CommandForm& form, unsigned flags) { return (form.flags & flags) != 0; }

void AddMarketDataFlags(const CommandForm& form, config::FlagParser& parser, CommandLine& line,
                        RawDurations& raw) {
  if (Has(form, kDepth)) parser.AddInt64("depth", "Levels a side.", &line.depth);
  if (Has(form, kInterval)) {
    parser.AddString("interval", "Length of a candle: 1m, 5m, 1h, 1d, ...", &raw.interval);
  }
  if (Has(form, kBaseQuote)) {
    parser.AddString("base", "Only this base currency.", &line.base);
    parser.AddString("quote", "Only this quote currency.", &line.quote);
  }
  if (Has(form, kKind)) {
    parser.AddString(
        "kind",
        form.name == "consolidated" ? "spot or perp; empty = spot." : "spot or perp; empty = both.",
        &line.kind);
  }
  if (Has(form, kBases)) {
    parser.AddStringList("bases", "Without an exchange: only these base currencies, BTC,ETH.",
                         &line.bases);
  }
}

void AddTicketFlags(config::FlagParser& parser, CommandLine& line) {
  TicketFlags& ticket = line.ticket;
  parser.AddString("type",
                   "limit, market, stop_market, stop_limit, take_profit_market, take_profit_limit, "
                   "trailing_stop; empty = limit, where --price is given.",
                   &ticket.type);
  parser.AddString("price", "Limit price.", &ticket.price);
  parser.AddString("quote_quantity", "Market orders: how much to spend or receive, for QUANTITY.",
                   &ticket.quote_quantity);
  parser.AddString("worst_price", "Market orders: the worst acceptable price.",
                   &ticket.worst_price);
  parser.AddString("time_in_force", "gtc, ioc, fok or gtd.", &ticket.time_in_force);
  parser.AddString("expire_time", "gtd: 2026-01-02T03:04:05Z.", &ticket.expire_time);
  parser.AddBool("post_only", "Refused if it would take.", &ticket.post_only);
  parser.AddBool("reduce_only", "Never opens or increases a position.", &ticket.reduce_only);
  parser.AddBool("close_position", "Conditional orders: closes the whole position.",
                 &ticket.close_position);
  parser.AddString("position_side", "long or short, on accounts in hedge mode.",
                   &ticket.position_side);
  parser.AddString("trigger_price", "Conditional orders: when it becomes active.",
                   &ticket.trigger_price);
  parser.AddString("trigger_by", "last, mark or index; empty = last.", &ticket.trigger_by);
  parser.AddString("trailing_rate", "trailing_stop: distance, a fraction: 0.01 = 1 %.",
                   &ticket.trailing_rate);
  parser.AddString("trailing_amount", "trailing_stop: distance, quote units.",
                   &ticket.trailing_amount);
  parser.AddString("activation_price", "trailing_stop: follows from this price on.",
                   &ticket.activation_price);
  parser.AddString("self_trade_prevention", "cancel_taker, cancel_maker, cancel_both or reduce.",
                   &ticket.self_trade_prevention);
  parser.AddString("client_order_id",
                   "Key of the order; empty = made. The same order again under the same key is "
                   "placed once.",
                   &line.client_order_id);
}

void AddRoundingFlags(config::FlagParser& parser, TicketFlags& ticket) {
  parser.AddString("quantity_rounding", "exact or down; empty = exact.", &ticket.quantity_rounding);
  parser.AddString("price_rounding", "exact, down or away_from_market; empty = exact.",
                   &ticket.price_rounding);
}

void AddOrderFlags(const CommandForm& form, config::FlagParser& parser, CommandLine& line) {
  if (Has(form, kTicket)) AddTicketFlags(parser, line);
  if (Has(form, kAmendment)) {
    parser.AddString("quantity", "New total quantity, what is filled included.",
                     &line.ticket.quantity);
    parser.AddString("price", "New limit price.", &line.ticket.price);
    parser.AddString("trigger_price", "New trigger price.", &line.ticket.trigger_price);
  }
  if (Has(form, kTicket | kAmendment)) AddRoundingFlags(parser, line.ticket);
  if (Has(form, kOrderKey)) {
    parser.AddBool("by_exchange_id", "ID is the exchange's, not the client_order_id.",
                   &line.by_exchange_id);
    parser.AddString("symbol", "Its market; needed with --by_exchange_id.", &line.symbol);
  } else if (Has(form, kSymbol)) {
    parser.AddString("symbol", "Only this market.", &line.symbol);
  }
  if (Has(form, kWait)) {
    parser.AddBool("wait", "First wait until it is open or finished and its outcome is known.",
                   &line.wait);
  }
  if (Has(form, kOrderList)) {
    parser.AddBool("all", "Finished orders too.", &line.all);
    parser.AddStringList("states", "Only these states: filled,canceled, ...", &line.states);
    parser.AddString("resume_from", "With --watch: go on after EPOCH:SEQUENCE of the journal.",
                     &line.resume_from);
  }
  if (Has(form, kFillList)) {
    parser.AddString("order", "Only those of this client_order_id.", &line.order);
  }
  if (Has(form, kCancelAll)) {
    parser.AddString("side", "Only buy or sell.", &line.side);
    parser.AddBool("keep_external", "Leave orders alone that were not placed through Switchyard.",
                   &line.keep_external);
  }
}

void AddCommandFlags(const CommandForm& form, config::FlagParser& parser, CommandLine& line) {
  if (Has(form, kLeverage)) parser.AddString("set", "New leverage: 10.", &line.leverage);
  if (form.name == "leverage") {
    parser.AddString("side", "With --set, in hedge mode: only long or short.", &line.side);
  }
  if (Has(form, kReason)) parser.AddString("reason", "Why, for the record.", &line.reason);
  if (Has(form, kEngage)) {
    parser.AddBool("cancel_open_orders", "Also cancel all open orders.", &line.cancel_open_orders);
  }
  if (Has(form, kAccount)) {
    parser.AddString("account", "Configured account; empty = the only one.", &line.account);
  }
  if (Has(form, kRequestId)) {
    parser.AddString("request_id", "Names this command; empty = made.", &line.request_id);
  }
  if (Has(form, kCommand)) {
    parser.AddBool("yes", "Do not ask before doing it.", &line.yes);
    parser.AddInt64("retries",
                    "How often the very same command is sent again if it provably had no effect.",
                    &line.retries);
  }
}

}  // namespace

std::span<const CommandForm> CommandForms() { return kCommands; }

const CommandForm* FindCommandForm(std::string_view name) {
  const auto found = std::find_if(kCommands.begin(), kCommands.end(),
                                  [&](const CommandForm& form) { return form.name == name; });
  return found == kCommands.end() ? nullptr : &*found;
}

bool IsCommandGroup(std::string_view word) {
  return std::any_of(kCommands.begin(), kCommands.end(), [&](const CommandForm& form) {
    return form.name.size() > word.size() && form.name[word.size()] == ' ' &&
           form.name.starts_with(word);
  });
}

void AddFlags(const CommandForm& form, config::FlagParser& parser, CommandLine& line,
              RawDurations& raw) {
  if (Has(form, kWatch)) {
    parser.AddBool("watch", "Stay and follow the changes.", &line.watch);
    parser.AddInt64("count", "With --watch: end after this many events; 0 = never.", &line.count);
  }
  if (Has(form, kLimit)) parser.AddInt64("limit", "Rows; 0 = the server's 100.", &line.limit);
  AddMarketDataFlags(form, parser, line, raw);
  AddOrderFlags(form, parser, line);
  AddCommandFlags(form, parser, line);
  parser.AddString("router", "Address of the router or of a service; else SWITCHYARD_ROUTER.",
                   &line.router);
  parser.AddBool("tls", "TLS to it; the flags that follow mean that too.", &line.tls);
  parser.AddString("ca_file", "Authorities that sign its certificate, PEM; empty = the system's.",
                   &line.ca_file);
  parser.AddString("cert_file", "Own certificate chain, PEM.", &line.cert_file);
  parser.AddString("key_file", "Its private key, PEM.", &line.key_file);
  parser.AddString("server_name", "Name its certificate must have; empty = the address's host.",
                   &line.server_name);
  parser.AddString("token_file", "File with a bearer token; else SWITCHYARD_TOKEN.",
                   &line.token_file);
  parser.AddBool("json", "One JSON object (protobuf's JSON form) per answer or event.", &line.json);
  parser.AddString("timeout", "How long to wait for an answer, or a stream's beginning.",
                   &raw.timeout);
}

}  // namespace switchyard::clients::cli
