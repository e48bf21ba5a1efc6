#include "services/router/backend_health.h"

#include <fmt/format.h>

#include <set>
#include <utility>

namespace switchyard::router {
namespace {

constexpr std::chrono::milliseconds kInterval{1'000};
// A backend that is connected and does not answer for this long serves nobody.
constexpr std::chrono::milliseconds kLongestWait{3'000};

std::string NameOf(std::string_view exchange, std::string_view component) {
  return fmt::format("{}/{}", exchange, component);
}

}  // namespace

void BackendHealth::Tick(std::chrono::nanoseconds steady_now) {
  {
    const std::lock_guard lock(mutex_);
    if (asking_ || steady_now < next_round_) return;
    next_round_ = steady_now + kInterval;
  }
  Ask();
}

void BackendHealth::OnBackendChange() {
  for (const auto& backend : backends_.all()) {
    if (!backend->ready()) set_serving_(NameOf(backend->exchange(), backend->component()), false);
  }
  Ask();
}

void BackendHealth::Ask() {
  {
    const std::lock_guard lock(mutex_);
    ask_again_ = asking_;
    if (std::exchange(asking_, true)) return;
  }
  AskStatuses(backends_, queries_, "", std::chrono::system_clock::now() + kLongestWait,
              [this](const BackendStatuses& statuses) { OnStatuses(statuses); });
}

void BackendHealth::OnStatuses(const BackendStatuses& statuses) {
  std::set<std::string> silent;  // about themselves, not about the rest
  for (const status::v1::ExchangeError& error : statuses.errors) {
    if (error.status().code() == static_cast<std::uint32_t>(absl::StatusCode::kUnimplemented)) {
      silent.insert(NameOf(error.exchange(), error.component()));
    }
  }
  for (const status::v1::ExchangeStatus& status : statuses.statuses) {
    const std::string name = NameOf(status.exchange(), status.component());
    const Backend* const backend = backends_.FindOrNull(status.exchange(), status.component());
    set_serving_(name, backend->ready() && (status.ready() || silent.contains(name)));
  }
  bool again = false;
  {
    const std::lock_guard lock(mutex_);
    asking_ = false;
    again = std::exchange(ask_again_, false);
  }
  if (again) Ask();
}

}  // namespace switchyard::router
