#include "services/accounts/ages.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <vector>

#include "switchyard/common/v1/values.pb.h"

namespace switchyard::accounts {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

template <typename Sourced>
bool AddTo(std::chrono::nanoseconds elapsed, Message& message) {
  if (message.GetDescriptor() != Sourced::descriptor()) return false;
  auto& sourced = static_cast<Sourced&>(message);
  if (sourced.source() != common::v1::SOURCE_UNSPECIFIED) {
    sourced.set_age_ns(sourced.age_ns() + elapsed.count());
  }
  return true;
}

}  // namespace

void AddAge(std::chrono::nanoseconds elapsed, Message& message) {
  if (AddTo<common::v1::SourcedDecimal>(elapsed, message) ||
      AddTo<common::v1::SourcedTime>(elapsed, message) ||
      AddTo<common::v1::Freshness>(elapsed, message)) {
    return;
  }
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) continue;
    if (!field->is_repeated()) {
      AddAge(elapsed, *reflection.MutableMessage(&message, field));
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      AddAge(elapsed, *reflection.MutableRepeatedMessage(&message, field, i));
    }
  }
}

}  // namespace switchyard::accounts
