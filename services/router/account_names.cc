#include "services/router/account_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "common/status/status.h"
#include "services/process/gather.h"

namespace switchyard::router {
namespace {

using status::v1::ExchangeStatus;
using status::v1::GetStatusRequest;
using status::v1::GetStatusResponse;
using Waiting = process::Gather<bool>;

constexpr std::chrono::seconds kInterval{1};

}  // namespace

void AccountNames::Get(const std::set<std::string>& exchanges,
                       const std::set<std::string>& components, BackendQueries::Deadline deadline,
                       std::function<void(ByExchange)> done) {
  std::vector<const Backend*> silent;
  std::map<std::string, std::vector<const Backend*>> wanted;
  for (const std::string& exchange : exchanges) {
    std::vector<const Backend*>& of_exchange = wanted[exchange];
    for (const std::string& component : components) {
      const Backend* const backend = backends_.FindOrNull(exchange, component);
      if (backend == nullptr) continue;
      of_exchange.push_back(backend);
      if (!IsCurrent(*backend)) silent.push_back(backend);
    }
  }
  const auto gather = std::make_shared<Waiting>(
      silent.size(), [this, wanted = std::move(wanted), done = std::move(done)](Waiting::Answers) {
        ByExchange told;
        for (const auto& [exchange, backends] : wanted) {
          std::optional<Names>& all = told[exchange];
          for (const Backend* backend : backends) {
            const std::optional<Names> names = NamesOf(*backend);
            if (!names) continue;
            if (!all) all.emplace();
            all->insert(all->end(), names->begin(), names->end());
          }
          if (!all) continue;
          std::sort(all->begin(), all->end());
          all->erase(std::unique(all->begin(), all->end()), all->end());
        }
        done(std::move(told));
      });
  if (silent.empty()) gather->Expire();
  for (std::size_t i = 0; i < silent.size(); ++i) {
    Ask(*silent[i], deadline, [gather, i] { gather->Set(i, true); });
  }
}

std::optional<AccountNames::Names> AccountNames::Known(const std::string& exchange,
                                                       const std::string& component) const {
  const Backend* const backend = backends_.FindOrNull(exchange, component);
  return backend == nullptr ? std::nullopt : NamesOf(*backend);
}

std::optional<AccountNames::Names> AccountNames::NamesOf(const Backend& backend) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(&backend);
  return found == entries_.end() ? std::nullopt : found->second.names;
}

void AccountNames::Tick(std::chrono::nanoseconds steady_now) {
  {
    const std::lock_guard lock(mutex_);
    if (steady_now < next_round_) return;
    next_round_ = steady_now + kInterval;
  }
  AskSilent();
}

void AccountNames::AskSilent() {
  for (const auto& backend : backends_.all()) {
    // Market data belongs to nobody.
    if (backend->component() == "market_data" || !backend->ready() || IsCurrent(*backend)) continue;
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(entries_[backend.get()].asking, true)) continue;
    }
    Ask(*backend, std::chrono::system_clock::now() + kInterval, [this, known = backend.get()] {
      const std::lock_guard lock(mutex_);
      entries_[known].asking = false;
    });
  }
}

bool AccountNames::IsCurrent(const Backend& backend) const {
  const BackendConnection& connection = backend.Pick();
  const std::uint64_t reconnects = connection.reconnects();
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(&backend);
  return found != entries_.end() && found->second.names &&
         found->second.connection == &connection && found->second.reconnects == reconnects;
}

void AccountNames::Ask(const Backend& backend, BackendQueries::Deadline deadline,
                       std::function<void()> done) {
  const BackendConnection& connection = backend.Pick();
  // Taken before the question: an answer that a lost process gave is out of date.
  const std::uint64_t reconnects = connection.reconnects();
  GetStatusRequest request;
  request.set_exchange(backend.exchange());
  queries_.Ask<GetStatusResponse>(backend, "StatusService/GetStatus", request, deadline,
                                  [this, &backend, &connection, reconnects, done = std::move(done)](
                                      const absl::StatusOr<GetStatusResponse>& answer) {
                                    if (answer.ok()) {
                                      Learn(backend, connection, reconnects, *answer);
                                    }
                                    done();
                                  });
}

void AccountNames::Learn(const Backend& backend, const BackendConnection& connection,
                         std::uint64_t reconnects, const GetStatusResponse& answer) {
  for (const ExchangeStatus& status : answer.statuses()) {
    if (status.exchange() != backend.exchange() || status.component() != backend.component()) {
      continue;
    }
    Names names(status.accounts().begin(), status.accounts().end());
    std::sort(names.begin(), names.end());
    const std::lock_guard lock(mutex_);
    Entry& entry = entries_[&backend];
    entry.names = std::move(names);
    entry.connection = &connection;
    entry.reconnects = reconnects;
    return;
  }
}

absl::Status NoAccount(std::string_view exchange) {
  return MakeError(absl::StatusCode::kInvalidArgument, common::v1::ERROR_REASON_UNKNOWN_ACCOUNT,
                   fmt::format("no account of {} is configured", exchange),
                   {{"field", "account"}, {"exchange", std::string(exchange)}});
}

}  // namespace switchyard::router
