// Counts what WebSocketClient takes from the heap: nothing for a message in the
// steady state, and nothing that stays after a connection.
#include <dirent.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>

#include "common/net/websocket_client.h"
#include "tests/common/net/test_servers.h"

namespace {

// Of this thread: the servers' threads allocate as they like.
thread_local std::int64_t thread_allocations = 0;
// Of the process.
std::atomic<std::int64_t> live_objects{0};

void* Allocate(std::size_t size) {
  ++thread_allocations;
  void* memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  live_objects.fetch_add(1, std::memory_order_relaxed);
  return memory;
}

void Release(void* memory) {
  if (memory == nullptr) return;
  live_objects.fetch_sub(1, std::memory_order_relaxed);
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) { return Allocate(size); }
void* operator new[](std::size_t size) { return Allocate(size); }
void operator delete(void* memory) noexcept { Release(memory); }
void operator delete[](void* memory) noexcept { Release(memory); }
void operator delete(void* memory, std::size_t) noexcept { Release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { Release(memory); }

namespace switchyard::net {
namespace {

using net::testing::EncodeFrame;
using net::testing::RunUntil;
using net::testing::ServerConnection;
using net::testing::ServerWebSocket;
using net::testing::TestAuthority;
using net::testing::TestServer;

constexpr int kWarmUpFrames = 200;
constexpr int kCountedFrames = 10'000;

// Counts without allocating; notes the thread's allocations from the end of the
// warm-up to the last frame.
struct Counter {
  void OnOpen() { is_open = true; }
  void OnMessage(std::string_view message, bool, std::int64_t) {
    bytes += message.size();
    ++messages;
    if (messages == kWarmUpFrames) at_warm_up = thread_allocations;
    if (messages == kWarmUpFrames + kCountedFrames) at_end = thread_allocations;
  }
  void OnBatchEnd() { ++batches; }
  void OnClose(const absl::Status& why, int, int, const HttpResponse*) {
    is_open = false;
    ++closes;
    last_error = why;
  }

  bool is_open = false;
  int messages = 0;
  int batches = 0;
  int closes = 0;
  std::size_t bytes = 0;
  std::int64_t at_warm_up = -1;
  std::int64_t at_end = -1;
  absl::Status last_error;
};

// Sends all frames, a few at a time, pings among them, so that the client reads
// them in all its ways: single, batched, and cut anywhere.
void SendFrames(ServerConnection& connection) {
  ServerWebSocket socket(connection);
  net::testing::ErrorCode error;
  socket.accept(error);
  if (error) return;
  std::string chunk;
  for (int i = 0; i < kWarmUpFrames + kCountedFrames; ++i) {
    chunk += EncodeFrame(1 + i % 2, std::string(static_cast<std::size_t>(20 + i * 37 % 3000), 'x'));
    if (i % 500 == 0) chunk += EncodeFrame(9, "ping");
    if (i % 7 != 0 && i + 1 != kWarmUpFrames + kCountedFrames) continue;
    connection.Write(chunk);
    chunk.clear();
  }
  connection.WaitForClose();
}

class AllocationTest : public ::testing::TestWithParam<bool> {};

TEST_P(AllocationTest, SteadyStateTakesNothingFromTheHeap) {
  const bool is_tls = GetParam();
  const TestAuthority authority;
  const auto identity = authority.Issue("DNS:localhost");
  TestServer server([&](ServerConnection& connection) {
    if (!is_tls || connection.StartTls(identity)) SendFrames(connection);
  });
  boost::asio::io_context io(1);
  Counter counter;
  WebSocketOptions options;
  options.endpoint = server.endpoint(is_tls, "localhost");
  options.tls = *TlsContext::Create({.ca_file = authority.WriteCaFile()});
  auto client = WebSocketClient::Create(io, options, CallbacksFor(&counter));
  ASSERT_TRUE(client.ok()) << client.status();
  (*client)->Connect();
  ASSERT_TRUE(RunUntil(io, [&] { return counter.at_end >= 0 || counter.closes > 0; }));
  ASSERT_EQ(counter.messages, kWarmUpFrames + kCountedFrames) << counter.last_error;
  EXPECT_EQ(counter.at_end - counter.at_warm_up, 0);
  EXPECT_GT(counter.batches, 0);
}

INSTANTIATE_TEST_SUITE_P(Transports, AllocationTest, ::testing::Values(false, true),
                         [](const auto& info) { return info.param ? "Tls" : "Plain"; });

int OpenFiles() {
  int count = 0;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir("/proc/self/fd"), closedir);
  while (readdir(directory.get()) != nullptr) ++count;
  return count;
}

TEST(ReconnectTest, ThousandReconnectsLeaveNothingBehind) {
  TestServer server([](ServerConnection& connection) {
    ServerWebSocket socket(connection);
    net::testing::ErrorCode error;
    socket.accept(error);
    if (error) return;
    connection.Write(EncodeFrame(1, "hello"));
    // Ends in turn by a close frame, by a cut, and by the client.
    if (connection.index() % 3 == 0) connection.Write(EncodeFrame(8, "\x03\xe8"));
    if (connection.index() % 3 != 1) connection.WaitForClose();
  });
  boost::asio::io_context io(1);
  Counter counter;
  WebSocketOptions options;
  options.endpoint = server.endpoint();
  auto client = WebSocketClient::Create(io, options, CallbacksFor(&counter));
  ASSERT_TRUE(client.ok()) << client.status();
  std::int64_t objects_at_100 = 0;
  int files_at_100 = 0;
  for (int i = 1; i <= 1100; ++i) {
    (*client)->Connect();
    ASSERT_TRUE(RunUntil(io, [&] { return counter.messages == i || counter.closes == i; }));
    (*client)->Close(1000);
    if ((i - 1) % 3 == 2) {
      // The server never answers the close frame: do not wait for the cut.
      *client = *WebSocketClient::Create(io, options, CallbacksFor(&counter));
      ++counter.closes;
    }
    ASSERT_TRUE(RunUntil(io, [&] { return counter.closes == i; })) << i;
    ASSERT_EQ(counter.messages, i) << counter.last_error;
    if (i == 100) {
      objects_at_100 = live_objects;
      files_at_100 = OpenFiles();
    }
  }
  // The server reaps a connection at the next one: a few may differ.
  EXPECT_NEAR(static_cast<double>(live_objects), static_cast<double>(objects_at_100), 60);
  EXPECT_NEAR(OpenFiles(), files_at_100, 4);
}

}  // namespace
}  // namespace switchyard::net
