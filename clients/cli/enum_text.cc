#include "clients/cli/enum_text.h"

#include <fmt/format.h>

namespace switchyard::clients::cli {

std::string EnumText(const google::protobuf::EnumDescriptor& type, int value) {
  const auto* const named = type.FindValueByNumber(value);
  // A newer server may know more values.
  if (named == nullptr) return fmt::format("{}", value);
  // buf's STANDARD lint makes the zero value `<PREFIX>_UNSPECIFIED` in every enum.
  const std::string& zero = type.FindValueByNumber(0)->name();
  const std::size_t prefix = zero.size() - std::string_view("UNSPECIFIED").size();
  return named->name().substr(prefix);
}

}  // namespace switchyard::clients::cli
