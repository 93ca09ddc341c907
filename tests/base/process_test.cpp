#include "base/process.h"

#include <gmock/gmock.h>

#include <array>

namespace zhiyin {
namespace {

using ::testing::HasSubstr;

TEST(RunProgram, ReturnsTheExitCode) {
  EXPECT_EQ(run_program(std::array<std::string, 1>{"true"}).value(), 0);
  EXPECT_EQ(run_program(std::array<std::string, 3>{"sh", "-c", "exit 7"}).value(), 7);
}

TEST(RunProgram, PassesArgumentsAsTheyAre) {
  EXPECT_EQ(run_program(std::array<std::string, 5>{"sh", "-c", R"(test "$1" = 'a b"c')", "sh", "a b\"c"}).value(), 0);
}

TEST(RunProgram, TellsASignalFromAnExit) {
  EXPECT_EQ(run_program(std::array<std::string, 3>{"sh", "-c", "kill -9 $$"}).value(), 137);
}

TEST(RunProgram, NamesAProgramThatIsNotThere) {
  const auto ran = run_program(std::array<std::string, 1>{"no-such-program-at-all"});
  ASSERT_FALSE(ran.ok());
  EXPECT_EQ(ran.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(ran.error().message, HasSubstr("no-such-program-at-all"));
}

TEST(CpuSeconds, CountWhatAnotherProgramUsed) {
  const double before = cpu_seconds_with_children();
  EXPECT_EQ(
      run_program(std::array<std::string, 3>{"sh", "-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"}).value(),
      0);
  EXPECT_GT(cpu_seconds_with_children() - before, 0.01);
}

}  // namespace
}  // namespace zhiyin
