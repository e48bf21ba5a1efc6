#include "exchanges/lighter/signing/tokens/auth_token.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/crypto/bytes.h"
#include "exchanges/lighter/signing/hash/poseidon2.h"
#include "exchanges/lighter/signing/transactions/bounds.h"

namespace switchyard::exchanges::lighter::signing {

Fp5 HashTokenMessage(std::string_view message) {
  // Eight characters an element, the first one lowest; zeros fill the last.
  std::vector<Fp> elements;
  for (std::size_t begin = 0; begin < message.size(); begin += 8) {
    const std::string_view chunk = message.substr(begin, 8);
    std::uint64_t limb = 0;
    for (std::size_t i = chunk.size(); i-- > 0;) {
      limb = limb << 8 | static_cast<unsigned char>(chunk[i]);
    }
    elements.emplace_back(limb);
  }
  return poseidon2::HashToFp5(elements);
}

absl::StatusOr<config::Secret> MakeAuthToken(const PrivateKey& key, const TokenOwner& owner,
                                             std::int64_t deadline) {
  if (deadline <= 0) return absl::InvalidArgumentError("a token's deadline is not positive");
  if (owner.account_index < 0 || owner.account_index > bounds::kMaxAccount) {
    return absl::InvalidArgumentError("a token's account index is out of range");
  }
  if (owner.api_key_index < 0 || owner.api_key_index > bounds::kMaxApiKey) {
    return absl::InvalidArgumentError("a token's api key index is out of range");
  }
  std::string text = fmt::format("{}:{}:{}", deadline, owner.account_index, owner.api_key_index);
  const Signature signature = key.Sign(HashTokenMessage(text));
  std::string signature_text = crypto::ToHex(signature.ToBytes());
  text.reserve(text.size() + 1 + signature_text.size());
  text += ':';
  text += signature_text;
  config::Secret token(text);
  config::WipeString(text);
  config::WipeString(signature_text);
  return token;
}

}  // namespace switchyard::exchanges::lighter::signing
