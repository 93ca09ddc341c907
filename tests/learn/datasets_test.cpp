#include "learn/eval/datasets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Datasets : public testing::Test {
 protected:
  std::filesystem::path file(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder_ / name).parent_path());
    EXPECT_TRUE(write_file_atomic(folder_ / name, text).ok());
    return folder_ / name;
  }
  std::string error_of_pairs(const std::string& text) {
    Ids ids;
    const auto read = read_pairs(file("pairs.tsv", text), ids);
    return read.ok() ? "" : read.error().message;
  }
  TemporaryFolder folder_;
  Ids ids_;
};

TEST_F(Datasets, PairsAreReadWithAnyIdsAndAHeader) {
  const auto read = read_pairs(file("a.tsv", "user\titem\n知音\tsong 1\t2.5\t100\r\nbob\tsong 1\t1\t50\n"), ids_);
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_EQ(read->events.size(), 2U);
  EXPECT_EQ(ids_.users.text(0), "知音");
  EXPECT_EQ(ids_.items.size(), 1U);
  EXPECT_EQ(read->events[0].weight, 2.5F);
  EXPECT_EQ(read->events[1].time, 50);
}

TEST_F(Datasets, SpacesAroundAFieldAreNoneOfIt) {
  const auto read = read_pairs(file("a.tsv", "61\t65  \t   316\r\n62\t65\t1\n"), ids_);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(ids_.items.size(), 1U);
  EXPECT_EQ(read->events[0].weight, 316);
}

TEST_F(Datasets, RecbolesInterFilesAreReadByTheNamesOfTheirColumns) {
  const auto read = read_pairs(
      file("a.inter", "user_id:token\trating:float\titem_id:token\ttimestamp:float\nann\t4\tx\t881250949.0\n"), ids_);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(ids_.items.text(0), "x");
  EXPECT_EQ(read->events[0].weight, 4);
  EXPECT_EQ(read->events[0].time, 881250949);
  EXPECT_EQ(read_pairs(file("b.inter", "user_id:token\titem_id:token\nann\tx\nann\ty\n"), ids_)->events[1].time, 3);
  EXPECT_THAT(read_pairs(file("c.inter", "user_id:token\titem:token\nann\tx\n"), ids_).error().message,
              HasSubstr("c.inter:1: the header of a .inter file must name user_id and item_id"));
}

TEST_F(Datasets, WithoutTimesTheOrderOfLinesIsTheOrderInTime) {
  const auto read = read_pairs(file("a.tsv", "a\tx\na\ty\na\tx\n"), ids_);
  const auto rows = rows_by_user(read.value().events, 1);
  EXPECT_THAT(history_of(rows[0]).items, ElementsAre(1, 0));  // the later x counts
}

TEST_F(Datasets, BadLinesAreNamed) {
  EXPECT_THAT(error_of_pairs("a\tx\nb\n"), HasSubstr("pairs.tsv:2: one field only"));
  EXPECT_THAT(error_of_pairs("a\tx\tmany\n"), HasSubstr("pairs.tsv:1: value \"many\" is not a number"));
  EXPECT_THAT(error_of_pairs("a\tx\t1\t-5\n"), HasSubstr("pairs.tsv:1: time \"-5\""));
  EXPECT_THAT(error_of_pairs("a\tx\t1\t5\na\ty\n"), HasSubstr("pairs.tsv:2: some lines have a time"));
  EXPECT_THAT(error_of_pairs("a\tx\t1\t5\tmore\n"), HasSubstr("more than four fields"));
  EXPECT_THAT(error_of_pairs("\tx\n"), HasSubstr("pairs.tsv:1:"));
  EXPECT_THAT(error_of_pairs("\n\n"), HasSubstr("no events"));
}

TEST_F(Datasets, RatingsCsvIsReadByTheNamesOfItsColumns) {
  const auto read = read_ratings_csv(
      file("r.csv", "\"movieId\",\"title\",\"userId\",\"rating\",\"timestamp\"\n31,\"A, B\",1,2.5,1260759144\n"), ids_);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->events[0].weight, 2.5F);
  EXPECT_EQ(ids_.items.text(0), "31");
  EXPECT_THAT(read_ratings_csv(file("s.csv", "movieId,userId,stars\n1,2,3\n"), ids_).error().message,
              HasSubstr("no column rating"));
  EXPECT_THAT(read_ratings_csv(file("t.csv", "movieId,userId,rating,timestamp\n1,2,,4\n"), ids_).error().message,
              HasSubstr("t.csv:2: rating is empty"));
}

TEST_F(Datasets, AFolderADataRootAndAFileAllNameTheRatings) {
  file("root/interactions/ml-100k/u.data", "1\t2\t3\t4\n");
  file("films/ratings.csv", "x");
  EXPECT_EQ(find_ratings(folder_ / "root").value().name, "ml-100k");
  EXPECT_EQ(find_ratings(folder_ / "root/interactions/ml-100k").value().name, "ml-100k");
  EXPECT_EQ(find_ratings(folder_ / "films").value().name, "films");
  EXPECT_TRUE(find_ratings(folder_ / "films").value().csv);
  EXPECT_EQ(find_ratings(folder_ / "nowhere").error().code, ErrorCode::kNotFound);
}

TEST(IdTable, SortsNumbersByValueBeforeOtherTexts) {
  IdTable ids;
  for (const auto* id : {"b", "10", "9", "a"}) ids.add(id);
  EXPECT_THAT(ids.sort(), ElementsAre(3, 1, 0, 2));
  EXPECT_EQ(ids.text(0), "9");
  EXPECT_EQ(ids.find("b"), 3U);
  EXPECT_EQ(ids.add("c"), 4U);
}

}  // namespace
}  // namespace zhiyin
