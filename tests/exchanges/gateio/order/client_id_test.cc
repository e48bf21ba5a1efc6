#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <set>
#include <string>

#include "exchanges/gateio/order/client_id.h"

namespace switchyard::exchanges::gateio {
namespace {

constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();
const std::string kLongName(36, 'z');

bool IsInForm(const std::string& id) {
  return id.starts_with("t-") && id.size() <= 30 &&
         id.find_first_not_of(
             "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.-") ==
             std::string::npos;
}

TEST(ClientIdTest, HoldsTheNumberAndOurs) {
  EXPECT_EQ(ToExchangeClientId(1, "abc"), "t-so1-abc");
  EXPECT_EQ(ToExchangeClientId(35, "My_id-7"), "t-soz-My_id-7");
  EXPECT_EQ(ToExchangeClientId(36, ""), "t-so10-");
}

TEST(ClientIdTest, StaysWithinTheFormAndKeepsTwelveBytesOfOurs) {
  for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{1}, kLargest}) {
    const std::string id = ToExchangeClientId(number, kLongName);
    EXPECT_TRUE(IsInForm(id)) << id;
    EXPECT_EQ(id.size(), 30u);
    EXPECT_NE(id.find(std::string(12, 'z')), std::string::npos) << id;
  }
  EXPECT_TRUE(IsInForm(ToExchangeClientId(7, "no spaces/ü")));
}

TEST(ClientIdTest, NumbersComeBack) {
  for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{9}, std::uint64_t{1'000'003},
                                     std::uint64_t{1} << 48, kLargest}) {
    for (const std::string& ours : {std::string(), std::string("a-b"), kLongName}) {
      EXPECT_EQ(NumberOfExchangeClientId(ToExchangeClientId(number, ours)), number);
    }
  }
}

TEST(ClientIdTest, NoTwoNumbersGiveTheSame) {
  std::set<std::string> seen;
  // Ours may look like the end of another number.
  for (std::uint64_t number = 0; number < 3'000; ++number) {
    for (const std::string& ours : {std::string(), std::string("0"), std::string("-")}) {
      const std::string id = ToExchangeClientId(number, ours);
      EXPECT_EQ(NumberOfExchangeClientId(id), number) << id;
      EXPECT_TRUE(seen.insert(id).second) << id;
    }
  }
}

TEST(ClientIdTest, OtherTextsAreNotOurs) {
  for (const char* const text :
       {"", "t-", "web", "apiv4", "t-abc", "t-so", "t-so-abc", "t-so1", "t-so01-a", "t-soA-a",
        "t-so!-a", "t-so3w5e11264sgsg-a", "T-sw1-a", "t-so1-aaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}) {
    EXPECT_EQ(NumberOfExchangeClientId(text), std::nullopt) << text;
  }
}

TEST(ClientIdTest, TheOwnersTextsBeginWithTheirPrefix) {
  EXPECT_TRUE(IsOwnersText("t-my-custom-id"));
  for (const char* const text : {"", "-", "api", "web", "apiv4-ws", "liq-123"}) {
    EXPECT_FALSE(IsOwnersText(text)) << text;
  }
}

}  // namespace
}  // namespace switchyard::exchanges::gateio
