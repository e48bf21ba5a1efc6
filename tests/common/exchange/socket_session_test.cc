#include "common/exchange/socket_session.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/common/exchange/manual_thread.h"
#include "tests/common/net/test_servers.h"
#include "tests/common/net/websocket_fixture.h"

namespace switchyard::exchange {
namespace {

using net::testing::EncodeFrame;
using net::testing::RunReady;
using net::testing::RunUntil;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

struct Refusal {
  int status;
  std::string headers;  // each with its CRLF
};

// The exchange's end: refuses what it is told to refuse, accepts the rest and keeps what it reads.
// Any thread.
class Peer {
 public:
  explicit Peer(std::deque<Refusal> refusals = {}, bool mute = false)
      : refusals_(std::move(refusals)), mute_(mute) {}

  const net::testing::TestServer& server() const { return server_; }
  // Handshakes that were asked for.
  int asked() const { return Get(asked_); }
  // Connections that the client has ended.
  int left() const { return Get(left_); }
  std::vector<std::string> texts() const { return Get(texts_); }
  // What the client's close frames said.
  std::vector<int> codes() const { return Get(codes_); }

  // On its `socket`th socket, counted from 1; waits until the handshake is done on this end as
  // well.
  void Send(std::string_view text, std::size_t socket = 1) { Write(EncodeFrame(1, text), socket); }
  void Close(int code, std::size_t socket = 1) {
    Write(EncodeFrame(8, std::string{static_cast<char>(code >> 8), static_cast<char>(code)}),
          socket);
  }
  void Cut(std::size_t socket = 1) {
    std::unique_lock lock(mutex_);
    if (Await(socket, lock)) sockets_[socket - 1]->Interrupt();
  }

 private:
  template <typename T>
  T Get(const T& value) const {
    const std::lock_guard lock(mutex_);
    return value;
  }
  // False where the socket is gone, or does not come in 20 s.
  bool Await(std::size_t socket, std::unique_lock<std::mutex>& lock) {
    return opened_.wait_for(lock, seconds(20), [&] { return sockets_.size() >= socket; }) &&
           sockets_[socket - 1] != nullptr;
  }
  void Write(const std::string& frame, std::size_t socket) {
    std::unique_lock lock(mutex_);
    if (Await(socket, lock)) sockets_[socket - 1]->Write(frame);
  }
  void Serve(net::testing::ServerConnection& connection) {
    const auto request = connection.ReadRequest();
    if (!request) return;
    Refusal refusal{0, ""};
    {
      const std::lock_guard lock(mutex_);
      ++asked_;
      if (!refusals_.empty()) {
        refusal = refusals_.front();
        refusals_.pop_front();
      }
    }
    if (refusal.status != 0) {
      connection.Respond(refusal.status, "", refusal.headers);
    } else if (mute_) {
      connection.WaitForClose();
    } else {
      Talk(connection, *request);
    }
    const std::lock_guard lock(mutex_);
    ++left_;
  }
  void Talk(net::testing::ServerConnection& connection,
            const net::testing::ServerRequest& request) {
    net::testing::ServerWebSocket socket(connection);
    net::testing::ErrorCode error;
    socket.accept(request, error);
    if (error) return;
    std::size_t index = 0;
    {
      const std::lock_guard lock(mutex_);
      index = sockets_.size();
      sockets_.push_back(&connection);
      opened_.notify_all();
    }
    for (std::string text; !(text = net::testing::ReadText(socket)).empty();) {
      const std::lock_guard lock(mutex_);
      texts_.push_back(text);
    }
    const std::lock_guard lock(mutex_);
    codes_.push_back(socket.reason().code);
    sockets_[index] = nullptr;
  }

