#include "services/account/move_funds.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "common/decimal/decimal.h"

namespace switchyard::account {
namespace {

// Exchanges answer currencies in either case.
bool SameText(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](char a, char b) {
    return std::toupper(static_cast<unsigned char>(a)) ==
           std::toupper(static_cast<unsigned char>(b));
  });
}

bool SameAmount(const std::string& text, const Decimal& amount) {
  const auto parsed = Decimal::Parse(text);
  return parsed.ok() && *parsed == amount;
}

}  // namespace

bool WithdrawTraits::Same(const Record& record, const Command& command) {
  return SameText(record.currency(), command.currency) && record.address() == command.address &&
         SameAmount(record.quantity(), command.amount);
}

// What a record does not tell is taken to be the same.
bool TransferTraits::Same(const Record& record, const Command& command) {
  return (record.currency().empty() || SameText(record.currency(), command.currency)) &&
         (record.quantity().empty() || SameAmount(record.quantity(), command.amount));
}

}  // namespace switchyard::account
