#include "common/crypto/sha.h"

#include <openssl/sha.h>

namespace switchyard::crypto {

Sha256Digest Sha256(std::string_view data) {
  Sha256Digest digest;
  SHA256(AsBytes(data).data(), data.size(), digest.data());
  return digest;
}

Sha512Digest Sha512(std::string_view data) {
  Sha512Digest digest;
  SHA512(AsBytes(data).data(), data.size(), digest.data());
  return digest;
}

}  // namespace switchyard::crypto
