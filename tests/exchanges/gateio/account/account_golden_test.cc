// every sample of Gate.io's messages about positions, accounts and funds, with what it means.
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "common/json/json.h"
#include "common/status/status.h"
#include "exchanges/gateio/account/funds.h"
#include "exchanges/gateio/auth.h"
#include "exchanges/gateio/errors.h"
#include "exchanges/gateio/futures/account/account_decoder.h"
#include "exchanges/gateio/futures/position/position_book.h"
#include "exchanges/gateio/futures/position/position_history.h"
#include "exchanges/gateio/spot/account/balances.h"
#include "tests/exchanges/gateio/golden.h"
#include "tests/exchanges/gateio/instruments.h"

namespace switchyard::exchanges::gateio {
namespace {

using json::Json;
using Decoder = std::function<Json(const std::string& body)>;

const std::shared_ptr<const model::InstrumentTable> kTable =
    TableOf({FuturesInstrument("BTC_USDT", "0.0001"), FuturesInstrument("BTC_USD", "1"),
             FuturesInstrument("XRP_USDT", "10"), FuturesInstrument("ETH_USD", "1")});

Json Describe(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &text, options).ok());
  return *json::Parse(text);
}

Json Describe(const absl::Status& status) { return {{"error", std::string(status.message())}}; }

template <typename Message>
Json Describe(const std::vector<Message>& messages) {
  Json list = Json::array();
  for (const Message& each : messages) list.push_back(Describe(each));
  return list;
}

template <typename T>
Json DescribeOr(const absl::StatusOr<T>& value) {
  return value.ok() ? Describe(*value) : Describe(value.status());
}

template <typename T>
Json DescribePage(const absl::StatusOr<exchange::Page<T>>& page) {
  return page.ok() ? Describe(page->items) : Describe(page.status());
}

Json Positions(const Json& list, model::Source source) {
  const auto positions = futures::ReadPositions(list, *kTable, {source, {}});
  if (!positions.ok()) return Describe(positions.status());
  Json out = Json::array();
  for (const futures::RawPosition& each : *positions) {
    out.push_back(Describe(futures::ToPosition(each, each.mark_price, {})));
  }
  return out;
}

Json Setting(const std::string& body) {
  const auto positions = futures::ReadPositions(*json::Parse(body), *kTable, {});
  if (!positions.ok()) return Describe(positions.status());
  const auto setting = futures::LeverageOf(*positions, *kTable->Find("BTC-USDT-PERP"));
  return setting ? Describe(*setting) : Json();
}

Json Account(const std::string& body) {
  const auto account = futures::DecodeAccount(body);
  if (!account.ok()) return Describe(account.status());
  return {{"account", Describe(account->account)}, {"balance", Describe(account->balance)}};
}

const std::map<std::string, Decoder>& RestDecoders() {
  static const std::map<std::string, Decoder> kDecoders = {
      {"GET /futures/usdt/positions",
       [](const std::string& body) { return Positions(*json::Parse(body), model::Source::kRest); }},
      {"GET /futures/usdt/dual_comp/positions/BTC_USDT",
       [](const std::string& body) { return Positions(*json::Parse(body), model::Source::kRest); }},
      {"POST /futures/usdt/positions/BTC_USDT/leverage", &Setting},
      {"GET /futures/usdt/risk_limit_table",
       [](const std::string& body) { return DescribeOr(futures::DecodeBrackets(body)); }},
      {"GET /futures/usdt/accounts", &Account},
      {"GET /futures/usdt/account_book",
       [](const std::string& body) {
         return DescribePage(futures::DecodeFunding(body, *kTable, {}));
       }},
      {"GET /futures/usdt/liquidates",
       [](const std::string& body) {
         return DescribePage(futures::MergeLiquidations(body, "[]", {*kTable, {}}, {}, {}));
       }},
      {"GET /spot/accounts",
       [](const std::string& body) { return DescribeOr(spot::DecodeBalances(body)); }},
  };
  return kDecoders;
}

