#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "absl/status/statusor.h"
#include "common/net/http_message.h"
#include "common/time/time.h"
#include "exchanges/lighter/private/auth_tokens.h"

namespace switchyard::exchanges::lighter {

// A RestTransport of reads, which puts the account's token on each but that of the time. REST
// thread.
// Source: protocol reference 1.1, the header `Authorization`.
class AuthorizedRest {
 public:
  using Done = std::function<void(absl::StatusOr<net::HttpResponse>)>;
  using SendFunction =
      std::function<void(net::HttpRequest, std::chrono::nanoseconds timeout, Done)>;

  // `tokens` and `clock` (ours) outlive it. `send` as net::HttpClient::Send.
  AuthorizedRest(AuthTokens& tokens, const Clock& clock, SendFunction send)
      : tokens_(tokens), clock_(clock), send_(std::move(send)) {}

  // As net::HttpClient::Send. How a token that is no longer good is refused is not documented: so
  // any refusal of who asks gets another token, and the read is sent once more with it.
  void Send(net::HttpRequest request, std::chrono::nanoseconds timeout, Done done);

 private:
  // Errors: as AuthTokens::Current.
  absl::Status Authorize(net::HttpRequest& request);

  AuthTokens& tokens_;
  const Clock& clock_;
  const SendFunction send_;
};

}  // namespace switchyard::exchanges::lighter
