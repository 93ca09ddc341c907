// The tokeniser and the encoder against what the reference implementation and the original model give. The stored
// sentences are ours; their ids and vectors were made once with TensorFlow.js.
#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "base/build.h"
#include "base/file.h"
#include "base/json.h"
#include "understand/embed/models.h"
#include "understand/embed/text/use_encoder.h"
#include "understand/embed/text/use_tokenizer.h"

namespace zhiyin {
namespace {

const Json& golden() {
  static const auto json = Json::parse(read_file(source_dir() / "tests/data/use_golden.json").value()).value();
  return json;
}

std::filesystem::path folder() { return model_cache() / UseEncoder::kFolder; }

double dot(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * b[i];
  return sum;
}

class UseGolden : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(folder() / "vocab.json")) {
      GTEST_SKIP() << "NOT TESTED: there is no text encoder in " << folder() << "; `./run setup` fetches it";
    }
  }
  // Converts on the way if the cache has only what was fetched.
  static std::unique_ptr<UseEncoder> open(UseEncoder::Precision precision, bool chinese) {
    static const auto statuses = prepare_models(model_cache(), find_manifest().value());
    EXPECT_TRUE(statuses.ok()) << statuses.error().message;
    std::shared_ptr<const ChineseBridge> bridge;
    if (chinese) bridge = ChineseBridge::open(model_cache()).value();
    auto opened = UseEncoder::open(folder(), bridge, precision);
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    return opened.ok() ? std::move(opened).value() : nullptr;
  }
  static const UseEncoder* encoder() {
    static const auto instance = open(UseEncoder::Precision::kSmall, true);
    return instance.get();
  }
  // The whole model, of English alone.
  static const UseEncoder* whole() {
    static const auto instance = open(UseEncoder::Precision::kWhole, false);
    return instance.get();
  }
  static std::vector<float> encode(const std::vector<std::string>& texts) { return encoder()->encode(texts).value(); }
  static double cosine(const std::string& a, const std::string& b) {
    const auto vectors = encode({a, b});
    return dot(std::span(vectors).first(UseEncoder::kDim), std::span(vectors).last(UseEncoder::kDim));
  }
};

TEST_F(UseGolden, TokenIdsAreThoseOfTheReference) {
  const auto tokenizer = UseTokenizer::open(folder() / "vocab.json").value();
  std::size_t checked = 0;
  for (const auto& entry : golden()["tokens"].elements()) {
    std::vector<std::int64_t> expected;
    for (const auto& id : entry["ids"].elements()) expected.push_back(id.as_integer());
    EXPECT_EQ(tokenizer.encode(entry["text"].as_string()), expected) << entry["text"].as_string();
    ++checked;
  }
  EXPECT_GT(checked, 50U);
}

TEST_F(UseGolden, VectorsAreThoseOfTheOriginalModel) {
  ASSERT_NE(whole(), nullptr);
  double worst = 0;
  for (const auto& entry : golden()["vectors"].elements()) {
    const auto vector = whole()->encode_one(std::string(entry["text"].as_string())).value();
    const auto& expected = entry["vector"].elements();
    ASSERT_EQ(vector.size(), expected.size());
    for (std::size_t i = 0; i < vector.size(); ++i)
      worst = std::max(worst, std::abs(vector[i] - expected[i].as_number()));
    EXPECT_NEAR(dot(vector, vector), 1.0, 1e-5);
  }
  RecordProperty("worst_difference", std::to_string(worst));
  std::printf("largest difference from the original: %.2g\n", worst);
  EXPECT_LE(worst, 1e-5);
}

TEST_F(UseGolden, TheSmallModelSaysWhatTheWholeOneSaysAtAQuarterOfTheSize) {
  const auto small = open(UseEncoder::Precision::kSmall, false);  // of English alone, as the whole one here
  ASSERT_NE(small, nullptr);
  ASSERT_NE(whole(), nullptr);
  double least = 1, sum = 0;
  std::size_t texts = 0;
  for (const auto& entry : golden()["tokens"].elements()) {
    const std::string text(entry["text"].as_string());
    const auto expected = whole()->encode_one(text).value();
    if (dot(expected, expected) == 0) continue;
    const auto cosine = dot(expected, small->encode_one(text).value());
    EXPECT_GE(cosine, 0.999) << text;
    least = std::min(least, cosine);
    sum += cosine;
    ++texts;
  }
  EXPECT_GT(texts, 30U);
  const auto small_size = std::filesystem::file_size(folder() / "use-lite.int8.onnx");
  const auto whole_size = std::filesystem::file_size(folder() / "use-lite.onnx");
  std::printf("cosine to the whole model over %zu texts: least %.5f, mean %.5f; %.1f of %.1f MB\n", texts, least,
              sum / static_cast<double>(texts), static_cast<double>(small_size) / 1e6,
              static_cast<double>(whole_size) / 1e6);
  EXPECT_LT(small_size * 3, whole_size);
}

