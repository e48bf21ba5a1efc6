#include "exchanges/gateio/private/signed_rest.h"

#include <utility>

#include "common/status/status.h"
#include "exchanges/gateio/errors.h"

namespace switchyard::exchanges::gateio {
namespace {

bool RefusesTimestamp(const absl::StatusOr<net::HttpResponse>& response) {
  if (!response.ok() || response->status < 400 || response->status >= 500) return false;
  return ReasonOf(FromRest("", *response, TimeNs())) == common::v1::ERROR_REASON_BAD_TIMESTAMP;
}

}  // namespace

void SignedRest::Send(net::HttpRequest request, std::chrono::nanoseconds timeout, Done done) {
  net::HttpRequest again = request;
  SendOnce(std::move(request), timeout,
           [this, again = std::move(again), timeout,
            done = std::move(done)](absl::StatusOr<net::HttpResponse> response) mutable {
             if (!RefusesTimestamp(response)) return done(std::move(response));
             if (again.method != "GET") {
               measure_([] {});
               return done(std::move(response));
             }
             measure_([this, again = std::move(again), timeout, done = std::move(done)]() mutable {
               SendOnce(std::move(again), timeout, std::move(done));
             });
           });
}

void SignedRest::SendOnce(net::HttpRequest request, std::chrono::nanoseconds timeout, Done done) {
  if (absl::Status is_signed = auth_.Sign(clock_.Now(), request); !is_signed.ok()) {
    return done(std::move(is_signed));
  }
  send_(std::move(request), timeout, std::move(done));
}

}  // namespace switchyard::exchanges::gateio
