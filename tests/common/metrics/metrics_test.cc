#include "common/metrics/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <ctime>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace switchyard::metrics {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// The value of a series in the exposition, by its full name with labels.
std::optional<double> ValueOf(const Metrics& metrics, const std::string& series) {
  std::istringstream lines(metrics.Expose());
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(series + " ")) return std::stod(line.substr(series.size() + 1));
  }
  return std::nullopt;
}

std::string Get(int port, const std::string& path) {
  boost::asio::io_context io;
  boost::asio::ip::tcp::socket socket(io);
  socket.connect({boost::asio::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(port)});
  const std::string request = "GET " + path + " HTTP/1.0\r\n\r\n";
  boost::asio::write(socket, boost::asio::buffer(request));
  std::string answer;
  boost::system::error_code end;
  boost::asio::read(socket, boost::asio::dynamic_buffer(answer), end);
  return answer;
}

TEST(ServeTest, BadAddressIsInvalidArgumentAndNamed) {
  Metrics metrics;
  for (const char* listen : {"", "nowhere", "127.0.0.1:99999", "unix:/tmp/x", "192.0.2.1:0"}) {
    const absl::Status status = Serve(listen, metrics).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << listen;
    EXPECT_THAT(std::string(status.message()), HasSubstr(listen));
  }
}

TEST(ServeTest, PortInUseIsUnavailableAndNamed) {
  Metrics metrics;
  const auto first = Serve("127.0.0.1:0", metrics);
  ASSERT_TRUE(first.ok()) << first.status();
  const std::string address = "127.0.0.1:" + std::to_string((*first)->port());
  const absl::Status status = Serve(address, metrics).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr(address));
}

TEST(ServeTest, ScrapeSeesTheMetrics) {
  Metrics metrics;
  metrics.AddCounter("frames_total", "Frames.", {{"exchange", "gateio"}}).Increment(3);
  const auto server = Serve("127.0.0.1:0", metrics);
  ASSERT_TRUE(server.ok()) << server.status();
  const std::string answer = Get((*server)->port(), "/metrics");
  EXPECT_THAT(answer, HasSubstr("200 OK"));
  EXPECT_THAT(answer, HasSubstr("# HELP frames_total Frames."));
  EXPECT_THAT(answer, HasSubstr("# TYPE frames_total counter"));
  EXPECT_THAT(answer, HasSubstr("frames_total{exchange=\"gateio\"} 3"));
}

TEST(ServeTest, WhoeverAsksNothingHoldsNobodyUp) {
  Metrics metrics;
  const auto server = Serve("127.0.0.1:0", metrics);
  ASSERT_TRUE(server.ok()) << server.status();
  const boost::asio::ip::tcp::endpoint address(boost::asio::ip::make_address("127.0.0.1"),
                                               static_cast<std::uint16_t>((*server)->port()));
  boost::asio::io_context io;
  std::vector<boost::asio::ip::tcp::socket> idle;
  for (int i = 0; i < 4; ++i) {
    idle.emplace_back(io).connect(address);
    boost::asio::write(idle.back(), boost::asio::buffer("GET /metr", 9));
  }
  const auto began = std::chrono::steady_clock::now();
  EXPECT_THAT(Get((*server)->port(), "/metrics"), HasSubstr("200 OK"));
  EXPECT_LT(std::chrono::steady_clock::now() - began, seconds(10));
}

TEST(ServeTest, PortIsFreeAfterwards) {
  Metrics metrics;
  auto first = Serve("127.0.0.1:0", metrics);
  ASSERT_TRUE(first.ok());
  const std::string address = "127.0.0.1:" + std::to_string((*first)->port());
  first->reset();
  EXPECT_TRUE(Serve(address, metrics).ok());
}

TEST(ServeTest, EndsAtOnce) {
  Metrics metrics;
  auto server = Serve("127.0.0.1:0", metrics);
  ASSERT_TRUE(server.ok());
  const auto began = std::chrono::steady_clock::now();
  server->reset();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(1));
}

