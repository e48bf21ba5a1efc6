#include "services/simulator/exchanges/gateio/trading/authenticator.h"

#include <charconv>
#include <cstdlib>

#include "fmt/format.h"
#include "services/simulator/exchanges/gateio/trading/signature.h"

namespace switchyard::simulator::gateio {
namespace {

ApiResult InvalidKey() { return Failure(401, "INVALID_KEY", "Invalid key provided"); }
ApiResult InvalidSignature() { return Failure(401, "INVALID_SIGNATURE", "Signature mismatch"); }
ApiResult Expired() {
  return Failure(401, "REQUEST_EXPIRED",
                 "gap between request Timestamp and server time exceeds 60");
}

}  // namespace

bool Authenticator::IsNow(std::string_view timestamp) const {
  std::int64_t time_s = 0;
  const auto [end, error] =
      std::from_chars(timestamp.data(), timestamp.data() + timestamp.size(), time_s);
  if (error != std::errc() || end != timestamp.data() + timestamp.size()) return false;
  return std::abs(clock_.NowNs() / kNsPerS - time_s) <= kMaximumDifferenceS;
}

const ApiKey* Authenticator::Rest(const transport::HttpRequest& request, ApiResult& error) const {
  for (const char* header : {"KEY", "Timestamp", "SIGN"}) {
    if (request.HeaderValue(header).empty()) {
      error = Failure(401, "MISSING_REQUIRED_HEADER",
                      fmt::format("Missing required header: {}", header));
      return nullptr;
    }
  }
  const ApiKey* const key = FindKey(request.HeaderValue("KEY"));
  if (key == nullptr) {
    error = InvalidKey();
    return nullptr;
  }
  const std::string_view timestamp = request.HeaderValue("Timestamp");
  if (!IsNow(timestamp)) {
    error = Expired();
    return nullptr;
  }
  // No source says whether a path that is not ASCII is signed as sent or decoded.
  for (const std::string_view path :
       {std::string_view(request.path), std::string_view(request.raw_path)}) {
    const RestText text = {request.method, path, request.query_text, request.body, timestamp};
    if (SignaturesMatch(SignRest(key->secret, text), request.HeaderValue("SIGN"))) return key;
  }
  error = InvalidSignature();
  return nullptr;
}

const ApiKey* Authenticator::Api(const ApiFrame& frame, ApiResult& error) const {
  const ApiKey* const key = FindKey(frame.key);
  if (key == nullptr) {
    error = InvalidKey();
    return nullptr;
  }
  if (!IsNow(frame.timestamp)) {
    error = Expired();
    return nullptr;
  }
  const bool matches =
      SignaturesMatch(SignApi(key->secret, frame.channel, frame.parameters, frame.timestamp),
                      frame.signature) ||
      (frame.login &&
       SignaturesMatch(SignApi(key->secret, frame.channel, "", frame.timestamp), frame.signature));
  if (matches) return key;
  error = InvalidSignature();
  return nullptr;
}

const ApiKey* Authenticator::Subscribe(const SubscribeFrame& frame, ApiResult& error) const {
  const ApiKey* const key = FindKey(frame.key);
  if (key == nullptr || frame.method != "api_key") {
    error = InvalidKey();
    return nullptr;
  }
  const std::string wanted = SignSubscribe(key->secret, frame.channel, frame.event, frame.time_s);
  if (SignaturesMatch(wanted, frame.signature)) return key;
  error = InvalidSignature();
  return nullptr;
}

ApiResult Authenticator::CheckAccess(const ApiKey& key, Group group, bool writes) {
  const Access access = key.AccessTo(group);
  if (access == Access::kNone) {
    return Failure(403, "FORBIDDEN", "the key has no permission for this request");
  }
  if (writes && access == Access::kRead) {
    return Failure(403, "READ_ONLY", "the key is read-only");
  }
  return {};
}

}  // namespace switchyard::simulator::gateio
