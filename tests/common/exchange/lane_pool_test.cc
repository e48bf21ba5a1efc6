#include "common/exchange/lane_pool.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/common/exchange/fake_session.h"
#include "tests/common/exchange/manual_thread.h"

namespace switchyard::exchange {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Texts = std::vector<std::string>;

StreamKey Key(std::uint32_t instrument) { return {1, {instrument}, 0}; }

// An exchange of one channel. Sent: "+7 #3" and "-7 #3" (instrument, request id). Received:
// "ok 3", "no 3", "data 7", "upgrade" and "pong".
class Owner {
 public:
  using Pool = LanePool<Owner, FakeSession, ManualTimer>;

  static std::string PingFrame(TimeNs) { return "ping"; }
  static std::string SubscriptionFrame(const SubscriptionSet::Request& request, TimeNs) {
    const bool subscribe = request.action == SubscriptionSet::Action::kSubscribe;
    return (subscribe ? "+" : "-") + std::to_string(request.key.instrument.value) + " #" +
           std::to_string(request.id);
  }
  void OnFrame(Pool::Lane& lane, std::string_view frame, TimeNs) {
    const std::string text(frame);
    unsigned number = 0;
    if (std::sscanf(text.c_str(), "ok %u", &number) == 1) {
      lane.OnAnswer(number, absl::OkStatus());
    } else if (std::sscanf(text.c_str(), "no %u", &number) == 1) {
      lane.OnAnswer(number, absl::InvalidArgumentError("no such pair"));
    } else if (std::sscanf(text.c_str(), "data %u", &number) == 1) {
      if (lane.OnData(Key(number))) told.push_back(lane.name() + ":" + std::to_string(number));
    } else if (text == "upgrade") {
      lane.Replace();
    }
  }
  void OnBatchEnd() {}
  void OnOpened() { ++opened; }
  void OnReady() { ++ready; }
  void OnConfirmed(const StreamKey& key) { confirmed.push_back(key.instrument.value); }
  void OnRefused(const StreamKey& key, const absl::Status&) {
    refused.push_back(key.instrument.value);
  }
  void OnLost(const std::vector<StreamKey>& keys, const absl::Status&) {
    ++losses;
    for (const StreamKey& key : keys) lost.push_back(key.instrument.value);
  }
  void OnSilent(const StreamKey& key) { silent.push_back(key.instrument.value); }

  Texts told;
  std::vector<std::uint32_t> confirmed, refused, lost, silent;
  int opened = 0;
  int ready = 0;
  int losses = 0;
};

using Pool = Owner::Pool;
using Session = FakeSession<Pool::Lane>;
using Ids = std::vector<std::uint32_t>;

class LanePoolTest : public testing::Test {
 protected:
  void TearDown() override {
    pool_.reset();
    EXPECT_TRUE(Session::all.empty());
  }

  void Start() {
    options_.name = "ws";
    pool_ = std::make_unique<Pool>(thread_, thread_.clock(), options_, owner_);
  }
  // With subscriptions 1 to `count`, all confirmed.
  void StartWith(std::uint32_t count) {
    Start();
    for (std::uint32_t i = 1; i <= count; ++i) ASSERT_TRUE(pool_->Want(Key(i)).ok());
    for (auto& [name, session] : Session::all) {
      session->Connect();
      ConfirmAll(*session);
    }
    ASSERT_TRUE(pool_->ready());
    owner_ = {};
  }
  Session& At(const std::string& name) {
    const auto found = Session::all.find(name);
    if (found == Session::all.end()) {
      ADD_FAILURE() << "no socket " << name;
      std::abort();
    }
    return *found->second;
  }
  static Texts Names() {
    Texts names;
    for (const auto& [name, session] : Session::all) names.push_back(name);
    return names;
  }
  // What was sent since the last call; ids left out.
  static Texts TakeSent(Session& session) {
    Texts frames;
    for (const std::string& frame : session.sent)
      frames.push_back(frame.substr(0, frame.find(' ')));
    session.sent.clear();
    return frames;
  }
  static std::string IdOf(const std::string& frame) { return frame.substr(frame.find('#') + 1); }
  // Confirms whatever is asked, until nothing more is.
  static void ConfirmAll(Session& session) {
    while (!session.sent.empty()) {
      const Texts frames = std::exchange(session.sent, {});
      for (const std::string& frame : frames) session.Receive("ok " + IdOf(frame));
    }
  }

