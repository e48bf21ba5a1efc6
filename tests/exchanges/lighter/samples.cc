#include "tests/exchanges/lighter/samples.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <system_error>

namespace switchyard::exchanges::lighter {
namespace {

std::string Folder() {
  const char* const configured = std::getenv("GOLDEN_DIR");
  return std::string(configured == nullptr ? "tests/golden" : configured) + "/lighter/";
}

// Empty where there is no such file.
std::string ReadFile(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string Minified(std::string_view text) {
  std::string out(text.size() + simdjson::SIMDJSON_PADDING, ' ');
  std::size_t size = 0;
  const auto error = simdjson::minify(text.data(), text.size(), out.data(), size);
  out.resize(error ? 0 : size);
  return out;
}

// The bytes of a field as they stand; "" where there is none.
std::string RawField(simdjson::ondemand::object object, std::string_view field) {
  simdjson::ondemand::object value;
  std::string_view text;
  if (object.find_field_unordered(field).get_object().get(value) || value.raw_json().get(text)) {
    return {};
  }
  return Minified(text);
}

}  // namespace

void PrintTo(const Sample& sample, std::ostream* out) { *out << sample.name; }

std::vector<Sample> LoadSamples(std::string_view prefix) {
  std::vector<Sample> samples;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(Folder() + "samples", none)) {
    const std::string name = entry.path().stem().string();
    if (!name.starts_with(prefix) || entry.path().extension() != ".json") continue;
    const simdjson::padded_string text(ReadFile(entry.path().string()));
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document document;
    simdjson::ondemand::object object;
    if (parser.iterate(text).get(document) || document.get_object().get(object)) continue;
    samples.push_back({name, RawField(object, "body")});
  }
  std::ranges::sort(samples, {}, &Sample::name);
  return samples;
}

Sample SampleOf(std::string_view name) {
  for (Sample& sample : LoadSamples(name)) {
    if (sample.name == name) return std::move(sample);
  }
  ADD_FAILURE() << "no sample " << name;
  return {};
}

std::vector<Sample> LoadEntries(const std::string& file, const std::string& field) {
  std::vector<Sample> samples;
  const simdjson::padded_string text(ReadFile(Folder() + file + ".json"));
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  simdjson::ondemand::array list;
  if (text.size() == 0 || parser.iterate(text).get(document) || document.get_array().get(list)) {
    return samples;
  }
  for (auto item : list) {
    simdjson::ondemand::object object;
    if (item.get_object().get(object)) continue;
    samples.push_back({file + "_" + std::to_string(samples.size() + 1), RawField(object, field)});
  }
  return samples;
}

void CheckAgainstExpected(const Sample& sample, const json::Json& understood) {
  const std::string text = ReadFile(Folder() + "expected/" + sample.name + ".json");
  if (text.empty()) {
    std::cout << "understood: " << understood.dump() << std::endl;
    return;
  }
  const auto expected = json::Json::parse(text, nullptr, /*allow_exceptions=*/false);
  EXPECT_EQ(understood, expected) << "understood: " << understood.dump(1)
                                  << "\nexpected: " << expected.dump(1);
}

void ExpectSamples(std::string_view prefix, std::size_t count) {
  if (std::getenv("GOLDEN_DIR") != nullptr) return;
  const std::vector<Sample> samples = LoadSamples(prefix);
  EXPECT_EQ(samples.size(), count);
  for (const Sample& sample : samples) {
    EXPECT_FALSE(sample.body.empty()) << sample.name;
    EXPECT_FALSE(ReadFile(Folder() + "expected/" + sample.name + ".json").empty()) << sample.name;
  }
}

}  // namespace switchyard::exchanges::lighter
