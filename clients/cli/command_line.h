#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace switchyard::clients::cli {

// The values of an order as typed; empty = not given. Decimals stay text from here to the wire.
struct TicketFlags {
  std::string type;
  std::string quantity;  // amendments; in a new order it is an argument
  std::string quote_quantity;
  std::string price;
  std::string worst_price;
  std::string time_in_force;
  std::string expire_time;
  bool post_only = false;
  bool reduce_only = false;
  bool close_position = false;
  std::string position_side;
  std::string trigger_price;
  std::string trigger_by;
  std::string trailing_rate;
  std::string trailing_amount;
  std::string activation_price;
  std::string self_trade_prevention;
  std::string quantity_rounding;
  std::string price_rounding;
};

// What the user asked for. Fields that the command does not know keep their defaults.
struct CommandLine {
  std::string command;                 // for instance "book" or "order place"
  std::vector<std::string> arguments;  // exchange, symbols, ...

  std::string router = "127.0.0.1:50050";
  bool tls = false;  // also implied by the files and the name
  std::string ca_file, cert_file, key_file, server_name;
  std::string token_file;
  bool json = false;
  std::chrono::milliseconds timeout{10'000};
  std::int64_t count = 0;  // events after which a watch ends; 0 = never
  bool watch = false;

  std::int64_t depth = 10;
  std::chrono::milliseconds interval{60'000};
  std::int64_t limit = 0;  // rows of a list; 0 = the server's default
  std::string base;
  std::string quote;
  std::string kind;  // "spot", "perp", or empty
  std::vector<std::string> bases;

  std::string account;          // configured name; empty = the only one
  std::string symbol;           // a filter, or the symbol of an exchange's id
  std::string side;             // a filter
  bool yes = false;             // do not ask
  std::int64_t retries = 0;     // repetitions of a command that provably had no effect
  std::string client_order_id;  // empty = made
  std::string request_id;       // empty = made
  TicketFlags ticket;
  bool by_exchange_id = false;
  bool wait = false;
  bool all = false;
  std::vector<std::string> states;
  std::string resume_from;  // "EPOCH:SEQUENCE"
  std::string order;        // a filter: client_order_id
  bool keep_external = false;
  std::string leverage;  // to be set
  std::string reason;
  bool cancel_open_orders = false;

  // Not empty: print this and exit with 0.
  std::string help;
};

// Parses everything after the program's name. `router_from_environment` is SWITCHYARD_ROUTER's
// value, empty where it is not set; --router beats it.
// Errors: InvalidArgument with a line for the user.
absl::StatusOr<CommandLine> ParseCommandLine(const std::vector<std::string>& arguments,
                                             std::string_view router_from_environment);

}  // namespace switchyard::clients::cli
