#pragma once

#include <future>
#include <memory>

#include "common/time/time.h"
#include "services/access/gate.h"
#include "services/process/open_streams.h"
#include "services/router/account_names.h"
#include "services/router/backend_query.h"
#include "services/router/backends.h"
#include "services/router/capability_cache.h"
#include "services/router/stream_registry.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace switchyard::router {

// What the router's own services need; all of it lives as long as the router.
struct ServiceContext {
  const Backends& backends;
  BackendQueries& queries;
  CapabilityCache& capabilities;
  AccountNames& accounts;
  process::OpenStreams& open_streams;
  StreamRegistry& registry;
  const Clock& clock;
  const access::Gate& gate;
  // To this router itself, inside the process; given as soon as its server runs.
  std::shared_future<std::shared_ptr<grpc::Channel>> self;
};

}  // namespace switchyard::router