TEST(MetricsDeathTest, BadNamesAndClashesEndTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Metrics metrics;
  metrics.AddCounter("taken", "Help.");
  EXPECT_DEATH(metrics.AddCounter("not a name", "Help."), "not a name");
  EXPECT_DEATH(metrics.AddCounter("label", "Help.", {{"bad-label", "x"}}), "label");
  EXPECT_DEATH(metrics.AddGauge("taken", "Help."), "taken: was added with another type");
}

TEST(CounterTest, SameNameAndLabelsIsTheSameCounter) {
  Metrics metrics;
  Counter& counter = metrics.AddCounter("c", "Help.", {{"k", "a"}});
  EXPECT_EQ(&metrics.AddCounter("c", "Help.", {{"k", "a"}}), &counter);
  EXPECT_NE(&metrics.AddCounter("c", "Help.", {{"k", "b"}}), &counter);
}

TEST(CounterTest, ThreadsLoseNothing) {
  Metrics metrics;
  Counter& counter = metrics.AddCounter("c", "Help.");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&counter] {
      for (int j = 0; j < 10'000; ++j) counter.Increment();
    });
  }
  for (int i = 0; i < 100; ++i) metrics.Expose();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter.value(), 40'000u);
}

TEST(GaugeTest, SetsAddsAndShowsDurationsInSeconds) {
  Metrics metrics;
  Gauge& gauge = metrics.AddGauge("g", "Help.");
  gauge.Set(5);
  gauge.Add(-7);
  EXPECT_EQ(ValueOf(metrics, "g"), -2);
  Gauge& age = metrics.AddGauge("age_seconds", "Help.");
  age.Set(milliseconds(1500));
  EXPECT_EQ(ValueOf(metrics, "age_seconds"), 1.5);
}

TEST(HistogramTest, BoundsAreInside) {
  Histogram histogram({{10, 20}, 1});
  for (const std::int64_t value : {-1, 10, 11, 20, 21}) histogram.Observe(value);
  EXPECT_EQ(histogram.bucket_count(0), 2u);
  EXPECT_EQ(histogram.bucket_count(1), 2u);
  EXPECT_EQ(histogram.bucket_count(2), 1u);
  EXPECT_EQ(histogram.count(), 5u);
  EXPECT_EQ(histogram.sum(), 61);
}

TEST(HistogramTest, ExpositionIsCumulativeAndInSeconds) {
  Metrics metrics;
  Histogram& histogram =
      metrics.AddHistogram("h_seconds", "Help.", {{"k", "v"}}, Buckets::Microseconds());
  histogram.Observe(microseconds(1));
  histogram.Observe(microseconds(3));
  histogram.Observe(seconds(60));
  EXPECT_EQ(ValueOf(metrics, R"(h_seconds_bucket{k="v",le="1e-06"})"), 1);
  EXPECT_EQ(ValueOf(metrics, R"(h_seconds_bucket{k="v",le="5e-06"})"), 2);
  EXPECT_EQ(ValueOf(metrics, R"(h_seconds_bucket{k="v",le="10"})"), 2);
  EXPECT_EQ(ValueOf(metrics, R"(h_seconds_bucket{k="v",le="+Inf"})"), 3);
  EXPECT_EQ(ValueOf(metrics, R"(h_seconds_count{k="v"})"), 3);
  EXPECT_NEAR(*ValueOf(metrics, R"(h_seconds_sum{k="v"})"), 60.000004, 1e-5);
}

