// The rules of the contract, asserted on the generated descriptors: what buf's lint cannot know.
#include <google/protobuf/any.pb.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "google/rpc/code.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "switchyard/account/v1/account_service.pb.h"
#include "switchyard/common/v1/options.pb.h"
#include "switchyard/marketdata/v1/market_data_service.pb.h"
#include "switchyard/order/v1/order_service.pb.h"
#include "switchyard/position/v1/position_service.pb.h"
#include "switchyard/router/v1/router_service.pb.h"
#include "switchyard/simulator/v1/simulator_service.pb.h"
#include "switchyard/status/v1/status_service.pb.h"

namespace switchyard {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::MethodOptions;
using google::protobuf::ServiceDescriptor;

struct ServiceCase {
  std::string name;
  // The file that defines it; holds nothing but that service and its requests and responses.
  const FileDescriptor* file;
  // The methods that the design names; neither more nor fewer.
  std::set<std::string> methods;
  // Requests name one exchange and one of its accounts.
  bool is_private;

  // A failure says the service, not its bytes.
  friend void PrintTo(const ServiceCase& service, std::ostream* out) { *out << service.name; }
};

std::vector<ServiceCase> Services() {
  return {
      {"MarketDataService",
       marketdata::v1::GetOrderBookRequest::descriptor()->file(),
       {"ListInstruments", "GetInstrument", "GetOrderBook", "GetBestBidOffer", "GetOrderPrice",
        "ListTrades", "ListCandles", "GetTicker", "ListTickers", "ListFundingRates",
        "ListFundingRateHistory", "StreamMarketData"},
       false},
      {"OrderService",
       order::v1::PlaceOrderRequest::descriptor()->file(),
       {"PlaceOrder", "PlaceOrders", "AmendOrder", "CancelOrder", "CancelOrders", "CancelAllOrders",
        "GetOrder", "WaitForOrder", "ListOpenOrders", "ListOrders", "ListFills",
        "StreamOrderEvents", "GetRiskLimits", "SetKillSwitch"},
       true},
      {"PositionService",
       position::v1::GetPositionRequest::descriptor()->file(),
       {"ListPositions", "GetPosition", "ClosePosition", "AdjustPositionMargin",
        "ListFundingPayments", "ListLiquidations", "StreamPositions"},
       true},
      {"AccountService",
       account::v1::GetAccountRequest::descriptor()->file(),
       {"GetAccount", "ListBalances", "GetLeverage", "SetLeverage", "SetMarginMode",
        "SetPositionMode", "GetFees", "StreamAccount", "Withdraw", "ListWithdrawals", "Transfer",
        "ListTransfers"},
       true},
      {"RouterService",
       router::v1::GetPortfolioRequest::descriptor()->file(),
       {"ListExchanges", "GetConsolidatedBook", "StreamConsolidatedBook", "GetPortfolio",
        "ListFundingRatesAcross", "StreamPrivateEvents", "CancelEverything"},
       false},
      {"StatusService",
       status::v1::GetStatusRequest::descriptor()->file(),
       {"GetCapabilities", "GetStatus", "WatchStatus"},
       false},
      {"SimulatorService",
       simulator::v1::SetFaultRequest::descriptor()->file(),
       {"SetFault", "ClearFaults", "ListFaults", "GetBook", "SetFlow", "ListClientOrders",
        "ListClientFills", "PayFunding", "StartReplay", "GetStatistics"},
       false},
  };
}

bool StartsWithAny(std::string_view name, const std::vector<std::string_view>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [name](std::string_view prefix) { return name.starts_with(prefix); });
}

bool IsRead(const MethodDescriptor& method) {
  return StartsWithAny(method.name(), {"Get", "List", "Stream", "Watch", "WaitFor"});
}

std::vector<ServiceCase> ServicesWhere(const std::function<bool(const ServiceCase&)>& predicate) {
  std::vector<ServiceCase> services = Services();
  std::erase_if(services, [&](const ServiceCase& service) { return !predicate(service); });
  return services;
}

void ExpectField(const Descriptor& message, const std::string& name, FieldDescriptor::Type type,
                 int number = 0) {
  const FieldDescriptor* field = message.FindFieldByName(name);
  ASSERT_NE(field, nullptr) << message.full_name() << " has no " << name;
  EXPECT_EQ(field->type(), type) << field->full_name();
  EXPECT_FALSE(field->is_repeated()) << field->full_name();
  if (number != 0) {
    EXPECT_EQ(field->number(), number) << field->full_name();
  }
}

