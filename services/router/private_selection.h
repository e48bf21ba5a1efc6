#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/access/principals.h"
#include "services/router/backends.h"
#include "services/router/capability_cache.h"
#include "services/router/private_topic.h"
#include "switchyard/router/v1/router_service.pb.h"

namespace switchyard::router {

// Which topics a StreamPrivateEvents means: those that it names and, where it leaves the account or
// the exchange open, every account of every exchange that offers the channel, also one that becomes
// known later. No I/O; guarded by its stream's lock.
class PrivateSelection {
 public:
  // The accounts of a component of an exchange; nullopt: not known yet.
  using NamesOf = std::function<std::optional<std::vector<std::string>>(
      const std::string& exchange, const std::string& component)>;

  struct Topic {
    // With its exchange and account.
    v1::PrivateSubscription subscription;
    const PrivateChannelTraits* traits;
    // Position of the subscription in the request.
    std::size_t asked;
  };

  // What is acknowledged of a topic, or of an exchange (empty: of all) without one.
  struct Result {
    std::size_t asked;
    std::string exchange;
    std::string account;
    absl::Status status;
  };

  // What is named and not granted to the caller is acknowledged as PERMISSION_DENIED; what is left
  // open goes without it.
  // Errors: InvalidArgument (INVALID_FIELD, UNKNOWN_EXCHANGE, REQUEST_TOO_LARGE).
  static absl::StatusOr<PrivateSelection> Create(
      const v1::StreamPrivateEventsRequest& request, const Backends& backends,
      const access::Caller& caller = access::Caller::Anyone());

  // What the capability tables say. Open subscriptions leave out what is not offered.
  void Offer(const CapabilityCache::Answers& answers);

  // The topics that have become known since the last call.
  std::vector<Topic> TakeNew(const NamesOf& names);
  // The accounts of everything that is left open are known.
  bool IsKnown(const NamesOf& names) const;
  // No topic can become known any more.
  bool is_closed() const;

  // What is to be acknowledged of open subscriptions besides their topics: of those, or of their
  // exchanges, that have none.
  std::vector<Result> Missing(const NamesOf& names) const;

 private:
  // One exchange of an open subscription.
  struct Scope {
    std::size_t asked;
    std::string exchange;
    bool named;  // by the subscription
    const PrivateChannelTraits* traits;
    bool offered = true;
    absl::Status refusal{};  // for good
    bool has_topics = false;
  };
  using Key = std::tuple<std::string, std::string, const PrivateChannelTraits*>;

  explicit PrivateSelection(const v1::StreamPrivateEventsRequest& request) : request_(request) {}
  absl::Status Add(std::size_t asked, const Backends& backends, const access::Caller& caller);
  std::optional<absl::Status> MissingOf(const Scope& scope, const NamesOf& names) const;

  v1::StreamPrivateEventsRequest request_;
  std::vector<Topic> new_;     // named in the request, until they are taken
  std::vector<Scope> scopes_;  // ordered as the request, then by exchange
  std::vector<Result> denied_;
  std::set<Key> taken_;  // all topics, so that none is there twice
};

}  // namespace switchyard::router