TEST_F(UseGolden, ABatchGivesWhatSinglesGive) {
  std::vector<std::string> texts = {"", "如何在家制作麻辣面条"};  // zeros, wherever they stand
  for (int i = 0; i < 70; ++i)
    texts.push_back("clip number " + std::to_string(i) + std::string(static_cast<std::size_t>(i), '.'));
  // In eight bits a last digit can tip a level over, so the small model repeats less exactly.
  for (const auto& [model, tolerance] : {std::pair{whole(), 1e-5}, std::pair{encoder(), 1e-3}}) {
    ASSERT_NE(model, nullptr);
    const auto together = model->encode(texts).value();
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const auto alone = model->encode_one(texts[i]).value();
      for (std::size_t d = 0; d < UseEncoder::kDim; ++d) {
        ASSERT_NEAR(together[i * UseEncoder::kDim + d], alone[d], tolerance) << texts[i];
      }
    }
  }
}

TEST_F(UseGolden, ManyThreadsShareOneEncoder) {
  ASSERT_NE(encoder(), nullptr);
  const auto expected = encode({"The old lighthouse keeper plays the violin at night"});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5; ++i) EXPECT_EQ(encode({"The old lighthouse keeper plays the violin at night"}), expected);
    });
  }
  for (auto& thread : threads) thread.join();
}

TEST_F(UseGolden, ParaphrasesAreNearAndOthersAreFar) {
  ASSERT_NE(encoder(), nullptr);
  const std::vector<std::pair<std::string, std::string>> paraphrases = {
      {"How to cook spicy noodles at home", "Making hot ramen in your own kitchen"},
      {"Soccer match highlights", "The best moments of the football game"},
      {"Relaxing piano music for sleep", "Calm piano songs to fall asleep to"},
      {"Fixing a flat bicycle tyre", "How to repair a punctured bike wheel"},
      {"Learn to play guitar for beginners", "First guitar lessons for new players"},
      {"Funny cats compilation", "Hilarious kitten videos"}};
  double near = 0, far = 0;
  int pairs = 0;
  for (std::size_t i = 0; i < paraphrases.size(); ++i) {
    near += cosine(paraphrases[i].first, paraphrases[i].second) / static_cast<double>(paraphrases.size());
    for (std::size_t j = 0; j < paraphrases.size(); ++j) {
      if (i == j) continue;
      far += cosine(paraphrases[i].first, paraphrases[j].second);
      ++pairs;
    }
  }
  far /= pairs;
  std::printf("mean cosine: paraphrases %.3f, others %.3f\n", near, far);
  EXPECT_GT(near, 0.55);
  EXPECT_LT(far, 0.35);
}

TEST_F(UseGolden, TextThatCannotBeReadGetsZerosAndMixedTextItsReadablePart) {
  ASSERT_NE(encoder(), nullptr);
  ASSERT_NE(whole(), nullptr);
  for (const auto* text : {"", "  ", "한국어 제목", "Привет, мир", "🎵🔥", "?!", "。"}) {
    const auto vector = encode({text});
    EXPECT_EQ(dot(vector, vector), 0) << text;
  }
  for (const auto* text : {"如何在家制作麻辣面条", "日本語のテスト", "如何使用 AI"}) {
    const auto vector = whole()->encode_one(text).value();
    EXPECT_EQ(dot(vector, vector), 0) << text << ": without the dictionaries";
  }
  EXPECT_EQ(whole()->encode_one("machine learning 机器学习 course").value(),
            whole()->encode_one("machine learning course").value());
  EXPECT_EQ(UseEncoder::readable("naïve  café"), "naïve  café");
  EXPECT_NE(encoder()->version(), whole()->version()) << "what Chinese got without the dictionaries is to be made anew";
}

TEST_F(UseGolden, ChineseLandsBesideWhatItMeansInEnglish) {
  ASSERT_NE(encoder(), nullptr);
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"如何在家制作麻辣面条", "How to cook spicy noodles at home"}, {"足球比赛精彩集锦", "Soccer match highlights"},
      {"睡眠放松钢琴音乐", "Relaxing piano music for sleep"},        {"修理自行车轮胎", "Fixing a flat bicycle tyre"},
      {"初学者吉他课程", "Learn to play guitar for beginners"},      {"搞笑小猫合集", "Funny cats compilation"}};
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    for (std::size_t j = 0; j < pairs.size(); ++j) {
      if (i == j) continue;
      EXPECT_GT(cosine(pairs[i].first, pairs[i].second), cosine(pairs[i].first, pairs[j].second))
          << pairs[i].first << " / " << pairs[j].second;
    }
  }
  EXPECT_EQ(encode({"體驗台灣的音樂"}), encode({"体验台湾的音乐"})) << "traditional and simplified are one";
}

}  // namespace
}  // namespace zhiyin
