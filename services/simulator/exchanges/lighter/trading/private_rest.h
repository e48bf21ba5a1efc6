#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "services/simulator/exchanges/lighter/trading/private_channels.h"
#include "services/simulator/exchanges/lighter/trading/transactor.h"
#include "services/simulator/held_answers.h"
#include "services/simulator/transport/http_message.h"

namespace switchyard::simulator::lighter {

// REST about accounts, and transactions by REST. I/O thread only.
class PrivateRest {
 public:
  // All must outlive it.
  struct Parts {
    Desk& desk;
    KeyRing& keys;
    Transactor& transactor;
    PrivateChannels& channels;
    HeldAnswers& held;
  };

  explicit PrivateRest(const Parts& parts);

  // A connection that a fault leaves waiting is cut after this.
  static constexpr std::int64_t kUnansweredMs = 300'000;

  // False: it is none of these endpoints. Else answers by `reply`, now, later or never. `endpoint`
  // is what follows "/api/v1/".
  bool Handle(const transport::HttpRequest& request, std::string_view endpoint,
              const transport::Reply& reply);

 private:
  using Request = transport::HttpRequest;
  using Response = transport::HttpResponse;
  using Answer = Response (PrivateRest::*)(const Request&);

  Response Account(const Request& request);
  Response SubAccounts(const Request& request);
  Response ActiveOrders(const Request& request);
  Response InactiveOrders(const Request& request);
  Response Trades(const Request& request);
  Response AccountTrades(const Request& request, std::int64_t account, std::int64_t limit);
  Response PositionFunding(const Request& request);
  Response Liquidations(const Request& request);
  Response AccountLimits(const Request& request);
  Response NextNonce(const Request& request);
  Response ApiKeys(const Request& request);
  void Send(const Request& request, bool batch, const transport::Reply& reply);

  // The account that the query names, which the token must be for. Below 0: `error` is the answer.
  std::int64_t Authorised(const Request& request, Response& error);

  const Parts parts_;
  const std::map<std::string_view, Answer> answers_;
};

// The fields of a POST body, as a query: urlencoded or multipart form data.
transport::HttpRequest FormOf(const transport::HttpRequest& request);
// [14,15] and ["{..}","{..}"], each as a text. False: no such lists, or of different lengths.
bool ReadBatch(std::string_view types, std::string_view infos, std::vector<RawTransaction>& out);
// {"code":200,..}, and for sockets their `type` and `id`, where these are not empty; `id` is JSON.
std::string SubmissionAnswer(const Submission& submission, std::int64_t now_ns, bool batch,
                             std::string_view type, const std::string& id);

}  // namespace switchyard::simulator::lighter
