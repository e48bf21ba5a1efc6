#include "services/router/backend_status.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "common/status/status.h"
#include "services/process/gather.h"
#include "services/router/backend_query.h"

namespace switchyard::router {
namespace {

using status::v1::ExchangeStatus;
using status::v1::GetStatusRequest;
using status::v1::GetStatusResponse;
using StatusGather = process::Gather<GetStatusResponse>;

std::vector<const Backend*> BackendsOf(const Backends& backends, const std::string& exchange) {
  std::vector<const Backend*> wanted;
  for (const auto& backend : backends.all()) {
    if (exchange.empty() || backend->exchange() == exchange) wanted.push_back(backend.get());
  }
  return wanted;
}

// What the backend said of its component, or that it did not.
ExchangeStatus StatusOf(const Backend& backend, const absl::StatusOr<GetStatusResponse>& answer) {
  ExchangeStatus status;
  if (answer.ok()) {
    const auto& all = answer->statuses();
    const auto own = std::find_if(all.begin(), all.end(), [&](const ExchangeStatus& candidate) {
      return candidate.exchange() == backend.exchange() &&
             candidate.component() == backend.component();
    });
    if (own != all.end()) status = *own;
  }
  status.set_exchange(backend.exchange());
  status.set_component(backend.component());
  *status.add_connections() = backend.Pick().Status();
  return status;
}

BackendStatuses Merge(const std::vector<const Backend*>& asked, StatusGather::Answers answers) {
  BackendStatuses merged;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const Backend& backend = *asked[i];
    const absl::StatusOr<GetStatusResponse> answer =
        answers[i] ? *std::move(answers[i]) : BackendUnavailable(backend, "no answer in time");
    merged.statuses.push_back(StatusOf(backend, answer));
    if (answer.ok()) continue;
    status::v1::ExchangeError& error = merged.errors.emplace_back();
    error.set_exchange(backend.exchange());
    error.set_component(backend.component());
    *error.mutable_status() = ToProto(answer.status());
  }
  return merged;
}

}  // namespace

void KeepGranted(const access::Caller& caller, BackendStatuses* statuses) {
  const auto is_hidden = [&](const auto& each) {
    return !caller.MayOnExchange(common::v1::ROLE_READ, each.exchange());
  };
  std::erase_if(statuses->statuses, is_hidden);
  std::erase_if(statuses->errors, is_hidden);
  for (ExchangeStatus& status : statuses->statuses) {
    auto& accounts = *status.mutable_accounts();
    accounts.erase(std::remove_if(accounts.begin(), accounts.end(),
                                  [&](const std::string& account) {
                                    return !caller.MayOnAccount(common::v1::ROLE_READ,
                                                                status.exchange(), account);
                                  }),
                   accounts.end());
  }
}

void AskStatuses(const Backends& backends, BackendQueries& queries, const std::string& exchange,
                 std::chrono::system_clock::time_point deadline,
                 std::function<void(BackendStatuses statuses)> done) {
  const std::vector<const Backend*> asked = BackendsOf(backends, exchange);
  const auto gather = std::make_shared<StatusGather>(
      asked.size(), [asked, done = std::move(done)](StatusGather::Answers answers) {
        done(Merge(asked, std::move(answers)));
      });
  if (asked.empty()) gather->Expire();
  for (std::size_t i = 0; i < asked.size(); ++i) {
    GetStatusRequest request;
    request.set_exchange(asked[i]->exchange());
    queries.Ask<GetStatusResponse>(*asked[i], "StatusService/GetStatus", request, deadline,
                                   [gather, i](absl::StatusOr<GetStatusResponse> answer) {
                                     gather->Set(i, std::move(answer));
                                   });
  }
}

}  // namespace switchyard::router
