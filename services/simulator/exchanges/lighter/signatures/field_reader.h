#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "services/simulator/exchanges/lighter/signatures/field.h"
#include "services/simulator/exchanges/lighter/signatures/refusal.h"

namespace switchyard::simulator::lighter::signatures {

using Json = nlohmann::json;

// An object that names no key twice, at any depth; nothing where the text is anything else.
std::optional<Json> ParseObject(std::string_view text);

// Both ends belong to it.
struct Range {
  std::int64_t min;
  std::int64_t max;
  Refusal refusal;
};

// A number of 64 bits whose sign is kept as two's complement.
Element ElementOf(std::int64_t value);

// Reads the keys of one object in the order of hashing: what is taken is also appended to the
// hashed elements. The first failure stays; after it, everything reads as 0 or nothing. Does not
// own the object.
class FieldReader {
 public:
  explicit FieldReader(const Json& object) : object_(object) {}

  std::int64_t Take(const char* name, const Range& range);
  template <typename Enum>
  Enum TakeAs(const char* name, const Range& range) {
    return static_cast<Enum>(Take(name, range));
  }
  // 0 or 1.
  bool TakeFlag(const char* name, Refusal refusal) { return Take(name, {0, 1, refusal}) == 1; }
  // An amount, hashed as its low 32 bits and the rest.
  std::int64_t TakeSplit(const char* name, const Range& range);
  void AppendElement(Element element) { elements_.push_back(element); }

  // A key whose value is not hashed as it is. Null after a failure; fails where there is none.
  const Json* Need(const char* name);
  // Null where there is none, and after a failure.
  const Json* Find(const char* name);
  // A text that may be left out or null; then "".
  std::string OptionalText(const char* name);

  void Fail(Refusal refusal, std::string_view detail) { Fail(Refuse(refusal, detail)); }
  void Fail(const absl::Status& status);
  // Fails where the object has a key that nobody asked for.
  void RefuseUnknownKeys();

  const absl::Status& status() const { return status_; }
  const std::vector<Element>& elements() const { return elements_; }

 private:
  std::int64_t Read(const char* name, const Range& range);

  const Json& object_;
  std::vector<std::string> known_;
  std::vector<Element> elements_;
  absl::Status status_;
};

}  // namespace switchyard::simulator::lighter::signatures
