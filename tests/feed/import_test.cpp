#include "feed/ingest/import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "support/world.h"

namespace zhiyin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr UnixSeconds kNow = 1'700'000'000;

struct Folder : TemporaryFolder {
  std::filesystem::path write(std::string_view name, std::string_view text) const {
    std::ofstream(*this / name, std::ios::binary) << text;
    return *this / name;
  }
};

TEST(ImportCsv, ReadsItemsByTheirColumnNames) {
  const Folder folder;
  const auto imported =
      read_csv(folder.write("items.csv", "id,title,tags\na,\"Cats, dogs\",animals|fun\nb,知音,\n"), kNow).value();
  ASSERT_EQ(imported.items.size(), 2U);
  EXPECT_EQ(imported.items[0].title, "Cats, dogs");
  EXPECT_THAT(imported.items[0].tags, ElementsAre("animals", "fun"));
  EXPECT_EQ(imported.items[1].title, "知音");
}

TEST(ImportCsv, AWrongColumnNamesTheNearestOne) {
  const Folder folder;
  const auto imported = read_csv(folder.write("items.csv", "id,titel\na,x\n"), kNow);
  ASSERT_FALSE(imported.ok());
  EXPECT_THAT(imported.error().message, HasSubstr("\"titel\""));
  EXPECT_THAT(imported.error().message, HasSubstr("\"title\""));
}

TEST(ImportCsv, ANegativeTimeIsABadRowWithItsLine) {
  const Folder folder;
  const auto imported =
      read_csv(folder.write("e.csv", "type,user,item,time\nlike,ann,a,5\nlike,ann,b,-5\n"), kNow).value();
  EXPECT_EQ(imported.events.size(), 1U);
  ASSERT_EQ(imported.bad.size(), 1U);
  EXPECT_EQ(imported.bad[0].line, 3U);
  EXPECT_EQ(imported.bad[0].error.field, "time");
}

TEST(ImportCsv, BadUtf8NamesTheLine) {
  const Folder folder;
  const auto imported = read_csv(folder.write("i.csv", "id,title\na,\xff\xfe\n"), kNow);
  ASSERT_FALSE(imported.ok());
  EXPECT_THAT(imported.error().message, HasSubstr("line 2"));
}

TEST(ImportJsonl, TellsEventsFromItems) {
  const Folder folder;
  const auto imported = read_jsonl(folder.write("x.jsonl",
                                                R"({"id":"a","title":"A"}
{"type":"like","user":"ann","item":"a","time":7}
not json
)"),
                                   kNow)
                            .value();
  EXPECT_EQ(imported.items.size(), 1U);
  EXPECT_EQ(imported.events.size(), 1U);
  ASSERT_EQ(imported.bad.size(), 1U);
  EXPECT_EQ(imported.bad[0].line, 3U);
}

TEST(ImportPairs, OrderOfLinesIsTheOrderInTime) {
  const Folder folder;
  const auto imported = read_pairs(folder.write("p.tsv", "ann\tx\nann\ty\t1\t900\nann\n")).value();
  ASSERT_EQ(imported.events.size(), 2U);
  EXPECT_EQ(imported.events[0].time, 1);
  EXPECT_EQ(imported.events[1].time, 900);
  EXPECT_EQ(imported.bad.size(), 1U);
}

TEST(ImportMovielens, ReadsTheJoinedTable) {
  const Folder folder;
  const auto path = folder.write("ratings.csv",
                                 "movieId,title,year,genres,userId,rating,timestamp\n"
                                 "31,\"Dangerous Minds\",1995,Drama,1,2.5,1260759144\n"
                                 "1029,Dumbo,1941,Animation|Children,1,3,1260759179\n"
                                 "31,\"Dangerous Minds\",1995,Drama,2,6,1260759144\n");
  const auto imported = read_movielens(path).value();
  EXPECT_EQ(imported.items.size(), 2U);
  EXPECT_THAT(imported.items[1].tags, ElementsAre("Animation", "Children"));
  EXPECT_EQ(imported.events.size(), 2U);
  ASSERT_EQ(imported.bad.size(), 1U) << "six stars";
  EXPECT_EQ(imported.bad[0].error.field, "rating");
}

