#include "exchanges/lighter/signing/schnorr/signature.h"

#include <algorithm>

#include "absl/status/status.h"

namespace switchyard::exchanges::lighter::signing {

absl::StatusOr<Signature> Signature::FromBytes(crypto::ByteView bytes) {
  if (bytes.size() != SignatureBytes().size()) {
    return absl::InvalidArgumentError("a signature is not 80 bytes long");
  }
  Bytes40 s, e;
  std::copy_n(bytes.begin(), s.size(), s.begin());
  std::copy_n(bytes.begin() + s.size(), e.size(), e.begin());
  return Signature{Scalar::Reduce(s), Scalar::Reduce(e)};
}

SignatureBytes Signature::ToBytes() const {
  SignatureBytes bytes;
  const Bytes40 first = s.ToBytes(), second = e.ToBytes();
  std::copy(second.begin(), second.end(), std::copy(first.begin(), first.end(), bytes.begin()));
  return bytes;
}

}  // namespace switchyard::exchanges::lighter::signing
