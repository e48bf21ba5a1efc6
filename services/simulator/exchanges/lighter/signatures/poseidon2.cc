#include "services/simulator/exchanges/lighter/signatures/poseidon2.h"

#include <algorithm>

#include "services/simulator/exchanges/lighter/signatures/poseidon2_constants.h"

namespace switchyard::simulator::lighter::signatures {
namespace {

constexpr std::size_t kWidth = 12;
constexpr std::size_t kRate = 8;
constexpr std::size_t kBlock = 4;
constexpr std::size_t kFullRounds = kExternalRoundConstants.size();

using Matrix = std::array<std::array<Element, kWidth>, kWidth>;

constexpr Matrix ExternalMatrix() {
  constexpr std::uint64_t kRows[kBlock][kBlock] = {
      {2, 3, 1, 1}, {1, 2, 3, 1}, {1, 1, 2, 3}, {3, 1, 1, 2}};
  Matrix matrix;
  for (std::size_t i = 0; i < kWidth; ++i) {
    for (std::size_t j = 0; j < kWidth; ++j) {
      // A block gets its own product and, with the sum over all blocks, its own once more.
      const std::uint64_t times = i / kBlock == j / kBlock ? 2 : 1;
      matrix[i][j] = Element(times * kRows[i % kBlock][j % kBlock]);
    }
  }
  return matrix;
}

// Every row adds up the whole state, and its own element `kInternalDiagonal` times more.
constexpr Matrix InternalMatrix() {
  Matrix matrix;
  for (std::size_t i = 0; i < kWidth; ++i) {
    for (std::size_t j = 0; j < kWidth; ++j) {
      matrix[i][j] = Element(i == j ? 1 + kInternalDiagonal[i] : 1);
    }
  }
  return matrix;
}

constexpr Matrix kExternalMatrix = ExternalMatrix();
constexpr Matrix kInternalMatrix = InternalMatrix();

HashState Apply(const Matrix& matrix, const HashState& state) {
  HashState result;
  for (std::size_t i = 0; i < kWidth; ++i) {
    for (std::size_t j = 0; j < kWidth; ++j) result[i] = result[i] + matrix[i][j] * state[j];
  }
  return result;
}

Element Sbox(Element element) { return Power(element, 7); }

HashState FullRound(HashState state, std::size_t round) {
  for (std::size_t i = 0; i < kWidth; ++i) {
    state[i] = Sbox(state[i] + Element(kExternalRoundConstants[round][i]));
  }
  return Apply(kExternalMatrix, state);
}

HashState PartialRound(HashState state, std::size_t round) {
  state[0] = Sbox(state[0] + Element(kInternalRoundConstants[round]));
  return Apply(kInternalMatrix, state);
}

}  // namespace

HashState Permute(const HashState& state) {
  HashState result = Apply(kExternalMatrix, state);
  for (std::size_t i = 0; i < kFullRounds / 2; ++i) result = FullRound(result, i);
  for (std::size_t i = 0; i < kInternalRoundConstants.size(); ++i) result = PartialRound(result, i);
  for (std::size_t i = kFullRounds / 2; i < kFullRounds; ++i) result = FullRound(result, i);
  return result;
}

HashState Absorb(std::span<const Element> elements) {
  HashState state{};
  while (!elements.empty()) {
    const auto chunk = elements.first(std::min(kRate, elements.size()));
    std::copy(chunk.begin(), chunk.end(), state.begin());
    state = Permute(state);
    elements = elements.subspan(chunk.size());
  }
  return state;
}

Hash4 HashTo4(std::span<const Element> elements) {
  const HashState state = Absorb(elements);
  return {state[0], state[1], state[2], state[3]};
}

Quintic HashToQuintic(std::span<const Element> elements) {
  const HashState state = Absorb(elements);
  return {{state[0], state[1], state[2], state[3], state[4]}};
}

Hash4 HashPair(const Hash4& left, const Hash4& right) {
  std::array<Element, 8> both;
  std::copy(right.begin(), right.end(), std::copy(left.begin(), left.end(), both.begin()));
  return HashTo4(both);
}

}  // namespace switchyard::simulator::lighter::signatures
