#pragma once

#include <chrono>

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace switchyard::accounts {

// Makes every SourcedDecimal, SourcedTime and Freshness inside `message`, at any depth, so much
// older. What carries no value (SOURCE_UNSPECIFIED) is left alone.
void AddAge(std::chrono::nanoseconds elapsed, google::protobuf::Message& message);

}  // namespace switchyard::accounts
