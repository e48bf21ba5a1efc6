#include "services/simulator/exchanges/lighter/signatures/field_reader.h"

#include <algorithm>
#include <limits>
#include <set>

#include "fmt/format.h"

namespace switchyard::simulator::lighter::signatures {
namespace {

// The largest transactions, groups of three orders, take about 1 KiB.
constexpr std::size_t kMaxBytes = 64u << 10;

}  // namespace

std::optional<Json> ParseObject(std::string_view text) {
  if (text.size() > kMaxBytes) return std::nullopt;
  std::vector<std::set<std::string>> open;
  bool repeated = false;
  const auto note_key = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) open.emplace_back();
    if (event == Json::parse_event_t::object_end) open.pop_back();
    if (event == Json::parse_event_t::key) {
      repeated = !open.back().insert(parsed.get<std::string>()).second || repeated;
    }
    return true;
  };
  Json json = Json::parse(text.begin(), text.end(), note_key, /*allow_exceptions=*/false);
  if (repeated || !json.is_object()) return std::nullopt;
  return json;
}

Element ElementOf(std::int64_t value) { return Element(static_cast<std::uint64_t>(value)); }

std::int64_t FieldReader::Read(const char* name, const Range& range) {
  const Json* const value = Need(name);
  if (value == nullptr) return 0;
  if (!value->is_number_integer()) {
    Fail(Refusal::kInvalidTxInfo, fmt::format("{} is not an integer", name));
    return 0;
  }
  const bool too_large =
      value->is_number_unsigned() &&
      value->get<std::uint64_t>() > std::uint64_t{std::numeric_limits<std::int64_t>::max()};
  const std::int64_t number = too_large ? 0 : value->get<std::int64_t>();
  if (too_large || number < range.min || number > range.max) {
    Fail(range.refusal,
         fmt::format("{} {} is not in {}..{}", name, value->dump(), range.min, range.max));
    return 0;
  }
  return number;
}

std::int64_t FieldReader::Take(const char* name, const Range& range) {
  const std::int64_t number = Read(name, range);
  AppendElement(ElementOf(number));
  return number;
}

std::int64_t FieldReader::TakeSplit(const char* name, const Range& range) {
  const std::int64_t amount = Read(name, range);
  AppendElement(ElementOf(amount & 0xffff'ffff));
  AppendElement(ElementOf(amount >> 32));
  return amount;
}

const Json* FieldReader::Need(const char* name) {
  const Json* const value = Find(name);
  if (value == nullptr) Fail(Refusal::kInvalidTxInfo, fmt::format("{} is missing", name));
  return value;
}

const Json* FieldReader::Find(const char* name) {
  known_.emplace_back(name);
  const auto found = object_.find(name);
  return !status_.ok() || found == object_.end() ? nullptr : &*found;
}

std::string FieldReader::OptionalText(const char* name) {
  const Json* const value = Find(name);
  if (value == nullptr || value->is_null()) return "";
  if (!value->is_string()) {
    Fail(Refusal::kInvalidTxInfo, fmt::format("{} is not a text", name));
    return "";
  }
  return value->get<std::string>();
}

void FieldReader::Fail(const absl::Status& status) { status_.Update(status); }

void FieldReader::RefuseUnknownKeys() {
  for (const auto& item : object_.items()) {
    if (std::find(known_.begin(), known_.end(), item.key()) == known_.end()) {
      Fail(Refusal::kInvalidTxInfo, fmt::format("unknown key {}", item.key()));
    }
  }
}

}  // namespace switchyard::simulator::lighter::signatures
