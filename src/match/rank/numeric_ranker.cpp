#include "match/rank/numeric_ranker.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/json.h"
#include "base/text.h"

namespace zhiyin {
namespace {

constexpr std::size_t kCuts = 17;  // sixteen pieces

// Quantiles of one column, each once.
std::vector<float> cuts_of(const NumericRows& rows, std::size_t column) {
  std::vector<float> values(rows.rows());
  for (std::size_t r = 0; r < values.size(); ++r) values[r] = rows.values[r * rows.columns + column];
  std::ranges::sort(values);
  std::vector<float> cuts;
  for (std::size_t k = 0; k < kCuts; ++k) cuts.push_back(values[k * (values.size() - 1) / (kCuts - 1)]);
  // A column that is mostly one value (no such candidate) still is told from what little there is beside it.
  const auto above = std::ranges::upper_bound(values, cuts[kCuts / 2]);
  const auto rest = static_cast<std::size_t>(values.end() - above);
  for (std::size_t k = 0; rest > 0 && k < kCuts / 2; ++k) cuts.push_back(*(above + k * (rest - 1) / (kCuts / 2 - 1)));
  std::ranges::sort(cuts);
  const auto repeated = std::ranges::unique(cuts);
  cuts.erase(repeated.begin(), repeated.end());
  return cuts;
}

Result<void> check(const NumericRows& rows, std::string_view what) {
  if (rows.rows() == 0) return invalid(fmt::format("there are no rows to {}", what));
  if (!std::ranges::all_of(rows.values, [](float value) { return std::isfinite(value); }))
    return invalid(fmt::format("a number of the rows to {} is not finite", what));
  const auto [low, high] = std::ranges::minmax(rows.labels);
  if (low == high)
    return invalid(fmt::format("every row to {} has the same answer, so there is nothing to tell apart", what));
  return {};
}

}  // namespace

ImpressionRows NumericRanker::features_of(std::span<const float> values, std::span<const float> labels) const {
  ImpressionRows rows;
  rows.fields = columns_.size();
  const auto most = 2 * values.size();  // a number is a part of two features at most
  rows.features.reserve(most);
  rows.values.reserve(most);
  for (std::size_t c = 0; c < columns_.size(); ++c)
    rows.field_of.insert(rows.field_of.end(), cuts_[c].size(), static_cast<std::uint16_t>(c));
  for (std::size_t r = 0; r * columns_.size() < values.size(); ++r) {
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const auto& cuts = cuts_[c];
      const float x = std::clamp(values[r * columns_.size() + c], cuts.front(), cuts.back());
      const auto above = static_cast<std::uint32_t>(std::ranges::lower_bound(cuts, x) - cuts.begin());
      if (cuts[above] == x) {
        rows.add(first_[c] + above, 1);
        continue;
      }
      const float part = (x - cuts[above - 1]) / (cuts[above] - cuts[above - 1]);
      rows.add(first_[c] + above - 1, 1 - part);
      rows.add(first_[c] + above, part);
    }
    rows.end_row(labels.empty() ? 0 : labels[r]);
  }
  return rows;
}

Result<NumericRanker> NumericRanker::fit(std::string_view ranker, const Params& params,
                                         std::vector<std::string> columns, const NumericRows& rows,
                                         const NumericRows& valid, const TrainContext& context) {
  ZY_CHECK_OK(check(rows, "learn from"));
  ZY_CHECK_OK(check(valid, "stop by"));
  NumericRanker fitted;
  fitted.columns_ = std::move(columns);
  std::uint32_t features = 0;
  for (std::size_t c = 0; c < rows.columns; ++c) {
    fitted.cuts_.push_back(cuts_of(rows, c));
    fitted.first_.push_back(features);
    features += static_cast<std::uint32_t>(fitted.cuts_.back().size());
  }
  ZY_TRY(auto made, make_ranker(ranker, params));
  ZY_CHECK_OK(made->train(fitted.features_of(rows.values, rows.labels), fitted.features_of(valid.values, valid.labels),
                          context));
  fitted.ranker_ = std::move(made);
  return fitted;
}

std::vector<float> NumericRanker::predict(std::span<const float> values) const {
  return ranker_->predict(features_of(values, {}));
}

void NumericRanker::save(Tensors& tensors) const {
  ranker_->save(tensors);
  std::vector<float> cuts;
  std::vector<std::uint32_t> counts;
  for (const auto& column : cuts_) {
    cuts.insert(cuts.end(), column.begin(), column.end());
    counts.push_back(static_cast<std::uint32_t>(column.size()));
  }
  tensors.put("cuts", Tensor::from<float>({cuts.size()}, cuts));
  tensors.put("cuts_of_column", Tensor::from<std::uint32_t>({counts.size()}, counts));
  tensors.metadata["ranker"] = ranker_->name();
  tensors.metadata["columns"] = fmt::format("{}", fmt::join(columns_, ","));
  auto params = Json::object();
  for (const auto& [name, value] : ranker_->params()) params.set(name, value);
  tensors.metadata["params"] = params.dump();
}

Result<NumericRanker> NumericRanker::load(const Tensors& tensors) {
  NumericRanker loaded;
  const auto text = [&](const char* key) {
    const auto found = tensors.metadata.find(key);
    return found == tensors.metadata.end() ? std::string_view{} : std::string_view(found->second);
  };
  for (const auto name : split(text("columns"), ',')) loaded.columns_.emplace_back(name);
  ZY_TRY(const auto counts, tensors.get("cuts_of_column", DType::kU32, std::array<std::size_t, 1>{0}));
  ZY_TRY(const auto cuts, tensors.get("cuts", DType::kF32, std::array<std::size_t, 1>{0}));
  if (counts.size() == 0 || counts.size() != loaded.columns_.size())
    return corrupt("the ranker's columns are not those of its cuts");
  auto left = cuts.as<float>();
  std::uint32_t features = 0;
  for (const auto count : counts.as<std::uint32_t>()) {
    if (count == 0 || count > left.size()) return corrupt("the ranker has more cuts said than written");
    const auto own = left.first(count);
    if (!std::ranges::is_sorted(own, std::less_equal{})) return corrupt("the ranker's cuts do not ascend");
    loaded.cuts_.emplace_back(own.begin(), own.end());
    loaded.first_.push_back(features);
    features += count;
    left = left.subspan(count);
  }
  Params params;
  ZY_TRY(const auto written, Json::parse(text("params")).in("the ranker's params"));
  for (const auto& [name, value] : written.members()) params[name] = value.as_number();
  ZY_TRY(auto ranker, make_ranker(text("ranker"), params));
  ZY_CHECK_OK(ranker->load(tensors));
  if (ranker->features() != features)
    return corrupt(fmt::format("the ranker knows {} features, its cuts make {}", ranker->features(), features));
  loaded.ranker_ = std::move(ranker);
  return loaded;
}

}  // namespace zhiyin
