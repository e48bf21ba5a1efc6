#include "exchanges/lighter/signing/hash/poseidon2.h"

#include <algorithm>

namespace switchyard::exchanges::lighter::signing::poseidon2 {
namespace {

// Inside a permutation residues are any 64 bits: they are brought below p once, at its end.
using Words = std::array<std::uint64_t, kWidth>;

std::uint64_t Multiply(std::uint64_t a, std::uint64_t b) {
  return goldilocks::Fold(static_cast<Uint128>(a) * b);
}

// a^7.
std::uint64_t SBox(std::uint64_t a) {
  const std::uint64_t square = Multiply(a, a);
  return Multiply(Multiply(square, square), Multiply(square, a));
}

// The external layer, with the constants of the next round added while sums are still wide.
void ExternalLayer(Words& words, const Words& next_constants) {
  std::array<Uint128, kWidth> wide;
#pragma GCC unroll 3
  for (std::size_t block = 0; block < kWidth; block += 4) {
    const Uint128 a = words[block], b = words[block + 1], c = words[block + 2],
                  d = words[block + 3];
    const Uint128 sum = a + b + c + d;
    // Rows (2,3,1,1), (1,2,3,1), (1,1,2,3), (3,1,1,2).
    wide[block] = sum + a + 2 * b;
    wide[block + 1] = sum + b + 2 * c;
    wide[block + 2] = sum + c + 2 * d;
    wide[block + 3] = sum + d + 2 * a;
  }
#pragma GCC unroll 4
  for (std::size_t k = 0; k < 4; ++k) {
    const Uint128 column = wide[k] + wide[k + 4] + wide[k + 8];
#pragma GCC unroll 3
    for (std::size_t i = k; i < kWidth; i += 4) {
      words[i] = goldilocks::Fold(wide[i] + column + next_constants[i]);
    }
  }
}

// A partial round: the S-box on word 0 alone, then the internal layer. As above, word 0 already has
// this round's constant and leaves with `next_constant`.
void PartialRound(Words& words, std::uint64_t next_constant) {
  // Rounds wait for word 0: all that does not need its S-box comes first.
  Uint128 others = 0;
#pragma GCC unroll 12
  for (std::size_t i = 1; i < kWidth; ++i) others += words[i];
  words[0] = SBox(words[0]);
  const std::uint64_t sum = goldilocks::Fold(others + words[0]);
#pragma GCC unroll 12
  for (std::size_t i = 0; i < kWidth; ++i) {
    // Fits to the last bit: (2^64 - 1)^2 + 2 (2^64 - 1) = 2^128 - 1.
    words[i] = goldilocks::Fold(static_cast<Uint128>(words[i]) * kInternalDiagonal[i] + sum +
                                (i == 0 ? next_constant : 0));
  }
}

constexpr std::size_t kHalf = kFullRounds / 2;

// The constants that full round `round` leaves for its successor.
constexpr Words ConstantsAfter(std::size_t round) {
  if (round + 1 == kHalf) return {kInternalConstants[0]};
  if (round + 1 == kFullRounds) return {};
  return kExternalConstants[round + 1];
}

constexpr std::array<Words, kFullRounds> kConstantsAfter = {
    ConstantsAfter(0), ConstantsAfter(1), ConstantsAfter(2), ConstantsAfter(3),
    ConstantsAfter(4), ConstantsAfter(5), ConstantsAfter(6), ConstantsAfter(7)};

void FullRounds(Words& words, std::size_t first) {
  for (std::size_t round = first; round < first + kHalf; ++round) {
#pragma GCC unroll 12
    for (std::uint64_t& word : words) word = SBox(word);
    ExternalLayer(words, kConstantsAfter[round]);
  }
}

}  // namespace

void Permute(State& state) {
  Words words;
  for (std::size_t i = 0; i < kWidth; ++i) words[i] = state[i].value();
  ExternalLayer(words, kExternalConstants[0]);
  FullRounds(words, 0);
  for (std::size_t round = 1; round < kPartialRounds; ++round) {
    PartialRound(words, kInternalConstants[round]);
  }
  PartialRound(words, 0);
  for (std::size_t i = 0; i < kWidth; ++i) {
    words[i] = goldilocks::Fold(static_cast<Uint128>(words[i]) + kExternalConstants[kHalf][i]);
  }
  FullRounds(words, kHalf);
  for (std::size_t i = 0; i < kWidth; ++i) state[i] = Fp(words[i]);
}

void Hash(std::span<const Fp> elements, std::span<Fp> output) {
  State state{};
  while (!elements.empty()) {
    const std::size_t count = std::min(kRate, elements.size());
    std::copy_n(elements.begin(), count, state.begin());
    elements = elements.subspan(count);
    Permute(state);
  }
  while (true) {
    const std::size_t count = std::min(kRate, output.size());
    std::copy_n(state.begin(), count, output.begin());
    output = output.subspan(count);
    if (output.empty()) return;
    Permute(state);
  }
}

Hash4 HashTo4(std::span<const Fp> elements) {
  Hash4 hash;
  Hash(elements, hash);
  return hash;
}

Fp5 HashToFp5(std::span<const Fp> elements) {
  std::array<Fp, 5> limbs;
  Hash(elements, limbs);
  return Fp5(limbs);
}

Hash4 Compress(const Hash4& left, const Hash4& right) {
  std::array<Fp, 8> both;
  std::copy(right.begin(), right.end(), std::copy(left.begin(), left.end(), both.begin()));
  return HashTo4(both);
}

}  // namespace switchyard::exchanges::lighter::signing::poseidon2