  mutable std::mutex mutex_;
  std::condition_variable opened_;
  std::deque<Refusal> refusals_;
  const bool mute_;
  int asked_ = 0;
  int left_ = 0;
  std::vector<std::string> texts_;
  std::vector<int> codes_;
  std::vector<net::testing::ServerConnection*> sockets_;  // null once closed
  net::testing::TestServer server_{
      [this](net::testing::ServerConnection& connection) { Serve(connection); }};
};

// What a session told its owner.
struct Owner {
  std::string PingFrame(TimeNs) {
    ++pings;
    return "ping";
  }
  template <typename Session>
  void OnSessionOpen(Session& session) {
    opened.push_back(session.name());
  }
  template <typename Session>
  void OnSessionFrame(Session&, std::string_view frame, TimeNs) {
    frames.emplace_back(frame);
  }
  template <typename Session>
  void OnSessionBatchEnd(Session&) {
    ++batches;
  }
  template <typename Session>
  void OnSessionClosed(Session& session, const absl::Status& status) {
    closed.push_back(session.name());
    why = status;
  }

  int pings = 0;
  int batches = 0;
  std::vector<std::string> opened, closed, frames;
  absl::Status why;
};

using Session = BasicSocketSession<Owner, ManualTimer>;

// Sockets are real; time passes in thread_.Advance alone.
class SocketSessionTest : public testing::Test {
 protected:
  // Nothing is taken from delays, pings are not sent.
  static ConnectionPolicy Policy(const net::Endpoint& endpoint) {
    ConnectionPolicy policy;
    policy.socket.endpoint = endpoint;
    policy.reconnect = {.first = milliseconds(200),
                        .factor = 2,
                        .cap = milliseconds(800),
                        .attempts = 3,
                        .stable_after = seconds(10)};
    policy.ping_interval = seconds(0);
    return policy;
  }
  std::unique_ptr<Session> Make(ConnectionPolicy policy, const std::string& name = "acme-0",
                                std::uint64_t random = 0) {
    auto session = Session::Create(thread_, thread_.clock(), name, std::move(policy), owner_,
                                   [random] { return random; });
    EXPECT_TRUE(session.ok()) << session.status();
    return session.ok() ? *std::move(session) : nullptr;
  }
  void Open(ConnectionPolicy policy, std::uint64_t random = 0) {
    session_ = Make(std::move(policy), "acme-0", random);
    session_->Open();
  }
  ConnectionState state() const { return session_->Status().state; }
  bool RunUntilState(ConnectionState wanted) {
    return RunUntil(thread_.io(), [&] { return state() == wanted; });
  }
  bool RunUntilOpen() { return RunUntilState(ConnectionState::kSubscribing); }
  bool RunUntilError(const std::string& text) {
    return RunUntil(thread_.io(),
                    [&] { return session_->Status().last_error.find(text) != std::string::npos; });
  }
  // The next attempt is made after `delay`, and not before.
  void ExpectAttemptAfter(nanoseconds delay) {
    const ConnectionState waiting = state();
    thread_.Advance(delay - nanoseconds(1));
    RunReady(thread_.io());
    EXPECT_EQ(state(), waiting) << delay.count();
    thread_.Advance(nanoseconds(1));
    EXPECT_EQ(state(), ConnectionState::kConnecting) << delay.count();
  }