void ExpectMessageField(const Descriptor& message, const std::string& name,
                        const std::string& type) {
  const FieldDescriptor* field = message.FindFieldByName(name);
  ASSERT_NE(field, nullptr) << message.full_name() << " has no " << name;
  ASSERT_EQ(field->type(), FieldDescriptor::TYPE_MESSAGE) << field->full_name();
  EXPECT_EQ(field->message_type()->full_name(), type) << field->full_name();
}

class ServiceContractTest : public testing::TestWithParam<ServiceCase> {
 protected:
  const ServiceDescriptor& service() const {
    return *GetParam().file->FindServiceByName(GetParam().name);
  }

  void ForEachMethod(const std::function<void(const MethodDescriptor&)>& visit) const {
    for (int i = 0; i < service().method_count(); ++i) {
      SCOPED_TRACE(service().method(i)->full_name());
      visit(*service().method(i));
    }
  }
};

// Services that clients use. The simulator is not among them: it is a test's tool, its lists are
// short and its commands have no keys.
class GatewayContractTest : public ServiceContractTest {};

// Services of which every request names one account of one exchange.
class PrivateContractTest : public ServiceContractTest {
 protected:
  void ForEachReadOfTheExchange(const std::function<void(const MethodDescriptor&)>& visit) const {
    ForEachMethod([&](const MethodDescriptor& method) {
      // These two answer from the journal and from this process's own counters.
      const bool is_local = method.name() == "WaitForOrder" || method.name() == "GetRiskLimits";
      if (IsRead(method) && !method.server_streaming() && !is_local) visit(method);
    });
  }
};

TEST_P(ServiceContractTest, HasTheMethodsOfTheDesign) {
  std::set<std::string> methods;
  ForEachMethod([&](const MethodDescriptor& method) { methods.insert(method.name()); });
  EXPECT_EQ(methods, GetParam().methods);
}

TEST_P(ServiceContractTest, EveryMethodHasItsOwnRequestAndResponse) {
  ForEachMethod([](const MethodDescriptor& method) {
    EXPECT_EQ(method.input_type()->name(), method.name() + "Request");
    EXPECT_EQ(method.output_type()->name(), method.name() + "Response");
    EXPECT_EQ(method.input_type()->file(), method.file());
    EXPECT_EQ(method.output_type()->file(), method.file());
    EXPECT_FALSE(method.client_streaming());
  });
}

TEST_P(ServiceContractTest, ExactlyReadsAreFreeOfSideEffects) {
  ForEachMethod([](const MethodDescriptor& method) {
    EXPECT_EQ(method.options().idempotency_level() == MethodOptions::NO_SIDE_EFFECTS,
              IsRead(method));
  });
}

TEST_P(ServiceContractTest, EveryMethodStatesARoleThatFitsItsEffect) {
  ForEachMethod([](const MethodDescriptor& method) {
    const common::v1::Role role = method.options().GetExtension(common::v1::role);
    if (IsRead(method)) {
      EXPECT_EQ(role, common::v1::ROLE_READ);
    } else {
      EXPECT_GE(role, common::v1::ROLE_TRADE);
    }
  });
}

TEST_P(GatewayContractTest, EveryListIsPaged) {
  ForEachMethod([](const MethodDescriptor& method) {
    if (!method.name().starts_with("List")) return;
    ExpectField(*method.input_type(), "page_size", FieldDescriptor::TYPE_UINT32);
    ExpectField(*method.input_type(), "page_token", FieldDescriptor::TYPE_STRING);
    ExpectField(*method.output_type(), "next_page_token", FieldDescriptor::TYPE_STRING);
  });
}

TEST_P(ServiceContractTest, AStreamMessageIsEventsOrAcknowledgementOrHeartbeat) {
  ForEachMethod([](const MethodDescriptor& method) {
    EXPECT_EQ(method.server_streaming(), StartsWithAny(method.name(), {"Stream", "Watch"}));
    if (!method.server_streaming()) return;
    const Descriptor& response = *method.output_type();
    ASSERT_EQ(response.field_count(), 3);
    const FieldDescriptor* events = response.FindFieldByNumber(1);
    ASSERT_NE(events, nullptr);
    EXPECT_EQ(events->name(), "events");
    EXPECT_TRUE(events->is_repeated());
    EXPECT_EQ(events->type(), FieldDescriptor::TYPE_MESSAGE);
    ExpectMessageField(response, "acknowledgement", "switchyard.common.v1.StreamAcknowledgement");
    ExpectMessageField(response, "heartbeat", "switchyard.common.v1.Heartbeat");
    EXPECT_EQ(response.FindFieldByName("acknowledgement")->number(), 2);
    EXPECT_EQ(response.FindFieldByName("heartbeat")->number(), 3);
  });
}

