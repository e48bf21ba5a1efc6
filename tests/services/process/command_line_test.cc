#include "services/process/command_line.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

namespace switchyard::process {
namespace {

class EndpointsTest : public ::testing::Test {
 protected:
  EndpointsTest() {
    command_line_.endpoints_file = ::testing::TempDir() + "/endpoints.json";
    exchanges_.emplace_back().set_exchange("alpha");
  }
  void Write(const std::string& text) { std::ofstream(command_line_.endpoints_file) << text; }

  CommandLine command_line_;
  std::vector<config::v1::ExchangeConfig> exchanges_;
};

TEST_F(EndpointsTest, PointPlainlyWithoutTls) {
  Write(R"({"alpha": {"host": "127.0.0.1:18001", "tls": false}, "simulator": {"grpc": "x"}})");
  ASSERT_TRUE(ApplyEndpoints(command_line_, &exchanges_).ok());
  EXPECT_EQ(exchanges_[0].rest_url(), "http://127.0.0.1:18001");
  EXPECT_EQ(exchanges_[0].websocket_url(), "ws://127.0.0.1:18001");
}

TEST_F(EndpointsTest, PointWithTls) {
  Write(R"({"alpha": {"host": "h:1", "tls": true}})");
  ASSERT_TRUE(ApplyEndpoints(command_line_, &exchanges_).ok());
  EXPECT_EQ(exchanges_[0].rest_url(), "https://h:1");
  EXPECT_EQ(exchanges_[0].websocket_url(), "wss://h:1");
}

TEST_F(EndpointsTest, WithoutAFileNothingChanges) {
  command_line_.endpoints_file.clear();
  ASSERT_TRUE(ApplyEndpoints(command_line_, &exchanges_).ok());
  EXPECT_EQ(exchanges_[0].rest_url(), "");
}

// Falling back to the real exchange would be worse than not starting.
TEST_F(EndpointsTest, AnExchangeThatIsMissingIsNamed) {
  Write(R"({"beta": {"host": "h:1"}})");
  const absl::Status status = ApplyEndpoints(command_line_, &exchanges_);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(std::string(status.message()).find("'alpha'"), std::string::npos);
}

TEST_F(EndpointsTest, AFileThatIsNoJsonIsNamed) {
  Write("nonsense");
  const absl::Status status = ApplyEndpoints(command_line_, &exchanges_);
  EXPECT_FALSE(status.ok());
  EXPECT_NE(std::string(status.message()).find("endpoints.json"), std::string::npos);
}

TEST_F(EndpointsTest, AFileThatIsNotThereIsNamed) {
  command_line_.endpoints_file = "/no/such/file.json";
  const absl::Status status = ApplyEndpoints(command_line_, &exchanges_);
  EXPECT_FALSE(status.ok());
  EXPECT_NE(std::string(status.message()).find("/no/such/file.json"), std::string::npos);
}

TEST(OverrideTest, FlagsWinOverTheFile) {
  CommandLine command_line;
  command_line.flags.listen = "127.0.0.1:0";
  command_line.flags.log_level = "debug";
  config::v1::ProcessConfig process;
  process.add_listen("0.0.0.0:1");
  process.set_metrics_listen("127.0.0.1:9");
  Override(command_line, &process);
  ASSERT_EQ(process.listen_size(), 1);
  EXPECT_EQ(process.listen(0), "127.0.0.1:0");
  EXPECT_EQ(process.log_level(), "debug");
  EXPECT_EQ(process.metrics_listen(), "127.0.0.1:9");
}

TEST(OverrideTest, ListensOnLoopbackByDefault) {
  config::v1::ProcessConfig process;
  Override({}, &process);
  ASSERT_EQ(process.listen_size(), 1);
  EXPECT_EQ(process.listen(0), "127.0.0.1:50051");
}

}  // namespace
}  // namespace switchyard::process
