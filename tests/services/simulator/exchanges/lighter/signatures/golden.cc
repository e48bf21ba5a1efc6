#include "tests/services/simulator/exchanges/lighter/signatures/golden.h"

#include <cctype>
#include <cstdlib>
#include <fstream>
#include <set>

#include "common/crypto/bytes.h"

namespace switchyard::simulator::lighter::signatures {
namespace {

std::string Path(const std::string& file) {
  const char* const configured = std::getenv("GOLDEN_DIR");
  return std::string(configured == nullptr ? "tests/golden" : configured) + "/lighter/" + file +
         ".json";
}

std::string Clean(const std::string& text) {
  std::string clean;
  for (const char c : text) clean += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return clean;
}

}  // namespace

void PrintTo(const Vector& vector, std::ostream* out) { *out << vector.fields.dump(); }

std::vector<Vector> LoadVectors(const std::string& file, const std::string& list) {
  std::vector<Vector> vectors;
  std::ifstream in(Path(file));
  if (!in) return vectors;
  const Json json = Json::parse(in, nullptr, /*allow_exceptions=*/false);
  const Json found = json.value(Json::json_pointer(list), Json::array());
  for (const Json& fields : found.is_array() ? found : Json::array({found})) {
    std::string name = Clean(list.substr(1)) + "_" + std::to_string(vectors.size());
    if (fields.contains("name")) name += "_" + Clean(fields["name"].get<std::string>());
    vectors.push_back({name, fields});
  }
  return vectors;
}

std::vector<Vector> LoadTransactions() {
  std::vector<Vector> all;
  for (const char* const file : {"tx_vectors", "tx_vectors_python_sdk", "tx_vectors_newer_rules"}) {
    for (Vector& vector : LoadVectors(file)) {
      vector.test_name = std::string(file) + "_" + vector.test_name;
      all.push_back(std::move(vector));
    }
  }
  return all;
}

void ExpectCount(const std::vector<Vector>& vectors, std::size_t count) {
  if (std::getenv("GOLDEN_DIR") == nullptr) {
    EXPECT_EQ(vectors.size(), count);
  }
}

Quintic ReadQuintic(const Json& limbs) {
  const std::vector<Element> elements = ReadElements(limbs);
  EXPECT_EQ(elements.size(), Quintic::kLimbs);
  Quintic quintic;
  for (std::size_t i = 0; i < Quintic::kLimbs && i < elements.size(); ++i) {
    quintic.limbs[i] = elements[i];
  }
  return quintic;
}

std::vector<Element> ReadElements(const Json& limbs) {
  std::vector<Element> elements;
  for (const Json& limb : limbs) {
    elements.push_back(Element(std::strtoull(limb.get<std::string>().c_str(), nullptr, 10)));
  }
  return elements;
}

Quintic QuinticOfHex(const std::string& hex) {
  const auto bytes = crypto::FromHex(hex);
  EXPECT_TRUE(bytes.ok() && bytes->size() == kEncodedSize) << hex;
  if (!bytes.ok() || bytes->size() != kEncodedSize) return {};
  return QuinticFromBytes(EncodedView(*bytes)).value_or(Quintic());
}

VerificationContext ContextOf(std::int64_t chain_id, const std::string& public_key_hex) {
  return {.chain_id = chain_id,
          .keys = [public_key_hex](std::int64_t,
                                   std::int64_t) { return PublicKey::FromHex(public_key_hex); },
          .is_spot = [](std::int64_t market) { return market >= 2048 && market <= 4094; }};
}

int CodeOf(const absl::Status& status) {
  if (status.ok()) return 0;
  const auto refusal = RefusalOf(status);
  return refusal.has_value() ? static_cast<int>(*refusal) : -1;
}

}  // namespace switchyard::simulator::lighter::signatures
