#include "services/router/private_selection.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "common/status/status.h"
#include "common/time/time.h"
#include "services/router/backends.h"
#include "switchyard/config/v1/config.pb.h"

namespace switchyard::router {
namespace {

using Names = std::vector<std::string>;

constexpr char kOrders[] = "OrderService/StreamOrderEvents";

std::unique_ptr<Backends> BackendsOf(const std::vector<std::string>& exchanges) {
  config::v1::RouterConfig config;
  for (const std::string& exchange : exchanges) {
    config.add_backends()->set_exchange(exchange);
    config.mutable_backends()->rbegin()->add_addresses("unix:/nobody/listens");
  }
  return *Backends::Create(config.backends(), SystemClock());
}

status::v1::ExchangeCapabilities Table(const std::vector<std::string>& rpcs) {
  status::v1::ExchangeCapabilities table;
  for (const std::string& rpc : rpcs) {
    table.add_rpcs()->set_rpc(rpc);
    table.mutable_rpcs()->rbegin()->set_path(status::v1::PATH_WEBSOCKET);
  }
  return table;
}

class PrivateSelectionTest : public testing::Test {
 protected:
  v1::PrivateSubscription& Ask(const std::string& exchange, const std::string& account) {
    v1::PrivateSubscription& subscription = *request_.add_subscriptions();
    subscription.set_exchange(exchange);
    subscription.set_account(account);
    subscription.set_channel(v1::PRIVATE_CHANNEL_ORDERS);
    return subscription;
  }
  PrivateSelection Select() { return *PrivateSelection::Create(request_, *backends_); }
  absl::Status Refusal() { return PrivateSelection::Create(request_, *backends_).status(); }

  // "position exchange/account[@resume_from's sequence]" of each new topic.
  std::vector<std::string> Take(PrivateSelection& selection) {
    std::vector<std::string> topics;
    for (const PrivateSelection::Topic& topic : selection.TakeNew(names_)) {
      const v1::PrivateSubscription& wanted = topic.subscription;
      std::string text =
          std::to_string(topic.asked) + " " + wanted.exchange() + "/" + wanted.account();
      if (wanted.has_resume_from()) {
        text += "@" + std::to_string(wanted.resume_from().sequence());
      }
      topics.push_back(text);
    }
    return topics;
  }
  // "position exchange: reason" of each result without a topic.
  std::vector<std::string> Missing(const PrivateSelection& selection) {
    std::vector<std::string> results;
    for (const PrivateSelection::Result& result : selection.Missing(names_)) {
      results.push_back(std::to_string(result.asked) + " " + result.exchange + ": " +
                        (result.status.ok()
                             ? "OK"
                             : common::v1::ErrorReason_Name(ReasonOf(result.status)).substr(13)));
    }
    return results;
  }

