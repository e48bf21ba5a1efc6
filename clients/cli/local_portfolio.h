#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "switchyard/router/v1/private_events.pb.h"
#include "switchyard/router/v1/router_service.pb.h"

namespace switchyard::clients::cli {

// Balances, figures and positions of several accounts as StreamPrivateEvents tells them: a SNAPSHOT
// replaces, a DELTA continues the same epoch at sequence + 1, what is STALE must not be trusted
// until its next SNAPSHOT. One thread.
class LocalPortfolio {
 public:
  // Applies one event. False: it does not continue what is known; then a new stream is due, whose
  // snapshots repair it.
  bool Apply(const router::v1::PrivateEvent& event);

  // Every account, as GetPortfolio answers them, ordered by exchange and name.
  std::vector<router::v1::PortfolioAccount> Accounts() const;
  // Why what is shown of an account may be wrong; empty = it may be believed.
  std::string StateOf(const router::v1::PortfolioAccount& account) const;

  // Nothing is believed until its next snapshot.
  void Lose(std::string_view why);

 private:
  struct Topic {
    std::uint64_t epoch = 0;
    std::uint64_t sequence = 0;
    bool live = false;
    std::string reason;  // not live: why; empty = no snapshot yet
  };
  struct Holdings {
    Topic account_topic;
    Topic positions_topic;
    account::v1::Account figures;
    std::map<std::string, account::v1::Balance> balances;
    std::map<std::string, position::v1::Position> positions;
  };

  // Judges one event of a topic. False = discontinuous. Sets `usable` when its content counts.
  template <typename Event>
  static bool Advance(const Event& event, Topic& topic, bool& usable);
  bool ApplyAccount(const account::v1::AccountEvent& event);
  bool ApplyPositions(const position::v1::PositionEvent& event);
  static void SetBalance(const account::v1::Balance& balance, Holdings& holdings);
  static void SetPosition(const position::v1::Position& position, Holdings& holdings);

  std::map<std::pair<std::string, std::string>, Holdings> accounts_;
};

}  // namespace switchyard::clients::cli
