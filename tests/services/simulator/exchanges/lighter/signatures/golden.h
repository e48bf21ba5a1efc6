#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "services/simulator/exchanges/lighter/signatures/transaction.h"

// Vectors of Lighter's signatures, from $GOLDEN_DIR/lighter where that is set and from
// tests/golden/lighter otherwise.
namespace switchyard::simulator::lighter::signatures {

using Json = nlohmann::json;

// The vectors of a file, each its own test.
struct Vector {
  // Unique in its file, of [A-Za-z0-9_].
  std::string test_name;
  Json fields;

  std::string Text(const char* key) const { return fields.value(key, ""); }
  std::string tx_info() const { return Text("tx_info"); }
  int tx_type() const { return fields.value("tx_type", 0); }
  std::int64_t chain_id() const { return fields.value("chain_id", std::int64_t{0}); }
};

void PrintTo(const Vector& vector, std::ostream* out);

// The entries of the list that a JSON pointer names in a file, or the one object; none where
// $GOLDEN_DIR has no such file.
std::vector<Vector> LoadVectors(const std::string& file, const std::string& list = "/vectors");
// Of several files.
std::vector<Vector> LoadTransactions();

struct VectorName {
  template <typename Info>
  std::string operator()(const Info& info) const {
    return info.param.test_name;
  }
};

// Expects as many entries, unless $GOLDEN_DIR chooses others.
void ExpectCount(const std::vector<Vector>& vectors, std::size_t count);

// Limbs as decimal texts.
Quintic ReadQuintic(const Json& limbs);
std::vector<Element> ReadElements(const Json& limbs);
// 40 bytes in hex.
Quintic QuinticOfHex(const std::string& hex);

// Verifies with one key for every account. Markets 2048..4094 are spot ones, as in the vectors.
VerificationContext ContextOf(std::int64_t chain_id, const std::string& public_key_hex);

// 0 = accepted, -1 = an error that is no refusal.
int CodeOf(const absl::Status& status);

}  // namespace switchyard::simulator::lighter::signatures