  LaneOptions options_;
  ManualThread thread_;
  Owner owner_;
  std::unique_ptr<Pool> pool_;
};

// Failures first.

TEST_F(LanePoolTest, BadSocketOptionsAreToldToWhoWants) {
  options_.connection.socket.endpoint.host = "nowhere";
  Start();
  EXPECT_EQ(pool_->Want(Key(1)).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(pool_->connected());
}

TEST_F(LanePoolTest, ALostSocketLosesWhatItCarriedAndNothingElse) {
  options_.max_subscriptions = 2;
  StartWith(3);
  At("ws-0").Cut();
  EXPECT_EQ(owner_.lost, Ids({1, 2}));
  EXPECT_FALSE(pool_->ready());
  EXPECT_TRUE(pool_->connected());
  EXPECT_FALSE(pool_->IsConfirmed(Key(1)));
  EXPECT_TRUE(pool_->IsConfirmed(Key(3)));
  EXPECT_TRUE(At("ws-1").sent.empty());
}

TEST_F(LanePoolTest, AfterAReconnectEverythingIsAskedForAgainInsideTheWindow) {
  options_.pace.max_in_flight = 2;
  StartWith(5);
  Session& session = At("ws-0");
  session.Cut();
  session.Connect();
  ASSERT_EQ(session.sent.size(), 2U);
  session.Receive("ok " + IdOf(session.sent[0]));
  EXPECT_EQ(session.sent.size(), 3U);
  EXPECT_FALSE(pool_->ready());
  ConfirmAll(session);
  // The one that was answered above stands among them: a second answer to it says nothing.
  EXPECT_EQ(owner_.confirmed, Ids({1, 2, 3, 4, 5}));
  EXPECT_TRUE(pool_->ready());
  EXPECT_EQ(owner_.ready, 1);
}

TEST_F(LanePoolTest, TheTickSendsWhatTheRateHeldBack) {
  options_.pace = {.max_in_flight = 100, .per_window = 2, .window = seconds(1)};
  Start();
  for (std::uint32_t i = 1; i <= 6; ++i) ASSERT_TRUE(pool_->Want(Key(i)).ok());
  Session& session = At("ws-0");
  session.Connect();
  EXPECT_EQ(session.sent.size(), 2U);
  thread_.Advance(milliseconds(750));
  EXPECT_EQ(session.sent.size(), 2U);
  thread_.Advance(milliseconds(250));
  EXPECT_EQ(session.sent.size(), 4U);
  thread_.Advance(seconds(1));
  EXPECT_EQ(TakeSent(session), Texts({"+1", "+2", "+3", "+4", "+5", "+6"}));
}

TEST_F(LanePoolTest, ARefusalIsToldAndAskedAgainAfterThePause) {
  Start();
  ASSERT_TRUE(pool_->Want(Key(1)).ok());
  Session& session = At("ws-0");
  session.Connect();
  session.Receive("no " + IdOf(session.sent.at(0)));
  EXPECT_EQ(owner_.refused, Ids({1}));
  EXPECT_FALSE(pool_->IsConfirmed(Key(1)));
  session.sent.clear();
  thread_.Advance(options_.refusal_pause - milliseconds(250));
  EXPECT_TRUE(session.sent.empty());
  thread_.Advance(milliseconds(500));
  EXPECT_EQ(TakeSent(session), Texts({"+1"}));
}

TEST_F(LanePoolTest, ASocketThatAnswersTheSameQuestionTwiceNotAtAllIsReplaced) {
  Start();
  ASSERT_TRUE(pool_->Want(Key(1)).ok());
  Session& session = At("ws-0");
  session.Connect();
  thread_.Advance(seconds(6));
  EXPECT_EQ(TakeSent(session), Texts({"+1", "+1"}));
  EXPECT_EQ(session.restarts, 0);
  thread_.Advance(seconds(5));
  EXPECT_EQ(session.restarts, 1);
}

TEST_F(LanePoolTest, AQuestionOfTheConnectionBeforeDoesNotCount) {
  Start();
  ASSERT_TRUE(pool_->Want(Key(1)).ok());
  Session& session = At("ws-0");
  session.Connect();
  thread_.Advance(seconds(6));
  session.Cut();
  session.Connect();
  thread_.Advance(seconds(6));
  EXPECT_EQ(session.restarts, 0) << "asked once on this connection";
}

TEST_F(LanePoolTest, AnAnswerAfterTheTimeoutStillConfirms) {
  Start();
  ASSERT_TRUE(pool_->Want(Key(1)).ok());
  Session& session = At("ws-0");
  session.Connect();
  const std::string first = IdOf(session.sent.at(0));
  thread_.Advance(seconds(6));
  ASSERT_EQ(session.sent.size(), 2U);
  session.Receive("ok " + first);
  EXPECT_EQ(owner_.confirmed, Ids({1}));
  EXPECT_TRUE(pool_->IsConfirmed(Key(1)));
  EXPECT_TRUE(pool_->ready());
  // The second question's own answer, or its absence, is of no account.
  session.Receive("no " + IdOf(session.sent.at(1)));
  thread_.Advance(seconds(7));
  EXPECT_TRUE(owner_.refused.empty());
  EXPECT_EQ(owner_.confirmed, Ids({1}));
  EXPECT_EQ(session.restarts, 0);
  EXPECT_EQ(session.sent.size(), 2U);
}

// Every answer takes 6 s, a second more than the timeout, and there are more keys than the window
// holds.
TEST_F(LanePoolTest, AnExchangeThatIsAlwaysLateIsSubscribedToAllTheSame) {
  options_.pace.max_in_flight = 2;
  Start();
  for (std::uint32_t i = 1; i <= 6; ++i) ASSERT_TRUE(pool_->Want(Key(i)).ok());
  Session& session = At("ws-0");
  session.Connect();
  std::vector<std::pair<std::chrono::nanoseconds, std::string>> answers;
  std::size_t seen = 0;
  for (int i = 0; i < 120; ++i) {
    const std::chrono::nanoseconds now = thread_.clock().Steady();
    for (; seen < session.sent.size(); ++seen) {
      answers.emplace_back(now + seconds(6), "ok " + IdOf(session.sent[seen]));
    }
    while (!answers.empty() && answers.front().first <= now) {
      session.Receive(answers.front().second);
      answers.erase(answers.begin());
    }
    thread_.Advance(milliseconds(250));
  }
  EXPECT_EQ(owner_.confirmed, Ids({1, 2, 3, 4, 5, 6}));
  EXPECT_TRUE(pool_->ready());
  EXPECT_EQ(session.restarts, 0);
}

TEST_F(LanePoolTest, WhatTheSocketsQueueDoesNotTakeIsAskedLater) {
  Start();
  ASSERT_TRUE(pool_->Want(Key(1)).ok());
  Session& session = At("ws-0");
  session.queue_full = true;
  session.Connect();
  EXPECT_TRUE(session.sent.empty());
  session.queue_full = false;
  thread_.Advance(seconds(6));
  EXPECT_EQ(TakeSent(session), Texts({"+1"}));
}

// Sharding.

TEST_F(LanePoolTest, NothingConnectsBeforeTheFirstDemand) {
  Start();
  thread_.Advance(seconds(60));
  EXPECT_TRUE(Names().empty());
  EXPECT_FALSE(pool_->connected());
  EXPECT_TRUE(pool_->ready()) << "nothing is wanted, so nothing is missing";
}

TEST_F(LanePoolTest, NothingIsSentBeforeTheSocketIsOpen) {
  Start();
  ASSERT_TRUE(pool_->Want(Key(1)).ok());
  EXPECT_TRUE(At("ws-0").asked_to_open);
  EXPECT_TRUE(At("ws-0").sent.empty());
  EXPECT_FALSE(pool_->ready());
  At("ws-0").Connect();
  EXPECT_EQ(TakeSent(At("ws-0")), Texts({"+1"}));
  EXPECT_EQ(owner_.opened, 1);
}

TEST_F(LanePoolTest, SubscriptionsBeyondTheLimitGoToFurtherSockets) {
  options_.max_subscriptions = 2;
  StartWith(5);
  EXPECT_EQ(Names(), Texts({"ws-0", "ws-1", "ws-2"}));
  const std::vector<ConnectionStatus> status = pool_->Status();
  ASSERT_EQ(status.size(), 3U);
  EXPECT_EQ(status[0].subscriptions, 2U);
  EXPECT_EQ(status[1].subscriptions, 2U);
  EXPECT_EQ(status[2].subscriptions, 1U);
}

TEST_F(LanePoolTest, AKeyThatIsWantedTwiceIsCarriedOnce) {
  StartWith(1);
  ASSERT_TRUE(pool_->Want(Key(1)).ok());
  EXPECT_TRUE(At("ws-0").sent.empty());
}

TEST_F(LanePoolTest, AFreedPlaceIsTakenBeforeANewSocketIsOpened) {
  options_.max_subscriptions = 2;
  StartWith(4);
  pool_->Unwant(Key(1));
  ASSERT_TRUE(pool_->Want(Key(5)).ok());
  EXPECT_EQ(Names(), Texts({"ws-0", "ws-1"}));
  EXPECT_EQ(TakeSent(At("ws-0")), Texts({"-1", "+5"}));
}

TEST_F(LanePoolTest, SocketsThatCarryNothingAreClosedButForOne) {
  options_.max_subscriptions = 1;
  StartWith(3);
  for (std::uint32_t i = 1; i <= 3; ++i) pool_->Unwant(Key(i));
  for (auto& [name, session] : Session::all) ConfirmAll(*session);
  thread_.Advance(milliseconds(250));
  EXPECT_EQ(Names().size(), 1U);
  ASSERT_TRUE(pool_->Want(Key(4)).ok());
  EXPECT_EQ(Names().size(), 1U) << "the next demand finds a connection";
}

// Silence.

TEST_F(LanePoolTest, ASubscriptionIsSilentThoughItsSocketLives) {
  StartWith(2);
  for (int i = 0; i < 9; ++i) {
    thread_.Advance(seconds(1));
    At("ws-0").Receive("pong");
    At("ws-0").Receive("data 2");
  }
  EXPECT_EQ(owner_.silent, Ids({1}));
}

TEST_F(LanePoolTest, ASocketThatAnswersPingsAndCarriesNothingIsSilentInAllItCarries) {
  StartWith(2);
  for (int i = 0; i < 9; ++i) {
    thread_.Advance(seconds(1));
    At("ws-0").Receive("pong");
  }
  EXPECT_EQ(owner_.silent, Ids({1, 2}));
}

TEST_F(LanePoolTest, DataOfWhatNobodyWantsIsNotPassedOn) {
  StartWith(1);
  At("ws-0").Receive("data 1");
  At("ws-0").Receive("data 9");
  pool_->Unwant(Key(1));
  At("ws-0").Receive("data 1");
  EXPECT_EQ(owner_.told, Texts({"ws-0:1"}));
}

TEST_F(LanePoolTest, AStuckSubscriptionIsRenewedAndStuckAgainItsSocketIsReplaced) {
  StartWith(2);
  Session& session = At("ws-0");
  pool_->Renew(Key(1));
  EXPECT_EQ(TakeSent(session), Texts({"-1"}));
  EXPECT_EQ(session.restarts, 0);
  thread_.Advance(seconds(2));
  session.Receive("data 2");
  pool_->Renew(Key(1));
  EXPECT_EQ(session.restarts, 1);
}

TEST_F(LanePoolTest, ASubscriptionThatIsStuckMuchLaterIsRenewedOnly) {
  StartWith(2);
  Session& session = At("ws-0");
  for (int i = 0; i < 3; ++i) {
    pool_->Renew(Key(1));
    ConfirmAll(session);
    thread_.Advance(seconds(61));
  }
  EXPECT_EQ(session.restarts, 0);
  EXPECT_EQ(owner_.confirmed, Ids({1, 1, 1}));
}

TEST_F(LanePoolTest, ASecondStuckSubscriptionIsNotAFirstOneStuckAgain) {
  StartWith(2);
  pool_->Renew(Key(1));
  pool_->Renew(Key(2));
  EXPECT_EQ(At("ws-0").restarts, 0);
}

TEST_F(LanePoolTest, ResubscribingLeavesTheSocketAloneHoweverOften) {
  StartWith(1);
  Session& session = At("ws-0");
  for (int i = 0; i < 3; ++i) {
    pool_->Resubscribe(Key(1));
    EXPECT_EQ(session.sent.size(), 1U);
    ConfirmAll(session);
  }
  EXPECT_EQ(session.restarts, 0);
  EXPECT_EQ(owner_.confirmed, Ids({1, 1, 1}));
}

// Rollover.

class RolloverTest : public LanePoolTest {
 protected:
  RolloverTest() {
    options_.rollover = seconds(60);
    options_.silence = seconds(1'000);
    options_.pace.max_in_flight = 2;
  }
  void BeginRollover() {
    StartWith(3);
    thread_.Advance(options_.rollover + seconds(1));
    ASSERT_EQ(Names(), Texts({"ws-0", "ws-1"}));
  }
};

TEST_F(RolloverTest, TheOldSocketCarriesOnUntilTheNewOneCarriesEverything) {
  BeginRollover();
  EXPECT_TRUE(At("ws-0").sent.empty()) << "nothing is left on the old socket";
  Session& successor = At("ws-1");
  successor.Connect();
  EXPECT_EQ(successor.sent.size(), 2U) << "paced as every subscription";
  successor.Receive("ok " + IdOf(successor.sent.at(0)));
  successor.Receive("ok " + IdOf(successor.sent.at(1)));
  thread_.Advance(seconds(1));
  EXPECT_EQ(Names(), Texts({"ws-0", "ws-1"}));
  At("ws-0").Receive("data 3");
  successor.Receive("ok " + IdOf(successor.sent.at(2)));
  thread_.Advance(seconds(1));
  EXPECT_EQ(Names(), Texts({"ws-1"}));
  successor.Receive("data 3");
  EXPECT_EQ(owner_.told, Texts({"ws-0:3", "ws-1:3"}));
  EXPECT_EQ(owner_.losses, 0);
  EXPECT_TRUE(pool_->ready());
  EXPECT_TRUE(pool_->IsConfirmed(Key(1)));
}

TEST_F(RolloverTest, ItLastsWhileTheOldSocketCarriesTheKeyBesideANewOne) {
  StartWith(3);
  EXPECT_FALSE(pool_->InRollover(Key(1)));
  At("ws-0").Receive("upgrade");
  thread_.Advance(milliseconds(250));
  EXPECT_TRUE(pool_->InRollover(Key(1)));
  EXPECT_FALSE(pool_->InRollover(Key(9)));
  At("ws-0").Cut();
  EXPECT_FALSE(pool_->InRollover(Key(1))) << "the old socket carries nothing";
  At("ws-1").Connect();
  ConfirmAll(At("ws-1"));
  thread_.Advance(milliseconds(250));
  EXPECT_FALSE(pool_->InRollover(Key(1)));
}

TEST_F(RolloverTest, ANewSocketThatCannotConnectLeavesTheOldOneInPlace) {
  BeginRollover();
  thread_.Advance(10 * options_.rollover);
  EXPECT_EQ(Names(), Texts({"ws-0", "ws-1"})) << "one successor, not one a tick";
  EXPECT_TRUE(pool_->IsConfirmed(Key(1)));
  EXPECT_TRUE(pool_->ready());
  EXPECT_EQ(owner_.losses, 0);
}

TEST_F(RolloverTest, WhatTheNewSocketCarriesAlreadyIsNotLostWithTheOldOne) {
  BeginRollover();
  Session& successor = At("ws-1");
  successor.Connect();
  successor.Receive("ok " + IdOf(successor.sent.at(0)));
  At("ws-0").Cut();
  EXPECT_EQ(owner_.lost, Ids({2, 3}));
  EXPECT_TRUE(pool_->IsConfirmed(Key(1)));
  EXPECT_FALSE(pool_->IsConfirmed(Key(2)));
  ConfirmAll(successor);
  thread_.Advance(seconds(1));
  EXPECT_EQ(Names(), Texts({"ws-1"}));
  EXPECT_TRUE(pool_->ready());
}

TEST_F(RolloverTest, ANewSocketThatIsCutLosesNothing) {
  BeginRollover();
  At("ws-1").Connect();
  ConfirmAll(At("ws-1"));
  At("ws-1").Cut();
  EXPECT_EQ(owner_.losses, 0);
  thread_.Advance(seconds(1));
  EXPECT_EQ(Names(), Texts({"ws-0", "ws-1"}));
}

TEST_F(RolloverTest, ARefusalOnTheNewSocketIsNotToldWhileTheOldOneCarriesTheKey) {
  BeginRollover();
  Session& successor = At("ws-1");
  successor.Connect();
  successor.Receive("no " + IdOf(successor.sent.at(0)));
  ConfirmAll(successor);
  thread_.Advance(seconds(1));
  EXPECT_TRUE(owner_.refused.empty());
  EXPECT_EQ(Names(), Texts({"ws-0", "ws-1"})) << "it does not carry everything";
}

TEST_F(RolloverTest, WhatIsWantedMeanwhileIsCarriedByBothAndStaysWithTheNewOne) {
  BeginRollover();
  ASSERT_TRUE(pool_->Want(Key(4)).ok());
  pool_->Unwant(Key(1));
  EXPECT_EQ(TakeSent(At("ws-0")), Texts({"+4", "-1"}));
  At("ws-1").Connect();
  ConfirmAll(At("ws-1"));
  thread_.Advance(seconds(1));
  EXPECT_EQ(Names(), Texts({"ws-1"}));
  EXPECT_TRUE(pool_->IsConfirmed(Key(4)));
  EXPECT_FALSE(pool_->IsConfirmed(Key(1)));
  EXPECT_EQ(pool_->Status().at(0).subscriptions, 3U);
}

TEST_F(RolloverTest, ACutThatTheExchangeAnnouncesRollsOverAtOnce) {
  StartWith(2);
  At("ws-0").Receive("upgrade");
  thread_.Advance(milliseconds(250));
  EXPECT_EQ(Names(), Texts({"ws-0", "ws-1"}));
  At("ws-1").Connect();
  ConfirmAll(At("ws-1"));
  thread_.Advance(milliseconds(250));
  EXPECT_EQ(Names(), Texts({"ws-1"}));
  EXPECT_EQ(owner_.losses, 0);
}

}  // namespace
}  // namespace switchyard::exchange
