#include "learn/eval/understanding_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "base/file.h"
#include "base/kernels/vectors.h"
#include "base/measure/intervals.h"
#include "base/measure/machine.h"
#include "base/text.h"
#include "learn/eval/similarity.h"
#include "learn/eval/text_sets.h"
#include "learn/eval/understanding_compress.h"
#include "understand/embed/models.h"
#include "understand/embed/text/keywords.h"
#include "understand/embed/text/use_encoder.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDim = UseEncoder::kDim;

double mean_of(std::span<const double> hits) {
  return hits.empty() ? 0 : std::accumulate(hits.begin(), hits.end(), 0.0) / static_cast<double>(hits.size());
}

// The nearest of `others` (rows of kDim) by dot product, ties to the earlier.
std::size_t nearest(std::span<const float> asked, std::span<const float> others) {
  std::vector<float> alike(others.size() / kDim);
  row_dots(others.data(), alike.size(), kDim, asked.data(), alike.data());
  return static_cast<std::size_t>(std::ranges::max_element(alike) - alike.begin());
}

std::span<const float> row(const std::vector<float>& rows, std::size_t i) {
  return std::span(rows).subspan(i * kDim, kDim);
}

class TextJudge {
 public:
  TextJudge(const UnderstandingOptions& options, fs::path data, Understanding& out, const UseEncoder& encoder)
      : options_(options), data_(std::move(data)), out_(out), encoder_(encoder) {}

  Result<void> intents() {
    constexpr std::size_t kShots = 10;
    const auto folder = data_ / "text" / "clinc150";
    ZY_TRY(const auto all, read_clinc(folder, "train"));
    ZY_TRY(const auto test, read_clinc(folder, "test"));
    ZY_TRY(const auto shots, draw(all, 1, kShots, out_.table.seed));
    begin(canonical_text(shots[0]) + canonical_text(test));
    ZY_TRY(const auto examples, encode("clinc", shots[0].texts));
    ZY_TRY(const auto asked, encode("clinc", test.texts));
    std::vector<double> hits;
    for (std::size_t i = 0; i < test.size(); ++i) {
      hits.push_back(shots[0].labels[nearest(row(asked, i), examples)] == test.labels[i] ? 1 : 0);
    }
    add_row("clinc", "clinc150", "text.use", {{"nn1", hits}});
    result("clinc.nn1", mean_of(hits));
    add_text_compression({shots[0], test, examples, asked, split_sha256_}, out_);
    return {};
  }

  Result<void> topics() {
    constexpr std::size_t kDraws = 3;
    constexpr std::size_t kPerTopic = 100;
    constexpr std::size_t kFolds = 5;
    constexpr float kWeight = 2;
    constexpr double kLambda = 0.2;
    ZY_TRY(const auto all, read_thucnews(data_ / "text" / "thucnews-10cls" / "test.txt.gz"));
    ZY_TRY(auto draws, draw(all, kDraws, kPerTopic, out_.table.seed));
    std::string split;
    for (const auto& part : draws) split += canonical_text(part);
    begin(split);
    struct Judged {
      std::string model;
      std::vector<double> nn1, probe;
    };
    std::array<Judged, 3> found = {Judged{"text.use"}, Judged{"characters"}, Judged{"text.use + characters"}};
    for (const auto& part : draws) {
      ZY_TRY(const auto vectors, encode("thucnews", part.texts));
      const auto by_meaning = centred_cosines(vectors, kDim);
      const auto by_characters = ngram_cosines(part.texts);
      const std::array all_three = {by_meaning, by_characters, mixed(by_meaning, by_characters, kWeight)};
      for (std::size_t m = 0; m < found.size(); ++m) {
        std::ranges::move(nearest_hits(all_three[m], part.labels), std::back_inserter(found[m].nn1));
        ZY_TRY(auto probe, ridge_hits(all_three[m], part.labels, kFolds, kLambda));
        std::ranges::move(probe, std::back_inserter(found[m].probe));
      }
    }
    for (const auto& [model, nn1, probe] : found)
      add_row("thucnews", "thucnews-10cls", model, {{"nn1", nn1}, {"probe", probe}});
    result("thucnews.nn1", mean_of(found.back().nn1));
    result("thucnews.probe", mean_of(found.back().probe));
    return {};
  }

