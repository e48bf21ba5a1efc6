#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace switchyard::bench {

// A child process, ended with this object. Its output goes to a file.
class Process {
 public:
  // `program` is sought in PATH where it names no directory. `output` is overwritten. Ends the
  // benchmark where the program cannot be started.
  Process(std::string name, const std::string& program, const std::vector<std::string>& arguments,
          std::string output);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // The rest of the line behind `mark`, up to the next blank. Waits up to 20 s for it; else ends
  // the benchmark with what the process said.
  std::string Await(const std::string& mark);

  // Of all threads, since its start.
  std::chrono::nanoseconds cpu() const;
  std::int64_t resident_kib() const;
  const std::string& name() const { return name_; }

 private:
  const std::string name_;
  const std::string output_;
  pid_t pid_ = 0;
};

// Says why and ends the program with code 2: a benchmark that cannot run has no verdict. Children
// end with it.
[[noreturn]] void Fail(const std::string& why);

// Nanoseconds of CLOCK_MONOTONIC, which all processes share.
std::int64_t SteadyNs();
// Returns at that moment; sleeps until then.
void SleepUntil(std::int64_t steady_ns);

}  // namespace switchyard::bench
