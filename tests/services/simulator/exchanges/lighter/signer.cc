#include "tests/services/simulator/exchanges/lighter/signer.h"

#include <array>
#include <chrono>

#include "services/simulator/exchanges/lighter/signatures/curve.h"
#include "services/simulator/exchanges/lighter/signatures/poseidon2.h"

namespace switchyard::simulator::testing {
namespace {

using lighter::signatures::Element;
using lighter::signatures::Quintic;
using lighter::signatures::Scalar;
using Limbs = std::array<std::uint64_t, 5>;
__extension__ typedef unsigned __int128 Uint128;

constexpr std::uint64_t kChainId = 304;
constexpr std::int64_t kLifeMs = 600'000;
// The group's order, lowest limb first.
constexpr Limbs kOrder = {0xe80fd996948bffe1, 0xe8885c39d724a09c, 0x7fffffe6cfb80639,
                          0x7ffffff100000016, 0x7ffffffd80000007};

bool Less(const Limbs& a, const Limbs& b) {
  for (std::size_t i = 5; i-- > 0;) {
    if (a[i] != b[i]) return a[i] < b[i];
  }
  return false;
}

Limbs Subtract(const Limbs& a, const Limbs& b) {
  Limbs difference{};
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < 5; ++i) {
    const Uint128 part = static_cast<Uint128>(a[i]) - b[i] - borrow;
    difference[i] = static_cast<std::uint64_t>(part);
    borrow = static_cast<std::uint64_t>(part >> 64) != 0 ? 1 : 0;
  }
  return difference;
}

// Both below the order.
Limbs AddModulo(const Limbs& a, const Limbs& b) {
  Limbs sum{};
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < 5; ++i) {
    const Uint128 part = static_cast<Uint128>(a[i]) + b[i] + carry;
    sum[i] = static_cast<std::uint64_t>(part);
    carry = static_cast<std::uint64_t>(part >> 64);
  }
  return Less(sum, kOrder) ? sum : Subtract(sum, kOrder);
}

Limbs MultiplyModulo(const Limbs& a, const Limbs& b) {
  Limbs product{};
  for (std::size_t bit = 320; bit-- > 0;) {
    product = AddModulo(product, product);
    if ((b[bit / 64] >> (bit % 64) & 1) != 0) product = AddModulo(product, a);
  }
  return product;
}

std::string BytesOf(const Limbs& limbs) {
  std::string bytes;
  for (const std::uint64_t limb : limbs) {
    for (int shift = 0; shift < 64; shift += 8) {
      bytes.push_back(static_cast<char>(limb >> shift & 0xff));
    }
  }
  return bytes;
}

Limbs LimbsOf(std::string_view bytes) {
  Limbs limbs{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    limbs[i / 8] |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(bytes[i])) << (i % 8 * 8);
  }
  return limbs;
}

std::string Hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text.push_back(kDigits[static_cast<std::uint8_t>(byte) >> 4]);
    text.push_back(kDigits[static_cast<std::uint8_t>(byte) & 15]);
  }
  return text;
}

std::string FromHexDigits(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  }
  return bytes;
}

std::string Base64(std::string_view bytes) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8 | (i + j < bytes.size() ? static_cast<std::uint8_t>(bytes[i + j]) : 0);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      text.push_back(i + j <= bytes.size() ? kDigits[group >> (18 - 6 * j) & 63] : '=');
    }
  }
  return text;
}

std::int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Signer::Signer(std::string_view private_key, std::int64_t account, std::int64_t api_key)
    : private_key_(FromHexDigits(private_key)), account_(account), api_key_(api_key) {}

std::string Signer::SignElements(const std::vector<std::uint64_t>& elements) const {
  std::vector<Element> hashed;
  for (const std::uint64_t element : elements) hashed.emplace_back(element);
  const Quintic message = lighter::signatures::HashToQuintic(hashed);
  // Any number does for a nonce here; it must not be the same for two messages under a real key.
  const Scalar nonce = Scalar::FromQuintic(message);
  const Quintic commitment = lighter::signatures::Encode(lighter::signatures::Combine(
      nonce, lighter::signatures::Generator(), Scalar(), lighter::signatures::Generator()));
  std::vector<Element> challenge(commitment.limbs.begin(), commitment.limbs.end());
  challenge.insert(challenge.end(), message.limbs.begin(), message.limbs.end());
  const Scalar e = Scalar::FromQuintic(lighter::signatures::HashToQuintic(challenge));
  const Limbs product = MultiplyModulo(LimbsOf(private_key_), e.limbs());
  const Limbs s = AddModulo(nonce.limbs(), Subtract(kOrder, product));
  return BytesOf(s) + BytesOf(e.limbs());
}

std::string Signer::Token(std::int64_t deadline_s) const {
  const std::string message =
      std::to_string(deadline_s) + ":" + std::to_string(account_) + ":" + std::to_string(api_key_);
  std::vector<std::uint64_t> elements;
  for (std::size_t i = 0; i < message.size(); i += 8) {
    elements.push_back(LimbsOf(std::string_view(message).substr(i, 8))[0]);
  }
  return message + ":" + Hex(SignElements(elements));
}

std::string Signer::Transaction(int type, const std::vector<SignedField>& fields,
                                std::int64_t nonce) const {
  const std::int64_t expires_ms = NowMs() + kLifeMs;
  std::vector<std::uint64_t> elements = {kChainId,
                                         static_cast<std::uint64_t>(type),
                                         static_cast<std::uint64_t>(nonce),
                                         static_cast<std::uint64_t>(expires_ms),
                                         static_cast<std::uint64_t>(account_),
                                         static_cast<std::uint64_t>(api_key_)};
  nlohmann::ordered_json info;
  info["AccountIndex"] = account_;
  info["ApiKeyIndex"] = api_key_;
  for (const SignedField& field : fields) {
    info[field.name] = field.value;
    const auto value = static_cast<std::uint64_t>(field.value);
    elements.push_back(field.split ? value & 0xffff'ffff : value);
    if (field.split) elements.push_back(value >> 32);
  }
  info["ExpiredAt"] = expires_ms;
  info["Nonce"] = nonce;
  info["Sig"] = Base64(SignElements(elements));
  info["L2TxAttributes"] = nullptr;
  return info.dump();
}

}  // namespace switchyard::simulator::testing
