// The private socket's life over a transport that a test owns: subscriptions, tokens, renewal.
// Failures first.
#include "exchanges/lighter/private/private_socket.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "common/json/json.h"

namespace switchyard::exchanges::lighter {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Texts = std::vector<std::string>;

constexpr std::string_view kKey =
    "0102030405060708010203040506070801020304050607080102030405060708010203040506070f";

// What all sockets of a test did.
struct Net {
  struct Line {
    bool open = false;
    bool takes = true;
    bool ready = false;
    bool destroyed = false;
    Texts sent;
    std::function<void()> open_now;
    std::function<void(std::string_view)> tell;
    std::function<void(const absl::Status&)> cut;
  };
  std::vector<std::shared_ptr<Line>> lines;
  const Clock* clock = nullptr;
};

template <typename Owner>
class FakeSession {
 public:
  FakeSession(Net& net, Owner& owner) : clock_(*net.clock), line_(std::make_shared<Net::Line>()) {
    line_->open_now = [this, &owner] {
      line_->open = true;
      opened_at_ = clock_.Steady();
      owner.OnSessionOpen(*this);
    };
    line_->tell = [this, &owner](std::string_view frame) {
      owner.OnSessionFrame(*this, frame, clock_.Now());
    };
    line_->cut = [this, &owner](const absl::Status& why) {
      line_->open = line_->ready = false;
      owner.OnSessionClosed(*this, why);
    };
    net.lines.push_back(line_);
  }
  ~FakeSession() { line_->destroyed = true; }

  void Open() {}
  absl::Status Send(std::string text) {
    if (!line_->open || !line_->takes) return absl::UnavailableError("not open");
    line_->sent.push_back(std::move(text));
    return absl::OkStatus();
  }
  bool is_open() const { return line_->open; }
  void SetReady(bool ready) { line_->ready = ready; }
  std::chrono::nanoseconds opened_at() const { return opened_at_; }
  exchange::ConnectionStatus Status() const { return {}; }

 private:
  const Clock& clock_;
  std::shared_ptr<Net::Line> line_;
  std::chrono::nanoseconds opened_at_{0};
};

struct FakeTransport {
  template <typename Owner>
  using Session = FakeSession<Owner>;
  template <typename Owner>
  absl::StatusOr<std::unique_ptr<Session<Owner>>> Open(std::uint64_t, Owner& owner) {
    return std::make_unique<Session<Owner>>(*net, owner);
  }
  Net* net;
};

class PrivateSocketTest : public testing::Test {
 protected:
  PrivateSocketTest() { net_.clock = &clock_; }

  void Open() {
    socket_.Open();
    net_.lines[0]->open_now();
  }
  Net::Line& Line(std::size_t number) { return *net_.lines.at(number - 1); }
  // Channels asked for on a socket, in order.
  Texts Asked(std::size_t number) {
    Texts out;
    for (const std::string& text : Line(number).sent) {
      const auto frame = json::Parse(text).value();
      if (frame["type"] == "subscribe") out.push_back(frame["channel"]);
    }
    return out;
  }
  std::string LastToken(std::size_t number) {
    return json::Parse(Line(number).sent.back()).value()["auth"];
  }
  void Tell(std::size_t number, std::string_view frame) { Line(number).tell(frame); }
  void Confirm(std::size_t number, std::string_view channel) {
    Tell(number, fmt::format(R"({{"type":"subscribed/{0}","channel":"{0}:1077"}})", channel));
  }
  void ConfirmAll(std::size_t number) {
    Confirm(number, "account_all_orders");
    Confirm(number, "account_all_trades");
  }
  void Pass(std::chrono::nanoseconds span) {
    clock_.Advance(span);
    socket_.Tick();
  }
  Texts TakeHeard() { return std::exchange(heard_, {}); }

