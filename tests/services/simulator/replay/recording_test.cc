#include "services/simulator/replay/recording.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace switchyard::simulator::replay {
namespace {

std::string Write(const std::string& name, const std::string& instruments, const std::string& rest,
                  const std::string& frames) {
  const std::string prefix = testing::TempDir() + "/" + name;
  std::ofstream(prefix + ".instruments.txt") << instruments;
  std::ofstream(prefix + ".rest.txt") << rest;
  std::ofstream(prefix + ".ws.txt") << frames;
  return prefix;
}

TEST(RecordingTest, ReadsAnswersAndReceivedFrames) {
  const auto recording = Recording::Load(
      Write("good", "https://h/a/list -> 1.5: [1]\nconfiguration: {\"x\":1}\n",
            "https://h/a/book?s=%41B&limit=5 -> 2.25: {\"id\":1}\n",
            "wss://h/w <-> 1.0\nwss://h/w <- 1.1: {\"sent\":1}\n1.2: {\"got\":\"a: b\"}\n\n"));
  ASSERT_TRUE(recording.ok()) << recording.status();
  ASSERT_EQ(recording->answers.size(), 2u);
  EXPECT_EQ(recording->answers[1].path, "/a/book");
  EXPECT_EQ(recording->answers[1].query[0].second, "AB");
  EXPECT_EQ(recording->answers[1].body, "{\"id\":1}");
  ASSERT_EQ(recording->frames.size(), 1u);
  EXPECT_EQ(recording->frames[0].time_ns, 1'200'000'000);
  EXPECT_EQ(recording->frames[0].text, "{\"got\":\"a: b\"}");
}

TEST(RecordingTest, AMissingFileIsNamed) {
  const auto recording = Recording::Load("/nowhere/x");
  EXPECT_EQ(recording.status().code(), absl::StatusCode::kNotFound);
  EXPECT_NE(std::string(recording.status().message()).find("/nowhere/x.instruments.txt"),
            std::string::npos);
}

TEST(RecordingTest, FilesWithoutRecordsAreRefused) {
  EXPECT_EQ(Recording::Load(Write("empty", "", "", "")).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(RecordingTest, TimesAreExact) {
  EXPECT_EQ(ParseTimeNs("1684930163.9483538"), 1'684'930'163'948'353'800);
  EXPECT_EQ(ParseTimeNs("5"), 5'000'000'000);
  EXPECT_EQ(ParseTimeNs("wss"), -1);
  EXPECT_EQ(ParseTimeNs("1.x"), -1);
}

}  // namespace
}  // namespace switchyard::simulator::replay
