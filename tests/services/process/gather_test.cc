#include "services/process/gather.h"

#include <gtest/gtest.h>

namespace switchyard::process {
namespace {

using IntGather = Gather<int>;

TEST(GatherTest, HandsOverWhenAllAreIn) {
  int calls = 0;
  IntGather::Answers got;
  IntGather gather(2, [&](IntGather::Answers answers) {
    ++calls;
    got = std::move(answers);
  });
  EXPECT_TRUE(gather.Set(1, 8));
  EXPECT_EQ(calls, 0);
  EXPECT_TRUE(gather.Set(0, absl::UnavailableError("no")));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(got[0]->status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(**got[1], 8);
  gather.Expire();
  EXPECT_EQ(calls, 1);
}

TEST(GatherTest, HandsOverWhatIsThereWhenItExpires) {
  IntGather::Answers got;
  IntGather gather(2, [&](IntGather::Answers answers) { got = std::move(answers); });
  gather.Set(0, 7);
  gather.Expire();
  EXPECT_EQ(**got[0], 7);
  EXPECT_FALSE(got[1].has_value());
  EXPECT_FALSE(gather.Set(1, 8)) << "too late";
}

TEST(GatherTest, WithoutSourcesItWaitsForItsExpiry) {
  int calls = 0;
  IntGather gather(0, [&](const IntGather::Answers&) { ++calls; });
  EXPECT_EQ(calls, 0);
  gather.Expire();
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace switchyard::process
