#include "common/crypto/hmac.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace switchyard::crypto {
namespace {

struct Vector {
  std::string name, key, data, sha256, sha512;
};
class HmacTest : public testing::TestWithParam<Vector> {};

TEST_P(HmacTest, MatchesThePublishedValue) {
  const Vector& vector = GetParam();
  EXPECT_EQ(ToHex(HmacSha256(vector.key, vector.data)), vector.sha256);
  EXPECT_EQ(ToHex(HmacSha512(vector.key, vector.data)), vector.sha512);
}

TEST_P(HmacTest, PreparedKeySignsMoreThanOnce) {
  const HmacSha256Key key(GetParam().key);
  key.Sign("something else");
  EXPECT_EQ(ToHex(key.Sign(GetParam().data)), GetParam().sha256);
  EXPECT_EQ(ToHex(key.Sign(GetParam().data)), GetParam().sha256);
}

std::string Sequence(char first, char last) {
  std::string bytes;
  for (char byte = first; byte <= last; ++byte) bytes.push_back(byte);
  return bytes;
}

// Source: RFC 4231 section 4, test cases 1 to 4, 6 and 7 (5 is truncated output).
INSTANTIATE_TEST_SUITE_P(
    Rfc4231, HmacTest,
    testing::Values(
        Vector{"case_1", std::string(20, '\x0b'), "Hi There",
               "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
               "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
               "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"},
        Vector{"case_2", "Jefe", "what do ya want for nothing?",
               "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
               "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
               "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
        Vector{"case_3", std::string(20, '\xaa'), std::string(50, '\xdd'),
               "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
               "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
               "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb"},
        Vector{"case_4", Sequence('\x01', '\x19'), std::string(50, '\xcd'),
               "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
               "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db"
               "a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd"},
        Vector{"case_6_long_key", std::string(131, '\xaa'),
               "Test Using Larger Than Block-Size Key - Hash Key First",
               "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
               "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
               "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"},
        Vector{"case_7_long_key_and_data", std::string(131, '\xaa'),
               "This is a test using a larger than block-size key and a larger than block-size "
               "data. The key needs to be hashed before being used by the HMAC algorithm.",
               "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
               "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944"
               "b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58"}),
    [](const auto& info) { return info.param.name; });

// Source: `openssl dgst -sha256 -hmac ""` on an empty file.
TEST(HmacKeyTest, EmptyKeyAndDataAreValid) {
  EXPECT_EQ(ToHex(HmacSha256("", "")),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(HmacKeyTest, MovesWithItsState) {
  HmacSha256Key first("Jefe");
  const HmacSha256Key second(std::move(first));
  EXPECT_EQ(second.Sign("x"), HmacSha256("Jefe", "x"));
}

TEST(HmacKeyTest, SignsOnSeveralThreads) {
  const HmacSha512Key key("Jefe");
  const Sha512Digest want = HmacSha512("Jefe", "data");
  std::vector<int> right(4, 0);
  std::vector<std::thread> threads;
  for (int& count : right) {
    threads.emplace_back([&key, &want, &count] {
      for (int i = 0; i < 200; ++i) count += key.Sign("data") == want;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, std::vector<int>(4, 200));
}

}  // namespace
}  // namespace switchyard::crypto
