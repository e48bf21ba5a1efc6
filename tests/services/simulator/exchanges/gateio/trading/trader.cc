#include "tests/services/simulator/exchanges/gateio/trading/trader.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

namespace switchyard::simulator::testing {
namespace {

std::string Hex(const unsigned char* bytes, unsigned size) {
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    std::array<char, 3> digits;
    std::snprintf(digits.data(), digits.size(), "%02x", bytes[i]);
    text += digits.data();
  }
  return text;
}

}  // namespace

std::string HmacSha512Hex(const std::string& secret, const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  HMAC(EVP_sha512(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  return Hex(digest.data(), size);
}

std::string Sha512Hex(const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha512(), nullptr);
  return Hex(digest.data(), size);
}

std::int64_t NowS() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

HttpAnswer Trader::Call(const std::string& method, const std::string& target, const Json& body,
                        std::int64_t time_s, std::chrono::milliseconds timeout) const {
  const std::string text = body.is_null() ? "" : body.dump();
  const std::size_t mark = target.find('?');
  const std::string query = mark == std::string::npos ? "" : target.substr(mark + 1);
  const std::string time = std::to_string(time_s);
  const std::string signed_text = method + "\n/api/v4" + target.substr(0, mark) + "\n" + query +
                                  "\n" + Sha512Hex(text) + "\n" + time;
  return Request(method, harness_.port(), "/api/v4" + target,
                 {{"KEY", key_},
                  {"Timestamp", time},
                  {"SIGN", HmacSha512Hex(secret_, signed_text)},
                  {"Content-Type", "application/json"}},
                 text, timeout);
}

Json Trader::Ask(const std::string& method, const std::string& target, const Json& body,
                 unsigned status) const {
  const HttpAnswer answer = Call(method, target, body);
  EXPECT_EQ(answer.status, status) << method << ' ' << target << ' ' << answer.body;
  return Json::parse(answer.body, nullptr, false);
}

std::string Trader::Refusal(const std::string& method, const std::string& target, const Json& body,
                            unsigned status) const {
  return Ask(method, target, body, status).value("label", "");
}

std::string Trader::Subscribe(const std::string& channel, const std::vector<std::string>& payload,
                              const std::string& event) const {
  const std::int64_t time_s = NowS();
  const std::string text =
      "channel=" + channel + "&event=" + event + "&time=" + std::to_string(time_s);
  Json frame = {
      {"time", time_s},
      {"id", 7},
      {"channel", channel},
      {"event", event},
      {"auth", {{"method", "api_key"}, {"KEY", key_}, {"SIGN", HmacSha512Hex(secret_, text)}}}};
  if (!payload.empty()) frame["payload"] = payload;
  return frame.dump();
}

std::string Trader::Api(const std::string& channel, const Json& parameters,
                        const std::string& request_id) const {
  const std::string time = std::to_string(NowS());
  Json payload = {{"req_id", request_id}};
  if (channel.ends_with(".login")) {
    // The official form: no parameters, and an empty text in their place.
    payload["api_key"] = key_;
    payload["timestamp"] = time;
    payload["signature"] = HmacSha512Hex(secret_, "api\n" + channel + "\n\n" + time);
  } else {
    payload["req_param"] = parameters;
  }
  return Json{{"time", NowS()}, {"channel", channel}, {"event", "api"}, {"payload", payload}}
      .dump();
}

Json NextOf(TestSocket& socket, const std::string& channel) {
  for (int i = 0; i < 100; ++i) {
    Json frame = Next(socket);
    if (!frame.is_object()) return {};
    if (frame.value("channel", "") == channel && frame.value("event", "") == "update") return frame;
  }
  return {};
}

}  // namespace switchyard::simulator::testing
