#include "base/csv.h"

#include <gtest/gtest.h>

namespace zhiyin {
namespace {

using Cells = std::vector<std::string>;

TEST(Csv, ReadsQuotesSeparatorsAndLineBreaksInsideThem) {
  const auto rows = parse_csv(
                        "\xef\xbb\xbf"
                        "a,b\r\n\"x, \"\"y\"\"\n z\",2\n\nlast,\n")
                        .value();
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].cells, (Cells{"a", "b"}));
  EXPECT_EQ(rows[1].cells, (Cells{"x, \"y\"\n z", "2"}));
  EXPECT_EQ(rows[2].cells, (Cells{"last", ""}));
  EXPECT_EQ(rows[2].line, 5U) << "a row knows the line it starts on";
}

TEST(Csv, NamesTheLineOfAnOpenQuote) {
  const auto rows = parse_csv("a,b\nc,\"d\n");
  ASSERT_FALSE(rows.ok());
  EXPECT_NE(rows.error().message.find("line 2"), std::string::npos);
}

TEST(Csv, NamesTheLineThatIsNotUtf8) {
  const auto rows = parse_csv("a,b\nc,\xff\n");
  ASSERT_FALSE(rows.ok());
  EXPECT_NE(rows.error().message.find("line 2"), std::string::npos);
}

}  // namespace
}  // namespace zhiyin
