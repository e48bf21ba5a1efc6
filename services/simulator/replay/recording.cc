#include "services/simulator/replay/recording.h"

#include <charconv>
#include <fstream>
#include <utility>

#include "fmt/format.h"

namespace switchyard::simulator::replay {
namespace {

// Calls `use` with each line. Errors: NotFound.
template <typename Use>
absl::Status EachLine(const std::string& file, Use use) {
  std::ifstream in(file);
  if (!in) return absl::NotFoundError(fmt::format("cannot read {}", file));
  for (std::string line; std::getline(in, line);) use(std::string_view(line));
  return absl::OkStatus();
}

// URL -> time: body
void ReadAnswer(std::string_view line, std::vector<RecordedAnswer>& answers) {
  const std::size_t arrow = line.find(" -> ");
  if (arrow == std::string_view::npos) return;
  const std::size_t colon = line.find(": ", arrow);
  const std::size_t scheme = line.find("://");
  if (colon == std::string_view::npos || scheme > arrow) return;
  const std::size_t slash = line.find('/', scheme + 3);
  if (slash > arrow) return;
  RecordedAnswer answer;
  transport::HttpRequest target;
  transport::SplitTarget(line.substr(slash, arrow - slash), target);
  answer.path = std::move(target.path);
  answer.query = std::move(target.query);
  answer.body = line.substr(colon + 2);
  answers.push_back(std::move(answer));
}

// time: frame
void ReadFrame(std::string_view line, std::vector<RecordedFrame>& frames) {
  const std::size_t colon = line.find(": ");
  if (colon == std::string_view::npos) return;
  const std::int64_t time_ns = ParseTimeNs(line.substr(0, colon));
  if (time_ns >= 0) frames.push_back({time_ns, std::string(line.substr(colon + 2))});
}

}  // namespace

std::int64_t ParseTimeNs(std::string_view text) {
  const std::size_t dot = text.find('.');
  std::int64_t seconds = 0;
  const std::string_view whole = text.substr(0, dot);
  const auto result = std::from_chars(whole.data(), whole.data() + whole.size(), seconds);
  if (result.ec != std::errc() || result.ptr != whole.data() + whole.size()) return -1;
  std::int64_t fraction = 0;
  std::int64_t unit = 100'000'000;
  if (dot != std::string_view::npos) {
    for (const char c : text.substr(dot + 1)) {
      if (c < '0' || c > '9') return -1;
      fraction += (c - '0') * unit;
      unit /= 10;
    }
  }
  return seconds * 1'000'000'000 + fraction;
}

absl::StatusOr<Recording> Recording::Load(const std::string& prefix) {
  Recording recording;
  for (const std::string_view kind : {"instruments", "rest"}) {
    absl::Status status =
        EachLine(fmt::format("{}.{}.txt", prefix, kind),
                 [&](std::string_view line) { ReadAnswer(line, recording.answers); });
    if (!status.ok()) return status;
  }
  absl::Status status = EachLine(prefix + ".ws.txt",
                                 [&](std::string_view line) { ReadFrame(line, recording.frames); });
  if (!status.ok()) return status;
  if (recording.answers.empty() || recording.frames.empty()) {
    return absl::InvalidArgumentError(fmt::format("{}.*: no records", prefix));
  }
  return recording;
}

}  // namespace switchyard::simulator::replay
