#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "exchanges/lighter/signing/field/goldilocks.h"
#include "exchanges/lighter/signing/field/quintic.h"
#include "exchanges/lighter/signing/hash/poseidon2_constants.h"

// The Poseidon2 hash over the Goldilocks field. Pure; any thread; takes time by the number of
// elements alone. Source: reference 3.5 and 3.6.
namespace switchyard::exchanges::lighter::signing::poseidon2 {

using State = std::array<Fp, kWidth>;
using Hash4 = std::array<Fp, 4>;

void Permute(State& state);

// The sponge: each chunk of up to eight elements overwrites the state's beginning, without padding;
// the output is the beginning of the state, permuted again for every further eight elements. No
// elements at all give zeros.
void Hash(std::span<const Fp> elements, std::span<Fp> output);

// "Hash no pad".
Hash4 HashTo4(std::span<const Fp> elements);
// "Hash to quintic extension".
Fp5 HashToFp5(std::span<const Fp> elements);

// "Two to one". The hash of a list is the fold of it from the left.
Hash4 Compress(const Hash4& left, const Hash4& right);

}  // namespace switchyard::exchanges::lighter::signing::poseidon2
