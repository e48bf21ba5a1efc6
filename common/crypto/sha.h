#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "common/crypto/bytes.h"

// SHA-2 (FIPS 180-4) over OpenSSL. Pure; any thread. Use ToHex for text.
namespace switchyard::crypto {

using Sha256Digest = std::array<std::uint8_t, 32>;
using Sha512Digest = std::array<std::uint8_t, 64>;

Sha256Digest Sha256(std::string_view data);
Sha512Digest Sha512(std::string_view data);

}  // namespace switchyard::crypto
