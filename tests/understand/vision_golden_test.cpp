// The converted models of pictures against what TensorFlow.js (4.22, CPU) gave for the same picture, which is made by
// formula; tests/data/vision_golden.json was written once.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/build.h"
#include "base/file.h"
#include "base/json.h"
#include "understand/embed/models.h"
#include "understand/embed/vision/adult_score.h"
#include "understand/embed/vision/centernet.h"
#include "understand/embed/vision/known_picture.h"
#include "understand/embed/vision/nanodet.h"

namespace zhiyin {
namespace {

// The model, converted on the way if the cache has only what was fetched; null where it was not fetched.
template <typename Model>
std::unique_ptr<Model> opened(std::string_view name) {
  const auto statuses = prepare_models(model_cache(), find_manifest().value());
  EXPECT_TRUE(statuses.ok()) << statuses.error().message;
  const auto status = std::ranges::find(*statuses, name, [](const ModelStatus& s) { return s.model.name; });
  if (status == statuses->end() || !status->ready) return nullptr;
  auto model = Model::open(model_cache() / Model::kFolder);
  EXPECT_TRUE(model.ok()) << model.error().message;
  return model.ok() ? std::move(model).value() : nullptr;
}

#define ZY_OPEN_OR_SKIP(Model, model, name) \
  const auto model = opened<Model>(name);   \
  if (model == nullptr)                     \
  GTEST_SKIP() << "NOT TESTED: " name " is not in " << model_cache() << "; `./run setup` fetches it"

// The largest difference from the stored numbers; infinite where their count differs.
double worst_difference(std::span<const float> given, std::string_view model, std::string_view what) {
  static const auto golden = Json::parse(read_file(source_dir() / "tests/data/vision_golden.json").value()).value();
  const auto& expected = golden[model][what].elements();
  if (expected.empty() || expected.size() != given.size()) return INFINITY;
  double worst = 0;
  for (std::size_t i = 0; i < given.size(); ++i) worst = std::max(worst, std::abs(given[i] - expected[i].as_number()));
  std::printf("%s %s: largest difference from the original: %.2g\n", std::string(model).c_str(),
              std::string(what).c_str(), worst);
  return worst;
}

TEST(VisionGolden, CenterNetGivesTheNumbersOfTheOriginal) {
  ZY_OPEN_OR_SKIP(CenterNet, model, "centernet");
  const auto seen = model->view(known_picture(CenterNet::kSide)).value();
  EXPECT_LE(worst_difference(seen.scores, "centernet", "tags"), 1e-5);
  EXPECT_LE(worst_difference(seen.look, "centernet", "features"), 1e-5);
  const auto surest = std::ranges::max_element(seen.scores) - seen.scores.begin();
  EXPECT_EQ(kCocoNames.at(static_cast<std::size_t>(surest)), "stop sign");
}

TEST(VisionGolden, NanoDetGivesTheNumbersOfTheOriginal) {
  ZY_OPEN_OR_SKIP(NanoDet, model, "nanodet");
  const auto seen = model->view(known_picture(NanoDet::kSide)).value();
  EXPECT_LE(worst_difference(seen.scores, "nanodet", "tags"), 1e-5);
  const auto surest = std::ranges::max_element(seen.scores) - seen.scores.begin();
  EXPECT_EQ(kCocoNames.at(static_cast<std::size_t>(surest)), "stop sign");
}

TEST(VisionGolden, TheAdultModelGivesTheNumbersOfTheOriginal) {
  ZY_OPEN_OR_SKIP(AdultModel, model, "nsfw");
  const auto classes = model->classes(known_picture(AdultModel::kSide)).value();
  EXPECT_LE(worst_difference(classes, "nsfw", "classes"), 1e-5);
}

}  // namespace
}  // namespace zhiyin
