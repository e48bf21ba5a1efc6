#pragma once

#include <simdjson.h>

#include <string_view>

#include "exchanges/gateio/channels.h"
#include "exchanges/gateio/wire.h"

namespace switchyard::exchanges::gateio {

// The text of a scalar: without the quotes of a string, a number's raw characters, empty for null.
// False for anything else. A string with escapes is written out into the parser.
bool ReadText(simdjson::ondemand::value value, std::string_view* text);

// The same for what is a number, bare or as a string: escapes are left in, where whoever converts
// the text refuses them. In line: a book frame has dozens.
inline bool ReadNumberText(simdjson::ondemand::value value, std::string_view* text) {
  const std::string_view token = value.raw_json_token();
  const char* const begin = token.data();
  const char* end = begin + token.size();
  while (end != begin && static_cast<unsigned char>(end[-1]) <= ' ') --end;
  if (begin == end) return false;
  if (*begin == '"') {
    if (end - begin < 2 || end[-1] != '"') return false;
    *text = {begin + 1, static_cast<std::size_t>(end - begin - 2)};
    return true;
  }
  const std::string_view bare(begin, static_cast<std::size_t>(end - begin));
  *text = bare == "null" ? std::string_view() : bare;
  return *begin == '-' || (*begin >= '0' && *begin <= '9') || text->empty();
}

// False also where the value cannot be read: whoever reads it then says so.
inline bool IsNull(simdjson::ondemand::value value) {
  bool null = false;
  return !value.is_null().get(null) && null;
}

// A key without its quotes, as it stands.
inline std::string_view KeyOf(simdjson::ondemand::field& field) {
  // Every string that reaches this point is closed: the first pass over the frame has checked it.
  const char* const begin = field.key().raw();
  const char* end = begin;
  while (*end != '"') ++end;
  return {begin, static_cast<std::size_t>(end - begin)};
}

// Reads the `result` of data frames into the member of a Push that belongs to their channel. Fields
// may come in any order; unknown ones are skipped. One thread.
class PayloadReader {
 public:
  // False where something is missing or has another form; `problem` then says what.
  bool Read(Channel channel, simdjson::ondemand::value result, wire::Push& push);

  std::string_view problem() const { return problem_; }

 private:
  bool Fail(std::string_view problem) {
    problem_ = problem;
    return false;
  }
  bool ReadBookUpdate(simdjson::ondemand::value result, wire::Push& push);
  bool ReadBookSnapshot(simdjson::ondemand::value result, wire::Push& push);
  bool ReadBookTicker(simdjson::ondemand::value result, wire::Push& push);
  bool ReadTrade(simdjson::ondemand::object object, wire::Push& push);
  bool ReadTicker(simdjson::ondemand::object object, wire::Push& push);
  bool ReadCandle(simdjson::ondemand::object object, wire::Push& push);
  bool ReadLiquidation(simdjson::ondemand::object object, wire::Push& push);

  std::string_view problem_;
};

}  // namespace switchyard::exchanges::gateio
