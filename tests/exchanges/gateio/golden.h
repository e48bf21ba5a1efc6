#pragma once

#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "common/json/json.h"

// Golden files of Gate.io: samples of messages with what they mean, each entry its own test.
// They are read from $GOLDEN_DIR/gateio where that is set, from tests/golden/gateio otherwise.
namespace switchyard::exchanges::gateio {

// One entry of a file. `raw` has each field's own bytes, so that numbers keep their text.
struct GoldenEntry {
  std::string file;
  std::string name;  // unique in the file, of [A-Za-z0-9_]
  json::Json fields;
  std::map<std::string, std::string> raw;

  // The raw text of a field without its white space; "" where there is none.
  std::string Minified(const std::string& field) const;
};

void PrintTo(const GoldenEntry& entry, std::ostream* out);

// The entries of `<file>.json` and of `more_<file>.json`: of a plain list, or of the lists named in
// `lists` inside an object. A file that is not there has none.
std::vector<GoldenEntry> LoadGolden(const std::string& file,
                                    const std::vector<std::string>& lists = {"samples"});

// Whether there is `expected/<file>.json`, and the value that it has for the entry; null where it
// states none.
json::Json ExpectedOf(const GoldenEntry& entry);

// Expects each of the files to have entries, unless $GOLDEN_DIR chooses others: a directory may
// hold a few files alone, so that suites may stay without instances.
void ExpectEntriesOf(const std::vector<std::string>& files,
                     const std::vector<std::string>& lists = {"samples"});

// Names the instances of a parametrised test.
struct EntryName {
  template <typename Info>
  std::string operator()(const Info& info) const {
    return info.param.file + "_" + info.param.name;
  }
};

// Fails where `entry` has expected values and `understood` differs; prints what was understood
// where it has none.
void CheckAgainstExpected(const GoldenEntry& entry, const json::Json& understood);

}  // namespace switchyard::exchanges::gateio
