// What the senses of pictures add to a perception, and what a missing model costs.
#include "understand/embed/vision/vision_senses.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "base/file.h"
#include "support/media_files.h"
#include "support/temporary_folder.h"
#include "understand/embed/models.h"
#include "understand/embed/senses.h"
#include "understand/embed/vision/adult_score.h"
#include "understand/embed/vision/centernet.h"
#include "understand/embed/vision/known_picture.h"

namespace zhiyin {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> names_of(const Senses& senses) {
  std::vector<std::string> names;
  for (const auto& sense : senses) names.emplace_back(sense->name());
  return names;
}

Decoded pictures(std::vector<Frame> frames) {
  Decoded decoded;
  decoded.kind = frames.size() == 1 ? MediaKind::kImage : MediaKind::kVideo;
  for (std::size_t i = 0; i < frames.size(); ++i) frames[i].time_s = static_cast<double>(i);
  decoded.frames = std::move(frames);
  return decoded;
}

// The senses of the cache, or a skip where the models are not ready.
class VisionSenses : public testing::Test {
 protected:
  void SetUp() override {
    const auto statuses = prepare_models(model_cache(), find_manifest().value());
    ASSERT_TRUE(statuses.ok()) << statuses.error().message;
    for (const auto& status : *statuses) {
      if (status.model.folder == CenterNet::kFolder && !status.ready) {
        GTEST_SKIP() << "NOT TESTED: there are no models of pictures in " << model_cache()
                     << "; `./run setup` fetches them";
      }
    }
  }
  static Perception seen(const Decoded& decoded) {
    static const auto senses = [] {
      Senses opened;
      open_vision_senses(model_cache(), opened);
      return opened;
    }();
    return perceive(senses, decoded);
  }
};

TEST_F(VisionSenses, TagWhatIsThereAndDescribeTheWhole) {
  const auto found = seen(pictures({known_picture(320), plain_frame(320, 180, 10, 10, 10)}));
  const auto tag = std::ranges::find(found.tags, "stop sign", &PerceivedTag::name);
  ASSERT_NE(tag, found.tags.end());
  EXPECT_GT(tag->confidence, 0.6);
  EXPECT_EQ(tag->encoder, "vision.centernet");
  const auto vector = std::ranges::find(found.vectors, "vision.centernet", &StoredVector::encoder);
  ASSERT_NE(vector, found.vectors.end());
  ASSERT_EQ(vector->values.size(), 160U);
  EXPECT_NEAR(vector->values[80 + 11], tag->confidence, 1e-6) << "the maximum over the frames";
  EXPECT_LT(vector->values[11], vector->values[80 + 11]) << "the mean over the frames";
  const auto look = std::ranges::find(found.vectors, "vision.centernet.look", &StoredVector::encoder);
  ASSERT_NE(look, found.vectors.end());
  EXPECT_EQ(look->values.size(), CenterNet::kLook);
}

TEST_F(VisionSenses, AFileWithoutPicturesGivesNothing) {
  const auto found = seen(Decoded{});
  EXPECT_TRUE(found.vectors.empty());
  EXPECT_TRUE(found.tags.empty());
  EXPECT_TRUE(found.facts.members().empty());
  for (const auto& run : found.runs) EXPECT_EQ(run.problem, "") << run.encoder;
}

TEST_F(VisionSenses, OfDrawnShapesNothingIsAdult) {
  EXPECT_LT(seen(pictures({known_picture(320)})).facts["adult"].as_number(1), 0.2);
  EXPECT_LT(seen(pictures({known_picture(320), plain_frame(320, 180, 224, 172, 150)})).facts["adult"].as_number(1),
            0.2);
}

TEST_F(VisionSenses, TheAdultScoreIsInNoVectorAndNoTag) {
  const auto found = seen(pictures({known_picture(320)}));
  for (const auto& vector : found.vectors) EXPECT_THAT(vector.encoder, Not(HasSubstr("adult")));
  for (const auto& tag : found.tags) EXPECT_THAT(tag.encoder, Not(HasSubstr("adult")));
}

TEST(AdultScoreOfAFile, IsThatOfItsMiddleFrameAndNotOfItsWorst) {
  EXPECT_EQ(adult_score({}), 0);
  EXPECT_EQ(adult_score({0.9}), 0.9);
  EXPECT_EQ(adult_score({0.9, 0.1}), 0.1);
  EXPECT_EQ(adult_score({0.01, 0.99, 0.02, 0.98}), 0.02);
  EXPECT_EQ(adult_score({0.95, 0.01, 0.99}), 0.95);
}

TEST(MissingModels, CostTheirSensesAndTheLogNamesTheMend) {
  const TemporaryFolder cache;
  Senses senses;
  testing::internal::CaptureStderr();
  open_vision_senses(cache.path(), senses);
  const auto log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(names_of(senses), Contains("picture.classic"));
  EXPECT_THAT(names_of(senses), Contains("vision.phash"));
  EXPECT_THAT(names_of(senses), Not(Contains("vision.centernet")));
  EXPECT_THAT(log, HasSubstr("vision.centernet"));
  EXPECT_THAT(log, HasSubstr("./run setup"));
  const auto found = perceive(senses, pictures({known_picture(64)}));
  EXPECT_EQ(found.vectors.size(), 1U);
}

TEST(DamagedModels, CostTheirSensesOnly) {
  const TemporaryFolder cache;
  std::filesystem::create_directories(cache / CenterNet::kFolder);
  ASSERT_TRUE(write_file_atomic(cache / CenterNet::kFolder / "centernet.onnx", "half a model").ok());
  Senses senses;
  testing::internal::CaptureStderr();
  open_vision_senses(cache.path(), senses);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("centernet.onnx"));
  EXPECT_THAT(names_of(senses), Not(Contains("vision.centernet")));
  EXPECT_THAT(names_of(senses), Contains("picture.classic"));
}

}  // namespace
}  // namespace zhiyin
