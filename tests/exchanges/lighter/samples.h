#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/json.h"

// Golden messages of Lighter: one a file, with what it means in `expected/`. They are read from
// $GOLDEN_DIR/lighter where that is set, from tests/golden/lighter otherwise.
namespace switchyard::exchanges::lighter {

struct Sample {
  std::string name;  // of its file, without the extension
  std::string body;  // the message, its numbers as they are spelt; without white space
};

void PrintTo(const Sample& sample, std::ostream* out);

// Those whose names begin with `prefix`, by name.
std::vector<Sample> LoadSamples(std::string_view prefix);

// The sample of that name; the test fails where there is none.
Sample SampleOf(std::string_view name);

// The entries of `<file>.json`, a list; none where there is no such file. `field` of an entry is
// the sample's body.
std::vector<Sample> LoadEntries(const std::string& file, const std::string& field);

// Fails where `expected/<name>.json` is there and `understood` differs; prints what was understood
// where it is not.
void CheckAgainstExpected(const Sample& sample, const json::Json& understood);

// Expects the samples to be there and each to have an expected value, unless $GOLDEN_DIR chooses
// others: a directory may hold a few files alone, so that suites may stay without instances.
void ExpectSamples(std::string_view prefix, std::size_t count);

// Names the instances of a parametrised test.
struct SampleName {
  template <typename Info>
  std::string operator()(const Info& info) const {
    std::string name = info.param.name;
    for (char& c : name) {
      if (c == '-') c = '_';
    }
    return name;
  }
};

}  // namespace switchyard::exchanges::lighter
