#pragma once

#include <grpcpp/support/status.h>

#include <memory>
#include <string>

#include "tests/clients/fake/answers.h"
#include "tests/clients/fake/book_events.h"
#include "tests/clients/fake/fake_account.h"

namespace switchyard::clients::fake {

// Answers whose streams flow: books of every asked topic that move `updates_per_second` times a
// second, and a merged book; a base or symbol that contains "NOSUCH" is refused as the contract
// says. Where the market wanders, the books move by ticks and are stale now and then.
Answers LiveAnswers(int updates_per_second, bool wander = false);

// A server written from the contract alone, on a loopback port: fixed answers to reads (exchange
// `gateio` with BTC-USDT and ETH-USDT), scripted streams, and accounts that keep orders
// (fake_accounts.h). Any thread.
class FakeSwitchyard {
 public:
  explicit FakeSwitchyard(Answers answers, int port = 0);
  FakeSwitchyard(const FakeSwitchyard&) = delete;
  FakeSwitchyard& operator=(const FakeSwitchyard&) = delete;
  // Ends all calls.
  ~FakeSwitchyard();

  // host:port; empty when the port is taken.
  std::string address() const;
  // How many streams were opened so far.
  int market_data_streams() const;
  int order_streams() const;
  int private_streams() const;
  // Account `main` of gateio or gateio_futures, for a test to look into.
  FakeAccount& account(const std::string& exchange);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The parts of scripts.
marketdata::v1::StreamMarketDataResponse Acknowledge(int topics, int heartbeat_interval_ms);
marketdata::v1::StreamMarketDataResponse Message(const marketdata::v1::MarketDataEvent& event);
// NOT_FOUND, UNKNOWN_INSTRUMENT, as a server sends it.
grpc::Status UnknownInstrument(const std::string& symbol);

}  // namespace switchyard::clients::fake
