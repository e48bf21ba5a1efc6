#include "common/crypto/ed25519.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstdlib>
#include <utility>

namespace switchyard::crypto {
namespace {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

constexpr std::size_t kSeedBytes = 32;
// A PEM key is about 120 bytes; OpenSSL counts them in an int.
constexpr std::size_t kMaxPemBytes = 16u << 10;

// Refuses encrypted PEM: without it OpenSSL would ask on the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

}  // namespace

struct Ed25519Key::State {
  Key key;
};

Ed25519Key::Ed25519Key(std::unique_ptr<State> state, const Ed25519PublicKey& public_key)
    : state_(std::move(state)), public_key_(public_key) {}
Ed25519Key::Ed25519Key(Ed25519Key&&) noexcept = default;
Ed25519Key& Ed25519Key::operator=(Ed25519Key&&) noexcept = default;
Ed25519Key::~Ed25519Key() = default;

absl::StatusOr<Ed25519Key> Ed25519Key::FromState(std::unique_ptr<State> state) {
  // What OpenSSL says about a key stays out of its queue, where a later TLS call would find it.
  ERR_clear_error();
  if (state->key == nullptr || EVP_PKEY_get_id(state->key.get()) != EVP_PKEY_ED25519) {
    return absl::InvalidArgumentError("not an Ed25519 private key");
  }
  Ed25519PublicKey public_key;
  std::size_t size = public_key.size();
  if (EVP_PKEY_get_raw_public_key(state->key.get(), public_key.data(), &size) != 1 ||
      size != public_key.size()) {
    return absl::InvalidArgumentError("Ed25519 key without its public part");
  }
  return Ed25519Key(std::move(state), public_key);
}

absl::StatusOr<Ed25519Key> Ed25519Key::FromSeed(ByteView seed) {
  if (seed.size() != kSeedBytes) {
    return absl::InvalidArgumentError("an Ed25519 seed has 32 bytes");
  }
  auto state = std::make_unique<State>();
  state->key.reset(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
  return FromState(std::move(state));
}

absl::StatusOr<Ed25519Key> Ed25519Key::FromBase64(std::string_view seed) {
  absl::StatusOr<Bytes> bytes = crypto::FromBase64(seed);
  if (!bytes.ok()) return absl::InvalidArgumentError("Ed25519 seed: not base64");
  absl::StatusOr<Ed25519Key> key = FromSeed(*bytes);
  Wipe(bytes->data(), bytes->size());
  return key;
}

absl::StatusOr<Ed25519Key> Ed25519Key::FromPem(std::string_view pem) {
  if (pem.size() > kMaxPemBytes) return absl::InvalidArgumentError("PEM key: too long");
  const std::unique_ptr<BIO, FreeBio> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  auto state = std::make_unique<State>();
  state->key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr));
  return FromState(std::move(state));
}

Ed25519Signature Ed25519Key::Sign(std::string_view message) const {
  const Context context(EVP_MD_CTX_new());
  Ed25519Signature signature;
  std::size_t size = signature.size();
  // Fails only without memory: the key was checked when it was made.
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, state_->key.get()) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, AsBytes(message).data(),
                     message.size()) != 1) {
    std::abort();
  }
  return signature;
}

bool VerifyEd25519(ByteView public_key, std::string_view message, ByteView signature) {
  if (public_key.size() != Ed25519PublicKey().size() ||
      signature.size() != Ed25519Signature().size()) {
    return false;
  }
  const Key key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, public_key.data(), public_key.size()));
  const Context context(EVP_MD_CTX_new());
  const bool valid =
      key != nullptr && context != nullptr &&
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
      EVP_DigestVerify(context.get(), signature.data(), signature.size(), AsBytes(message).data(),
                       message.size()) == 1;
  ERR_clear_error();
  return valid;
}

}  // namespace switchyard::crypto
