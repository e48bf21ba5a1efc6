#include "clients/cli/yard.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "clients/cli/command_line.h"
#include "clients/cli/commands.h"
#include "clients/cli/connection.h"
#include "clients/cli/operation_commands.h"
#include "clients/cli/session.h"

namespace switchyard::clients::cli {
namespace {

struct Command {
  std::string_view name;
  int (*run)(Session&);
  bool is_local = false;  // asks nobody, so that no token is needed
};

constexpr std::array kCommands = {
    Command{"balances", ShowBalances},
    Command{"book", ShowBook},
    Command{"candles", ShowCandles},
    Command{"capabilities", ShowCapabilities},
    Command{"consolidated", ShowConsolidatedBook},
    Command{"doctor", Diagnose},
    Command{"exchanges", ListExchanges},
    Command{"fills", ShowFills},
    Command{"funding", ShowFunding},
    Command{"health", ShowHealth},
    Command{"instruments", ListInstruments},
    Command{"journal backup", BackUpJournal, /*is_local=*/true},
    Command{"journal restore", RestoreJournal, /*is_local=*/true},
    Command{"journal verify", VerifyJournal, /*is_local=*/true},
    Command{"kill engage", EngageKillSwitch},
    Command{"kill release", ReleaseKillSwitch},
    Command{"leverage", ShowLeverage},
    Command{"limits", ShowLimits},
    Command{"order amend", AmendOrder},
    Command{"order cancel", CancelOrder},
    Command{"order cancel-all", CancelAllOrders},
    Command{"order list", ListOrders},
    Command{"order place", PlaceOrder},
    Command{"order show", ShowOrder},
    Command{"portfolio", ShowPortfolio},
    Command{"positions", ShowPositions},
    Command{"status", ShowStatus},
    Command{"ticker", ShowTicker},
    Command{"trades", ShowTrades},
};

}  // namespace

int RunYard(const std::vector<std::string>& arguments, Environment& environment) {
  const auto line = ParseCommandLine(arguments, environment.router);
  if (!line.ok()) {
    environment.err << "yard: " << std::string(line.status().message()) << '\n' << std::flush;
    return kExitUsage;
  }
  if (!line->help.empty()) {
    environment.out << line->help << std::flush;
    return kExitOk;
  }
  const auto* const command =
      std::find_if(kCommands.begin(), kCommands.end(),
                   [&](const Command& each) { return each.name == line->command; });
  if (command == kCommands.end()) {
    environment.err << "yard: no command " << line->command << '\n' << std::flush;
    return kExitFailed;
  }
  const auto connection =
      Connection::Create(*line, command->is_local ? std::string() : environment.token);
  if (!connection.ok()) {
    environment.err << "yard: " << std::string(connection.status().message()) << '\n' << std::flush;
    return kExitUsage;
  }
  Session session(*line, environment, *connection);
  return command->run(session);
}

}  // namespace switchyard::clients::cli