TEST(BucketsTest, HelpersCoverTheirRange) {
  EXPECT_EQ(Buckets::Microseconds().bounds.front(), 1'000);
  EXPECT_EQ(Buckets::Microseconds().bounds.back(), 10'000'000'000);
  EXPECT_EQ(Buckets::Milliseconds().bounds.front(), 1'000'000);
  EXPECT_EQ(Buckets::Milliseconds().bounds.back(), 60'000'000'000);
  EXPECT_THAT(Buckets::Counts(64).bounds, ElementsAre(1, 2, 4, 8, 16, 32, 64));
  EXPECT_THAT(Buckets::Counts(50).bounds, ElementsAre(1, 2, 4, 8, 16, 32, 50));
  for (const Buckets& buckets : {Buckets::Microseconds(), Buckets::Milliseconds()}) {
    EXPECT_TRUE(std::is_sorted(buckets.bounds.begin(), buckets.bounds.end()));
  }
}

TEST(CallbackTest, IsReadAtEachScrapeUntilItsHandleGoes) {
  Metrics metrics;
  double value = 1.25;
  {
    const auto handle = metrics.AddCallbackGauge("g", "Help.", {}, [&value] { return value; });
    EXPECT_EQ(ValueOf(metrics, "g"), 1.25);
    value = 2.5;
    EXPECT_EQ(ValueOf(metrics, "g"), 2.5);
  }
  EXPECT_EQ(ValueOf(metrics, "g"), std::nullopt);
}

TEST(CallbackTest, CounterHasItsType) {
  Metrics metrics;
  const auto handle = metrics.AddCallbackCounter("c_total", "Help.", {}, [] { return 7.0; });
  EXPECT_THAT(metrics.Expose(), HasSubstr("# TYPE c_total counter"));
  EXPECT_EQ(ValueOf(metrics, "c_total"), 7);
}

TEST(CallbackTest, ReplacementLeavesOneSeries) {
  Metrics metrics;
  auto handle = metrics.AddCallbackGauge("g", "Help.", {}, [] { return 1.0; });
  handle = metrics.AddCallbackGauge("g", "Help.", {}, [] { return 2.0; });
  EXPECT_EQ(ValueOf(metrics, "g"), 2);
  const auto newest = metrics.AddCallbackGauge("g", "Help.", {}, [] { return 3.0; });
  const std::string exposed = metrics.Expose();
  EXPECT_THAT(exposed, HasSubstr("\ng 3"));
  EXPECT_THAT(exposed, Not(HasSubstr("\ng 2")));
}

TEST(CallbackTest, HandleMayOutliveItsMetrics) {
  auto metrics = std::make_unique<Metrics>();
  auto handle = metrics->AddCallbackGauge("g", "Help.", {}, [] { return 1.0; });
  metrics.reset();
  handle = Metrics::Callback();
  SUCCEED();  // a sanitizer would tell
}

TEST(CallbackTest, MovedHandleRemovesOnce) {
  Metrics metrics;
  auto first = metrics.AddCallbackGauge("g", "Help.", {}, [] { return 1.0; });
  {
    const auto second = std::move(first);
    EXPECT_EQ(ValueOf(metrics, "g"), 1);
  }
  EXPECT_EQ(ValueOf(metrics, "g"), std::nullopt);
}

TEST(ProcessMetricsTest, StandardNamesHavePlausibleValues) {
  Metrics metrics;
  metrics.AddProcessMetrics();
  EXPECT_GT(*ValueOf(metrics, "process_resident_memory_bytes"), 1e6);
  EXPECT_GT(*ValueOf(metrics, "process_virtual_memory_bytes"), 1e6);
  EXPECT_GE(*ValueOf(metrics, "process_cpu_seconds_total"), 0);
  EXPECT_GE(*ValueOf(metrics, "process_threads"), 1);
  EXPECT_GT(*ValueOf(metrics, "process_max_fds"), *ValueOf(metrics, "process_open_fds"));
  const double age =
      static_cast<double>(std::time(nullptr)) - *ValueOf(metrics, "process_start_time_seconds");
  EXPECT_GE(age, -2);
  EXPECT_LT(age, 600);
}

TEST(ProcessMetricsTest, OpenFilesAreCountedExactly) {
  Metrics metrics;
  metrics.AddProcessMetrics();
  const double before = *ValueOf(metrics, "process_open_fds");
  const int descriptor = dup(STDERR_FILENO);
  EXPECT_EQ(*ValueOf(metrics, "process_open_fds"), before + 1);
  close(descriptor);
}

}  // namespace
}  // namespace switchyard::metrics
