// home/zhiyin.toml: what may be said there, and what is answered to what may not.
#include "app/config/settings.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SettingsTest : public ::testing::Test {
 protected:
  Result<Settings> load(const std::string& text) {
    EXPECT_TRUE(write_file_atomic(folder_ / "zhiyin.toml", text).ok());
    return load_settings(folder_ / "zhiyin.toml");
  }
  std::string refusal(const std::string& text) {
    const auto loaded = load(text);
    return loaded.ok() ? "" : loaded.error().message;
  }
  TemporaryFolder folder_;
};

TEST_F(SettingsTest, AreTheDefaultsWhereThereIsNoFile) {
  const auto loaded = load_settings(folder_ / "zhiyin.toml");
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->server.port, 8080);
  EXPECT_EQ(loaded->scan.key_frames, DecodeLimits().key_frames);
}

TEST_F(SettingsTest, TakeWhatTheFileSaysAndLeaveTheRest) {
  const auto loaded =
      load("[scan]\nkey_frames = 3\n[recommend]\nfresh_quota = 0.25\n[serve]\naddress = \"0.0.0.0\"\nport = 0\n");
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_EQ(loaded->scan.key_frames, 3);
  EXPECT_EQ(loaded->service.recommend.fresh_quota, 0.25);
  EXPECT_EQ(loaded->server.address, "0.0.0.0");
  EXPECT_EQ(loaded->server.port, 0);
  EXPECT_EQ(loaded->scan.wall_s, DecodeLimits().wall_s);
}

TEST_F(SettingsTest, TheFileWithEveryKeyAtItsDefaultIsTheDefault) {
  const auto text = default_settings_text();
  const auto loaded = load(text);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_EQ(loaded->scan.memory_bytes, DecodeLimits().memory_bytes);
  EXPECT_EQ(loaded->service.refresh_s, ServiceOptions().refresh_s);
  EXPECT_THAT(text, HasSubstr("[scan]"));
}

TEST_F(SettingsTest, AChoiceIsOneOfItsWords) {
  EXPECT_EQ(load("")->store.vectors, VectorPrecision::kHalf);
  EXPECT_EQ(load("[store]\nvectors = \"int8\"\n")->store.vectors, VectorPrecision::kInt8);
  EXPECT_EQ(load("[store]\nvectors = \"float\"\n")->store.vectors, VectorPrecision::kFloat);
  EXPECT_THAT(refusal("[store]\nvectors = \"double\"\n"),
              HasSubstr("zhiyin.toml:2: store.vectors is \"double\": \"float\", \"half\", \"int8\" is allowed"));
}

TEST_F(SettingsTest, SayWhatEventsMean) {
  const auto loaded =
      load("[events]\nskip = -2\nview_curve = \"0:-0.5 0.5:0 1:1\"\nttl_days = 90\nmax_waiting = 1000\n");
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  const auto& meaning = loaded->service.live.events;
  EXPECT_EQ(meaning.weight[static_cast<std::size_t>(EventType::kSkip)], -2);
  EXPECT_EQ(meaning.weight[static_cast<std::size_t>(EventType::kLike)], 1);
  EXPECT_DOUBLE_EQ(meaning.view.at(0.25), -0.25);
  EXPECT_EQ(meaning.ttl_days, 90);
  EXPECT_EQ(loaded->service.ingest.max_waiting_events, 1000U);
  EXPECT_THAT(refusal("[events]\nview_curve = \"1:1 0:0\"\n"),
              HasSubstr("zhiyin.toml:2: events.view_curve: 0 stands after"));
  EXPECT_THAT(refusal("[events]\nskipp = 1\n"), HasSubstr("events.skip"));
}

TEST_F(SettingsTest, RefuseAnUnknownKeyByLineAndNameTheNearest) {
  const auto said = refusal("[serve]\nport = 1\nadress = \"::1\"\n");
  EXPECT_THAT(said, HasSubstr("zhiyin.toml:3: serve.adress"));
  EXPECT_THAT(said, HasSubstr("serve.address"));
}

TEST_F(SettingsTest, RefuseWhatIsOutOfRangeOrOfAnotherType) {
  EXPECT_THAT(refusal("[serve]\nport = 70000\n"), HasSubstr("zhiyin.toml:2: serve.port is 70000: from 0 to 65535"));
  EXPECT_THAT(refusal("[serve]\nport = \"80\"\n"), HasSubstr("serve.port must be a number"));
  EXPECT_THAT(refusal("[serve]\nport = 80.5\n"), HasSubstr("serve.port must be a whole number"));
  EXPECT_THAT(refusal("[serve]\naddress = 1\n"), HasSubstr("serve.address must be a text"));
  EXPECT_THAT(refusal("[recommend]\nfresh_quota = nan\n"), HasSubstr("recommend.fresh_quota"));
}

TEST_F(SettingsTest, RefuseAKeyOutsideASectionAndBrokenToml) {
  EXPECT_THAT(refusal("port = 80\n"), HasSubstr("zhiyin.toml:1: port stands outside a section"));
  EXPECT_THAT(refusal("[serve]\nport = = 1\n"), HasSubstr("line 2"));
}

TEST_F(SettingsTest, AServerForThisMachineAloneAnswersToItsOwnNamesOnly) {
  EXPECT_THAT(load("[serve]\naddress = \"127.0.0.1\"\n")->allowed_hosts(),
              ElementsAre("localhost", "127.0.0.1", "[::1]"));
  EXPECT_THAT(load("[serve]\naddress = \"0.0.0.0\"\n")->allowed_hosts(), IsEmpty());
  EXPECT_THAT(load("[serve]\nhosts = \"Films.example, ,10.0.0.1\"\n")->allowed_hosts(),
              ElementsAre("films.example", "10.0.0.1"));
}

}  // namespace
}  // namespace zhiyin
