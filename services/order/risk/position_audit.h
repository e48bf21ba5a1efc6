#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/decimal/decimal.h"

namespace switchyard::order::risk {

// Compares the positions that the exchange tells with what the account's fills make of them. A
// position and the fills that make it are read at different moments, so a difference counts when it
// was the same in kCertain comparisons, which are to lie apart; from then on the exchange's size is
// what fills are added to. Sizes are net by market: base units, negative = short. One thread.
class PositionAudit {
 public:
  using Sizes = std::map<std::string, Decimal, std::less<>>;  // by symbol
  using Symbols = std::set<std::string, std::less<>>;
  static constexpr int kCertain = 3;

  struct Mismatch {
    std::string symbol;
    Decimal expected;       // by the fills
    Decimal exchange_size;  // counts from now on
  };

  // What Save gave in an earlier life: what differs from it is a mismatch. Without it, the first
  // sizes that are certain are taken as they are. Errors: DataLoss, it does not parse.
  absl::Status Restore(std::string_view saved);
  // Absent = nothing is certain yet. To be kept with every fill and comparison.
  std::optional<std::string> Save() const;

  // A fill that was not counted before: positive = bought.
  void AddFill(std::string_view symbol, const Decimal& quantity);
  // The size changes by something that is told apart (a liquidation): what it becomes is taken as
  // it is.
  void Explain(std::string_view symbol);
  // `sizes`: every position that is not flat, as the exchange has it. `unsettled`: markets with
  // fills that may not be counted yet; nothing is concluded of them.
  std::vector<Mismatch> Compare(const Sizes& sizes, const Symbols& unsettled = {});
  // A further comparison would make something certain.
  bool wants_comparison() const;

 private:
  struct Market {
    Decimal filled;                 // since this object was made
    std::optional<Decimal> offset;  // size - filled, certain. Absent: whatever it turns out to be
    std::optional<Decimal> seen;    // the same by the latest comparison
    int times = 0;                  // in a row that it was so
  };
  Market& Find(std::string_view symbol);

  std::map<std::string, Market, std::less<>> markets_;
  bool begun_ = false;  // a market that is not known is flat
  int comparisons_ = 0;
};

}  // namespace switchyard::order::risk
