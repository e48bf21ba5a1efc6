#include "services/router/capability_cache.h"

#include <memory>
#include <utility>

#include "common/status/status.h"
#include "services/process/gather.h"
#include "services/router/backend_query.h"

namespace switchyard::router {
namespace {

using status::v1::ExchangeCapabilities;
using status::v1::GetCapabilitiesRequest;
using status::v1::GetCapabilitiesResponse;
using CapabilityGather = process::Gather<ExchangeCapabilities>;

// Every process of an exchange holds its whole table, so whichever is there will do.
const Backend* AnyBackend(const Backends& backends, const std::string& exchange) {
  const Backend* first = nullptr;
  for (const std::string& component : ComponentNames()) {
    const Backend* backend = backends.FindOrNull(exchange, component);
    if (backend == nullptr) continue;
    if (backend->ready()) return backend;
    if (first == nullptr) first = backend;
  }
  return first;
}

absl::StatusOr<ExchangeCapabilities> Only(const std::string& exchange,
                                          absl::StatusOr<GetCapabilitiesResponse> answer) {
  if (!answer.ok()) return answer.status();
  for (ExchangeCapabilities& capabilities : *answer->mutable_capabilities()) {
    if (capabilities.exchange() == exchange) return std::move(capabilities);
  }
  return absl::InternalError("the backend has no capability table of " + exchange);
}

}  // namespace

void CapabilityCache::Get(const std::string& exchange,
                          std::chrono::system_clock::time_point deadline,
                          std::function<void(Answers answers)> done) {
  const std::vector<std::string> asked =
      exchange.empty() ? backends_.exchanges() : std::vector<std::string>{exchange};
  const auto gather = std::make_shared<CapabilityGather>(
      asked.size(), [asked, done = std::move(done)](CapabilityGather::Answers answers) {
        Answers named;
        for (std::size_t i = 0; i < asked.size(); ++i) {
          named.emplace_back(asked[i], *std::move(answers[i]));
        }
        done(std::move(named));
      });
  for (std::size_t i = 0; i < asked.size(); ++i) {
    AskOne(asked[i], deadline, [gather, i](absl::StatusOr<ExchangeCapabilities> answer) {
      gather->Set(i, std::move(answer));
    });
  }
}

void CapabilityCache::AskOne(const std::string& exchange,
                             std::chrono::system_clock::time_point deadline,
                             std::function<void(absl::StatusOr<ExchangeCapabilities>)> done) {
  std::uint64_t generation = 0;
  std::optional<ExchangeCapabilities> known;
  {
    const std::lock_guard lock(mutex_);
    generation = generation_;
    const auto found = known_.find(exchange);
    if (found != known_.end()) known = found->second;
  }
  if (known) {
    done(*std::move(known));
    return;
  }
  const Backend* const backend = AnyBackend(backends_, exchange);
  if (backend == nullptr) {
    done(backends_.CheckExchange(exchange));
    return;
  }
  GetCapabilitiesRequest request;
  request.set_exchange(exchange);
  queries_.Ask<GetCapabilitiesResponse>(
      *backend, "StatusService/GetCapabilities", request, deadline,
      [this, exchange, generation,
       done = std::move(done)](absl::StatusOr<GetCapabilitiesResponse> answer) {
        absl::StatusOr<ExchangeCapabilities> capabilities = Only(exchange, std::move(answer));
        if (capabilities.ok()) {
          const std::lock_guard lock(mutex_);
          if (generation == generation_) known_[exchange] = *capabilities;
        }
        done(std::move(capabilities));
      });
}

void CapabilityCache::OnBackendChange() {
  const std::lock_guard lock(mutex_);
  ++generation_;
  known_.clear();
}

bool Offers(const ExchangeCapabilities& capabilities, std::string_view rpc) {
  for (const status::v1::RpcCapability& entry : capabilities.rpcs()) {
    if (entry.rpc() == rpc) {
      return entry.path() != status::v1::PATH_NONE && entry.path() != status::v1::PATH_UNSPECIFIED;
    }
  }
  return false;
}

}  // namespace switchyard::router
