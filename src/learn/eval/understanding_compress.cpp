#include "learn/eval/understanding_compress.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/kernels/compact.h"
#include "base/kernels/vectors.h"
#include "base/measure/intervals.h"
#include "base/measure/top_k.h"
#include "understand/embed/manifest.h"
#include "understand/embed/text/use_encoder.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

constexpr std::array kKinds = {std::pair{"float", VectorPrecision::kFloat}, std::pair{"half", VectorPrecision::kHalf},
                               std::pair{"int8", VectorPrecision::kInt8}};
constexpr std::size_t kAsked = 500;  // rows that ask for their neighbours, at most

double mean_of(std::span<const double> values) {
  return values.empty() ? 0 : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// What comes back of a vector that was kept. bytes: grows by what it took.
std::vector<float> kept(std::span<const float> values, VectorPrecision wanted, std::size_t& bytes) {
  const auto packed = pack_vector(values, kept_precision(values, wanted));
  bytes += packed.size();
  return unpack_vector(packed).value();
}

using Neighbours = std::vector<std::vector<std::uint32_t>>;

// The ten nearest by dot product of each of the first rows.
Neighbours neighbours(const std::vector<float>& rows, std::size_t dim) {
  constexpr std::size_t kNearest = 10;
  const auto count = rows.size() / dim;
  Neighbours all;
  std::vector<float> alike(count);
  for (std::uint32_t i = 0; i < std::min(kAsked, count); ++i) {
    row_dots(rows.data(), count, dim, &rows[i * dim], alike.data());
    top_k(alike, {&i, 1}, kNearest, all.emplace_back());
  }
  return all;
}

std::vector<double> shares_kept(const Neighbours& exact, const Neighbours& found) {
  std::vector<double> shares;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    const auto same =
        std::ranges::count_if(found[i], [&](auto j) { return std::ranges::find(exact[i], j) != exact[i].end(); });
    shares.push_back(exact[i].empty() ? 1 : static_cast<double>(same) / static_cast<double>(exact[i].size()));
  }
  return shares;
}

std::vector<float> flattened(const LabelledVectors& clips) {
  std::vector<float> rows;
  for (const auto& vector : clips.vectors) rows.insert(rows.end(), vector.begin(), vector.end());
  return rows;
}

// Share of the questions whose nearest example has their label.
std::vector<double> nearest_hits(const EncodedIntents& intents, const std::vector<float>& examples,
                                 const std::vector<float>& questions) {
  constexpr auto kDim = UseEncoder::kDim;
  std::vector<double> hits;
  std::vector<float> alike(intents.examples.size());
  for (std::size_t i = 0; i < intents.questions.size(); ++i) {
    row_dots(examples.data(), alike.size(), kDim, &questions[i * kDim], alike.data());
    const auto nearest = static_cast<std::size_t>(std::ranges::max_element(alike) - alike.begin());
    hits.push_back(intents.examples.labels[nearest] == intents.questions.labels[i] ? 1 : 0);
  }
  return hits;
}

struct Measured {
  std::vector<double> kept10;
  std::vector<double> hits;
  double bytes = 0;  // of an item
};

void put(const std::string& set, const std::string& kind, const std::string& data, const std::string& split_sha256,
         const Measured& measured, Understanding& out) {
  Row row;
  row.block = "compress_stored";
  row.data = data;
  row.split_sha256 = split_sha256;
  row.model = set + " " + kind;
  const double kept10 = mean_of(measured.kept10);
  const double nn1 = mean_of(measured.hits);
  row.metrics = {{"bytes", measured.bytes}, {"kept10", kept10}, {"nn1", nn1}};
  if (!measured.kept10.empty()) row.ci95.emplace_back("kept10", bootstrap_mean(measured.kept10, out.table.seed));
  if (!measured.hits.empty()) row.ci95.emplace_back("nn1", bootstrap_mean(measured.hits, out.table.seed));
  out.table.rows.push_back(std::move(row));
  for (const auto& [metric, value] : {std::pair{"bytes", measured.bytes}, {"kept10", kept10}, {"nn1", nn1}})
    out.table.results.emplace_back(fmt::format("compress.{}_{}.{}", set, kind, metric), value);
}