const std::map<std::string, std::function<Json(const Json& result)>>& PushDecoders() {
  static const std::map<std::string, std::function<Json(const Json& result)>> kDecoders = {
      {"futures.positions",
       [](const Json& result) { return Positions(result, model::Source::kWebSocket); }},
      {"futures.balances",
       [](const Json& result) { return DescribeOr(futures::ReadBalanceChanges(result)); }},
      {"spot.balances",
       [](const Json& result) { return DescribeOr(spot::ReadBalanceChanges(result)); }},
  };
  return kDecoders;
}

// The same samples have other values expected by the tests of market data and of orders.
void Check(GoldenEntry entry, const Json& understood) {
  entry.file = "accounts_" + entry.file;
  CheckAgainstExpected(entry, understood);
}

class AccountRestGoldenTest : public testing::TestWithParam<GoldenEntry> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(AccountRestGoldenTest);

TEST_P(AccountRestGoldenTest, IsUnderstood) {
  const std::string endpoint = GetParam().fields.value("endpoint", "");
  const auto decoder = RestDecoders().find(endpoint.substr(0, endpoint.find('?')));
  if (decoder == RestDecoders().end()) GTEST_SKIP() << "not of accounts, or not read here";
  Check(GetParam(), decoder->second(GetParam().Minified("body")));
}

INSTANTIATE_TEST_SUITE_P(Spot, AccountRestGoldenTest,
                         testing::ValuesIn(LoadGolden("spot_rest_responses")), EntryName());
INSTANTIATE_TEST_SUITE_P(Futures, AccountRestGoldenTest,
                         testing::ValuesIn(LoadGolden("futures_rest_responses")), EntryName());

class AccountPushGoldenTest : public testing::TestWithParam<GoldenEntry> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(AccountPushGoldenTest);

TEST_P(AccountPushGoldenTest, IsUnderstood) {
  const auto decoder = PushDecoders().find(GetParam().fields.value("channel", ""));
  if (decoder == PushDecoders().end()) GTEST_SKIP() << "not of accounts, or not bound here";
  const auto message = json::Parse(GetParam().Minified("message"));
  ASSERT_TRUE(message.ok()) << message.status();
  Check(GetParam(), decoder->second(message->at("result")));
}

INSTANTIATE_TEST_SUITE_P(Spot, AccountPushGoldenTest, testing::ValuesIn(LoadGolden("spot_ws_push")),
                         EntryName());
INSTANTIATE_TEST_SUITE_P(Futures, AccountPushGoldenTest,
                         testing::ValuesIn(LoadGolden("futures_ws_push")), EntryName());

exchange::WithdrawCommand WithdrawalOfVector() {
  return {.request_id = "wd-0001",
          .currency = "USDT",
          .network = "ETH",
          .address = "0x0ab891497116f7f5532a4c2f4f7b1784488628e1",
          .tag = "",
          .amount = *Decimal::Parse("10.5"),
          .max_fee = {}};
}

exchange::TransferCommand TransferOf(const std::string& id, const std::string& amount) {
  exchange::TransferCommand command;
  command.request_id = id;
  command.currency = "USDT";
  command.amount = *Decimal::Parse(amount);
  command.from.set_wallet(account::v1::WALLET_SPOT);
  command.to.set_wallet(account::v1::WALLET_CONTRACT);
  return command;
}

exchange::TransferCommand SubTransfer() {
  exchange::TransferCommand command = TransferOf("sub-1", "1");
  command.to.set_wallet(account::v1::WALLET_SPOT);
  command.to.set_sub_account("10002");
  return command;
}

