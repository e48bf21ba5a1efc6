#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "services/simulator/engine/decimal_text.h"

namespace switchyard::simulator {

// Writes JSON by appending to a string: no tree, and numbers as the caller's own text. The caller
// nests rightly; commas are set here.
class JsonWriter {
 public:
  // Appends to `out`, which must outlive the writer.
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& BeginObject() { return Open('{'); }
  JsonWriter& EndObject() { return Close('}'); }
  JsonWriter& BeginArray() { return Open('['); }
  JsonWriter& EndArray() { return Close(']'); }

  // The name of the next value.
  JsonWriter& Key(std::string_view name) {
    Comma();
    Quote(name);
    out_.push_back(':');
    comma_ = false;
    return *this;
  }

  JsonWriter& Text(std::string_view value) {
    Comma();
    Quote(value);
    return Done();
  }
  JsonWriter& Number(std::int64_t value) {
    Comma();
    engine::AppendInteger(out_, value);
    return Done();
  }
  // A value that is JSON already.
  JsonWriter& Raw(std::string_view json) {
    Comma();
    out_ += json;
    return Done();
  }
  // A string that holds a decimal.
  JsonWriter& Decimal(engine::Int128 mantissa, int scale) {
    Comma();
    out_.push_back('"');
    engine::AppendDecimal(out_, mantissa, scale);
    out_.push_back('"');
    return Done();
  }
  JsonWriter& Bool(bool value) { return Raw(value ? "true" : "false"); }

  JsonWriter& Text(std::string_view name, std::string_view value) { return Key(name).Text(value); }
  JsonWriter& Number(std::string_view name, std::int64_t value) { return Key(name).Number(value); }
  JsonWriter& Raw(std::string_view name, std::string_view json) { return Key(name).Raw(json); }
  JsonWriter& Decimal(std::string_view name, engine::Int128 mantissa, int scale) {
    return Key(name).Decimal(mantissa, scale);
  }
  JsonWriter& Bool(std::string_view name, bool value) { return Key(name).Bool(value); }

 private:
  JsonWriter& Open(char bracket) {
    Comma();
    out_.push_back(bracket);
    comma_ = false;
    return *this;
  }
  JsonWriter& Close(char bracket) {
    out_.push_back(bracket);
    return Done();
  }
  JsonWriter& Done() {
    comma_ = true;
    return *this;
  }
  void Comma() {
    if (comma_) out_.push_back(',');
    comma_ = false;
  }
  void Quote(std::string_view text) {
    static constexpr char kHex[] = "0123456789abcdef";
    out_.push_back('"');
    for (const char c : text) {
      if (c == '"' || c == '\\') {
        out_.push_back('\\');
        out_.push_back(c);
      } else if (static_cast<unsigned char>(c) < 0x20) {
        out_ += "\\u00";
        out_.push_back(kHex[c >> 4]);
        out_.push_back(kHex[c & 15]);
      } else {
        out_.push_back(c);
      }
    }
    out_.push_back('"');
  }

  std::string& out_;
  bool comma_ = false;
};

}  // namespace switchyard::simulator
