#pragma once

#include <cstdint>
#include <string_view>

namespace switchyard::simulator::engine {

// SplitMix64: small, fast, and the same numbers on every machine, which the standard distributions
// do not promise. Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators".
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t Next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

  // Uniform in [0, bound); bound > 0. The bias of the modulo is below 2^-32 for bounds in use.
  std::int64_t Below(std::int64_t bound) {
    return static_cast<std::int64_t>(Next() % static_cast<std::uint64_t>(bound));
  }

  // True so many times in a million.
  bool Chance(std::uint32_t per_million) { return Next() % 1'000'000 < per_million; }

 private:
  std::uint64_t state_;
};

// FNV-1a, to give each symbol a stream of its own whatever other symbols there are.
constexpr std::uint64_t SeedFor(std::uint64_t seed, std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325ULL ^ seed;
  for (const char c : name) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  }
  return hash;
}

}  // namespace switchyard::simulator::engine
