#include "tests/exchanges/lighter/signing/vectors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "common/crypto/bytes.h"

namespace switchyard::exchanges::lighter::signing {
namespace {

std::string TestName(const json::Json& fields, std::size_t number, std::set<std::string>& taken) {
  std::string clean = std::to_string(number);
  for (const char* const key : {"name", "note", "kind", "message"}) {
    const std::string text = fields.value(key, "");
    if (text.empty()) continue;
    clean += '_';
    for (const char c : text.substr(0, 60)) {
      clean += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    }
    break;
  }
  while (!taken.insert(clean).second) clean += "_again";
  return clean;
}

}  // namespace

crypto::Bytes Vector::Hex(const std::string& field) const {
  const auto bytes = crypto::FromHex(Text(field));
  EXPECT_TRUE(bytes.ok()) << field;
  return bytes.value_or(crypto::Bytes());
}

Bytes40 Vector::Hex40(const std::string& field) const {
  const crypto::Bytes bytes = Hex(field);
  Bytes40 copy{};
  EXPECT_EQ(bytes.size(), copy.size()) << field;
  std::copy_n(bytes.begin(), std::min(bytes.size(), copy.size()), copy.begin());
  return copy;
}

std::vector<Fp> Vector::Elements(const std::string& field) const {
  std::vector<Fp> elements;
  for (const json::Json& element : fields.at(field)) elements.push_back(ElementOf(element));
  return elements;
}

Fp5 Vector::Element5(const std::string& field) const { return Element5Of(fields.at(field)); }

void PrintTo(const Vector& vector, std::ostream* out) {
  *out << vector.file << "/" << vector.list << "/" << vector.name;
}

json::Json LoadFile(const std::string& file) {
  const char* const configured = std::getenv("GOLDEN_DIR");
  std::ifstream in(std::string(configured == nullptr ? "tests/golden" : configured) + "/lighter/" +
                   file + ".json");
  std::stringstream text;
  text << in.rdbuf();
  if (text.str().empty()) return nullptr;
  auto json = json::Parse(text.str());
  EXPECT_TRUE(json.ok()) << file << ": " << json.status();
  return json.ok() ? *std::move(json) : json::Json();
}

std::vector<Vector> LoadVectors(const std::string& file, const std::string& list) {
  const json::Json whole = LoadFile(file);
  const json::Json* const found = whole.is_null() ? nullptr : json::Find(whole, list);
  if (found == nullptr) return {};
  const json::Json entries = found->is_array() ? *found : json::Json::array({*found});
  std::vector<Vector> vectors;
  std::set<std::string> taken;
  for (const json::Json& entry : entries) {
    vectors.push_back({file, list, TestName(entry, vectors.size() + 1, taken), entry});
  }
  return vectors;
}

std::vector<Vector> WithField(std::vector<Vector> vectors, const std::string& field) {
  std::erase_if(vectors, [&](const Vector& vector) { return !vector.Has(field); });
  return vectors;
}

void ExpectVectors(const std::string& file, const std::vector<std::string>& lists) {
  if (std::getenv("GOLDEN_DIR") != nullptr) return;
  for (const std::string& list : lists) {
    EXPECT_FALSE(LoadVectors(file, list).empty()) << file << " " << list;
  }
}

Fp ElementOf(const json::Json& decimal) {
  return Fp(std::strtoull(decimal.get<std::string>().c_str(), nullptr, 10));
}

Fp5 Element5Of(const json::Json& decimals) {
  std::array<Fp, 5> limbs;
  for (std::size_t i = 0; i < limbs.size(); ++i) limbs[i] = ElementOf(decimals.at(i));
  return Fp5(limbs);
}

}  // namespace switchyard::exchanges::lighter::signing
