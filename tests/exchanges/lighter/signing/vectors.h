#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "common/crypto/bytes.h"
#include "common/json/json.h"
#include "exchanges/lighter/signing/field/quintic.h"

// Vectors of Lighter's signatures: each entry of a file is a test. They are read from
// $GOLDEN_DIR/lighter where that is set, from tests/golden/lighter otherwise.
namespace switchyard::exchanges::lighter::signing {

struct Vector {
  std::string file;
  std::string list;
  std::string name;  // unique in the list, of [A-Za-z0-9_]
  json::Json fields;

  bool Has(const std::string& field) const { return fields.contains(field); }
  // "" where there is none.
  std::string Text(const std::string& field) const { return fields.value(field, ""); }
  // Bytes in hex; a failure where the field is none.
  crypto::Bytes Hex(const std::string& field) const;
  Bytes40 Hex40(const std::string& field) const;
  // Decimal texts of field elements.
  std::vector<Fp> Elements(const std::string& field) const;
  Fp5 Element5(const std::string& field) const;
};

void PrintTo(const Vector& vector, std::ostream* out);

// The entries of the list that a dotted path leads to in `<file>.json`; an object there is one
// entry. A file or a list that is not there has none.
std::vector<Vector> LoadVectors(const std::string& file, const std::string& list = "vectors");

// Those that have the field.
std::vector<Vector> WithField(std::vector<Vector> vectors, const std::string& field);

// The whole file; null where it is not there.
json::Json LoadFile(const std::string& file);

// Expects the lists to have entries, unless $GOLDEN_DIR chooses others: a directory may hold a few
// files alone, so that suites may stay without instances.
void ExpectVectors(const std::string& file, const std::vector<std::string>& lists = {"vectors"});

Fp ElementOf(const json::Json& decimal);
Fp5 Element5Of(const json::Json& decimals);

// Names the instances of a parametrised test.
struct VectorName {
  template <typename Info>
  std::string operator()(const Info& info) const {
    return info.param.name;
  }
};

}  // namespace switchyard::exchanges::lighter::signing
