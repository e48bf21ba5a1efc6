#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard::simulator::testing {

// A field of a transaction as it is signed: `split` ones are two elements, the low 32 bits first.
struct SignedField {
  std::string name;
  std::int64_t value;
  bool split = false;
};

// Signs as a client of Lighter does, with the simulator's own field and curve, plainly: what the
// client's code signs is for other tests to show. Source: lighter.md sections 3.7 to 3.10.
class Signer {
 public:
  // `private_key` is 80 hex digits, below the group's order.
  Signer(std::string_view private_key, std::int64_t account, std::int64_t api_key);

  // "{deadline}:{account}:{key}:{signature}"
  std::string Token(std::int64_t deadline_s) const;
  // The `tx_info` of a transaction whose fields after the API key are `fields`. Expires in ten
  // minutes.
  std::string Transaction(int type, const std::vector<SignedField>& fields,
                          std::int64_t nonce) const;

  std::int64_t account() const { return account_; }

 private:
  std::string SignElements(const std::vector<std::uint64_t>& elements) const;

  std::string private_key_;  // bytes
  std::int64_t account_;
  std::int64_t api_key_;
};

}  // namespace switchyard::simulator::testing