const std::map<std::string, Decoder>& FundsDecoders() {
  static const std::map<std::string, Decoder> kDecoders = {
      {"GET /wallet/withdraw_status",
       [](const std::string& body) {
         const auto fee = DecodeWithdrawFee(body, "MTN", "eth");
         return fee.ok() && *fee ? Json((*fee)->ToString()) : Json();
       }},
      {"POST /withdrawals",
       [](const std::string& body) {
         return DescribeOr(DecodeWithdrawal(body, WithdrawalOfVector()));
       }},
      {"DELETE /withdrawals/{id}",
       [](const std::string& body) { return DescribePage(DecodeWithdrawals(body, {})); }},
      {"GET /wallet/withdrawals",
       [](const std::string& body) { return DescribePage(DecodeWithdrawals(body, {})); }},
      {"POST /wallet/transfers",
       [](const std::string& body) {
         return DescribeOr(DecodeTransfer(body, TransferOf("t-1", "25.5")));
       }},
      {"POST /wallet/sub_account_transfers",
       [](const std::string& body) { return DescribeOr(DecodeTransfer(body, SubTransfer())); }},
      {"GET /wallet/order_status",
       [](const std::string& body) {
         return DescribeOr(DecodeTransferStatus(body, SubTransfer()));
       }},
  };
  return kDecoders;
}

class FundsGoldenTest : public testing::TestWithParam<GoldenEntry> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(FundsGoldenTest);

TEST_P(FundsGoldenTest, IsUnderstood) {
  const std::string kind = GetParam().fields.value("kind", "");
  const std::string body = GetParam().Minified("payload");
  if (kind == "error") {
    const absl::Status status =
        FromRest("withdraw", {GetParam().fields.value("http_status", 0), {}, body}, TimeNs());
    Check(GetParam(), {{"code", absl::StatusCodeToString(status.code())},
                       {"reason", ReasonName(ReasonOf(status))}});
    return;
  }
  const auto decoder = FundsDecoders().find(kind);
  if (decoder == FundsDecoders().end()) GTEST_SKIP() << "a read that nothing here makes";
  Check(GetParam(), decoder->second(body));
}

INSTANTIATE_TEST_SUITE_P(Withdrawals, FundsGoldenTest, testing::ValuesIn(LoadGolden("withdrawals")),
                         EntryName());

class FundsSigningTest : public testing::TestWithParam<GoldenEntry> {};
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(FundsSigningTest);

TEST_P(FundsSigningTest, SignsToTheByte) {
  const Json& fields = GetParam().fields;
  const std::string text =
      RestSigningText(fields.at("method").get<std::string>(), fields.at("path").get<std::string>(),
                      fields.at("query").get<std::string>(), fields.at("body").get<std::string>(),
                      fields.at("timestamp_s").get<std::int64_t>());
  EXPECT_EQ(text, fields.at("signing_input"));
  EXPECT_EQ(Auth("key", fields.at("secret").get<std::string>()).Signature(text), fields.at("sign"));
}

INSTANTIATE_TEST_SUITE_P(Vectors, FundsSigningTest,
                         testing::ValuesIn(LoadGolden("withdrawals", {"signing"})), EntryName());

// What is sent is what the vectors sign.
TEST(FundsRequestTest, BodiesAreThoseOfTheVectors) {
  for (const GoldenEntry& vector : LoadGolden("withdrawals", {"signing"})) {
    const std::string body = vector.fields.value("body", "");
    if (vector.name == "withdraw") {
      const auto request = WithdrawRequest(WithdrawalOfVector());
      ASSERT_TRUE(request.ok()) << request.status();
      EXPECT_EQ(request->body, body);
    } else if (vector.name == "transfer") {
      const auto request = TransferRequest(TransferOf("t-1", "25.5"));
      ASSERT_TRUE(request.ok()) << request.status();
      EXPECT_EQ(request->body, body);
    }
  }
}

TEST(GoldenFilesTest, AreThere) {
  ExpectEntriesOf({"spot_rest_responses", "futures_rest_responses", "spot_ws_push",
                   "futures_ws_push", "withdrawals"});
}

}  // namespace
}  // namespace switchyard::exchanges::gateio
