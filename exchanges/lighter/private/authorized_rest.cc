#include "exchanges/lighter/private/authorized_rest.h"

#include <string>
#include <utility>

#include "common/log/log.h"
#include "common/status/status.h"
#include "exchanges/lighter/endpoints.h"
#include "exchanges/lighter/errors.h"

namespace switchyard::exchanges::lighter {

absl::Status AuthorizedRest::Authorize(net::HttpRequest& request) {
  SWITCHYARD_ASSIGN_OR_RETURN(const std::string_view token, tokens_.Current());
  request.headers.emplace_back("Authorization", std::string(token));
  return absl::OkStatus();
}

void AuthorizedRest::Send(net::HttpRequest request, std::chrono::nanoseconds timeout, Done done) {
  // A token ends by the exchange's clock, so that clock is asked for without one.
  if (request.target == paths::kStatus) return send_(std::move(request), timeout, std::move(done));
  net::HttpRequest again = request;
  if (absl::Status made = Authorize(request); !made.ok()) return done(std::move(made));
  const std::uint64_t generation = tokens_.generation();
  send_(std::move(request), timeout,
        [this, again = std::move(again), timeout, generation,
         done = std::move(done)](absl::StatusOr<net::HttpResponse> response) mutable {
          const bool answered = response.ok() && response->status >= 400 && response->status < 500;
          if (!answered) return done(std::move(response));
          const absl::Status refusal = FromRest(again.target, *response, clock_.Now());
          if (refusal.code() != absl::StatusCode::kUnauthenticated) {
            return done(std::move(response));
          }
          log::Warning("token_refused", {{"error", refusal}});
          tokens_.OnRefused(generation);
          if (absl::Status made = Authorize(again); !made.ok()) return done(std::move(made));
          send_(std::move(again), timeout, std::move(done));
        });
}

}  // namespace switchyard::exchanges::lighter
