#include "base/kernels/product_codes.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/kernels/linalg.h"
#include "base/kernels/vectors.h"
#include "base/random.h"

namespace zhiyin {
namespace {

constexpr std::size_t kCentroids = 256;
constexpr std::size_t kSample = 65'536;  // rows that k-means looks at
constexpr int kRounds = 20;
constexpr std::size_t kTile = 4096;  // rows whose distances are held at once

// The number of the centroid nearest to each of the rows, and what is the sum of squared distances but for |x|^2.
double assign(std::span<const float> rows, std::size_t width, std::span<const float> centroids,
              std::vector<std::uint8_t>& nearest) {
  const auto count = rows.size() / width;
  const auto many = centroids.size() / width;
  std::vector<float> squares(many);
  for (std::size_t c = 0; c < many; ++c)
    squares[c] = dot(centroids.subspan(c * width, width), centroids.subspan(c * width, width));
  nearest.resize(count);
  std::vector<float> products(std::min(kTile, count) * many);
  double sum = 0;
  for (std::size_t begin = 0; begin < count; begin += kTile) {
    const auto tile = std::min(kTile, count - begin);
    gemm(Transpose::kNo, Transpose::kYes, tile, many, width, 1, rows.data() + begin * width, centroids.data(), 0,
         products.data());
    for (std::size_t r = 0; r < tile; ++r) {
      std::size_t best = 0;
      float least = std::numeric_limits<float>::infinity();
      for (std::size_t c = 0; c < many; ++c) {
        const float distance = squares[c] - 2 * products[r * many + c];
        if (distance < least) {
          least = distance;
          best = c;
        }
      }
      nearest[begin + r] = static_cast<std::uint8_t>(best);
      sum += least;
    }
  }
  return sum;
}

// Lloyd's k-means from rows drawn at random; a centroid that nobody is near stays where it is.
std::vector<float> centroids_of(std::span<const float> rows, std::size_t width, Random& random) {
  const auto count = rows.size() / width;
  std::vector<std::uint32_t> order(count);
  for (std::uint32_t k = 0; k < count; ++k) order[k] = k;
  random.shuffle<std::uint32_t>(order);
  order.resize(std::min(count, kSample));
  std::vector<float> sample;
  sample.reserve(order.size() * width);
  for (const auto row : order)
    sample.insert(sample.end(), rows.begin() + row * width, rows.begin() + (row + 1) * width);
  const auto many = std::min(kCentroids, count);
  std::vector<float> centroids(sample.begin(), sample.begin() + static_cast<std::ptrdiff_t>(many * width));
  if (count <= kCentroids) return centroids;  // each row its own
  std::vector<std::uint8_t> nearest;
  double before = std::numeric_limits<double>::infinity();
  for (int round = 0; round < kRounds; ++round) {
    const double now = assign(sample, width, centroids, nearest);
    if (!(now < before)) break;
    before = now;
    std::vector<double> sums(many * width, 0);
    std::vector<std::size_t> counts(many, 0);
    for (std::size_t r = 0; r < nearest.size(); ++r) {
      ++counts[nearest[r]];
      for (std::size_t d = 0; d < width; ++d) sums[nearest[r] * width + d] += sample[r * width + d];
    }
    for (std::size_t c = 0; c < many; ++c) {
      for (std::size_t d = 0; d < width && counts[c] > 0; ++d)
        centroids[c * width + d] = static_cast<float>(sums[c * width + d] / static_cast<double>(counts[c]));
    }
  }
  return centroids;
}

}  // namespace

std::size_t product_centroids(std::size_t rows) { return std::min(kCentroids, rows); }

ProductCodes product_codes(std::span<const float> values, std::size_t columns, ProductForm form, std::uint64_t seed) {
  const auto rows = values.size() / columns;
  const auto many = product_centroids(rows);
  const auto wide = form.stages * form.parts;
  ProductCodes product{.codes = std::vector<std::uint8_t>(rows * wide),
                       .codebook = std::vector<float>(form.stages * many * columns)};
  std::vector<float> left(values.begin(), values.end());
  for (std::size_t stage = 0; stage < form.stages; ++stage) {
    auto* book = product.codebook.data() + stage * many * columns;
    for (std::size_t part = 0; part < form.parts; ++part) {
      const auto place = stage * form.parts + part;
      const auto width = (columns - part + form.parts - 1) / form.parts;
      std::vector<float> of_part(rows * width);
      for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t d = 0; d < width; ++d) of_part[r * width + d] = left[r * columns + part + d * form.parts];
      }
      Random random(seed, place);
      const auto centroids = centroids_of(of_part, width, random);
      std::vector<std::uint8_t> nearest;
      assign(of_part, width, centroids, nearest);
      for (std::size_t c = 0; c < many; ++c) {
        for (std::size_t d = 0; d < width; ++d) book[c * columns + part + d * form.parts] = centroids[c * width + d];
      }
      for (std::size_t r = 0; r < rows; ++r) {
        product.codes[r * wide + place] = nearest[r];
        for (std::size_t d = 0; d < width; ++d)
          left[r * columns + part + d * form.parts] -= centroids[nearest[r] * width + d];
      }
    }
  }
  return product;
}

