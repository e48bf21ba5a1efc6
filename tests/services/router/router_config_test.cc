#include "services/router/router_config.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "common/status/status.h"
#include "common/time/time.h"
#include "services/router/backends.h"

namespace switchyard::router {
namespace {

std::string WriteFile(const std::string& name, const std::string& text) {
  const std::string path = testing::TempDir() + "/" + name;
  std::ofstream(path) << text;
  return path;
}

TEST(RouterConfig, HasDefaults) {
  const auto config = LoadConfig({});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->process().listen(0), "127.0.0.1:50050");
  EXPECT_EQ(config->default_deadline_ms(), 10'000u);
  EXPECT_EQ(config->max_connection_age_seconds(), 0u);
}

TEST(RouterConfig, FlagsGoOverTheFile) {
  RouterFlags flags;
  flags.common.config = WriteFile("router.yaml",
                                  "process: {listen: ['127.0.0.1:1'], log_level: error}\n"
                                  "backends: [{exchange: gateio, addresses: ['h:1']}]\n"
                                  "max_connection_age_seconds: 60\n");
  flags.common.listen = "127.0.0.1:2";
  flags.backends = {"mexc/order=unix:/run/order.sock", "mexc/order=h:2"};
  const auto config = LoadConfig(flags);
  ASSERT_TRUE(config.ok()) << config.status();
  ASSERT_EQ(config->process().listen_size(), 1);
  EXPECT_EQ(config->process().listen(0), "127.0.0.1:2");
  EXPECT_EQ(config->process().log_level(), "error");
  EXPECT_EQ(config->max_connection_age_seconds(), 60u);
  ASSERT_EQ(config->backends_size(), 2);
  EXPECT_EQ(config->backends(0).exchange(), "gateio");
  EXPECT_EQ(config->backends(1).component(), "order");
  ASSERT_EQ(config->backends(1).addresses_size(), 2);
  EXPECT_EQ(config->backends(1).addresses(0), "unix:/run/order.sock");
}

TEST(RouterConfig, RefusesADeadlineOfZeroByName) {
  RouterFlags flags;
  flags.common.config = WriteFile("zero.yaml", "default_deadline_ms: 0\n");
  const auto config = LoadConfig(flags);
  EXPECT_EQ(MetadataOf(config.status())["field"], "default_deadline_ms");
}

struct BadFlag {
  std::string name, text;
};

class BadFlagTest : public testing::TestWithParam<BadFlag> {};

TEST_P(BadFlagTest, IsRefusedWithItsText) {
  config::v1::RouterConfig config;
  const absl::Status status = AddBackend(GetParam().text, &config);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(std::string(status.message()).find(GetParam().text), std::string::npos) << status;
}

INSTANTIATE_TEST_SUITE_P(Flags, BadFlagTest,
                         testing::Values(BadFlag{"no_address", "gateio"},
                                         BadFlag{"empty_address", "gateio="},
                                         BadFlag{"no_exchange", "=h:1"},
                                         BadFlag{"empty_component", "gateio/=h:1"}),
                         [](const auto& info) { return info.param.name; });

config::v1::BackendConfig BackendOf(const std::string& exchange, const std::string& component,
                                    const std::string& address) {
  config::v1::BackendConfig config;
  config.set_exchange(exchange);
  config.set_component(component);
  if (!address.empty()) config.add_addresses(address);
  return config;
}

struct BadBackends {
  std::string name;
  std::vector<config::v1::BackendConfig> backends;
  std::string field;
};

class BadBackendsTest : public testing::TestWithParam<BadBackends> {};

TEST_P(BadBackendsTest, StopTheStartAndAreNamed) {
  config::v1::RouterConfig config;
  for (const auto& backend : GetParam().backends) *config.add_backends() = backend;
  const auto backends = Backends::Create(config.backends(), SystemClock());
  EXPECT_EQ(backends.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(MetadataOf(backends.status())["field"], GetParam().field) << backends.status();
}

INSTANTIATE_TEST_SUITE_P(
    Backends, BadBackendsTest,
    testing::Values(
        BadBackends{"none", {}, "backends"},
        BadBackends{"no_exchange", {BackendOf("", "", "h:1")}, "backends.exchange"},
        BadBackends{"bad_component", {BackendOf("a", "orders", "h:1")}, "backends.component"},
        BadBackends{"no_address", {BackendOf("a", "", "")}, "backends.addresses"},
        BadBackends{"no_port", {BackendOf("a", "", "host")}, "backends.addresses"},
        BadBackends{"no_host", {BackendOf("a", "", ":5000")}, "backends.addresses"},
        BadBackends{"port_0", {BackendOf("a", "", "host:0")}, "backends.addresses"},
        BadBackends{"port_too_large", {BackendOf("a", "", "host:65536")}, "backends.addresses"},
        BadBackends{"no_path", {BackendOf("a", "", "unix:")}, "backends.addresses"},
        BadBackends{"name_without_port", {BackendOf("a", "", "dns:///name")}, "backends.addresses"},
        BadBackends{"another_scheme", {BackendOf("a", "", "ipv4:1.2.3.4:5")}, "backends.addresses"},
        BadBackends{
            "twice", {BackendOf("a", "", "h:1"), BackendOf("a", "order", "h:2")}, "backends"}),
    [](const auto& info) { return info.param.name; });

TEST(Backends, OfOneAddressShareItsConnection) {
  config::v1::RouterConfig config;
  *config.add_backends() = BackendOf("a", "", "127.0.0.1:1");
  *config.add_backends() = BackendOf("b", "", "127.0.0.1:1");
  const auto backends = Backends::Create(config.backends(), SystemClock());
  ASSERT_TRUE(backends.ok()) << backends.status();
  EXPECT_EQ((*backends)->all().size(), 8u);
  EXPECT_EQ((*backends)->connections().size(), 1u);
}

}  // namespace
}  // namespace switchyard::router