TEST_P(PrivateContractTest, APrivateRequestNamesExchangeAndAccountWhereTheRouterLooks) {
  ForEachMethod([](const MethodDescriptor& method) {
    ExpectField(*method.input_type(), "exchange", FieldDescriptor::TYPE_STRING, 1);
    ExpectField(*method.input_type(), "account", FieldDescriptor::TYPE_STRING, 2);
  });
}

TEST_P(PrivateContractTest, APrivateReadTakesAnAgeAndSaysSourceAndAge) {
  ForEachReadOfTheExchange([](const MethodDescriptor& method) {
    ExpectField(*method.input_type(), "max_age_ns", FieldDescriptor::TYPE_INT64);
    ExpectMessageField(*method.output_type(), "freshness", "switchyard.common.v1.Freshness");
  });
}

TEST_P(ServiceContractTest, ABatchAnswersWithAStatusPerItem) {
  ForEachMethod([](const MethodDescriptor& method) {
    const bool is_batch = method.name() == "PlaceOrders" || method.name() == "CancelOrders" ||
                          method.name() == "CancelAllOrders" || method.name() == "CancelEverything";
    if (!is_batch) return;
    const FieldDescriptor* results = method.output_type()->FindFieldByName("results");
    ASSERT_NE(results, nullptr);
    EXPECT_TRUE(results->is_repeated());
    ExpectMessageField(*results->message_type(), "status", "switchyard.common.v1.Status");
  });
}

// Commands that are not idempotent by their nature carry a key, so that a repetition is recognised.
TEST_P(GatewayContractTest, ACommandCarriesAKeyUnlessRepeatingItChangesNothing) {
  ForEachMethod([](const MethodDescriptor& method) {
    if (IsRead(method) || method.name().starts_with("Set")) return;
    const Descriptor& request = *method.input_type();
    const std::array<std::string, 5> keys = {"request_id", "client_withdrawal_id",
                                             "client_transfer_id", "ticket", "tickets"};
    EXPECT_TRUE(std::any_of(keys.begin(), keys.end(), [&](const std::string& key) {
      return request.FindFieldByName(key) != nullptr;
    }));
  });
}

std::string CaseName(const testing::TestParamInfo<ServiceCase>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Services, ServiceContractTest, testing::ValuesIn(Services()), CaseName);
INSTANTIATE_TEST_SUITE_P(Services, GatewayContractTest,
                         testing::ValuesIn(ServicesWhere([](const ServiceCase& service) {
                           return service.name != "SimulatorService";
                         })),
                         CaseName);
INSTANTIATE_TEST_SUITE_P(Services, PrivateContractTest,
                         testing::ValuesIn(ServicesWhere([](const ServiceCase& service) {
                           return service.is_private;
                         })),
                         CaseName);

// Every message of the contract: those of the services' files and of all files that they import.
class MessageContractTest : public testing::Test {
 protected:
  MessageContractTest() {
    for (const ServiceCase& service : Services()) Visit(*service.file);
  }

  std::vector<const FieldDescriptor*> fields_;
  std::set<const FileDescriptor*> files_;

 private:
  void Visit(const FileDescriptor& file) {
    if (file.package().find("switchyard.") != 0 || !files_.insert(&file).second) return;
    for (int i = 0; i < file.dependency_count(); ++i) Visit(*file.dependency(i));
    for (int i = 0; i < file.message_type_count(); ++i) Visit(*file.message_type(i));
  }

  void Visit(const Descriptor& message) {
    for (int i = 0; i < message.field_count(); ++i) fields_.push_back(message.field(i));
    for (int i = 0; i < message.nested_type_count(); ++i) Visit(*message.nested_type(i));
  }
};

TEST_F(MessageContractTest, CoversEveryPackage) {
  std::set<std::string> packages;
  for (const FileDescriptor* file : files_) packages.insert(file->package());
  EXPECT_EQ(packages, (std::set<std::string>{"switchyard.account.v1", "switchyard.common.v1",
                                             "switchyard.marketdata.v1", "switchyard.order.v1",
                                             "switchyard.position.v1", "switchyard.router.v1",
                                             "switchyard.simulator.v1", "switchyard.status.v1"}));
}

TEST_F(MessageContractTest, NothingIsFloatingPoint) {
  for (const FieldDescriptor* field : fields_) {
    EXPECT_NE(field->type(), FieldDescriptor::TYPE_DOUBLE) << field->full_name();
    EXPECT_NE(field->type(), FieldDescriptor::TYPE_FLOAT) << field->full_name();
  }
}

TEST_F(MessageContractTest, TimesAndDurationsInNanosecondsAreSigned64) {
  int times = 0;
  for (const FieldDescriptor* field : fields_) {
    if (!std::string_view(field->name()).ends_with("_ns")) continue;
    EXPECT_EQ(field->type(), FieldDescriptor::TYPE_INT64) << field->full_name();
    ++times;
  }
  EXPECT_GT(times, 50);
}