Result<void> compare_use_lite(const EncodedIntents& intents, Understanding& out) {
  constexpr auto kDim = UseEncoder::kDim;
  const auto folder = model_cache() / UseEncoder::kFolder;
  ZY_TRY(const auto whole, UseEncoder::open(folder, nullptr, UseEncoder::Precision::kWhole));
  ZY_TRY(const auto examples, whole->encode(intents.examples.texts));
  ZY_TRY(const auto questions, whole->encode(intents.questions.texts));
  std::vector<double> cosines;
  for (std::size_t at = 0; at < examples.size(); at += kDim)
    cosines.push_back(dot(&intents.example_rows[at], &examples[at], kDim));
  const auto result = [&](const char* name, double value) {
    out.table.results.emplace_back(fmt::format("compress.use_lite.{}", name), value);
  };
  std::error_code failed;
  result("whole_bytes", static_cast<double>(fs::file_size(folder / UseEncoder::kWholeModel, failed)));
  result("small_bytes", static_cast<double>(fs::file_size(folder / UseEncoder::kSmallModel, failed)));
  result("cosine", mean_of(cosines));
  result("whole_nn1", mean_of(nearest_hits(intents, examples, questions)));
  result("small_nn1", mean_of(nearest_hits(intents, intents.example_rows, intents.question_rows)));
  return {};
}

}  // namespace

void add_text_compression(const EncodedIntents& intents, Understanding& out) {
  constexpr auto kDim = UseEncoder::kDim;
  const auto stored = [&](const std::vector<float>& rows, VectorPrecision precision, std::size_t& bytes) {
    std::vector<float> all;
    for (std::size_t at = 0; at < rows.size(); at += kDim) {
      const auto row = kept(std::span(rows).subspan(at, kDim), precision, bytes);
      all.insert(all.end(), row.begin(), row.end());
    }
    return all;
  };
  const auto exact = neighbours(intents.question_rows, kDim);
  for (const auto& [kind, precision] : kKinds) {
    std::size_t bytes = 0;
    const auto questions = stored(intents.question_rows, precision, bytes);
    Measured measured{.bytes = static_cast<double>(bytes) / static_cast<double>(intents.questions.size())};
    measured.kept10 = shares_kept(exact, neighbours(questions, kDim));
    measured.hits = nearest_hits(intents, stored(intents.example_rows, precision, bytes), questions);
    put("text", kind, "clinc150", intents.split_sha256, measured, out);
  }
  if (auto done = compare_use_lite(intents, out); !done.ok())
    out.failures.push_back("compress.use_lite: " + done.error().message);
}

void add_stored_compression(const std::string& set, const LabelledVectors& clips, std::span<const FeatureBlock> blocks,
                            const std::function<LabelledVectors(const LabelledVectors&)>& fuse,
                            const std::string& split_sha256, Understanding& out) {
  if (clips.vectors.empty()) return;
  Neighbours exact;
  for (const auto& [kind, precision] : kKinds) {
    std::size_t bytes = 0;
    auto stored = clips;
    for (auto& clip : stored.vectors) {
      for (const auto& block : blocks) {
        const auto part =
            std::span(clip).subspan(static_cast<std::size_t>(block.first), static_cast<std::size_t>(block.count));
        if (std::ranges::any_of(part, [](float x) { return std::isnan(x); })) continue;
        if (std::ranges::all_of(part, [](float x) { return x == 0; })) continue;
        std::ranges::copy(kept(part, precision, bytes), part.begin());
      }
    }
    const auto fused = fuse(stored);
    const auto found = neighbours(flattened(fused), fused.vectors.front().size());
    if (precision == VectorPrecision::kFloat) exact = found;
    Measured measured{.bytes = static_cast<double>(bytes) / static_cast<double>(clips.vectors.size())};
    measured.kept10 = shares_kept(exact, found);
    measured.hits = leave_one_out(fused).hits;
    put(set, kind, "media", split_sha256, measured, out);
  }
}

}  // namespace zhiyin
