#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace google::protobuf {
class FieldDescriptor;
class Message;
}  // namespace google::protobuf

// YAML to a protobuf message, by reflection.
//
// - Keys are the proto's snake_case field names; sequences fill repeated fields, mappings fill maps
//   and nested messages. A missing key leaves the field unset (proto3 default); an empty document
//   is an empty message.
// - Enums by name without the common prefix, in any case: `level: info` for LEVEL_INFO. The
//   UNSPECIFIED value cannot be written.
// - Integers in decimal, checked for range; durations are plain integers named `*_ms`.
// - Floats and doubles are refused: no configuration value of ours is one.
// - A *secret field* is a string (also in a list or as a map's value) named `secret`,
//   `private_key`, `password`, `passphrase`, `token`, `api_key` or `sha256`, or with such a name
//   after an underscore. There, and only there, `${NAME}` is replaced by the environment variable
//   and `file:/path` by the file's content, both without their last newline. Nothing else may stand
//   there but in an `api_key` or `sha256`, which give nobody access by themselves. A value of
//   another field that looks like a reference is refused rather than taken as text.
//
// Errors: InvalidArgument with the full field path and line (unknown field, wrong type, duplicate
// key, out of range, unset variable); NotFound or Unavailable for the file. They never show the
// value of a secret field. Any thread.
namespace switchyard::config {

// Replaces `message`; on error it is left empty.
absl::Status LoadYaml(std::string_view text, google::protobuf::Message* message);
absl::Status LoadYamlFile(const std::string& path, google::protobuf::Message* message);

bool IsSecretField(const google::protobuf::FieldDescriptor& field);

// For logs at start: the message as text with every secret field as `***`.
std::string RedactedText(const google::protobuf::Message& message);

}  // namespace switchyard::config
