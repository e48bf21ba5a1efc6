#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "services/simulator/exchanges/lighter/signatures/field.h"

// Poseidon2 as Lighter hashes with it. Pure; any thread.
// Source: lighter.md sections 3.5 and 3.6.
namespace switchyard::simulator::lighter::signatures {

using HashState = std::array<Element, 12>;
using Hash4 = std::array<Element, 4>;

HashState Permute(const HashState& state);

// The state after `elements` were taken in, 8 at a time, each chunk over what stood there. Of no
// elements: zeros.
HashState Absorb(std::span<const Element> elements);

// The first limbs of Absorb.
Hash4 HashTo4(std::span<const Element> elements);
Quintic HashToQuintic(std::span<const Element> elements);

// One hash of two.
Hash4 HashPair(const Hash4& left, const Hash4& right);

}  // namespace switchyard::simulator::lighter::signatures
