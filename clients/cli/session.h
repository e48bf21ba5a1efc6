#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "clients/cli/command_id.h"
#include "clients/cli/command_line.h"
#include "clients/cli/connection.h"
#include "clients/cli/screen.h"
#include "common/time/time.h"

namespace switchyard::clients::cli {

// Ends what is under way from outside, for SIGINT. Any thread.
class Cancellation {
 public:
  // Cancels the call under way and every later one.
  void Stop();
  bool stopped() const;
  // Waits; true at once when stopped.
  bool WaitFor(std::chrono::milliseconds span);

  // A call under way.
  class Scope {
   public:
    Scope(Cancellation& owner, grpc::ClientContext& context);
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    ~Scope();

   private:
    Cancellation& owner_;
    // The call around this one: a read while a stream is being followed.
    grpc::ClientContext* outer_ = nullptr;
  };

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  grpc::ClientContext* context_ = nullptr;
};

// What surrounds the program; a test gives its own.
struct Environment {
  std::ostream& out;
  std::ostream& err;
  Cancellation& cancellation;
  const Clock& clock = SystemClock();
  bool terminal = false;  // `out` is one: draw in place
  std::size_t columns = 80;
  std::size_t rows = 24;
  std::string router = {};  // SWITCHYARD_ROUTER, or empty
  std::string token = {};   // SWITCHYARD_TOKEN, or empty
  // A line from the person at the terminal; nullopt when stopped or at the input's end. Empty =
  // nobody is there to be asked.
  std::function<std::optional<std::string>()> read_answer = {};
  // For new ids.
  std::function<std::uint64_t()> random = MachineRandom;
};

// One run of the program: where to, and how to print. One thread; outlives its calls.
class Session {
 public:
  // `connection` outlives the session.
  Session(const CommandLine& line, Environment& environment, const Connection& connection);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const CommandLine& line() const { return line_; }
  Environment& environment() { return environment_; }
  const std::shared_ptr<grpc::Channel>& channel() const { return connection_.channel(); }
  // Before each call: says who calls.
  void Authorize(grpc::ClientContext& context) const { connection_.Authorize(context); }

  // Runs one unary call: `call` gets a context with the deadline.
  template <typename Call>
  grpc::Status Unary(Call call) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + line_.timeout);
    Authorize(context);
    const Cancellation::Scope scope(environment_.cancellation, context);
    return call(&context);
  }

  // One line on `out`.
  void Print(std::string_view text);
  void PrintLines(const std::vector<ScreenLine>& lines);
  void PrintTable(const Table& table);
  // One line of protobuf's JSON form.
  void PrintJson(const google::protobuf::Message& message);
  // One line on `err`; returns the exit code of a failed call.
  int Fail(const grpc::Status& status);
  int Fail(std::string_view text);
  // One line on `err`; returns the exit code of wrong usage.
  int Misuse(std::string_view text);
  // One line on `err` that ends nothing.
  void Warn(std::string_view text);

 private:
  const CommandLine& line_;
  Environment& environment_;
  const Connection& connection_;
};

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;
// A command was sent, and nobody knows whether it was done.
inline constexpr int kExitUnknown = 3;

}  // namespace switchyard::clients::cli
