// The types that no vector has: what is hashed and what is written, by the reference's table
// (section 3.10).
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "exchanges/lighter/signing/hash/poseidon2.h"
#include "exchanges/lighter/signing/transactions/transaction.h"

namespace switchyard::exchanges::lighter::signing {
namespace {

constexpr std::int64_t kPool = 281474976710000;

struct Case {
  std::string name;
  Transaction transaction;
  std::vector<std::uint64_t> elements;  // after chain, type, nonce, deadline
  std::string fields;                   // before ExpiredAt
  int type;
};
void PrintTo(const Case& row, std::ostream* out) { *out << row.name; }

class PoolTransactionTest : public testing::TestWithParam<Case> {};

TEST_P(PoolTransactionTest, IsHashedAndWrittenAsTheTableSays) {
  const Case& row = GetParam();
  const Envelope envelope = {1'789'000'000'000, 42, {}};
  EXPECT_EQ(TypeOf(row.transaction), row.type);
  EXPECT_TRUE(Validate(row.transaction, envelope).ok());
  std::vector<Fp> elements = {Fp(300), Fp(static_cast<std::uint64_t>(row.type)), Fp(42),
                              Fp(1'789'000'000'000)};
  for (const std::uint64_t element : row.elements) elements.push_back(Fp(element));
  EXPECT_EQ(HashTransaction(row.transaction, envelope, ChainId::kTestnet),
            poseidon2::HashToFp5(elements));
  const std::string zeros(107, 'A');  // 80 bytes of zeros in base64
  EXPECT_EQ(WriteTransaction(row.transaction, envelope, Signature()),
            "{" + row.fields + ",\"ExpiredAt\":1789000000000,\"Nonce\":42,\"Sig\":\"" + zeros +
                "=\",\"L2TxAttributes\":null}");
}

INSTANTIATE_TEST_SUITE_P(
    Types, PoolTransactionTest,
    testing::Values(
        Case{"create_public_pool",
             CreatePublicPool{12345, 4, 100'000, 2'000'000, 500},
             {12345, 4, 100'000, 2'000'000, 500},
             "\"AccountIndex\":12345,\"ApiKeyIndex\":4,\"OperatorFee\":100000,"
             "\"InitialTotalShares\":2000000,\"MinOperatorShareRate\":500",
             10},
        Case{"update_public_pool",
             UpdatePublicPool{12345, 4, kPool, 1, 100'000, 500},
             {12345, 4, kPool, 1, 100'000, 500},
             "\"AccountIndex\":12345,\"ApiKeyIndex\":4,\"PublicPoolIndex\":281474976710000,"
             "\"Status\":1,\"OperatorFee\":100000,\"MinOperatorShareRate\":500",
             11},
        Case{"stake_assets",
             StakeAssets{12345, 4, kPool, 7},
             {12345, 4, kPool, 7},
             "\"AccountIndex\":12345,\"ApiKeyIndex\":4,\"StakingPoolIndex\":281474976710000,"
             "\"ShareAmount\":7",
             35},
        Case{"unstake_assets",
             UnstakeAssets{12345, 4, kPool, 7},
             {12345, 4, kPool, 7},
             "\"AccountIndex\":12345,\"ApiKeyIndex\":4,\"StakingPoolIndex\":281474976710000,"
             "\"ShareAmount\":7",
             36}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace switchyard::exchanges::lighter::signing
