#include "common/metrics/process_metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <string>

namespace switchyard::metrics {
namespace {

// Fields of /proc/self/stat, counted from 1 as proc(5) does.
constexpr int kStateField = 3;
constexpr int kThreadsField = 20;
constexpr int kStartTimeField = 22;
constexpr int kVirtualMemoryField = 23;
constexpr int kResidentPagesField = 24;

double ReadStat(int field) {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  // Field 2, the program's name, may hold spaces and parentheses.
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream rest(line.substr(name_end + 1));
  std::string value;
  for (int i = kStateField; i <= field; ++i) rest >> value;
  return rest ? std::stod(value) : 0;
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double ResidentBytes() {
  return ReadStat(kResidentPagesField) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double VirtualBytes() { return ReadStat(kVirtualMemoryField); }

double Threads() { return ReadStat(kThreadsField); }

double OpenFiles() {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc/self/fd"), closedir);
  if (folder == nullptr) return 0;
  int count = 0;
  while (readdir(folder.get()) != nullptr) ++count;
  // Not ".", "..", nor the descriptor of this reading.
  return count - 3;
}

double MaxOpenFiles() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<double>(limit.rlim_cur);
}

// Boot time, seconds since 1970.
double BootTime() {
  std::ifstream file("/proc/stat");
  std::string word;
  double seconds = 0;
  while (file >> word) {
    if (word == "btime" && file >> seconds) return seconds;
  }
  return 0;
}

double StartTime() {
  return BootTime() + ReadStat(kStartTimeField) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

const std::array<ProcessMetric, 7> kProcessMetrics = {{
    {"process_cpu_seconds_total", "User and system CPU time.", true, CpuSeconds},
    {"process_resident_memory_bytes", "Resident memory.", false, ResidentBytes},
    {"process_virtual_memory_bytes", "Virtual memory.", false, VirtualBytes},
    {"process_open_fds", "Open file descriptors.", false, OpenFiles},
    {"process_max_fds", "Limit of open file descriptors.", false, MaxOpenFiles},
    {"process_start_time_seconds", "Start, seconds since 1970.", false, StartTime},
    {"process_threads", "Threads.", false, Threads},
}};

}  // namespace switchyard::metrics
