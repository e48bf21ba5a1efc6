// Every way in which a request is refused before an exchange is asked, as a client sees it.
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "common/status/grpc_status.h"
#include "common/status/status.h"
#include "tests/services/market_data/service_harness.h"

namespace switchyard {
namespace {

namespace v1 = marketdata::v1;
using Stub = v1::MarketDataService::Stub;

// One call of a method with a request in text form.
using Call = std::function<absl::Status(Stub&)>;

template <typename Request, typename Response>
Call Calling(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
             const std::string& text) {
  return [method, text](Stub& stub) {
    Request request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request)) << text;
    grpc::ClientContext context;
    testing::SetTestDeadline(context);
    Response response;
    return FromGrpcStatus((stub.*method)(&context, request, &response));
  };
}

struct Case {
  std::string name;
  Call call;
  absl::StatusCode code;
  ErrorReason reason;
  std::string field{};
};

std::string Repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

class RefusalTest : public ::testing::TestWithParam<Case> {};

TEST_P(RefusalTest, SaysWhy) {
  testing::ServiceHarness harness;
  const absl::Status status = GetParam().call(*harness.stub);
  EXPECT_EQ(status.code(), GetParam().code) << status;
  EXPECT_EQ(ReasonOf(status), GetParam().reason) << status;
  EXPECT_FALSE(status.message().empty());
  const ErrorMetadata metadata = MetadataOf(status);
  if (!GetParam().field.empty()) {
    ASSERT_TRUE(metadata.contains("field")) << status;
    EXPECT_EQ(metadata.at("field"), GetParam().field);
  }
}

std::string CaseName(const ::testing::TestParamInfo<Case>& info) { return info.param.name; }

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kInvalidField = common::v1::ERROR_REASON_INVALID_FIELD;

