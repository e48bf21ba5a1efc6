#include "exchanges/gateio/account/account_link.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace switchyard::exchanges::gateio {

void ConnectionLink::Post(std::function<void()> work) {
  connection_->connection_thread().Post(std::move(work));
}

void ConnectionLink::After(std::chrono::nanoseconds delay, std::function<void()> work) {
  const auto timer = timers_.emplace(timers_.end(), connection_->connection_thread());
  timer->Start(delay, [this, timer, work = std::move(work)] {
    const std::function<void()> due = work;  // outlives the timer that holds it
    timers_.erase(timer);
    due();
  });
}

void ConnectionLink::Read(RestRequest request, exchange::Reply<std::string> reply) {
  connection_->Read<std::string>(
      std::move(request), [](const std::string& body) { return absl::StatusOr<std::string>(body); },
      [this, reply = std::move(reply)](absl::StatusOr<std::string> body) {
        Post([reply, body = std::move(body)] { reply(body); });
      });
}

void ConnectionLink::Command(RestRequest request, std::string what,
                             std::function<void(CommandOutcome)> done) {
  connection_->Command(std::move(request), std::move(what), std::move(done));
}

void ConnectionLink::GetStatus(exchange::Reply<exchange::ClientStatus> reply) {
  connection_->GetStatus(std::move(reply));
}

std::chrono::nanoseconds ConnectionLink::SocketAge() {
  std::chrono::nanoseconds age = std::chrono::nanoseconds::max();
  if (!connection_->socket().ready()) return age;
  for (const exchange::ConnectionStatus& each : connection_->socket().Status()) {
    if (each.last_message_age.count() >= 0) age = std::min(age, each.last_message_age);
  }
  return age;
}

}  // namespace switchyard::exchanges::gateio
