#include "clients/cli/enum_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace switchyard::clients::cli {
namespace {

using google::protobuf::EnumDescriptor;

std::string WithoutPrefix(const EnumDescriptor& type, const std::string& name) {
  // buf's STANDARD lint makes the zero value `<PREFIX>_UNSPECIFIED` in every enum.
  const std::string& zero = type.FindValueByNumber(0)->name();
  return name.substr(zero.size() - std::string_view("UNSPECIFIED").size());
}

// As people type it.
std::string Typed(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char letter) {
    return letter == '-' ? '_' : static_cast<char>(std::tolower(letter));
  });
  return name;
}

}  // namespace

std::string EnumText(const EnumDescriptor& type, int value) {
  const auto* const named = type.FindValueByNumber(value);
  // A newer server may know more values.
  return named == nullptr ? fmt::to_string(value) : WithoutPrefix(type, named->name());
}

absl::StatusOr<int> ParseEnumNumber(const EnumDescriptor& type, std::string_view flag,
                                    std::string_view text) {
  const std::string wanted = Typed(std::string(text));
  std::string choices;
  for (int index = 0; index < type.value_count(); ++index) {
    const auto& value = *type.value(index);
    const std::string name = Typed(WithoutPrefix(type, value.name()));
    if (value.number() == 0 || name == "unrecognised") continue;
    if (name == wanted) return value.number();
    choices += (choices.empty() ? "" : ", ") + name;
  }
  return absl::InvalidArgumentError(fmt::format("{}: one of {}; not \"{}\"", flag, choices, text));
}

}  // namespace switchyard::clients::cli