  Result<void> languages() {
    ZY_TRY(const auto pairs, read_pairs(data_ / "media" / "tuxpaint_items.tsv"));
    begin(canonical_text(pairs));
    ZY_TRY(const auto chinese, encode("crosslingual", pairs.texts));
    ZY_TRY(const auto english, encode("crosslingual", pairs.labels));
    std::vector<double> zh_en;
    std::vector<double> en_zh;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      // Where several pictures have one title, any of them is right.
      const auto to_english = nearest(row(chinese, i), english);
      const auto to_chinese = nearest(row(english, i), chinese);
      zh_en.push_back(pairs.texts[to_english] == pairs.texts[i] || pairs.labels[to_english] == pairs.labels[i] ? 1 : 0);
      en_zh.push_back(pairs.texts[to_chinese] == pairs.texts[i] || pairs.labels[to_chinese] == pairs.labels[i] ? 1 : 0);
    }
    auto both = zh_en;
    both.insert(both.end(), en_zh.begin(), en_zh.end());
    add_row("crosslingual", "tuxpaint", "text.use", {{"top1", both}, {"zh_en", zh_en}, {"en_zh", en_zh}});
    result("crosslingual.top1", mean_of(both));
    result("crosslingual.zh_en", mean_of(zh_en));
    result("crosslingual.en_zh", mean_of(en_zh));
    result("crosslingual.pairs", static_cast<double>(pairs.size()));
    return {};
  }

 private:
  using Hits = std::vector<std::pair<std::string, std::vector<double>>>;

  // Chinese titles as texts, English ones as labels; pictures that lack either are left out.
  static Result<LabelledTexts> read_pairs(const fs::path& file) {
    ZY_TRY(const auto text, read_file(file));
    LabelledTexts pairs;
    std::size_t english = 0;
    std::size_t chinese = 0;
    for (const auto line : split(text, '\n')) {
      const auto cells = split(line, '\t');
      if (english == chinese) {  // the first line
        english = static_cast<std::size_t>(std::ranges::find(cells, "title_en") - cells.begin());
        chinese = static_cast<std::size_t>(std::ranges::find(cells, "title_zh") - cells.begin());
        if (std::max(english, chinese) == cells.size())
          return invalid(file.string() + ": no column \"title_en\" or \"title_zh\" in line 1");
        continue;
      }
      if (cells.size() <= std::max(english, chinese) || trim(cells[english]).empty() || trim(cells[chinese]).empty())
        continue;
      pairs.texts.emplace_back(trim(cells[chinese]));
      pairs.labels.emplace_back(trim(cells[english]));
    }
    return pairs;
  }

  void begin(const std::string& split) {
    split_sha256_ = sha256_hex(split);
    meter_ = Meter();
  }

  Result<std::vector<float>> encode(std::string_view what, const std::vector<std::string>& texts) const {
    constexpr std::size_t kStep = 500;
    std::vector<float> rows;
    for (std::size_t at = 0; at < texts.size(); at += kStep) {
      const auto step = std::span(texts).subspan(at, std::min(kStep, texts.size() - at));
      ZY_TRY(const auto vectors, encoder_.encode(step));
      rows.insert(rows.end(), vectors.begin(), vectors.end());
      options_.on_progress(what, at + step.size(), texts.size());
    }
    return rows;
  }

  void result(std::string name, double value) { out_.table.results.emplace_back(std::move(name), value); }

  void add_row(std::string block, std::string data, std::string model, const Hits& hits) {
    const auto cost = meter_.stop();
    Row added;
    added.block = std::move(block);
    added.data = std::move(data);
    added.split_sha256 = split_sha256_;
    added.model = std::move(model);
    for (const auto& [metric, values] : hits) {
      if (values.empty()) continue;
      added.metrics.emplace_back(metric, mean_of(values));
      added.ci95.emplace_back(metric, bootstrap_mean(values, out_.table.seed));
    }
    added.train_s = cost.wall_s;
    added.cpu_s = cost.cpu_s;
    added.peak_rss_mib = cost.peak_rss_mib;
    out_.table.rows.push_back(std::move(added));
  }

  const UnderstandingOptions& options_;
  fs::path data_;
  Understanding& out_;
  const UseEncoder& encoder_;
  std::string split_sha256_;  // of the block at hand, as is its cost
  Meter meter_;
};

// What the keywords of three texts are, one of them mixed.
void keyword_examples(std::shared_ptr<const ChineseBridge> bridge, std::vector<std::string>& notes) {
  constexpr std::array<std::string_view, 3> kTexts = {
      "How to cook spicy noodles at home: fresh noodles, chili oil and Sichuan pepper in ten minutes. Chili oil makes "
      "the difference!",
      "今天教大家在家制作四川担担面：手工面条、辣椒油和花椒，十分钟就能做好的家常美食。",
      "用 Python 做机器学习入门教程 Machine learning for beginners",
  };
  const KeywordFinder finder(std::move(bridge));
  for (const auto text : kTexts) {
    std::string found;
    for (const auto& [word, weight] : finder.keywords(text, 6))
      found += fmt::format("{}{} {:.2f}", found.empty() ? "" : ", ", word, weight);
    notes.push_back(fmt::format("keywords: {} -> {}", text, found));
  }
}

}  // namespace

void evaluate_text(const UnderstandingOptions& options, const fs::path& data, Understanding& out) {
  const auto cache = model_cache();
  const auto fail = [&](std::string_view block, const Error& error) {
    out.failures.push_back(fmt::format("{}: {}", block, error.message));
  };
  auto opened = ChineseBridge::open(cache);
  if (!opened.ok()) return fail("text", opened.error());
  const std::shared_ptr<const ChineseBridge> bridge = std::move(opened).value();
  keyword_examples(bridge, out.notes);
  const auto encoder = UseEncoder::open(cache / UseEncoder::kFolder, bridge);
  if (!encoder.ok()) return fail("text", encoder.error());
  TextJudge judge(options, data, out, **encoder);
  if (auto done = judge.intents(); !done.ok()) fail("clinc", done.error());
  if (auto done = judge.topics(); !done.ok()) fail("thucnews", done.error());
  if (auto done = judge.languages(); !done.ok()) fail("crosslingual", done.error());
}

}  // namespace zhiyin
