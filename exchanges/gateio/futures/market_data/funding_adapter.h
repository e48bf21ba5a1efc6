#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/exchange/market_data_client.h"
#include "exchanges/gateio/rest/rest_request.h"

namespace switchyard::exchanges::gateio::futures {

// Funding over REST. Pure; any thread. Decoders' errors are Internal, MALFORMED_EXCHANGE_MESSAGE.
// Source: API v4, "Futures", contracts and funding_rate.
struct FundingAdapter {
  // One contract is asked for alone, several or none (= all) by the whole list.
  static RestRequest RatesRequest(const std::vector<const model::Instrument*>& wanted);
  // Kind PREDICTED: `funding_rate` is what the running interval will pay at `funding_next_apply`,
  // as far as it is known now. Contracts that are not in `table` are left out.
  static absl::StatusOr<model::FundingRatesReply> DecodeRates(
      const std::string& body, const model::InstrumentTable& table,
      const std::vector<const model::Instrument*>& wanted, TimeNs receive_time);

  // The page token is the time of the oldest rate so far. Errors: InvalidArgument (page token).
  static absl::StatusOr<RestRequest> HistoryRequest(std::string_view contract,
                                                    const exchange::FundingHistoryQuery& query);
  // Kind LAST, newest first. The interval is the contract's present one.
  static absl::StatusOr<model::FundingRatesReply> DecodeHistory(
      const std::string& body, const model::Instrument& instrument,
      const exchange::FundingHistoryQuery& query, TimeNs receive_time);
};

}  // namespace switchyard::exchanges::gateio::futures
