#include "base/lines.h"

#include <gmock/gmock.h>

#include <string>
#include <utility>
#include <vector>

namespace zhiyin {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

std::vector<std::pair<std::size_t, std::string>> lines_of(std::string_view text) {
  std::vector<std::pair<std::size_t, std::string>> all;
  for (Lines lines(text); const auto line = lines.next();) all.emplace_back(lines.number(), *line);
  return all;
}

TEST(Lines, BlankOnesAreCountedAndLeftOut) {
  EXPECT_THAT(lines_of("a\n\n \t\n  b c \n"), ElementsAre(Pair(1, "a"), Pair(4, "b c")));
}

TEST(Lines, EveryLineEndIsLeftOffAndTheLastMayBeMissing) {
  EXPECT_THAT(lines_of("a\r\nb\r\n\r\nc"), ElementsAre(Pair(1, "a"), Pair(2, "b"), Pair(4, "c")));
}

TEST(Lines, NothingHasNone) {
  EXPECT_THAT(lines_of(""), IsEmpty());
  EXPECT_THAT(lines_of("\n\r\n"), IsEmpty());
}

}  // namespace
}  // namespace zhiyin
