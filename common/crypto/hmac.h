#pragma once

#include <memory>
#include <string_view>

#include "common/crypto/sha.h"

namespace switchyard::crypto {

// HMAC (RFC 2104) with a key that is prepared once: signing copies the prepared state and so costs
// neither a look-up of the algorithm nor the key's own hashing. OpenSSL wipes the key with it.
// Digest is Sha256Digest or Sha512Digest. Move-only; signing is const and may run on several
// threads.
template <typename Digest>
class HmacKey {
 public:
  explicit HmacKey(std::string_view key);
  HmacKey(HmacKey&&) noexcept;
  HmacKey& operator=(HmacKey&&) noexcept;
  ~HmacKey();

  Digest Sign(std::string_view data) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

using HmacSha256Key = HmacKey<Sha256Digest>;
using HmacSha512Key = HmacKey<Sha512Digest>;
extern template class HmacKey<Sha256Digest>;
extern template class HmacKey<Sha512Digest>;

// For a key that is used once.
inline Sha256Digest HmacSha256(std::string_view key, std::string_view data) {
  return HmacSha256Key(key).Sign(data);
}
inline Sha512Digest HmacSha512(std::string_view key, std::string_view data) {
  return HmacSha512Key(key).Sign(data);
}

}  // namespace switchyard::crypto
