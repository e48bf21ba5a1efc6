#include "tests/bench/chain/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sstream>
#include <utility>

namespace switchyard::bench {
namespace {

constexpr std::int64_t kPollNs = 10'000'000;
constexpr std::int64_t kStartNs = 20'000'000'000;
constexpr std::int64_t kStopNs = 3'000'000'000;

std::string ReadFile(const std::string& path) {
  const std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// In the child.
[[noreturn]] void Become(const std::string& program, const std::vector<std::string>& arguments,
                         const std::string& output) {
  // Nothing is left over, however the benchmark ends.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int file = open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  dup2(file, STDOUT_FILENO);
  dup2(file, STDERR_FILENO);
  std::vector<char*> argv = {const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  execvp(program.c_str(), argv.data());
  std::perror(program.c_str());
  _exit(127);
}

}  // namespace

Process::Process(std::string name, const std::string& program,
                 const std::vector<std::string>& arguments, std::string output)
    : name_(std::move(name)), output_(std::move(output)) {
  // What an earlier process said is not this one's.
  std::remove(output_.c_str());
  pid_ = fork();
  if (pid_ < 0) Fail("cannot start another process");
  if (pid_ == 0) Become(program, arguments, output_);
}

Process::~Process() {
  kill(pid_, SIGTERM);
  const std::int64_t deadline = SteadyNs() + kStopNs;
  while (waitpid(pid_, nullptr, WNOHANG) == 0) {
    if (SteadyNs() > deadline) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
      return;
    }
    SleepUntil(SteadyNs() + kPollNs);
  }
}

std::string Process::Await(const std::string& mark) {
  const std::int64_t deadline = SteadyNs() + kStartNs;
  while (SteadyNs() < deadline) {
    const std::string text = ReadFile(output_);
    const std::size_t at = text.find(mark);
    const std::size_t end = text.find('\n', at == std::string::npos ? 0 : at);
    if (at != std::string::npos && end != std::string::npos) {
      const std::string rest = text.substr(at + mark.size(), end - at - mark.size());
      return rest.substr(0, rest.find(' '));
    }
    SleepUntil(SteadyNs() + kPollNs);
  }
  Fail(fmt::format("{} never said '{}':\n{}", name_, mark, ReadFile(output_)));
}

std::chrono::nanoseconds Process::cpu() const {
  clockid_t clock;
  timespec time{};
  if (clock_getcpuclockid(pid_, &clock) != 0 || clock_gettime(clock, &time) != 0) {
    Fail(name_ + " is gone:\n" + ReadFile(output_));
  }
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

std::int64_t Process::resident_kib() const {
  const std::string status = ReadFile(fmt::format("/proc/{}/status", pid_));
  const std::size_t at = status.find("VmRSS:");
  return at == std::string::npos ? 0 : std::strtoll(status.c_str() + at + 6, nullptr, 10);
}

void Fail(const std::string& why) {
  fmt::print(stderr, "chain_bench: {}\n", why);
  std::fflush(stderr);
  _exit(2);
}

std::int64_t SteadyNs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

void SleepUntil(std::int64_t steady_ns) {
  const timespec until = {steady_ns / 1'000'000'000, steady_ns % 1'000'000'000};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
  }
}

}  // namespace switchyard::bench
