// The home's own nets, as a user gets them: pretrain, scan, fine-tune, inspect.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "base/file.h"
#include "base/json.h"
#include "state/store/sqlite/sqlite_store.h"
#include "support/media_files.h"
#include "support/program.h"

namespace zhiyin {
namespace {

using testing::HasSubstr;

class PretrainProgram : public testing::Test {
 protected:
  PretrainProgram() {
    ::setenv("ZHIYIN_CACHE", media_.path("no-models").c_str(), 1);  // nobody else's models
    for (const auto* clip : {"a", "b", "c", "d"}) film(clip);
  }
  ~PretrainProgram() override { ::unsetenv("ZHIYIN_CACHE"); }

  // Half a second of one colour and one tone, both told by the name.
  void film(std::string_view name) const {
    std::filesystem::create_directories(media_.path("films"));
    const int letter = name.front() - 'a';
    media_.ffmpeg(fmt::format("films/{}.mp4", name),
                  fmt::format("-f lavfi -i color=0x{:02x}4080:s=64x48:d=0.5 -f lavfi -i "
                              "sine=frequency={}:duration=0.5 -pix_fmt yuv420p",
                              40 * letter, 220 * (letter + 1)));
  }

  [[nodiscard]] ProgramRun zhiyin(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"--home", media_.path("home").string(), "--json"});
    return run_program(arguments);
  }
  Json json(std::vector<std::string> arguments) const {
    const auto run = zhiyin(std::move(arguments));
    EXPECT_EQ(run.exit_code, 0) << run.errors;
    auto parsed = Json::parse(run.output);
    return parsed.ok() ? std::move(parsed).value() : Json();
  }
  Json scan() const { return json({"scan", media_.path("films").string()}); }

  // By the name of their file.
  [[nodiscard]] std::map<std::string, std::string> items() const {
    std::map<std::string, std::string> ids;
    const auto store = open_sqlite_store(media_.path("home") / "catalogue.db").value();
    EXPECT_TRUE(store
                    ->each_item([&](Item&& item) {
                      ids[std::filesystem::path(item.media.path).stem().string()] = item.id.value;
                    })
                    .ok());
    return ids;
  }
  // The version of an encoder's vector of the item; -1: it has none.
  [[nodiscard]] std::int64_t version_of(const std::string& encoder, const std::string& item) const {
    const auto shown = json({"inspect", "item", item});
    for (const auto& vector : shown["vectors"].elements()) {
      if (vector["encoder"].as_string() == encoder) return vector["version"].as_integer();
    }
    return -1;
  }
  // Two people like a and b, two like c and d.
  void people_touch_what_there_is() const {
    const auto ids = items();
    std::string lines;
    for (const auto* user : {"ann", "ben"})
      lines += fmt::format("{0}\t{1}\n{0}\t{2}\n", user, ids.at("a"), ids.at("b"));
    for (const auto* user : {"cai", "dan"})
      lines += fmt::format("{0}\t{1}\n{0}\t{2}\n", user, ids.at("c"), ids.at("d"));
    media_.write("pairs.tsv", lines);
    EXPECT_EQ(zhiyin({"import", "pairs", media_.path("pairs.tsv").string()}).exit_code, 0);
  }

  MediaFolder media_;
};

TEST_F(PretrainProgram, LearnsFromFilesAndTheNextScanHearsAndSeesNewOnesWithIt) {
  scan();
  const auto learned = json({"pretrain", "--epochs", "2"});
  EXPECT_EQ(learned["version"].as_integer(), 1);
  EXPECT_EQ(learned["sounds"].as_integer(), 4);
  EXPECT_EQ(learned["pictures"].as_integer(), 4);
  EXPECT_EQ(version_of("sound.own", items().at("a")), 1);
  EXPECT_EQ(version_of("vision.own", items().at("a")), 1);

  film("e");
  EXPECT_EQ(scan()["analysed"].as_integer(), 1);
  EXPECT_EQ(version_of("sound.own", items().at("e")), 1);
  EXPECT_EQ(version_of("vision.own", items().at("e")), 1);
}

TEST_F(PretrainProgram, FinetuneGoesOnTowardsBehaviourAndFusionListensToTheNets) {
  scan();
  people_touch_what_there_is();
  const auto too_early = zhiyin({"pretrain", "--finetune"});
  EXPECT_EQ(too_early.exit_code, 1);
  EXPECT_THAT(too_early.errors, HasSubstr("zhiyin pretrain")) << "it says what comes first";

  json({"pretrain", "--epochs", "1"});
  const auto untrained = zhiyin({"pretrain", "--finetune"});
  EXPECT_EQ(untrained.exit_code, 1);
  EXPECT_THAT(untrained.errors, HasSubstr("zhiyin train")) << "it says what makes behaviour known";

  json({"train"});
  const auto tuned = json({"pretrain", "--epochs", "1", "--masked", "1", "--finetune"});
  EXPECT_EQ(tuned["version"].as_integer(), 2);
  EXPECT_EQ(tuned["touched"].as_integer(), 4);
  EXPECT_EQ(version_of("sound.own", items().at("a")), 2);

  json({"train"});
  const auto shown = json({"inspect", "item", items().at("a")});
  double share = 0;
  for (const auto& one : shown["fusion"]["shares"].elements()) {
    if (one["encoder"].as_string().ends_with(".own")) share += one["share"].as_number();
  }
  EXPECT_GT(share, 0);
}

TEST_F(PretrainProgram, OfAnEmptyCatalogueIsRefusedWithWhatToDo) {
  media_.write("items.jsonl", "{\"id\":\"a\",\"title\":\"A film that is elsewhere\"}\n");
  EXPECT_EQ(zhiyin({"import", "jsonl", media_.path("items.jsonl").string()}).exit_code, 0);
  const auto refused = zhiyin({"pretrain"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.errors, HasSubstr("zhiyin scan"));
}

}  // namespace
}  // namespace zhiyin
