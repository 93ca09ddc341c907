#include "learn/eval/features.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/gzip.h"
#include "base/tensors.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

Result<IdTable> read_item_list(const fs::path& path) {
  ZY_TRY(const auto text, read_text_file(path));
  IdTable ids;
  std::string_view rest = text;
  for (std::size_t line = 1; !rest.empty(); ++line) {
    const auto end = rest.find('\n');
    auto id = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (id.ends_with('\r')) id.remove_suffix(1);
    if (id.empty()) return invalid(fmt::format("{}:{}: an empty line; write one item id a line", path.string(), line));
    if (ids.add(id) != line - 1)
      return invalid(fmt::format("{}:{}: item \"{}\" is there twice", path.string(), line, id));
  }
  return ids;
}

// Rows of n x dim, centred on the mean of those that are not all zeros, then of unit length; rows of zeros stay.
void centre_and_scale(std::vector<float>& rows, std::size_t dim) {
  const auto row_at = [&](std::size_t row) { return std::span(rows).subspan(row * dim, dim); };
  const auto known = [](std::span<const float> row) {
    return std::ranges::any_of(row, [](float x) { return x != 0; });
  };
  std::vector<double> mean(dim, 0.0);
  std::size_t count = 0;
  for (std::size_t r = 0; r < rows.size() / dim; ++r) {
    if (!known(row_at(r))) continue;
    ++count;
    for (std::size_t d = 0; d < dim; ++d) mean[d] += row_at(r)[d];
  }
  for (std::size_t r = 0; r < rows.size() / dim; ++r) {
    const auto row = row_at(r);
    if (!known(row)) continue;
    for (std::size_t d = 0; d < dim; ++d) row[d] -= static_cast<float>(mean[d] / static_cast<double>(count));
    const double length =
        std::sqrt(std::transform_reduce(row.begin(), row.end(), 0.0, std::plus<>(), [](double x) { return x * x; }));
    if (length == 0) continue;
    for (auto& x : row) x = static_cast<float>(x / length);
  }
}

}  // namespace

Result<FeatureFile> parse_feature_file(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == text.size()) {
    return invalid(fmt::format("\"{}\" names no features: write NAME=FILE.npy, such as audio=audio.npy", text),
                   "features");
  }
  return FeatureFile{std::string(text.substr(0, equals)), fs::path(text.substr(equals + 1))};
}

Result<ItemFeatures> read_features(std::span<const FeatureFile> files, const IdTable& items) {
  ItemFeatures joined;
  std::vector<std::vector<float>> modalities;
  std::vector<std::size_t> dims;
  for (const auto& [name, path] : files) {
    ZY_TRY(auto array, read_npy(path).in("features " + name));
    if (array.shape.size() != 2 || array.shape[1] == 0) {
      return invalid(fmt::format("features {}: {}: {} axes; a table of items x numbers is needed", name, path.string(),
                                 array.shape.size()));
    }
    if (!std::ranges::all_of(array.values, [](float x) { return std::isfinite(x); })) {
      return invalid(fmt::format("features {}: {}: not all numbers are finite", name, path.string()));
    }
    const auto list = path.parent_path() / "items.txt";
    ZY_TRY(const auto ids, read_item_list(list).in(fmt::format("features {}: the item ids of its rows", name)));
    const auto dim = array.shape[1];
    if (ids.size() != array.shape[0]) {
      return invalid(fmt::format("features {}: {} has {} rows, {} has {} ids; one id a row is needed", name,
                                 path.string(), array.shape[0], list.string(), ids.size()));
    }
    centre_and_scale(array.values, dim);
    auto& rows = modalities.emplace_back(items.size() * dim, 0.0F);
    for (std::uint32_t item = 0; item < items.size(); ++item) {
      const auto row = ids.find(items.text(item));
      if (row)
        std::copy_n(array.values.begin() + static_cast<std::ptrdiff_t>(*row * dim), dim,
                    rows.begin() + static_cast<std::ptrdiff_t>(item * dim));
    }
    dims.push_back(dim);
    joined.dim += dim;
    joined.blocks.push_back({.dim = dim, .neighbours = {}, .kernel = {}});
  }
  joined.rows.reserve(items.size() * joined.dim);
  for (std::size_t item = 0; item < items.size(); ++item) {
    for (std::size_t m = 0; m < modalities.size(); ++m) {
      const auto begin = modalities[m].begin() + static_cast<std::ptrdiff_t>(item * dims[m]);
      joined.rows.insert(joined.rows.end(), begin, begin + static_cast<std::ptrdiff_t>(dims[m]));
    }
  }
  return joined;
}

}  // namespace zhiyin
