#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/json/json.h"
#include "common/model/market_data.h"
#include "common/time/time.h"
#include "exchanges/gateio/futures/position/position_decoder.h"
#include "switchyard/position/v1/position.pb.h"

namespace switchyard::exchanges::gateio::futures {

// The positions of one account as the exchange last told them, and the live mark prices: the one
// place where they are kept. Pushes carry fewer figures than REST answers, so what a push does not
// tell stays as it was, with its own age; what follows from others is computed. Connection thread.
class PositionBook {
 public:
  PositionBook(std::string exchange, std::string account, const Clock& clock);

  // Every position there was when the exchange was asked (`asked_at`, steady): replaces what is
  // known, but for what was pushed since, and for figures that the answer does not tell of a
  // position that lives on.
  void Replace(std::vector<RawPosition> positions, TimeNs received,
               std::chrono::nanoseconds asked_at);
  // Positions that changed. The changed ones, flat ones with size "0", for the listener. What is
  // older than what is known is left out.
  std::vector<position::v1::Position> Apply(std::vector<RawPosition> positions, TimeNs received);
  // Has what was summed here summed anew: funding was paid.
  void ForgetSummedFunding();
  // All funding since a position was opened, summed from the account's book at `stamp`.
  void SetFunding(std::string_view symbol, common::v1::PositionSide side, const Decimal& sum,
                  const Stamp& stamp);
  // What closing costs in a market, a fraction; from then on positions there have a break-even
  // price. Whether that is new.
  bool SetTakerRate(std::string_view symbol, const Decimal& rate);
  // The mark price moved. The positions that it touches, for the listener; none where a younger one
  // is known.
  std::vector<position::v1::Position> Mark(std::string_view symbol, const Decimal& price,
                                           const Stamp& stamp);

  // Those that are not flat, ordered by symbol and side; all where `symbols` is empty.
  std::vector<position::v1::Position> List(const std::vector<std::string>& symbols) const;
  // Symbols of positions that are not flat.
  std::vector<std::string> held() const;

  // What a position's funding since its opening has to be summed for: not told by the exchange.
  struct FundingGap {
    std::string symbol;
    common::v1::PositionSide side;
    TimeNs open_time;
  };
  std::vector<FundingGap> funding_gaps() const;

 private:
  using Key = std::pair<std::string, common::v1::PositionSide>;
  struct Held {
    RawPosition raw;
    TimeNs received;
    bool open_time_derived = false;
  };

  // Takes over from `known` what `next` does not tell.
  static void Inherit(const Held& known, Held& next);
  position::v1::Position Describe(const Held& held) const;
  // The younger of what the message told and the live one.
  std::optional<Figure> MarkOf(const RawPosition& raw) const;

  const std::string exchange_, account_;
  const Clock& clock_;
  std::map<Key, Held> positions_;
  std::map<std::string, Figure, std::less<>> marks_;         // live, by symbol
  std::map<std::string, Decimal, std::less<>> taker_rates_;  // by symbol
};

// The contract's message of one position, with `mark` in place of the one that it told.
// `now`: the steady time of answering.
position::v1::Position ToPosition(const RawPosition& raw, const std::optional<Figure>& mark,
                                  std::chrono::nanoseconds now);

}  // namespace switchyard::exchanges::gateio::futures
