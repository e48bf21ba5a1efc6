#include "common/config/secret.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <type_traits>
#include <utility>

namespace switchyard::config {
namespace {

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(std::is_nothrow_move_constructible_v<Secret>);

TEST(SecretTest, PrintsStars) {
  std::ostringstream out;
  out << Secret("hunter2");
  EXPECT_EQ(out.str(), "***");
}

TEST(SecretTest, RevealsWhatItWasGiven) {
  const std::string value("with\0nul", 8);
  EXPECT_EQ(Secret(value).Reveal(), value);
}

TEST(SecretTest, EmptyIsEmpty) {
  EXPECT_TRUE(Secret().empty());
  EXPECT_TRUE(Secret("").empty());
  EXPECT_EQ(Secret().Reveal(), "");
  EXPECT_TRUE(Secret().Copy().empty());
}

TEST(SecretTest, MoveLeavesNothingBehind) {
  Secret first("hunter2");
  const Secret second(std::move(first));
  EXPECT_EQ(second.Reveal(), "hunter2");
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): this is what is tested
}

TEST(SecretTest, AssignmentReplaces) {
  Secret secret("old");
  secret = Secret("newer");
  EXPECT_EQ(secret.Reveal(), "newer");
}

TEST(SecretTest, CopyIsItsOwn) {
  Secret copy;
  {
    const Secret original("hunter2");
    copy = original.Copy();
  }
  EXPECT_EQ(copy.Reveal(), "hunter2");
}

TEST(SecretTest, ComparesByContent) {
  const Secret secret("hunter2");
  EXPECT_TRUE(secret.Equals("hunter2"));
  EXPECT_FALSE(secret.Equals("hunter3"));
  EXPECT_FALSE(secret.Equals("hunter"));
}

TEST(WipeStringTest, OverwritesBeforeItClears) {
  std::string text = "a secret that is too long to be stored inside of the string object";
  const char* const bytes = text.data();
  const std::size_t size = text.size();
  WipeString(text);
  EXPECT_TRUE(text.empty());
  text.resize(size, 'x');  // the same memory: within the capacity
  EXPECT_EQ(text.data(), bytes);
}

}  // namespace
}  // namespace switchyard::config
