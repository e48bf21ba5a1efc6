#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/simulator/transport/http_message.h"

namespace switchyard::simulator::replay {

// A frame that was received, and when.
struct RecordedFrame {
  std::int64_t time_ns;  // the recorder's wall clock
  std::string text;
};

// A REST answer that was received.
struct RecordedAnswer {
  std::string path;
  std::vector<transport::Header> query;
  std::string body;
};

// Traffic of one exchange as recorded, one record a line:
//   PREFIX.instruments.txt, PREFIX.rest.txt   URL -> time: body
//   PREFIX.ws.txt   URL <-> time (opened), URL <- time: frame (sent), time: frame (received)
// Times are seconds since 1970 with a fraction. Other lines are left out.
struct Recording {
  std::vector<RecordedAnswer> answers;
  std::vector<RecordedFrame> frames;  // received ones, in order

  // Errors: NotFound, a file is missing; InvalidArgument, a file has no record.
  static absl::StatusOr<Recording> Load(const std::string& prefix);
};

// "1684930163.9483538" in nanoseconds, exactly; -1 = no time.
std::int64_t ParseTimeNs(std::string_view text);

}  // namespace switchyard::simulator::replay
