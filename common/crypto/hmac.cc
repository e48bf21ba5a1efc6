#include "common/crypto/hmac.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <cstdlib>

namespace switchyard::crypto {
namespace {

struct FreeContext {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MAC_CTX, FreeContext>;

// Only an OpenSSL without HMAC or without memory fails here; there is no way to go on.
void Check(bool ok) {
  if (!ok) std::abort();
}

// Looked up once; lives for the whole process.
EVP_MAC* HmacAlgorithm() {
  static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  return algorithm;
}

template <typename Digest>
constexpr const char* kDigestName = nullptr;
template <>
constexpr const char* kDigestName<Sha256Digest> = "SHA256";
template <>
constexpr const char* kDigestName<Sha512Digest> = "SHA512";

}  // namespace

template <typename Digest>
struct HmacKey<Digest>::State {
  Context prepared;
};

template <typename Digest>
HmacKey<Digest>::HmacKey(std::string_view key) : state_(std::make_unique<State>()) {
  state_->prepared.reset(EVP_MAC_CTX_new(HmacAlgorithm()));
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                       const_cast<char*>(kDigestName<Digest>), 0),
      OSSL_PARAM_construct_end(),
  };
  // OpenSSL takes a null key as "keep the last one", so an empty key needs an address.
  const std::uint8_t* const bytes =
      key.empty() ? reinterpret_cast<const std::uint8_t*>("") : AsBytes(key).data();
  Check(EVP_MAC_init(state_->prepared.get(), bytes, key.size(), parameters) == 1);
}

template <typename Digest>
HmacKey<Digest>::HmacKey(HmacKey&&) noexcept = default;
template <typename Digest>
HmacKey<Digest>& HmacKey<Digest>::operator=(HmacKey&&) noexcept = default;
template <typename Digest>
HmacKey<Digest>::~HmacKey() = default;

template <typename Digest>
Digest HmacKey<Digest>::Sign(std::string_view data) const {
  const Context context(EVP_MAC_CTX_dup(state_->prepared.get()));
  Digest digest;
  std::size_t size = 0;
  Check(context != nullptr &&
        EVP_MAC_update(context.get(), AsBytes(data).data(), data.size()) == 1 &&
        EVP_MAC_final(context.get(), digest.data(), &size, digest.size()) == 1 &&
        size == digest.size());
  return digest;
}

template class HmacKey<Sha256Digest>;
template class HmacKey<Sha512Digest>;

}  // namespace switchyard::crypto
