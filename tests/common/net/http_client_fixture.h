#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/net/http_client.h"
#include "tests/common/net/test_servers.h"

namespace switchyard::net::testing {

// Far beyond what anything takes here.
inline constexpr std::chrono::seconds kLong{10};
// For timeouts that are to strike.
inline constexpr std::chrono::milliseconds kShort{60};

// The answer to one request; `calls` counts the completions.
struct Reply {
  std::optional<absl::StatusOr<HttpResponse>> result;
  int calls = 0;

  absl::StatusCode code() const { return result->status().code(); }
};

// Runs an HttpClient on the test's own thread.
class HttpClientFixture : public ::testing::Test {
 protected:
  static HttpClientOptions OptionsFor(const Endpoint& endpoint) {
    HttpClientOptions options;
    options.endpoint = endpoint;
    return options;
  }

  void MakeClient(HttpClientOptions options) {
    auto client = HttpClient::Create(io_, std::move(options));
    ASSERT_TRUE(client.ok()) << client.status();
    client_ = *std::move(client);
  }

  std::shared_ptr<Reply> Send(HttpRequest request, std::chrono::nanoseconds timeout = kLong) {
    auto reply = std::make_shared<Reply>();
    client_->Send(std::move(request), timeout, [reply](absl::StatusOr<HttpResponse> result) {
      ++reply->calls;
      reply->result = std::move(result);
    });
    return reply;
  }

  // Sends and waits for the completion.
  std::shared_ptr<Reply> Fetch(HttpRequest request, std::chrono::nanoseconds timeout = kLong) {
    auto reply = Send(std::move(request), timeout);
    EXPECT_TRUE(RunUntil(io_, [&] { return reply->calls > 0; }));
    return reply;
  }

  boost::asio::io_context io_{1};
  std::unique_ptr<HttpClient> client_;
};

}  // namespace switchyard::net::testing