  ManualClock clock_{TimeNs::FromSeconds(1'800'000'000)};
  signing::PrivateKey key_ = signing::PrivateKey::FromHex(kKey).value();
  AuthTokens tokens_{key_, {1077, 4}, clock_};
  Net net_;
  Texts heard_;
  BasicPrivateSocket<FakeTransport> socket_{
      FakeTransport{&net_},
      tokens_,
      clock_,
      {"lighter", "main", 1077, {Channel::kOrders, Channel::kAccountTrades}, hours(23), seconds(6)},
      {[this] { heard_.push_back("ready"); },
       [this](const absl::Status& why) { heard_.push_back("lost: " + std::string(why.message())); },
       [this](const PrivateFrame& frame, TimeNs) {
         heard_.push_back("frame of " + std::string(WireName(frame.channel)));
       },
       [this](std::uint64_t socket) { heard_.push_back(fmt::format("opened {}", socket)); },
       [this](std::uint64_t socket, const absl::Status&) {
         heard_.push_back(fmt::format("closed {}", socket));
       },
       [this](std::uint64_t socket, TransactionReply reply) {
         heard_.push_back(fmt::format("reply {} on {}", reply.ticket.value_or(0), socket));
       }}};
};

TEST_F(PrivateSocketTest, ARefusedSubscriptionIsAskedForAgainWithAnotherToken) {
  Open();
  const std::string first = LastToken(1);
  Tell(1, R"({"error":{"code":20001,"message":"invalid param: auth field is required"}})");
  Pass(seconds(9));
  EXPECT_EQ(Line(1).sent.size(), 1u);
  Pass(seconds(1));
  EXPECT_EQ(Asked(1), (Texts{"account_all_orders/1077", "account_all_orders/1077"}));
  EXPECT_NE(LastToken(1), first);
  EXPECT_FALSE(socket_.ready());
}

TEST_F(PrivateSocketTest, ASubscriptionWithoutAnAnswerIsAskedForAgain) {
  Open();
  Pass(seconds(5));
  EXPECT_EQ(Asked(1).size(), 2u);
  // It was taken all the same.
  Tell(1, R"({"error":{"code":30003,"message":"Already Subscribed to account_all_orders"}})");
  EXPECT_EQ(Asked(1).back(), "account_all_trades/1077");
}

TEST_F(PrivateSocketTest, AMutedSocketIsNeverReady) {
  Open();
  for (int i = 0; i < 60; ++i) Pass(seconds(1));
  EXPECT_EQ(TakeHeard(), (Texts{"opened 1"}));
}

TEST_F(PrivateSocketTest, WhenItClosesTheStreamIsLostAndEverythingAskedForAgain) {
  Open();
  ConfirmAll(1);
  TakeHeard();
  Line(1).cut(absl::UnavailableError("reset"));
  EXPECT_EQ(TakeHeard(), (Texts{"closed 1", "lost: reset"}));
  EXPECT_FALSE(socket_.ready());
  Line(1).open_now();
  EXPECT_EQ(TakeHeard(), (Texts{"opened 1"}));
  ConfirmAll(1);
  EXPECT_EQ(TakeHeard(),
            (Texts{"frame of account_all_orders", "frame of account_all_trades", "ready"}));
}

TEST_F(PrivateSocketTest, ASocketThatClosesBeforeItWasReadyLosesNothing) {
  Open();
  Line(1).cut(absl::UnavailableError("reset"));
  EXPECT_EQ(TakeHeard(), (Texts{"opened 1", "closed 1"}));
}

TEST_F(PrivateSocketTest, AFrameThatCannotBeReadCountsAsLostAndFound) {
  Open();
  Tell(1, "rubbish");  // before it is ready there is nothing to lose
  ConfirmAll(1);
  TakeHeard();
  Tell(1, "rubbish");
  const Texts heard = TakeHeard();
  ASSERT_EQ(heard.size(), 2u);
  EXPECT_TRUE(heard[0].starts_with("lost: "));
  EXPECT_EQ(heard[1], "ready");
}

TEST_F(PrivateSocketTest, AsksForOneChannelAfterTheOtherWithItsToken) {
  Open();
  EXPECT_EQ(Asked(1), (Texts{"account_all_orders/1077"}));
  EXPECT_TRUE(LastToken(1).starts_with("1800025200:1077:4:"));
  Confirm(1, "account_all_orders");
  EXPECT_EQ(Asked(1), (Texts{"account_all_orders/1077", "account_all_trades/1077"}));
  EXPECT_FALSE(socket_.ready());
  Confirm(1, "account_all_trades");
  EXPECT_TRUE(socket_.ready());
  EXPECT_TRUE(Line(1).ready);
  EXPECT_EQ(TakeHeard(), (Texts{"opened 1", "frame of account_all_orders",
                                "frame of account_all_trades", "ready"}));
}

TEST_F(PrivateSocketTest, AnswersPings) {
  Open();
  Tell(1, R"({"type":"ping"})");
  EXPECT_EQ(Line(1).sent.back(), R"({"type":"pong"})");
}

TEST_F(PrivateSocketTest, R33_BeforeTheTokenEndsANewSocketWithANewTokenTakesOver) {
  Open();
  ConfirmAll(1);
  TakeHeard();
  Pass(hours(6) + minutes(30));
  ASSERT_EQ(net_.lines.size(), 2u);
  Pass(seconds(1));
  EXPECT_EQ(net_.lines.size(), 2u);  // one is on its way
  Line(2).open_now();
  EXPECT_TRUE(LastToken(2).starts_with("1800048601:1077:4:"));
  // Until the new one is ready the old one is listened to.
  Tell(1, R"({"type":"update/account_all_orders","channel":"account_all_orders:1077"})");
  ConfirmAll(2);
  Tell(1, R"({"type":"update/account_all_orders","channel":"account_all_orders:1077"})");
  EXPECT_EQ(TakeHeard(), (Texts{"opened 2", "frame of account_all_orders",
                                "frame of account_all_orders", "frame of account_all_trades"}));
  // The old one still brings answers to transactions for a while.
  Tell(1, R"({"code":200,"id":"9","tx_hash":"ab","type":"jsonapi/sendtx"})");
  Pass(seconds(5));
  EXPECT_FALSE(Line(1).destroyed);
  Pass(seconds(1));
  EXPECT_TRUE(Line(1).destroyed);
  EXPECT_EQ(TakeHeard(), (Texts{"reply 9 on 1", "closed 1"}));
  EXPECT_TRUE(socket_.ready());
}

TEST_F(PrivateSocketTest, WhileANewSocketCannotBeHadTheOldOneGoesOn) {
  Open();
  ConfirmAll(1);
  Pass(hours(6) + minutes(30));
  Line(2).open_now();
  Line(2).cut(absl::UnavailableError("full"));
  TakeHeard();
  Tell(1, R"({"type":"update/account_all_orders","channel":"account_all_orders:1077"})");
  EXPECT_EQ(TakeHeard(), (Texts{"frame of account_all_orders"}));
  EXPECT_TRUE(socket_.ready());
}

TEST_F(PrivateSocketTest, WritesToTheSocketThatIsMeantOrNot) {
  Open();
  EXPECT_TRUE(socket_.Write(1, "text"));
  EXPECT_EQ(Line(1).sent.back(), "text");
  EXPECT_FALSE(socket_.Write(2, "text"));
  Line(1).takes = false;
  EXPECT_FALSE(socket_.Write(1, "more"));
  Line(1).cut(absl::UnavailableError("reset"));
  EXPECT_FALSE(socket_.Write(1, "more"));
}

TEST_F(PrivateSocketTest, RepliesSayWhereTheyCame) {
  Open();
  Tell(1, R"({"code":200,"id":"7","tx_hash":"ab","type":"jsonapi/sendtx"})");
  Tell(1, R"({"error":{"code":21104,"message":"invalid nonce"}})");
  EXPECT_EQ(TakeHeard(), (Texts{"opened 1", "reply 7 on 1", "reply 0 on 1"}));
}

}  // namespace
}  // namespace switchyard::exchanges::lighter