TEST_F(MessageContractTest, MantissasArePackedZigZagWithOneExponentAMessage) {
  int mantissas = 0;
  for (const FieldDescriptor* field : fields_) {
    const std::string_view name = field->name();
    if (name.ends_with("_exponent")) {
      EXPECT_EQ(field->type(), FieldDescriptor::TYPE_SINT32) << field->full_name();
    }
    if (!name.ends_with("_mantissa") && !name.ends_with("_mantissas")) continue;
    EXPECT_EQ(field->type(), FieldDescriptor::TYPE_SINT64) << field->full_name();
    EXPECT_EQ(field->is_packed(), field->is_repeated()) << field->full_name();
    ++mantissas;
  }
  EXPECT_GE(mantissas, 14);
}

// A client that meets UNRECOGNISED must be able to see what the exchange said: wherever such an
// enum is a field of an answer, a text beside it starts with raw_.
TEST_F(MessageContractTest, WhatTheExchangeMayInventHasItsRawTextBesideIt) {
  const std::set<std::string> kept_elsewhere = {
      // Order holds the texts for its ticket: raw_type and so on.
      "switchyard.order.v1.OrderTicket.type",
      "switchyard.order.v1.OrderTicket.time_in_force",
      "switchyard.order.v1.OrderTicket.self_trade_prevention",
      "switchyard.order.v1.Trigger.reference",
      // Confirms what was asked, and UNRECOGNISED cannot be asked.
      "switchyard.account.v1.SetPositionModeResponse.position_mode",
  };
  int checked = 0;
  for (const FieldDescriptor* field : fields_) {
    if (field->type() != FieldDescriptor::TYPE_ENUM || field->is_repeated()) continue;
    const auto& values = *field->enum_type();
    if (!std::string_view(values.value(values.value_count() - 1)->name())
             .ends_with("UNRECOGNISED")) {
      continue;
    }
    const Descriptor& message = *field->containing_type();
    const std::string_view owner = message.name();
    if (owner.ends_with("Request") || kept_elsewhere.count(field->full_name()) != 0) {
      continue;
    }
    EXPECT_NE(message.FindFieldByName("raw_" + field->name()), nullptr) << field->full_name();
    ++checked;
  }
  EXPECT_GE(checked, 12);
}

// The numbers are public and must never move: stock client libraries decode by them. The bytes are
// written by hand from the protobuf encoding, so that they do not depend on our own definitions.
TEST(ErrorDetailsTest, AreWireIdenticalToThePublicDefinitions) {
  const std::string bytes(
      "\x08\x0e"               // 1: code 14
      "\x12\x02no"             // 2: message
      "\x1a\x06\x0a\x04type",  // 3: one Any with type_url
      14);
  google::rpc::Status status;
  ASSERT_TRUE(status.ParseFromString(bytes));
  EXPECT_EQ(status.code(), google::rpc::UNAVAILABLE);
  EXPECT_EQ(status.message(), "no");
  ASSERT_EQ(status.details_size(), 1);
  EXPECT_EQ(status.details(0).type_url(), "type");
  EXPECT_EQ(status.SerializeAsString(), bytes);
}

TEST(ErrorDetailsTest, ErrorInfoIsReasonDomainMetadata) {
  const std::string bytes(
      "\x0a\x01R\x12\x01"
      "D\x1a\x06\x0a\x01k\x12\x01v",
      14);
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(info.ParseFromString(bytes));
  EXPECT_EQ(info.reason(), "R");
  EXPECT_EQ(info.domain(), "D");
  EXPECT_EQ(info.metadata().at("k"), "v");
}

TEST(ErrorDetailsTest, RetryInfoAndBadRequestHaveThePublicNumbers) {
  google::rpc::RetryInfo retry;
  ASSERT_TRUE(retry.ParseFromString(std::string("\x0a\x02\x08\x05", 4)));
  EXPECT_EQ(retry.retry_delay().seconds(), 5);

  google::rpc::BadRequest bad;
  ASSERT_TRUE(
      bad.ParseFromString(std::string("\x0a\x06\x0a\x01"
                                      "f\x12\x01"
                                      "d",
                                      8)));
  ASSERT_EQ(bad.field_violations_size(), 1);
  EXPECT_EQ(bad.field_violations(0).field(), "f");
  EXPECT_EQ(bad.field_violations(0).description(), "d");
}

TEST(ErrorDetailsTest, TypeUrlsAreTheOnesThatClientsLookUp) {
  google::protobuf::Any any;
  any.PackFrom(google::rpc::ErrorInfo());
  EXPECT_EQ(any.type_url(), "type.googleapis.com/google.rpc.ErrorInfo");
}

}  // namespace
}  // namespace switchyard
