#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/generated_enum_reflection.h>

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace switchyard::clients::cli {

// Name of a value without its type's prefix: SOURCE_REST is "REST".
std::string EnumText(const google::protobuf::EnumDescriptor& type, int value);

template <typename Enum>
std::string EnumText(Enum value) {
  return EnumText(*google::protobuf::GetEnumDescriptor<Enum>(), static_cast<int>(value));
}

// The way back, for the value of a flag: "stop_limit", "STOP-LIMIT". UNSPECIFIED and UNRECOGNISED
// cannot be asked for. Errors: InvalidArgument with the flag's name and its choices.
absl::StatusOr<int> ParseEnumNumber(const google::protobuf::EnumDescriptor& type,
                                    std::string_view flag, std::string_view text);

template <typename Enum>
absl::StatusOr<Enum> ParseEnum(std::string_view flag, std::string_view text) {
  const auto number = ParseEnumNumber(*google::protobuf::GetEnumDescriptor<Enum>(), flag, text);
  if (!number.ok()) return number.status();
  return static_cast<Enum>(*number);
}

}  // namespace switchyard::clients::cli
