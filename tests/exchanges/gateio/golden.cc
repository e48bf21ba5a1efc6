#include "tests/exchanges/gateio/golden.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <cctype>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>

namespace switchyard::exchanges::gateio {
namespace {

std::string Folder() {
  const char* const configured = std::getenv("GOLDEN_DIR");
  return std::string(configured == nullptr ? "tests/golden" : configured) + "/gateio/";
}

// Empty where there is no such file.
std::string ReadFile(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string TestName(const std::string& name, std::set<std::string>& taken) {
  std::string clean;
  for (const char c : name) clean += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  std::string unique = clean;
  for (int i = 2; !taken.insert(unique).second; ++i) unique = clean + "_" + std::to_string(i);
  return unique;
}

// The bytes of a value as they stand in the file.
simdjson::error_code RawOf(simdjson::ondemand::value value, std::string_view* text) {
  simdjson::ondemand::json_type type;
  if (const auto error = value.type().get(type)) return error;
  if (type == simdjson::ondemand::json_type::object) {
    simdjson::ondemand::object object;
    const auto error = value.get_object().get(object);
    return error ? error : object.raw_json().get(*text);
  }
  if (type == simdjson::ondemand::json_type::array) {
    simdjson::ondemand::array array;
    const auto error = value.get_array().get(array);
    return error ? error : array.raw_json().get(*text);
  }
  *text = value.raw_json_token();
  return simdjson::SUCCESS;
}

void AddEntries(const std::string& file, simdjson::ondemand::array list,
                std::set<std::string>& taken, std::vector<GoldenEntry>& entries) {
  int number = 0;
  for (auto item : list) {
    GoldenEntry entry;
    entry.file = file;
    simdjson::ondemand::object object;
    if (item.get_object().get(object)) continue;
    for (auto field : object) {
      std::string_view key, text;
      simdjson::ondemand::value value;
      if (field.unescaped_key().get(key) || field.value().get(value) || RawOf(value, &text)) break;
      entry.raw[std::string(key)] = text;
    }
    std::string whole;
    for (const auto& [key, text] : entry.raw) {
      whole += (whole.empty() ? "{\"" : ",\"") + key + "\":" + text;
    }
    auto fields = json::Parse(whole + "}");
    if (!fields.ok()) continue;
    entry.fields = *std::move(fields);
    ++number;
    const std::string name =
        entry.fields.value("name", entry.fields.value("test", std::string("row")));
    entry.name =
        TestName(file.starts_with("peers_") ? std::to_string(number) + "_" + name : name, taken);
    entries.push_back(std::move(entry));
  }
}

void AddFile(const std::string& file, const std::vector<std::string>& lists,
             std::set<std::string>& taken, std::vector<GoldenEntry>& entries) {
  const simdjson::padded_string text(ReadFile(Folder() + file + ".json"));
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  simdjson::ondemand::json_type type;
  if (text.size() == 0 || parser.iterate(text).get(document) || document.type().get(type)) return;
  simdjson::ondemand::array list;
  if (type == simdjson::ondemand::json_type::array) {
    if (!document.get_array().get(list)) AddEntries(file, list, taken, entries);
    return;
  }
  for (const std::string& name : lists) {
    if (!document.find_field_unordered(name).get_array().get(list)) {
      AddEntries(file, list, taken, entries);
    }
    document.rewind();
  }
}

}  // namespace

std::string GoldenEntry::Minified(const std::string& field) const {
  const auto found = raw.find(field);
  if (found == raw.end()) return {};
  std::string out(found->second.size() + simdjson::SIMDJSON_PADDING, ' ');
  std::size_t size = 0;
  const auto error = simdjson::minify(found->second.data(), found->second.size(), out.data(), size);
  out.resize(error ? 0 : size);
  return out;
}

void PrintTo(const GoldenEntry& entry, std::ostream* out) {
  *out << entry.file << "/" << entry.name;
}

std::vector<GoldenEntry> LoadGolden(const std::string& file,
                                    const std::vector<std::string>& lists) {
  std::vector<GoldenEntry> entries;
  for (const std::string& name : {file, "more_" + file}) {
    std::set<std::string> taken;
    AddFile(name, lists, taken, entries);
  }
  return entries;
}

void ExpectEntriesOf(const std::vector<std::string>& files, const std::vector<std::string>& lists) {
  if (std::getenv("GOLDEN_DIR") != nullptr) return;
  for (const std::string& file : files) EXPECT_FALSE(LoadGolden(file, lists).empty()) << file;
}

json::Json ExpectedOf(const GoldenEntry& entry) {
  const std::string text = ReadFile(Folder() + "expected/" + entry.file + ".json");
  if (text.empty()) return nullptr;
  auto all = json::Parse(text);
  EXPECT_TRUE(all.ok()) << all.status();
  if (!all.ok()) return nullptr;
  const auto found = all->find(entry.name);
  return found == all->end() ? json::Json() : *found;
}

void CheckAgainstExpected(const GoldenEntry& entry, const json::Json& understood) {
  const json::Json expected = ExpectedOf(entry);
  if (expected.is_null()) {
    std::cout << "understood: " << understood.dump() << std::endl;
    return;
  }
  EXPECT_EQ(understood, expected) << "understood: " << understood.dump(1)
                                  << "\nexpected: " << expected.dump(1);
}

}  // namespace switchyard::exchanges::gateio
