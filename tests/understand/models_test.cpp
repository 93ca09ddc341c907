// What the cache holds against what the manifest pins.
#include "understand/embed/models.h"
#include "understand/embed/text/use_encoder.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "support/temporary_folder.h"

namespace zhiyin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string manifest_text(const std::string& name, const std::string& files) {
  return "[[model]]\nname = \"" + name +
         "\"\nversion = \"1\"\nfolder = \"models/m\"\npackage = \"p\"\npackage_version = \"1\"\n" +
         "licence = \"MIT\"\nfiles = [" + files + "]\n";
}
std::string pin(const std::string& name, const std::string& bytes) {
  return "{ name = \"" + name + "\", sha256 = \"" + sha256_hex(bytes) + "\" },";
}

class ModelsInCache : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(cache_ / "models/m"); }
  void put(const std::string& name, const std::string& bytes) {
    ASSERT_TRUE(write_file_atomic(cache_ / ("models/m/" + name), bytes).ok());
  }
  std::filesystem::path manifest(const std::string& text) {
    EXPECT_TRUE(write_file_atomic(cache_ / "manifest.toml", text).ok());
    return cache_ / "manifest.toml";
  }
  TemporaryFolder cache_;
};

TEST_F(ModelsInCache, AreVerifiedFileByFile) {
  put("good", "abc");
  put("changed", "abd");
  const auto statuses = model_status(
      cache_.path(), manifest(manifest_text("m", pin("good", "abc") + pin("changed", "abc") + pin("gone", "x"))));
  ASSERT_TRUE(statuses.ok()) << statuses.error().message;
  const auto& status = statuses->at(0);
  EXPECT_FALSE(status.present);
  EXPECT_FALSE(status.verified);
  EXPECT_THAT(status.missing, ElementsAre("gone"));
  EXPECT_THAT(status.changed, ElementsAre("changed"));
  EXPECT_EQ(status.mend, "./run setup");
}

TEST_F(ModelsInCache, AreReadyWhenNothingIsToBeMadeOfThem) {
  put("good", "abc");
  const auto statuses = prepare_models(cache_.path(), manifest(manifest_text("m", pin("good", "abc")))).value();
  EXPECT_TRUE(statuses[0].ready);
  EXPECT_EQ(statuses[0].mend, "");
}

TEST_F(ModelsInCache, ThatAreMissingAreReportedAndNotAnError) {
  const auto statuses = prepare_models(cache_.path(), manifest("[[model]]\noutput = \"o.onnx\"\n" +
                                                               manifest_text("use-lite", pin("gone", "x")).substr(10)));
  ASSERT_TRUE(statuses.ok()) << statuses.error().message;
  EXPECT_FALSE(statuses->at(0).ready);
}

TEST_F(ModelsInCache, AreNotReadAgainWhileTheirSizeAndTimeStay) {
  const auto pinned = manifest(manifest_text("m", pin("m", "abc")));
  const auto now = std::filesystem::file_time_type::clock::now();
  const auto put_at = [&](const std::string& bytes, std::chrono::hours ago) {
    put("m", bytes);
    std::filesystem::last_write_time(cache_ / "models/m/m", now - ago);
  };
  const auto verified = [&](Hashing hashing) {
    return model_status(cache_.path(), pinned, hashing).value().at(0).verified;
  };
  put_at("abc", std::chrono::hours(2));
  EXPECT_TRUE(verified(Hashing::kRemember));
  put_at("abd", std::chrono::hours(1));
  EXPECT_FALSE(verified(Hashing::kRemember)) << "another time";
  put_at("xyz", std::chrono::hours(1));
  EXPECT_FALSE(verified(Hashing::kRemember));
  put_at("abc", std::chrono::hours(1));
  EXPECT_FALSE(verified(Hashing::kRemember)) << "not read: that is what it is for";
  EXPECT_TRUE(verified(Hashing::kRead)) << "the doctor looks";
  put_at("abcd", std::chrono::hours(1));
  EXPECT_FALSE(verified(Hashing::kRemember)) << "another size";
}

TEST_F(ModelsInCache, ThatChangedJustNowAreReadAgain) {
  const auto pinned = manifest(manifest_text("m", pin("m", "abc")));
  put("m", "abc");
  const auto then = std::filesystem::last_write_time(cache_ / "models/m/m");
  EXPECT_TRUE(model_status(cache_.path(), pinned, Hashing::kRemember).value().at(0).verified);
  put("m", "abd");
  std::filesystem::last_write_time(cache_ / "models/m/m", then);
  EXPECT_FALSE(model_status(cache_.path(), pinned, Hashing::kRemember).value().at(0).verified);
}

TEST_F(ModelsInCache, ADamagedMemoryIsNoMemory) {
  put("m", "abc");
  const auto pinned = manifest(manifest_text("m", pin("m", "abc")));
  ASSERT_TRUE(write_file_atomic(cache_ / "hashes.json", "{\"a\": 3, ").ok());
  EXPECT_TRUE(model_status(cache_.path(), pinned, Hashing::kRemember).value().at(0).verified);
}

TEST_F(ModelsInCache, AManifestWithAMistakeNamesTheLine) {
  const auto message = [&](const std::string& text) {
    const auto models = read_manifest(manifest(text));
    return models.ok() ? std::string("no error") : models.error().message;
  };
  EXPECT_THAT(message("[[model]\n"), HasSubstr("line 1"));
  EXPECT_THAT(message("[[model]]\nversion = \"1\"\n"), HasSubstr("name"));
  EXPECT_THAT(message(manifest_text("m", R"({ name = "f", sha256 = "12" })")), HasSubstr("sha256"));
  EXPECT_THAT(message(manifest_text("m", R"({ name = "../../f", sha256 = "12" })")), HasSubstr("out of the cache"));
}

TEST(Manifest, OfTheProjectCanBeRead) {
  const auto models = read_manifest(find_manifest().value());
  ASSERT_TRUE(models.ok()) << models.error().message;
  EXPECT_TRUE(std::ranges::any_of(
      *models, [](const auto& model) { return model.name == "use-lite" && model.outputs.front() == "use-lite.onnx"; }));
}

TEST(PreparedModels, AreRestoredWhenTheOutputIsDamaged) {
  TemporaryFolder cache;
  const auto source = model_cache() / UseEncoder::kFolder;
  if (!std::filesystem::exists(source / "model.json")) {
    GTEST_SKIP() << "NOT TESTED: there is no text encoder in " << source << "; `./run setup` fetches it";
  }
  std::filesystem::create_directories(cache / "models");
  std::filesystem::copy(source, cache / UseEncoder::kFolder);
  const auto output = cache / UseEncoder::kFolder / "use-lite.onnx";
  ASSERT_TRUE(write_file_atomic(output, "half a model").ok());
  const auto use_lite = [](const std::vector<ModelStatus>& statuses) {
    return *std::ranges::find_if(statuses, [](const auto& status) { return status.model.name == "use-lite"; });
  };
  const auto manifest = find_manifest().value();
  EXPECT_EQ(use_lite(model_status(cache.path(), manifest).value()).mend, "zhiyin setup");
  EXPECT_TRUE(use_lite(prepare_models(cache.path(), manifest).value()).ready);
  const auto made = std::filesystem::last_write_time(output);
  EXPECT_TRUE(use_lite(prepare_models(cache.path(), manifest).value()).ready);
  EXPECT_EQ(std::filesystem::last_write_time(output), made) << "a second call makes nothing anew";
}

}  // namespace
}  // namespace zhiyin
