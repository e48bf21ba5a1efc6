#include "services/order/commands/body_hash.h"

#include <google/protobuf/message.h>

#include "common/crypto/sha.h"

namespace switchyard::order {

// Messages of requests have no maps, whose order alone could differ between equal messages.
std::string BodyHash(const google::protobuf::Message& message) {
  const crypto::Sha256Digest digest =
      crypto::Sha256(message.GetDescriptor()->full_name() + '\0' + message.SerializeAsString());
  return {digest.begin(), digest.end()};
}

}  // namespace switchyard::order