  ManualThread thread_;
  Owner owner_;
  std::unique_ptr<Session> session_;
};

// Faults.

TEST_F(SocketSessionTest, OptionsThatCannotBeAreRefused) {
  ConnectionPolicy policy;
  policy.socket.endpoint.host = "";
  EXPECT_EQ(Session::Create(thread_, thread_.clock(), "acme-0", policy, owner_).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(SocketSessionTest, FailedAttemptsAreMadeEverMoreSeldomAndEndAsDown) {
  Peer peer({{500, ""}, {502, ""}, {503, ""}, {504, ""}});
  Open(Policy(peer.server().endpoint()));
  EXPECT_EQ(state(), ConnectionState::kConnecting);
  ASSERT_TRUE(RunUntilError("HTTP status 500"));
  EXPECT_EQ(state(), ConnectionState::kBackoff);
  ExpectAttemptAfter(milliseconds(200));
  ASSERT_TRUE(RunUntilError("HTTP status 502"));
  EXPECT_EQ(state(), ConnectionState::kBackoff);
  ExpectAttemptAfter(milliseconds(400));
  ASSERT_TRUE(RunUntilError("HTTP status 503"));
  // Attempts go on, at the cap.
  EXPECT_EQ(state(), ConnectionState::kDown);
  thread_.Advance(milliseconds(799));
  RunReady(thread_.io());
  EXPECT_EQ(peer.server().accepted(), 3);
  thread_.Advance(milliseconds(1));
  ASSERT_TRUE(RunUntilError("HTTP status 504"));
  EXPECT_EQ(state(), ConnectionState::kDown);
  thread_.Advance(milliseconds(800));
  ASSERT_TRUE(RunUntilOpen());
  EXPECT_EQ(session_->Status().last_error, "");
  // What was never open was not lost.
  EXPECT_TRUE(owner_.closed.empty());
  EXPECT_EQ(session_->Status().reconnects, 0U);
}

TEST_F(SocketSessionTest, SocketsThatAreCutTogetherDoNotComeBackTogether) {
  Peer peer({{500, ""}});
  // All that may be taken from the delay: a half.
  Open(Policy(peer.server().endpoint()), /*random=*/100'000'000);
  ASSERT_TRUE(RunUntilState(ConnectionState::kBackoff));
  ExpectAttemptAfter(milliseconds(100));
}

TEST_F(SocketSessionTest, AttemptsAreNeverQuickerThanTheFloor) {
  Peer peer({{500, ""}});
  ConnectionPolicy policy = Policy(peer.server().endpoint());
  policy.reconnect.first = nanoseconds(1);
  policy.attempt_floor = milliseconds(150);
  Open(std::move(policy));
  ASSERT_TRUE(RunUntilState(ConnectionState::kBackoff));
  ExpectAttemptAfter(milliseconds(150));
}

struct RetryAfterCase {
  std::string name, headers;
  nanoseconds delay;
};

class RetryAfterTest : public SocketSessionTest,
                       public testing::WithParamInterface<RetryAfterCase> {};

// a refusal was answered with a tight loop.
TEST_P(RetryAfterTest, ARefusedHandshakeIsTriedAgainWhenTheExchangeAllows) {
  Peer peer({{429, GetParam().headers}});
  Open(Policy(peer.server().endpoint()));
  ASSERT_TRUE(RunUntilError("HTTP status 429"));
  ExpectAttemptAfter(GetParam().delay);
  ASSERT_TRUE(RunUntilOpen());
  EXPECT_EQ(peer.asked(), 2);
}

INSTANTIATE_TEST_SUITE_P(
    Headers, RetryAfterTest,
    testing::Values(
        RetryAfterCase{"seconds", "Retry-After: 7\r\n", seconds(7)},
        // The clock stands at 2023-11-14 22:13:20.
        RetryAfterCase{"date", "Retry-After: Tue, 14 Nov 2023 22:13:25 GMT\r\n", seconds(5)},
        RetryAfterCase{"sooner_than_the_backoff", "Retry-After: 0\r\n", milliseconds(200)},
        RetryAfterCase{"not_understood", "Retry-After: soon\r\n", milliseconds(200)},
        RetryAfterCase{"none", "", milliseconds(200)}),
    [](const auto& info) { return info.param.name; });

TEST_F(SocketSessionTest, AnUnstableConnectionComesBackWithADelay) {
  Peer peer;
  Open(Policy(peer.server().endpoint()));
  ASSERT_TRUE(RunUntilOpen());
  thread_.Advance(seconds(10) - nanoseconds(1));
  peer.Cut();
  ASSERT_TRUE(RunUntilState(ConnectionState::kBackoff));
  EXPECT_EQ(owner_.closed, std::vector<std::string>{"acme-0"});
  EXPECT_FALSE(owner_.why.ok());
  ExpectAttemptAfter(milliseconds(200));
}

TEST_F(SocketSessionTest, AStableConnectionComesBackAtOnceAndItsFailuresAreForgotten) {
  Peer peer({{500, ""}, {500, ""}});
  Open(Policy(peer.server().endpoint()));
  for (int attempt = 0; attempt < 2; ++attempt) {
    ASSERT_TRUE(RunUntilState(ConnectionState::kBackoff));
    thread_.Advance(seconds(1));
  }
  ASSERT_TRUE(RunUntilOpen());
  thread_.Advance(seconds(10));
  peer.Cut();
  ASSERT_TRUE(RunUntilState(ConnectionState::kBackoff));
  ExpectAttemptAfter(nanoseconds(0));
  ASSERT_TRUE(RunUntilOpen());
  EXPECT_EQ(session_->Status().reconnects, 1U);
  // The third failure in a row would have been DOWN.
  peer.Cut(2);
  ASSERT_TRUE(RunUntilState(ConnectionState::kBackoff));
  ExpectAttemptAfter(milliseconds(200));
}

// an exchange that is silent, and a socket that nobody has closed.
TEST_F(SocketSessionTest, ASocketOnWhichNothingComesIsCut) {
  Peer peer;
  ConnectionPolicy policy = Policy(peer.server().endpoint());
  policy.ping_interval = seconds(4);
  policy.receive_timeout = seconds(10);
  Open(std::move(policy));
  ASSERT_TRUE(RunUntilOpen());
  thread_.Advance(seconds(8));
  ASSERT_TRUE(RunUntil(thread_.io(), [&] { return peer.texts().size() == 2; }));
  EXPECT_EQ(peer.texts(), (std::vector<std::string>{"ping", "ping"}));
  EXPECT_TRUE(session_->is_open());
  thread_.Advance(seconds(4));
  ASSERT_TRUE(RunUntil(thread_.io(), [&] { return !owner_.closed.empty(); }));
  EXPECT_EQ(owner_.pings, 2);
  EXPECT_EQ(peer.codes(), std::vector<int>{1000});
  // No ping goes to a socket that is gone; a new one is watched again.
  thread_.Advance(seconds(1));
  ASSERT_TRUE(RunUntilOpen());
  thread_.Advance(seconds(3));
  EXPECT_EQ(owner_.pings, 2);
  thread_.Advance(seconds(1));
  EXPECT_EQ(owner_.pings, 3);
}

TEST_F(SocketSessionTest, NoPingIsMadeForASocketThatIsGone) {
  Peer peer;
  ConnectionPolicy policy = Policy(peer.server().endpoint());
  policy.ping_interval = seconds(4);
  policy.reconnect.first = policy.reconnect.cap = seconds(60);
  Open(std::move(policy));
  ASSERT_TRUE(RunUntilOpen());
  peer.Cut();
  ASSERT_TRUE(RunUntilState(ConnectionState::kBackoff));
  thread_.Advance(seconds(59));
  EXPECT_EQ(owner_.pings, 0);
}

TEST_F(SocketSessionTest, AnyMessageIsASignOfLife) {
  Peer peer;
  ConnectionPolicy policy = Policy(peer.server().endpoint());
  policy.ping_interval = seconds(4);
  policy.receive_timeout = seconds(10);
  Open(std::move(policy));
  ASSERT_TRUE(RunUntilOpen());
  for (std::size_t count = 1; count <= 4; ++count) {
    thread_.Advance(seconds(8));
    peer.Send("pong");
    ASSERT_TRUE(RunUntil(thread_.io(), [&] { return owner_.frames.size() == count; }));
    ASSERT_TRUE(RunUntil(thread_.io(),
                         [&] { return session_->last_message_at() == thread_.clock().Steady(); }));
  }
  EXPECT_TRUE(session_->is_open());
  EXPECT_EQ(owner_.pings, 8);
  thread_.Advance(seconds(3));
  EXPECT_EQ(session_->Status().last_message_age, seconds(3));
  EXPECT_EQ(session_->Status().uptime, seconds(35));
}

struct CloseCase {
  std::string name;
  int code;
  std::string told;
};

class CloseCodeTest : public SocketSessionTest, public testing::WithParamInterface<CloseCase> {};

TEST_P(CloseCodeTest, TheCodeWithWhichTheExchangeClosesIsShown) {
  Peer peer;
  Open(Policy(peer.server().endpoint()));
  ASSERT_TRUE(RunUntilOpen());
  peer.Close(GetParam().code);
  ASSERT_TRUE(RunUntilState(ConnectionState::kBackoff));
  EXPECT_NE(session_->Status().last_error.find(GetParam().told), std::string::npos)
      << session_->Status().last_error;
  EXPECT_EQ(owner_.closed.size(), 1U);
  ExpectAttemptAfter(milliseconds(200));
  ASSERT_TRUE(RunUntilOpen());
  EXPECT_EQ(session_->Status().last_error, "");
}

INSTANTIATE_TEST_SUITE_P(Codes, CloseCodeTest,
                         testing::Values(CloseCase{"normal", 1000, "(close code 1000)"},
                                         CloseCase{"going_away", 1001, "(close code 1001)"},
                                         CloseCase{"their_own", 4001, "(close code 4001)"}),
                         [](const auto& info) { return info.param.name; });

TEST_F(SocketSessionTest, ARestartSaysWhyAndComesBack) {
  Peer peer;
  Open(Policy(peer.server().endpoint()));
  ASSERT_TRUE(RunUntilOpen());
  session_->Restart(3001);
  ASSERT_TRUE(RunUntilState(ConnectionState::kBackoff));
  EXPECT_EQ(owner_.closed.size(), 1U);
  ASSERT_TRUE(RunUntil(thread_.io(), [&] { return peer.codes().size() == 1; }));
  EXPECT_EQ(peer.codes()[0], 3001);
  ExpectAttemptAfter(milliseconds(200));
  ASSERT_TRUE(RunUntilOpen());
}

TEST_F(SocketSessionTest, ARestartGivesUpAnAttemptThatIsNotAnswered) {
  Peer peer({}, /*mute=*/true);
  Open(Policy(peer.server().endpoint()));
  ASSERT_TRUE(RunUntil(thread_.io(), [&] { return peer.asked() == 1; }));
  session_->Restart();
  ASSERT_TRUE(RunUntilState(ConnectionState::kBackoff));
  EXPECT_TRUE(owner_.closed.empty());
  ExpectAttemptAfter(milliseconds(200));
}

TEST_F(SocketSessionTest, NothingIsToldOnceItIsDestroyedWhileConnecting) {
  Peer peer({}, /*mute=*/true);
  Open(Policy(peer.server().endpoint()));
  ASSERT_TRUE(RunUntil(thread_.io(), [&] { return peer.asked() == 1; }));
  session_.reset();
  ASSERT_TRUE(RunUntil(thread_.io(), [&] { return peer.left() == 1; }));
  thread_.Advance(hours(1));
  RunReady(thread_.io());
  EXPECT_TRUE(owner_.opened.empty());
  EXPECT_TRUE(owner_.closed.empty());
  EXPECT_EQ(peer.server().accepted(), 1);
}

TEST_F(SocketSessionTest, NoAttemptIsMadeOnceItIsDestroyedWhileWaiting) {
  Peer peer({{500, ""}});
  Open(Policy(peer.server().endpoint()));
  ASSERT_TRUE(RunUntilState(ConnectionState::kBackoff));
  session_.reset();
  thread_.Advance(hours(1));
  RunReady(thread_.io());
  EXPECT_EQ(peer.server().accepted(), 1);
}

TEST_F(SocketSessionTest, NothingIsSentNorReadyBeforeItIsOpen) {
  Peer peer({}, /*mute=*/true);
  Open(Policy(peer.server().endpoint()));
  EXPECT_EQ(session_->Send("too soon").code(), absl::StatusCode::kFailedPrecondition);
  session_->SetReady(true);
  EXPECT_FALSE(session_->ready());
  EXPECT_FALSE(session_->is_open());
}

// What is meant to happen.

TEST_F(SocketSessionTest, AConnectionIsReadyWhenItsOwnerSaysSoAndNotBehindALoss) {
  Peer peer;
  session_ = Make(Policy(peer.server().endpoint()));
  EXPECT_EQ(state(), ConnectionState::kIdle);
  session_->Open();
  EXPECT_EQ(state(), ConnectionState::kConnecting);
  ASSERT_TRUE(RunUntilOpen());
  EXPECT_EQ(owner_.opened, std::vector<std::string>{"acme-0"});
  EXPECT_TRUE(session_->is_open());
  EXPECT_FALSE(session_->ready());
  ASSERT_TRUE(session_->Send("subscribe").ok());
  ASSERT_TRUE(RunUntil(thread_.io(), [&] { return peer.texts().size() == 1; }));
  EXPECT_EQ(peer.texts()[0], "subscribe");
  session_->SetReady(true);
  EXPECT_EQ(state(), ConnectionState::kReady);
  session_->SetReady(false);
  EXPECT_EQ(state(), ConnectionState::kSubscribing);
  session_->SetReady(true);
  peer.Cut();
  ASSERT_TRUE(RunUntilState(ConnectionState::kBackoff));
  EXPECT_FALSE(session_->ready());
  thread_.Advance(seconds(1));
  ASSERT_TRUE(RunUntilOpen());
  EXPECT_FALSE(session_->ready());
  EXPECT_EQ(session_->Status().reconnects, 1U);
}

TEST_F(SocketSessionTest, FramesAreHandedOnAsTheyComeWithTheEndOfTheirBatch) {
  Peer peer;
  Open(Policy(peer.server().endpoint()));
  ASSERT_TRUE(RunUntilOpen());
  peer.Send("one");
  peer.Send("two");
  ASSERT_TRUE(RunUntil(thread_.io(), [&] { return owner_.frames.size() == 2; }));
  EXPECT_EQ(owner_.frames, (std::vector<std::string>{"one", "two"}));
  ASSERT_TRUE(RunUntil(thread_.io(), [&] { return owner_.batches > 0; }));
}

// before the exchange cuts a socket by its age, another takes its place.
TEST_F(SocketSessionTest, APlannedRolloverEndsTheOldSocketWithoutALoss) {
  Peer first, second;
  Open(Policy(first.server().endpoint()));
  ASSERT_TRUE(RunUntilOpen());
  const auto successor = Make(Policy(second.server().endpoint()), "acme-1");
  successor->Open();
  ASSERT_TRUE(RunUntil(thread_.io(), [&] { return successor->is_open(); }));
  EXPECT_TRUE(session_->is_open());
  session_.reset();
  ASSERT_TRUE(RunUntil(thread_.io(), [&] { return first.left() == 1; }));
  second.Send("goes on");
  ASSERT_TRUE(RunUntil(thread_.io(), [&] { return owner_.frames.size() == 1; }));
  thread_.Advance(hours(1));
  RunReady(thread_.io());
  EXPECT_EQ(owner_.opened, (std::vector<std::string>{"acme-0", "acme-1"}));
  EXPECT_TRUE(owner_.closed.empty());
  EXPECT_EQ(first.server().accepted(), 1);
}

}  // namespace
}  // namespace switchyard::exchange