TEST(ImportMovielens, ReadsThe100KFolderInItsOldEncoding) {
  const Folder folder;
  const std::string genres = "0|0|0|1|1|1|0|0|0|0|0|0|0|0|0|0|0|0|0";
  folder.write("u.item",
               "1|Toy Story (1995)|01-Jan-1995||url|" + genres + "\n2|Les Mis\xe9rables|||url|" + genres + "\n");
  folder.write("u.data", "196\t1\t3\t881250949\n22\t2\t5\t878887116\n");
  const auto imported = read_movielens(folder.path()).value();
  ASSERT_EQ(imported.items.size(), 2U);
  EXPECT_EQ(imported.items[1].title, "Les Misérables");
  EXPECT_THAT(imported.items[0].tags, ElementsAre("Animation", "Children's", "Comedy"));
  EXPECT_EQ(imported.events.size(), 2U);
}

TEST(ImportMovielens, SaysWhatItLookedForInAFolderOfSomethingElse) {
  const Folder folder;
  const auto imported = read_movielens(folder.path());
  ASSERT_FALSE(imported.ok());
  EXPECT_THAT(imported.error().message, HasSubstr("ratings.csv"));
}

TEST(Import, BadRowsRefuseTheFileAndNothingIsWritten) {
  World world;
  const Folder folder;
  const auto path = folder.write("e.csv", "type,user,item\nlike,ann,a\nlikes,ann,b\n");
  const auto report = import_all(read_csv(path, kNow).value(), *world.ingest, *world.store, false);
  ASSERT_FALSE(report.ok());
  EXPECT_THAT(report.error().message, HasSubstr("e.csv:3"));
  EXPECT_EQ(world.store->count_items().value(), 0);
  EXPECT_EQ(world.log->last_offset().value(), 0);
}

TEST(Import, KeepGoingLeavesOnlyTheBadRowsOut) {
  World world;
  const Folder folder;
  const auto path = folder.write("e.csv", "type,user,item\nlike,ann,a\nlikes,ann,b\n");
  const auto report = import_all(read_csv(path, kNow).value(), *world.ingest, *world.store, true).value();
  EXPECT_EQ(report.events, 1);
  EXPECT_EQ(report.left_out, 1);
}

TEST(Import, AnItemGivenTwiceIsReportedAndTheLaterRowWins) {
  World world;
  const Folder folder;
  const auto path = folder.write("items.csv", "id,title\na,First\nb,Between\na,Second\na,Third\n");
  auto imported = read_csv(path, kNow).value();
  ASSERT_EQ(imported.items.size(), 2U);
  ASSERT_EQ(imported.repeated.size(), 2U);
  EXPECT_EQ(imported.repeated[0].id, ItemId("a"));
  EXPECT_EQ(imported.repeated[0].line, 4U);
  EXPECT_EQ(imported.repeated[0].first_line, 2U);
  EXPECT_EQ(imported.repeated[1].line, 5U);
  EXPECT_EQ(imported.repeated[1].first_line, 4U);
  const auto report = import_all(std::move(imported), *world.ingest, *world.store, false).value();
  EXPECT_EQ(report.items, 2);
  EXPECT_EQ(report.repeated_items, 2);
  EXPECT_EQ(world.store->item(ItemId("a")).value()->title, "Third");
}

TEST(Import, EveryFormatOfItemsReportsRepeats) {
  const Folder folder;
  EXPECT_EQ(read_jsonl(folder.write("x.jsonl", "{\"id\":\"a\"}\n\n{\"id\":\"a\",\"title\":\"A\"}\n"), kNow)
                .value()
                .repeated.at(0)
                .line,
            3U);
  folder.write("movies.csv", "movieId,title,genres\n1,One,Drama\n1,Again,Drama\n");
  folder.write("ratings.csv", "userId,movieId,rating,timestamp\n7,1,5,1260759144\n");
  const auto films = read_movielens(folder.path()).value();
  ASSERT_EQ(films.items.size(), 1U);
  EXPECT_EQ(films.items[0].title, "Again");
  EXPECT_EQ(films.repeated.at(0).line, 3U);
}

TEST(Import, TheSameFileTwiceChangesNothing) {
  World world;
  const Folder folder;
  const auto path = folder.write("p.tsv", "ann\tx\t1\t900\nann\ty\t1\t901\nann\ty\t1\t901\n");
  const auto first = import_all(read_pairs(path).value(), *world.ingest, *world.store, false).value();
  EXPECT_EQ(first.items, 2) << "items that only events name are added";
  EXPECT_EQ(first.events, 2);
  EXPECT_EQ(first.duplicates, 1);
  const auto second = import_all(read_pairs(path).value(), *world.ingest, *world.store, false).value();
  EXPECT_EQ(second.events, 0);
  EXPECT_EQ(second.duplicates, 3);
  EXPECT_EQ(world.log->last_offset().value(), 2);
}

}  // namespace
}  // namespace zhiyin
