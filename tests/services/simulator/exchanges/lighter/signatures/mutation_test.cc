#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "services/simulator/exchanges/lighter/signatures/transaction.h"
#include "tests/services/simulator/exchanges/lighter/signatures/golden.h"

namespace switchyard::simulator::lighter::signatures {
namespace {

// The first vector of each type of transaction, and those with attributes.
std::vector<Vector> OneOfEachType() {
  std::map<std::pair<int, bool>, Vector> chosen;
  for (const Vector& vector : LoadVectors("tx_vectors")) {
    const bool has_attributes = vector.fields.contains("attributes_hash");
    if (has_attributes && vector.tx_type() != 14 && vector.tx_type() != 16) continue;
    chosen.emplace(std::pair(vector.tx_type(), has_attributes), vector);
  }
  std::vector<Vector> vectors;
  for (auto& [key, vector] : chosen) vectors.push_back(vector);
  return vectors;
}

class Mutations : public testing::TestWithParam<Vector> {
 protected:
  // Whatever came of the bytes: no crash, and nothing signed is accepted that was not signed.
  void ExpectNoForgery(const std::string& tx_info) const {
    const auto result = VerifyTransaction(GetParam().tx_type(), tx_info, context_);
    if (result.ok()) {
      EXPECT_EQ(result->hash, GetParam().Text("tx_hash")) << tx_info;
      EXPECT_EQ(result->nonce, original_->nonce) << tx_info;
      EXPECT_EQ(result->account_index, original_->account_index) << tx_info;
    } else {
      EXPECT_GT(CodeOf(result.status()), 0) << tx_info;
    }
  }

  const VerificationContext context_ =
      ContextOf(GetParam().chain_id(), GetParam().Text("public_key_hex"));
  const std::string text_ = GetParam().tx_info();
  const absl::StatusOr<Transaction> original_ =
      VerifyTransaction(GetParam().tx_type(), text_, context_);
  std::mt19937 random_{20260806};
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Mutations);
INSTANTIATE_TEST_SUITE_P(Golden, Mutations, testing::ValuesIn(OneOfEachType()), VectorName());

TEST_P(Mutations, OfOneByteForgeNothing) {
  ASSERT_TRUE(original_.ok()) << original_.status();
  static constexpr char kCharacters[] = "0123456789-.eE\"\\{}[]:, nul\0\xff\n";
  for (std::size_t i = 0; i < text_.size(); ++i) {
    std::string changed = text_;
    changed[i] = kCharacters[random_() % (sizeof(kCharacters) - 1)];
    ExpectNoForgery(changed);
  }
}

TEST_P(Mutations, ByFlippedBitsForgeNothing) {
  ASSERT_TRUE(original_.ok()) << original_.status();
  for (std::size_t i = 0; i < text_.size(); ++i) {
    std::string changed = text_;
    changed[i] = static_cast<char>(changed[i] ^ (1 << random_() % 8));
    ExpectNoForgery(changed);
  }
}

TEST_P(Mutations, ByRemovedInsertedAndRepeatedBytesForgeNothing) {
  ASSERT_TRUE(original_.ok()) << original_.status();
  for (int i = 0; i < 200; ++i) {
    const std::size_t at = random_() % text_.size();
    const std::size_t size = 1 + random_() % 8;
    std::string removed = text_;
    ExpectNoForgery(removed.erase(at, size));
    std::string repeated = text_;
    ExpectNoForgery(repeated.insert(at, text_.substr(at, size)));
  }
}

TEST_P(Mutations, ByCuttingAreNoTransactions) {
  for (std::size_t size = 0; size < text_.size(); ++size) {
    const auto result = VerifyTransaction(GetParam().tx_type(), text_.substr(0, size), context_);
    EXPECT_EQ(CodeOf(result.status()), static_cast<int>(Refusal::kInvalidTxInfo)) << size;
  }
}

}  // namespace
}  // namespace switchyard::simulator::lighter::signatures
