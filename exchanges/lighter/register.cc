#include "exchanges/lighter/capabilities.h"
#include "exchanges/lighter/client.h"
#include "exchanges/registry.h"

namespace switchyard::exchanges::lighter {
namespace {

[[maybe_unused]] const bool kRegistered = Register(kId, &CreateClient);

}  // namespace
}  // namespace switchyard::exchanges::lighter