  v1::StreamPrivateEventsRequest request_;
  std::unique_ptr<Backends> backends_ = BackendsOf({"alpha", "beta"});
  std::map<std::string, Names> known_;  // by exchange; of the order component
  const PrivateSelection::NamesOf names_ =
      [this](const std::string& exchange,
             const std::string& component) -> std::optional<std::vector<std::string>> {
    const auto found = known_.find(exchange);
    if (component != "order" || found == known_.end()) return std::nullopt;
    return found->second;
  };
};

TEST_F(PrivateSelectionTest, TakesWhatIsNamedOnceAndAsksNobody) {
  Ask("alpha", "main").mutable_resume_from()->set_sequence(7);
  PrivateSelection selection = Select();
  EXPECT_TRUE(selection.IsKnown(names_));
  EXPECT_TRUE(selection.is_closed());
  EXPECT_EQ(Take(selection), Names{"0 alpha/main@7"});
  EXPECT_EQ(Take(selection), Names{});
  EXPECT_EQ(Missing(selection), Names{});
}

TEST_F(PrivateSelectionTest, AnOpenAccountIsEveryAccountOfTheExchange) {
  known_ = {{"alpha", {"main", "second"}}, {"beta", {"other"}}};
  Ask("alpha", "");
  PrivateSelection selection = Select();
  EXPECT_EQ(Take(selection), (Names{"0 alpha/main", "0 alpha/second"}));
  EXPECT_EQ(Missing(selection), Names{});
}

TEST_F(PrivateSelectionTest, AnOpenExchangeIsEveryExchangeThatOffersTheChannel) {
  known_ = {{"alpha", {"main"}}, {"beta", {"main", "other"}}};
  Ask("", "");
  PrivateSelection both = Select();
  EXPECT_EQ(Take(both), (Names{"0 alpha/main", "0 beta/main", "0 beta/other"}));
  PrivateSelection one = Select();
  one.Offer({{"alpha", Table({})}, {"beta", Table({kOrders})}});
  EXPECT_EQ(Take(one), (Names{"0 beta/main", "0 beta/other"}));
  EXPECT_EQ(Missing(one), Names{});
}

TEST_F(PrivateSelectionTest, AnAccountThatIsNamedIsNotTakenTwice) {
  known_ = {{"alpha", {"main", "second"}}};
  Ask("alpha", "");
  Ask("alpha", "second").mutable_resume_from()->set_sequence(3);
  PrivateSelection selection = Select();
  EXPECT_EQ(Take(selection), (Names{"1 alpha/second@3", "0 alpha/main"}));
}

TEST_F(PrivateSelectionTest, AnOpenAccountOfWhichAllAreNamedIsStillAcknowledged) {
  known_ = {{"alpha", {"main"}}};
  Ask("alpha", "");
  Ask("alpha", "main");
  PrivateSelection selection = Select();
  EXPECT_EQ(Take(selection), Names{"1 alpha/main"});
  EXPECT_EQ(Missing(selection), Names{"0 alpha: OK"});
}

TEST_F(PrivateSelectionTest, AddsAccountsThatBecomeKnownLater) {
  known_ = {{"alpha", {"main"}}};
  Ask("", "");
  PrivateSelection selection = Select();
  EXPECT_EQ(Take(selection), Names{"0 alpha/main"});
  EXPECT_FALSE(selection.IsKnown(names_));
  EXPECT_EQ(Missing(selection), Names{"0 beta: BACKEND_UNAVAILABLE"});
  known_["beta"] = {"other"};
  EXPECT_TRUE(selection.IsKnown(names_));
  EXPECT_EQ(Take(selection), Names{"0 beta/other"});
  known_["alpha"] = {"main", "new"};
  EXPECT_EQ(Take(selection), Names{"0 alpha/new"});
  EXPECT_FALSE(selection.is_closed());
}

TEST_F(PrivateSelectionTest, AnOpenPositionIsTheOnlyAccounts) {
  known_ = {{"alpha", {"main"}}};
  Ask("alpha", "").mutable_resume_from()->set_sequence(9);
  PrivateSelection selection = Select();
  EXPECT_EQ(Take(selection), Names{"0 alpha/main@9"});
  known_["alpha"] = {"main", "new"};
  EXPECT_EQ(Take(selection), Names{"0 alpha/new"});
}

TEST_F(PrivateSelectionTest, AnOpenPositionIsRefusedWhereSeveralAreConfigured) {
  known_ = {{"alpha", {"main", "second"}}};
  Ask("alpha", "").mutable_resume_from()->set_sequence(9);
  PrivateSelection selection = Select();
  EXPECT_EQ(Take(selection), Names{});
  EXPECT_EQ(Missing(selection), Names{"0 alpha: INVALID_FIELD"});
  EXPECT_TRUE(selection.is_closed());
}

TEST_F(PrivateSelectionTest, SaysWhyNothingIsThere) {
  known_ = {{"alpha", {}}, {"beta", {}}};
  Ask("alpha", "");
  Ask("", "");
  PrivateSelection selection = Select();
  EXPECT_EQ(Take(selection), Names{});
  EXPECT_EQ(Missing(selection), (Names{"0 alpha: UNKNOWN_ACCOUNT", "1 : UNKNOWN_ACCOUNT"}));
  selection.Offer({{"alpha", Table({})}, {"beta", Table({})}});
  EXPECT_EQ(Missing(selection), (Names{"0 alpha: NOT_IN_CAPABILITIES", "1 : NOT_IN_CAPABILITIES"}));
  EXPECT_TRUE(selection.is_closed());
}

TEST_F(PrivateSelectionTest, RefusesWhatItCannotMean) {
  EXPECT_EQ(MetadataOf(Refusal())["field"], "subscriptions") << "none";
  Ask("", "main");
  EXPECT_EQ(MetadataOf(Refusal())["field"], "exchange");
  request_.Clear();
  Ask("", "").mutable_resume_from()->set_sequence(1);
  EXPECT_EQ(MetadataOf(Refusal())["field"], "resume_from");
  request_.Clear();
  Ask("gamma", "");
  EXPECT_EQ(ReasonOf(Refusal()), common::v1::ERROR_REASON_UNKNOWN_EXCHANGE);
  request_.Clear();
  for (int i = 0; i < 2; ++i) Ask("alpha", "");
  EXPECT_EQ(MetadataOf(Refusal())["field"], "subscriptions");
  request_.Clear();
  for (int i = 0; i < 101; ++i) Ask("alpha", "account-" + std::to_string(i));
  EXPECT_EQ(ReasonOf(Refusal()), common::v1::ERROR_REASON_REQUEST_TOO_LARGE);
}

}  // namespace
}  // namespace switchyard::router