std::vector<float> product_rows(std::span<const std::uint8_t> codes, std::span<const float> codebook,
                                std::size_t columns, ProductForm form) {
  const auto wide = form.stages * form.parts;
  const auto rows = codes.size() / wide;
  const auto many = codebook.size() / columns / form.stages;
  std::vector<float> values(rows * columns, 0);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t stage = 0; stage < form.stages; ++stage) {
      for (std::size_t c = 0; c < columns; ++c) {
        const auto code = codes[r * wide + stage * form.parts + c % form.parts];
        values[r * columns + c] += codebook[(stage * many + code) * columns + c];
      }
    }
  }
  return values;
}

TripleCodes triple_codes(std::span<const float> values, std::size_t columns, std::uint64_t seed) {
  const auto rows = values.size() / columns;
  const auto wide = (columns + kTriple - 1) / kTriple;
  TripleCodes coded{
      .codes = std::vector<std::uint8_t>(rows * wide), .scales = std::vector<float>(rows + columns, 0), .table = {}};
  const auto of_rows = std::span(coded.scales).first(rows);
  const auto of_columns = std::span(coded.scales).last(columns);
  const auto by = [](float value, float scale) { return scale > 0 ? value / scale : 0.0F; };
  for (std::size_t k = 0; k < rows * columns; ++k) of_columns[k % columns] += values[k] * values[k];
  for (auto& scale : of_columns) scale = std::sqrt(scale / static_cast<float>(rows));
  for (std::size_t r = 0; r < rows; ++r) {
    double squares = 0;
    for (std::size_t c = 0; c < columns; ++c) {
      const double value = by(values[r * columns + c], of_columns[c]);
      squares += value * value;
    }
    of_rows[r] = static_cast<float>(std::sqrt(squares / static_cast<double>(columns)));
  }
  const auto triple = [&](std::size_t r, std::size_t t, float* to) {
    for (std::size_t d = 0; d < kTriple; ++d) {
      const auto c = t * kTriple + d;
      to[d] = c < columns ? by(by(values[r * columns + c], of_columns[c]), of_rows[r]) : 0.0F;
    }
  };
  const auto sampled = std::min(kSample, rows * wide);
  std::vector<float> sample(sampled * kTriple);
  for (std::size_t k = 0; k < sampled; ++k) {
    const auto at = k * (rows * wide) / sampled;  // spread evenly
    triple(at / wide, at % wide, sample.data() + k * kTriple);
  }
  Random random(seed);
  coded.table = centroids_of(sample, kTriple, random);

  std::vector<float> of_row(wide * kTriple);
  std::vector<std::uint8_t> nearest;
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t t = 0; t < wide; ++t) triple(r, t, of_row.data() + t * kTriple);
    assign(of_row, kTriple, coded.table, nearest);
    std::ranges::copy(nearest, coded.codes.begin() + static_cast<std::ptrdiff_t>(r * wide));
  }
  return coded;
}

std::vector<float> triple_rows(std::span<const std::uint8_t> codes, std::span<const float> scales,
                               std::span<const float> table, std::size_t columns) {
  const auto wide = (columns + kTriple - 1) / kTriple;
  const auto rows = scales.size() - columns;
  std::vector<float> values(rows * columns);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c)
      values[r * columns + c] =
          scales[r] * scales[rows + c] * table[codes[r * wide + c / kTriple] * kTriple + c % kTriple];
  }
  return values;
}

}  // namespace zhiyin
