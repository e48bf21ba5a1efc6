// The permutation held against one by whole matrices; what the sponge does with lengths.
#include "exchanges/lighter/signing/hash/poseidon2.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "tests/exchanges/lighter/signing/slow_math.h"

namespace switchyard::exchanges::lighter::signing::poseidon2 {
namespace {

std::vector<Fp> Numbers(std::size_t count) {
  std::vector<Fp> elements;
  for (std::size_t i = 1; i <= count; ++i) elements.push_back(Fp(i));
  return elements;
}

TEST(PermuteTest, AgreesWithWholeMatrices) {
  std::mt19937_64 random(12);
  for (int round = 0; round < 200; ++round) {
    slow::State slow_state;
    State state;
    for (std::size_t i = 0; i < kWidth; ++i) {
      // The largest elements first: sums of them are the widest.
      slow_state[i] = round == 0 ? slow::kP - 1 : random() % slow::kP;
      state[i] = Fp(slow_state[i]);
    }
    slow::Permute(slow_state);
    Permute(state);
    for (std::size_t i = 0; i < kWidth; ++i) ASSERT_EQ(state[i].value(), slow_state[i]) << round;
  }
}

TEST(HashTest, NothingHashesToZeros) { EXPECT_EQ(HashToFp5({}), Fp5()); }

TEST(HashTest, AShortLastChunkLeavesTheRestOfTheState) {
  const std::vector<Fp> elements = Numbers(11);
  State state{};
  std::copy_n(elements.begin(), 8, state.begin());
  Permute(state);
  std::copy_n(elements.begin() + 8, 3, state.begin());
  Permute(state);
  const Hash4 hash = HashTo4(elements);
  EXPECT_TRUE(std::equal(hash.begin(), hash.end(), state.begin()));
}

TEST(HashTest, MoreThanEightOutputsPermuteAgain) {
  const std::vector<Fp> elements = Numbers(3);
  State state{};
  std::copy(elements.begin(), elements.end(), state.begin());
  Permute(state);
  std::vector<Fp> output(12);
  Hash(elements, output);
  EXPECT_TRUE(std::equal(output.begin(), output.begin() + 8, state.begin()));
  Permute(state);
  EXPECT_TRUE(std::equal(output.begin() + 8, output.end(), state.begin()));
}

TEST(HashTest, ATrailingZeroIsAnotherInput) {
  std::vector<Fp> elements = Numbers(8);
  const Fp5 before = HashToFp5(elements);
  elements.push_back(Fp());
  EXPECT_NE(HashToFp5(elements), before);
}

TEST(CompressTest, IsTheHashOfBothAndHasAnOrder) {
  const Hash4 left = HashTo4(Numbers(1)), right = HashTo4(Numbers(2));
  std::vector<Fp> both(left.begin(), left.end());
  both.insert(both.end(), right.begin(), right.end());
  EXPECT_EQ(Compress(left, right), HashTo4(both));
  EXPECT_NE(Compress(left, right), Compress(right, left));
}

}  // namespace
}  // namespace switchyard::exchanges::lighter::signing::poseidon2
