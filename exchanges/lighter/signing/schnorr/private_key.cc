#include "exchanges/lighter/signing/schnorr/private_key.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/crypto/hmac.h"
#include "common/crypto/sha.h"
#include "common/status/status.h"
#include "exchanges/lighter/signing/curve/generator_table.h"
#include "exchanges/lighter/signing/schnorr/key_text.h"
#include "exchanges/lighter/signing/wiping.h"

namespace switchyard::exchanges::lighter::signing {
namespace {

// Keeps nonces apart from whatever else might be derived from a key.
constexpr std::string_view kNonceLabel = "lighter schnorr nonce";
constexpr std::size_t kLeastSeedBytes = 32;

std::string_view AsText(const Bytes40& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Decodes hex and hands the bytes, which are wiped afterwards, to `make`.
template <typename Make>
absl::StatusOr<PrivateKey> FromHexWith(std::string_view text, Make make) {
  SWITCHYARD_ASSIGN_OR_RETURN(crypto::Bytes bytes, crypto::FromHex(WithoutPrefix(text)));
  auto key = make(crypto::ByteView(bytes));
  crypto::Wipe(bytes.data(), bytes.size());
  return key;
}

}  // namespace

struct PrivateKey::State {
  State(const Scalar& scalar_in, const Bytes40& bytes, const Point& point)
      : scalar(scalar_in), nonces(AsText(bytes)), public_key(point.Encode().ToBytes(), point) {}

  Wiping<Scalar> scalar;
  crypto::HmacSha512Key nonces;
  PublicKey public_key;
};

PrivateKey::PrivateKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
PrivateKey::PrivateKey(PrivateKey&&) noexcept = default;
PrivateKey& PrivateKey::operator=(PrivateKey&&) noexcept = default;
PrivateKey::~PrivateKey() = default;

absl::StatusOr<PrivateKey> PrivateKey::FromScalar(const Scalar& scalar) {
  if (scalar.IsZero()) return absl::InvalidArgumentError("a private key is zero");
  const Wiping<Bytes40> bytes(scalar.ToBytes());
  return PrivateKey(std::make_unique<State>(scalar, *bytes, MultiplyGenerator(scalar)));
}

absl::StatusOr<PrivateKey> PrivateKey::FromBytes(crypto::ByteView bytes) {
  Wiping<Bytes40> copy;
  if (bytes.size() != copy->size()) {
    return absl::InvalidArgumentError("a private key is not 40 bytes long");
  }
  std::copy(bytes.begin(), bytes.end(), copy->begin());
  const Wiping<Scalar> scalar(Scalar::Reduce(*copy));
  return FromScalar(*scalar);
}

absl::StatusOr<PrivateKey> PrivateKey::FromHex(std::string_view text) {
  return FromHexWith(text, [](crypto::ByteView bytes) { return FromBytes(bytes); });
}

absl::StatusOr<PrivateKey> PrivateKey::FromSeed(crypto::ByteView seed) {
  if (seed.size() < kLeastSeedBytes) {
    return absl::InvalidArgumentError("a key's seed is shorter than 32 bytes");
  }
  std::string tagged(1 + seed.size(), '\0');
  std::copy(seed.begin(), seed.end(), tagged.begin() + 1);
  tagged[0] = 1;
  const Wiping<crypto::Sha256Digest> first(crypto::Sha256(tagged));
  tagged[0] = 2;
  const Wiping<crypto::Sha256Digest> second(crypto::Sha256(tagged));
  crypto::Wipe(tagged.data(), tagged.size());

  // The first digest and 8 bytes of the second are one big-endian number: its bytes in reverse.
  Wiping<Bytes40> bytes;
  std::reverse_copy(first->begin(), first->end(), bytes->begin() + 8);
  std::reverse_copy(second->begin(), second->begin() + 8, bytes->begin());
  return FromBytes(*bytes);
}

absl::StatusOr<PrivateKey> PrivateKey::FromSeedHex(std::string_view text) {
  return FromHexWith(text, [](crypto::ByteView seed) { return FromSeed(seed); });
}

const PublicKey& PrivateKey::public_key() const { return state_->public_key; }

Signature PrivateKey::Sign(const Fp5& message) const {
  std::string input(kNonceLabel);
  input += AsText(message.ToBytes());
  const Wiping<crypto::Sha512Digest> digest(state_->nonces.Sign(input));
  // That it is zero, which would give the key away, happens once in 2^319 hashes.
  const Wiping<Scalar> nonce(Scalar::ReduceWide(*digest));
  return SignWithNonce(message, *nonce);
}

Signature PrivateKey::SignWithNonce(const Fp5& message, const Scalar& nonce) const {
  const Wiping<Point> r(MultiplyGenerator(nonce));
  const Scalar e = Challenge(*r, message);
  const Wiping<Scalar> product(e * *state_->scalar);
  return {nonce - *product, e};
}

}  // namespace switchyard::exchanges::lighter::signing