// What all eleven have in common.
std::vector<Case> CommonCases() {
  struct Method {
    std::string name;
    std::function<Call(const std::string&)> call;
    // What makes a request for BTC-USDT complete.
    std::string rest;
    bool takes_symbol = true;
  };
  const auto method = [](auto pointer) {
    return [pointer](const std::string& text) { return Calling(pointer, text); };
  };
  const std::vector<Method> methods = {
      {"ListInstruments", method(&Stub::ListInstruments), "", false},
      {"GetInstrument", method(&Stub::GetInstrument), ""},
      {"GetOrderBook", method(&Stub::GetOrderBook), ""},
      {"GetBestBidOffer", method(&Stub::GetBestBidOffer), ""},
      {"GetOrderPrice", method(&Stub::GetOrderPrice), R"(side: SIDE_BUY quantity: "1")"},
      {"ListTrades", method(&Stub::ListTrades), ""},
      {"ListCandles", method(&Stub::ListCandles), "interval_seconds: 60"},
      {"GetTicker", method(&Stub::GetTicker), ""},
      {"ListTickers", method(&Stub::ListTickers), "", false},
      {"ListFundingRates", method(&Stub::ListFundingRates), "", false},
      {"ListFundingRateHistory", method(&Stub::ListFundingRateHistory), ""},
  };
  std::vector<Case> cases;
  for (const Method& each : methods) {
    const std::string symbol = each.takes_symbol ? R"(symbol: "BTC-USDT" )" : "";
    cases.push_back({each.name + "_without_exchange", each.call(symbol + each.rest), kInvalid,
                     kInvalidField, "exchange"});
    cases.push_back({each.name + "_of_unknown_exchange",
                     each.call(R"(exchange: "gamma" )" + symbol + each.rest), kInvalid,
                     common::v1::ERROR_REASON_UNKNOWN_EXCHANGE});
    if (each.name != "ListInstruments" && each.name != "GetInstrument") {
      // beta has neither depths nor these RPCs; the default depth is within its depths.
      cases.push_back(
          {each.name + "_not_offered", each.call(R"(exchange: "beta" )" + symbol + each.rest),
           absl::StatusCode::kUnimplemented, common::v1::ERROR_REASON_NOT_IN_CAPABILITIES});
    }
    if (!each.takes_symbol) continue;
    cases.push_back({each.name + "_without_symbol", each.call(R"(exchange: "alpha" )" + each.rest),
                     kInvalid, kInvalidField, "symbol"});
    cases.push_back({each.name + "_of_unknown_symbol",
                     each.call(R"(exchange: "alpha" symbol: "NO-SUCH" )" + each.rest),
                     absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT});
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(EveryRpc, RefusalTest, ::testing::ValuesIn(CommonCases()), CaseName);

const std::string kBtc = R"(exchange: "alpha" symbol: "BTC-USDT" )";
const std::string kPerp = R"(exchange: "alpha" symbol: "BTC-USDT-PERP" )";
const std::string kAlpha = R"(exchange: "alpha" )";

INSTANTIATE_TEST_SUITE_P(
    Books, RefusalTest,
    ::testing::Values(
        Case{"deeper_than_offered", Calling(&Stub::GetOrderBook, kBtc + "depth: 51"), kInvalid,
             common::v1::ERROR_REASON_DEPTH_NOT_OFFERED},
        Case{"unspecified_source",
             Calling(&Stub::GetOrderBook, kBtc + "allowed_sources: SOURCE_UNSPECIFIED"), kInvalid,
             kInvalidField, "allowed_sources"},
        Case{"negative_age", Calling(&Stub::GetOrderBook, kBtc + "max_age_ns: -1"), kInvalid,
             kInvalidField, "max_age_ns"},
        Case{"quote_with_negative_age", Calling(&Stub::GetBestBidOffer, kBtc + "max_age_ns: -1"),
             kInvalid, kInvalidField, "max_age_ns"},
        Case{"quote_with_unspecified_source",
             Calling(&Stub::GetBestBidOffer, kBtc + "allowed_sources: SOURCE_UNSPECIFIED"),
             kInvalid, kInvalidField, "allowed_sources"}),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    OrderPrices, RefusalTest,
    ::testing::Values(
        Case{"no_side", Calling(&Stub::GetOrderPrice, kBtc + R"(quantity: "1")"), kInvalid,
             kInvalidField, "side"},
        Case{"no_quantity", Calling(&Stub::GetOrderPrice, kBtc + "side: SIDE_BUY"), kInvalid,
             kInvalidField, "quantity"},
        Case{"malformed_quantity",
             Calling(&Stub::GetOrderPrice, kBtc + R"(side: SIDE_BUY quantity: "1e3")"), kInvalid,
             kInvalidField, "quantity"},
        Case{"quantity_of_39_digits",
             Calling(&Stub::GetOrderPrice,
                     kBtc + R"(side: SIDE_BUY quantity: ")" + std::string(39, '1') + R"(")"),
             kInvalid, kInvalidField, "quantity"},
        Case{"zero_quantity",
             Calling(&Stub::GetOrderPrice, kBtc + R"(side: SIDE_BUY quantity: "0.0")"), kInvalid,
             kInvalidField, "quantity"},
        Case{"negative_quantity",
             Calling(&Stub::GetOrderPrice, kBtc + R"(side: SIDE_BUY quantity: "-1")"), kInvalid,
             kInvalidField, "quantity"},
        Case{"more_than_the_book_shows",
             Calling(&Stub::GetOrderPrice, kBtc + R"(side: SIDE_BUY quantity: "4.001")"),
             absl::StatusCode::kFailedPrecondition, common::v1::ERROR_REASON_UNSPECIFIED}),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    Lists, RefusalTest,
    ::testing::Values(
        Case{"kind_that_does_not_exist", Calling(&Stub::ListInstruments, kAlpha + "kind: 99"),
             kInvalid, kInvalidField, "kind"},
        Case{"instruments_page_too_large",
             Calling(&Stub::ListInstruments, kAlpha + "page_size: 1001"), kInvalid, kInvalidField,
             "page_size"},
        Case{"instruments_foreign_token",
             Calling(&Stub::ListInstruments, kAlpha + R"(page_token: "AAAAAAAAAAAAAAAA")"),
             kInvalid, common::v1::ERROR_REASON_INVALID_PAGE_TOKEN},
        Case{"trades_page_too_large", Calling(&Stub::ListTrades, kBtc + "page_size: 1001"),
             kInvalid, kInvalidField, "page_size"},
        Case{"trades_malformed_token", Calling(&Stub::ListTrades, kBtc + R"(page_token: "!")"),
             kInvalid, common::v1::ERROR_REASON_INVALID_PAGE_TOKEN},
        Case{"tickers_page_too_large", Calling(&Stub::ListTickers, kAlpha + "page_size: 1001"),
             kInvalid, kInvalidField, "page_size"},
        Case{"too_many_tickers",
             Calling(&Stub::ListTickers, kAlpha + Repeated(R"(symbols: "BTC-USDT" )", 1'001)),
             kInvalid, common::v1::ERROR_REASON_REQUEST_TOO_LARGE},
        Case{"empty_among_the_symbols", Calling(&Stub::ListTickers, kAlpha + R"(symbols: "")"),
             kInvalid, kInvalidField, "symbols"},
        Case{"ticker_of_unknown_symbol",
             Calling(&Stub::ListTickers, kAlpha + R"(symbols: "BTC-USDT" symbols: "NO-SUCH")"),
             absl::StatusCode::kNotFound, common::v1::ERROR_REASON_UNKNOWN_INSTRUMENT},
        Case{"too_many_funding_rates",
             Calling(&Stub::ListFundingRates,
                     kAlpha + Repeated(R"(symbols: "BTC-USDT-PERP" )", 1'001)),
             kInvalid, common::v1::ERROR_REASON_REQUEST_TOO_LARGE},
        Case{"funding_of_a_spot_pair",
             Calling(&Stub::ListFundingRates, kAlpha + R"(symbols: "BTC-USDT")"), kInvalid,
             kInvalidField, "symbols"}),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    Histories, RefusalTest,
    ::testing::Values(
        Case{"no_interval", Calling(&Stub::ListCandles, kBtc), kInvalid, kInvalidField,
             "interval_seconds"},
        Case{"interval_not_offered", Calling(&Stub::ListCandles, kBtc + "interval_seconds: 61"),
             kInvalid, common::v1::ERROR_REASON_DEPTH_NOT_OFFERED},
        Case{"candles_end_before_start",
             Calling(&Stub::ListCandles,
                     kBtc + "interval_seconds: 60 start_time_ns: 2 end_time_ns: 1"),
             kInvalid, kInvalidField, "end_time_ns"},
        Case{"candles_start_before_1970",
             Calling(&Stub::ListCandles, kBtc + "interval_seconds: 60 start_time_ns: -2"), kInvalid,
             kInvalidField, "start_time_ns"},
        Case{"candles_page_too_large",
             Calling(&Stub::ListCandles, kBtc + "interval_seconds: 60 page_size: 1001"), kInvalid,
             kInvalidField, "page_size"},
        Case{"history_of_a_spot_pair", Calling(&Stub::ListFundingRateHistory, kBtc), kInvalid,
             kInvalidField, "symbol"},
        Case{"history_end_before_1970",
             Calling(&Stub::ListFundingRateHistory, kPerp + "end_time_ns: -1"), kInvalid,
             kInvalidField, "end_time_ns"},
        Case{"history_page_too_large",
             Calling(&Stub::ListFundingRateHistory, kPerp + "page_size: 1001"), kInvalid,
             kInvalidField, "page_size"}),
    CaseName);

}  // namespace
}  // namespace switchyard
