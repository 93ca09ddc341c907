// The forms in which Last.fm (HetRec), RecBole, KuaiRand and MicroLens publish their data.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "feed/ingest/import.h"
#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Folder : TemporaryFolder {
  std::filesystem::path write(std::string_view name, std::string_view text) const {
    std::filesystem::create_directories((*this / name).parent_path());
    std::ofstream(*this / name, std::ios::binary) << text;
    return *this / name;
  }
};

TEST(ImportLastfm, ArtistsAreLikedByWhoeverListensAndHaveTheTagsThatListenersAgreeOn) {
  const Folder folder;
  folder.write("artists.dat", "id\tname\turl\tpictureURL\n51\tDuran Duran\thttp://l/dd\thttp://p\n52\tMorcheeba\t\t\n");
  folder.write("user_artists.dat", "userID\tartistID\tweight\n2\t51\t13883\n2\t52\t0\n3\t51\t  7\n3\t52\tmany\n");
  folder.write("tags.dat", "tagID\ttagValue\n1\tnew wave\n2\t80s\n3\tmine alone\n");
  folder.write("user_taggedartists.dat",
               "userID\tartistID\ttagID\tday\tmonth\tyear\n2\t51\t2\t1\t4\t2009\n3\t51\t2\t1\t4\t2009\n"
               "4\t51\t2\t1\t4\t2009\n2\t51\t1\t1\t4\t2009\n3\t51\t1\t1\t4\t2009\n2\t51\t3\t1\t4\t2009\n");
  const auto imported = read_lastfm(folder.path()).value();
  ASSERT_EQ(imported.items.size(), 2U);
  EXPECT_EQ(imported.items[0].title, "Duran Duran");
  EXPECT_THAT(imported.items[0].tags, ElementsAre("80s", "new wave"));
  ASSERT_EQ(imported.events.size(), 2U) << "0 plays are none";
  EXPECT_EQ(imported.events[1].user, UserId("3"));
  EXPECT_EQ(imported.events[0].time, imported.events[1].time)
      << "lines are in the order of plays, which is none in time";
  ASSERT_EQ(imported.bad.size(), 1U);
  EXPECT_THAT(describe(imported.bad[0]), HasSubstr("user_artists.dat:5: "));
  EXPECT_THAT(read_lastfm(folder / "tags.dat").error().message, HasSubstr("user_artists.dat and artists.dat"));
}

TEST(ImportRecbole, RatingsTitlesAndTagsAreReadByTheirColumns) {
  const Folder folder;
  folder.write(
      "films.item",
      "item_id:token\tmovie_title:token_seq\tclass:token_seq\n242\tKolya \"the boy\"\tComedy Drama\n302\t\t\n");
  folder.write("other.item", "item_id:token\tname:token\n1\tNot of these films\n");
  const auto path = folder.write("films.inter",
                                 "user_id:token\ttimestamp:float\titem_id:token\trating:float\n"
                                 "196\t881250949\t242\t3\n22\t878887116.5\t302\t4.5\n");
  const auto imported = read_recbole(path).value();
  ASSERT_EQ(imported.bad.size(), 0U) << describe(imported.bad[0]);
  ASSERT_EQ(imported.items.size(), 2U);
  EXPECT_EQ(imported.items[0].title, "Kolya \"the boy\"");
  EXPECT_THAT(imported.items[0].tags, ElementsAre("Comedy", "Drama"));
  EXPECT_EQ(imported.items[1].title, "302");
  ASSERT_EQ(imported.events.size(), 2U);
  EXPECT_EQ(imported.events[0].type, EventType::kRating);
  EXPECT_EQ(imported.events[0].user, UserId("196"));
  EXPECT_EQ(imported.events[1].value, 4.5);
  EXPECT_EQ(imported.events[1].time, 878887116);
}

TEST(ImportRecbole, WithoutRatingsRowsAreLikesInTheOrderOfLines) {
  const Folder folder;
  folder.write("a.inter", "user_id:token\titem_id:token\nann\tx\nann\ty\n");
  const auto imported = read_recbole(folder.path()).value();
  ASSERT_EQ(imported.events.size(), 2U);
  EXPECT_EQ(imported.events[0].type, EventType::kLike);
  EXPECT_LT(imported.events[0].time, imported.events[1].time);
}

