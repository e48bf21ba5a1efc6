#include "tests/bench/chain/spent.h"

namespace switchyard::bench {
namespace {

std::vector<std::int64_t> CpuOf(const std::vector<const Process*>& processes) {
  std::vector<std::int64_t> times;
  for (const Process* const process : processes) times.push_back(process->cpu().count());
  return times;
}

}  // namespace

Spent Watch(Testbed& bed, const std::vector<const Process*>& processes, const Window& window) {
  SleepUntil(window.begin);
  const std::uint64_t frames = bed.frames_sent();
  const std::int64_t resident_kib = processes.front()->resident_kib();
  const std::vector<std::int64_t> before = CpuOf(processes);
  SleepUntil(window.end);
  Spent spent = {.cpu_ns = CpuOf(processes)};
  for (std::size_t i = 0; i < before.size(); ++i) spent.cpu_ns[i] -= before[i];
  spent.growth_kib = processes.front()->resident_kib() - resident_kib;
  spent.frames = bed.frames_sent() - frames;
  return spent;
}

Window WindowIn(std::int64_t pause_ns, std::int64_t duration_ns) {
  const std::int64_t begin = SteadyNs() + pause_ns;
  return {begin, begin + duration_ns};
}

}  // namespace switchyard::bench
