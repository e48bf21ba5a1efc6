#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/exchange/market_data_client.h"
#include "common/exchange/topic_board.h"
#include "common/time/time.h"

namespace switchyard::exchanges::lighter {

// Tickers, mark prices and funding rates while no socket carries them. Of each of Lighter's two
// lists one request tells all markets, and requests are scarce: topics share it. Connection thread.
class StatePoll {
 public:
  // Reads over REST; replies come on the connection thread, later.
  struct Hooks {
    std::function<void(exchange::Reply<model::TickersReply>)> tickers;             // of all markets
    std::function<void(exchange::Reply<model::FundingRatesReply>)> funding_rates;  // likewise
    // Whether a poll's answer is still of use to the topic: a socket may carry it again.
    std::function<bool(const exchange::DemandKey&)> useful;
  };

  // An answer serves for `hold`. All outlive it.
  StatePoll(exchange::TopicBoard& board, const Clock& clock, std::chrono::nanoseconds hold,
            Hooks hooks)
      : board_(board), clock_(clock), hold_(hold), hooks_(std::move(hooks)) {}

  // Publishes what REST says of the topic, which is about the instrument of that symbol; nothing
  // where REST fails or does not say it.
  void Poll(const exchange::DemandKey& demand, const std::string& symbol);

 private:
  struct Asked {
    exchange::DemandKey demand;
    std::string symbol;
  };
  template <typename Row>
  struct List {
    std::vector<Row> rows;
    TimeNs received;
    std::optional<std::chrono::nanoseconds> answered_at;  // steady
    std::vector<Asked> waiting;                           // for the request under way
  };

  // `read` asks for the list anew: it is called with what takes its rows, or the error.
  template <typename Row, typename Read>
  void Serve(List<Row>& list, Asked asked, Read read);
  template <typename Row>
  void Tell(const List<Row>& list, const Asked& asked);
  void Publish(const Asked& asked, const model::Ticker& ticker, const exchange::EventStamp& stamp);
  void Publish(const Asked& asked, const model::FundingRate& rate,
               const exchange::EventStamp& stamp);

  exchange::TopicBoard& board_;
  const Clock& clock_;
  const std::chrono::nanoseconds hold_;
  const Hooks hooks_;
  List<model::Ticker> tickers_;
  List<model::FundingRate> funding_rates_;
};

}  // namespace switchyard::exchanges::lighter
