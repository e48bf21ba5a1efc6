// As whom the program calls, and where it refuses to say so.
#include "clients/cli/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "tests/clients/cli/run_yard.h"

namespace switchyard::clients::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kToken[] = "a-very-secret-token";

std::string FileWith(const std::string& name, const std::string& content) {
  const std::string path = ::testing::TempDir() + "/" + name;
  std::ofstream(path) << content;
  return path;
}

TEST(ConnectionTest, ATokenDoesNotGoOverPlaintextTcp) {
  CommandLine line;
  line.router = "127.0.0.1:1";
  const auto refused = Connection::Create(line, kToken);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument) << refused.status();
  EXPECT_THAT(refused.status().ToString(), HasSubstr("--tls"));
  EXPECT_THAT(refused.status().ToString(), Not(HasSubstr(kToken)));
  line.router = "unix:/run/switchyard";
  EXPECT_TRUE(Connection::Create(line, kToken).ok());
  line.router = "127.0.0.1:1";
  line.tls = true;
  EXPECT_TRUE(Connection::Create(line, kToken).ok());
}

TEST(ConnectionTest, ATokenFileIsReadWithoutItsLastNewline) {
  CommandLine line;
  line.router = "unix:/run/switchyard";
  line.token_file = FileWith("token", std::string(kToken) + "\n");
  EXPECT_TRUE(Connection::Create(line, "").ok());
  line.token_file = FileWith("empty", "\n");
  EXPECT_FALSE(Connection::Create(line, kToken).ok()) << "the file was asked for";
  line.token_file = FileWith("two", "two words");
  const auto refused = Connection::Create(line, "");
  EXPECT_THAT(refused.status().ToString(), HasSubstr("holds no token"));
  EXPECT_THAT(refused.status().ToString(), Not(HasSubstr("words")));
  line.token_file = ::testing::TempDir() + "/none";
  EXPECT_THAT(Connection::Create(line, "").status().ToString(), HasSubstr("cannot read"));
}

TEST(ConnectionTest, FilesThatCannotServeAreNamed) {
  CommandLine line;
  line.tls = true;
  line.ca_file = FileWith("no_authority.pem", "nothing");
  EXPECT_THAT(Connection::Create(line, "").status().ToString(), HasSubstr("no_authority.pem"));
}

TEST(ConnectionTest, FlagsThatBelongTogetherAreAskedForTogether) {
  const Outcome outcome = RunAt({"--cert_file", "/c.pem", "exchanges"}, "127.0.0.1:1");
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("--key_file"));
}

}  // namespace
}  // namespace switchyard::clients::cli
