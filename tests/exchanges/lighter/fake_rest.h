#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/net/http_message.h"

namespace switchyard::exchanges::lighter {

inline absl::StatusOr<net::HttpResponse> Ok(std::string body) {
  return net::HttpResponse{200, {}, std::move(body)};
}

// A transport that answers at once with what it was given, in order.
class FakeRest {
 public:
  void Answer(absl::StatusOr<net::HttpResponse> answer) { answers_.push_back(std::move(answer)); }

  void Send(net::HttpRequest request, std::chrono::nanoseconds timeout,
            std::function<void(absl::StatusOr<net::HttpResponse>)> done) {
    targets_.push_back(request.target);
    last_timeout_ = timeout;
    if (answers_.empty()) {
      done(absl::InvalidArgumentError("no answer was prepared"));
      return;
    }
    absl::StatusOr<net::HttpResponse> answer = std::move(answers_.front());
    answers_.pop_front();
    done(std::move(answer));
  }

  const std::vector<std::string>& targets() const { return targets_; }
  std::chrono::nanoseconds last_timeout() const { return last_timeout_; }

 private:
  std::deque<absl::StatusOr<net::HttpResponse>> answers_;
  std::vector<std::string> targets_;
  std::chrono::nanoseconds last_timeout_{0};
};

}  // namespace switchyard::exchanges::lighter