TEST(ImportRecbole, BadRowsAndMissingColumnsAreNamedWithFileAndLine) {
  const Folder folder;
  const auto path = folder.write("a.inter",
                                 "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
                                 "ann\tx\tmany\t1\nann\ty\t9\t1\nann\tz\t4\nann\tw\t4\t-1\n\tv\t4\t1\nann\tv\t4\t1\n");
  const auto imported = read_recbole(path).value();
  EXPECT_EQ(imported.events.size(), 1U);
  ASSERT_EQ(imported.bad.size(), 5U);
  EXPECT_THAT(describe(imported.bad[0]), HasSubstr("a.inter:2: rating is \"many\""));
  EXPECT_THAT(describe(imported.bad[1]), HasSubstr("0 to 5"));
  EXPECT_THAT(describe(imported.bad[2]), HasSubstr("has 3 cells, the header names 4"));
  EXPECT_EQ(imported.bad[3].error.field, "timestamp");
  EXPECT_EQ(imported.bad[4].error.field, "user");
  EXPECT_THAT(read_recbole(folder.write("b.inter", "user_id:token\titem:token\na\tb\n")).error().message,
              HasSubstr("b.inter: line 1: no column \"item_id\""));
  EXPECT_THAT(read_recbole(folder.write("c/d.txt", "").parent_path()).error().message, HasSubstr("no file .inter"));
}

TEST(ImportKuairand, ARowIsAViewAndWhatWasDoneWithIt) {
  const Folder folder;
  folder.write("data/log_standard_a.csv",
               "user_id,video_id,date,hourmin,time_ms,is_click,is_like,is_follow,is_comment,is_forward,is_hate,"
               "long_view,play_time_ms,duration_ms\n"
               "0,7,20220408,700,1649375047000,1,1,0,0,1,0,1,30000,20000\n"
               "0,8,20220408,700,1649375100000,0,0,0,0,0,1,0,2000,20000\n"
               "1,8,20220408,700,1649375200000,0,0,0,0,0,0,0,0,20000\n");
  folder.write("data/video_features_basic_pure.csv", "video_id,author_id,tag\n7,55,\"12,65\"\n8,56,\n");
  const auto imported = read_kuairand(folder.path()).value();
  ASSERT_EQ(imported.bad.size(), 0U) << describe(imported.bad[0]);
  ASSERT_EQ(imported.items.size(), 2U);
  EXPECT_EQ(imported.items[0].creator, "55");
  EXPECT_THAT(imported.items[0].tags, ElementsAre("12", "65"));
  std::vector<EventType> types;
  for (const auto& event : imported.events) types.push_back(event.type);
  EXPECT_THAT(types, ElementsAre(EventType::kView, EventType::kClick, EventType::kLike, EventType::kShare,
                                 EventType::kView, EventType::kDislike, EventType::kImpression));
  EXPECT_EQ(imported.events[0].value, 1.0) << "longer than the video";
  EXPECT_EQ(imported.events[4].value, 0.1);
  EXPECT_EQ(imported.events[0].time, 1649375047);
  EXPECT_FALSE(imported.events[2].value.has_value());
}

TEST(ImportKuairand, ABadRowLeavesNoHalfOfItself) {
  const Folder folder;
  const auto path = folder.write("log_standard.csv",
                                 "user_id,video_id,time_ms,is_like,is_hate,play_time_ms,duration_ms\n"
                                 "0,7,1649375047000,1,yes,3,4\n0,7,soon,0,0,3,4\n");
  const auto imported = read_kuairand(path).value();
  EXPECT_EQ(imported.events.size(), 0U);
  ASSERT_EQ(imported.bad.size(), 2U);
  EXPECT_THAT(describe(imported.bad[0]), HasSubstr("log_standard.csv:2: is_hate is \"yes\""));
  EXPECT_THAT(describe(imported.bad[1]), HasSubstr("log_standard.csv:3: time_ms"));
}

TEST(ImportMicrolens, PairsTitlesAndCommentsBelongTogether) {
  const Folder folder;
  folder.write("MicroLens-50k_pairs.csv", "user,item,timestamp\n1,10,1583378629552\n2,10,1584541112000\n");
  folder.write("MicroLens-50k_titles.csv", "item,title\n10,\"Cats, again\"\n");
  folder.write("MicroLens-50k_comments.csv", "user,item,comment\n2,10,so sweet\n3,10,who am I\n");
  const auto imported = read_microlens(folder.path()).value();
  ASSERT_EQ(imported.items.size(), 1U);
  EXPECT_EQ(imported.items[0].title, "Cats, again");
  ASSERT_EQ(imported.events.size(), 3U);
  EXPECT_EQ(imported.events[0].type, EventType::kLike);
  EXPECT_EQ(imported.events[0].time, 1583378629);
  EXPECT_EQ(imported.events[2].type, EventType::kComment);
  EXPECT_EQ(imported.events[2].text, "so sweet");
  EXPECT_EQ(imported.events[2].time, 1584541112);
  ASSERT_EQ(imported.bad.size(), 1U);
  EXPECT_THAT(describe(imported.bad[0]), HasSubstr("_comments.csv:3: the user and item"));
}

TEST(Import, EveryFormatIsThereByName) {
  const Folder folder;
  for (const auto& format : import_formats())
    EXPECT_EQ(read_import(format, folder / "nothing", 0).error().message.find("no import format"), std::string::npos);
  EXPECT_THAT(read_import("recbol", folder.path(), 0).error().message, HasSubstr("microlens"));
}

}  // namespace
}  // namespace zhiyin
