#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/services/simulator/harness.h"

namespace switchyard::simulator::testing {

// A simulator whose Lighter moves only when told to, and tells every change at once.
inline Options SteppedLighter() {
  Options options;
  options.updates_per_second = 0;
  options.push_every_change = true;
  options.rate_limit_scale = 100;
  return options;
}

// One client of the simulated Lighter; every socket's greeting is taken.
class LighterTest : public ::testing::Test {
 protected:
  explicit LighterTest(const Options& options = SteppedLighter()) : harness_(options) {}

  TestSocket Open(bool greeted = true) {
    TestSocket socket(harness_.simulator().lighter_port(), "/stream");
    EXPECT_TRUE(socket.connected());
    if (greeted) {
      EXPECT_EQ(Next(socket)["type"], "connected");
    }
    return socket;
  }
  HttpAnswer Rest(const std::string& target, const Headers& headers = {}) {
    return Get(harness_.simulator().lighter_port(), target, headers);
  }
  Json RestJson(const std::string& target, unsigned status = 200) {
    const HttpAnswer answer = Rest("/api/v1/" + target);
    EXPECT_EQ(answer.status, status) << target << ' ' << answer.body;
    return Json::parse(answer.body, nullptr, false);
  }
  static void SendJson(TestSocket& socket, const Json& message) { socket.Send(message.dump()); }
  // Subscribes and returns the next frame.
  static Json Subscribe(TestSocket& socket, const std::string& channel) {
    SendJson(socket, {{"type", "subscribe"}, {"channel", channel}});
    return Next(socket);
  }
  // All frames that were queued up to now.
  static std::vector<Json> DrainJson(TestSocket& socket) {
    SendJson(socket, {{"type", "ping"}});
    std::vector<Json> frames;
    while (auto text = socket.Receive()) {
      Json frame = Json::parse(*text, nullptr, false);
      if (frame.is_object() && frame["type"] == "pong") return frames;
      frames.push_back(std::move(frame));
    }
    ADD_FAILURE() << "the socket ended before the pong";
    return frames;
  }
  void Step(const std::string& symbol, std::uint32_t steps) {
    harness_.Step("lighter", symbol, steps);
  }
  // A fault of the exchange that strikes `count` times.
  static v1::Fault FaultOf(v1::FaultKind kind, std::uint64_t count = 0) {
    v1::Fault fault;
    fault.set_kind(kind);
    fault.set_exchange("lighter");
    fault.set_count(count);
    return fault;
  }

  Harness harness_;
};

}  // namespace switchyard::simulator::testing
