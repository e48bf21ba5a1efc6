#include "common/crypto/sha.h"

#include <gtest/gtest.h>

#include <string>

namespace switchyard::crypto {
namespace {

struct Vector {
  std::string name, data, sha256, sha512;
};
class ShaTest : public testing::TestWithParam<Vector> {};

TEST_P(ShaTest, MatchesThePublishedDigest) {
  EXPECT_EQ(ToHex(Sha256(GetParam().data)), GetParam().sha256);
  EXPECT_EQ(ToHex(Sha512(GetParam().data)), GetParam().sha512);
}

// Source: NIST, examples of FIPS 180 (SHA256.pdf, SHA512.pdf) and the long message of a million a.
INSTANTIATE_TEST_SUITE_P(
    Fips180, ShaTest,
    testing::Values(Vector{"empty", "",
                           "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                           "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
                           "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"},
                    Vector{"one_block", "abc",
                           "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                           "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                           "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
                    Vector{"two_blocks", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                           "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
                           "204a8fc6dda82f0a0ced7beb8e08a41657c16ef468b228a8279be331a703c335"
                           "96fd15c13b1b07f9aa1d3bea57789ca031ad85c7a71dd70354ec631238ca3445"},
                    Vector{"million", std::string(1'000'000, 'a'),
                           "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
                           "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
                           "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace switchyard::crypto
