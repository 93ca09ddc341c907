#include "match/content/content_kernel.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/kernels/linalg.h"
#include "base/kernels/vectors.h"
#include "base/threads.h"
#include "match/content/whitening.h"
#include "match/factors/item_factors.h"
#include "match/linear/spectral_walk.h"

namespace zhiyin {
namespace {

constexpr std::size_t kBlock = 128;  // items whose kernel rows are held at a time

// Rows of unit length, and the kernel over them.
struct Kernel {
  const std::vector<float>& rows;
  std::size_t dim;
  double gamma;
  double constant;

  // out = K of rows [begin, end) against the examples, (end - begin) x examples.
  void of(std::size_t begin, std::size_t end, const std::vector<float>& examples, float* out) const {
    const auto count = examples.size() / dim;
    gemm(Transpose::kNo, Transpose::kYes, end - begin, count, dim, 1, rows.data() + begin * dim, examples.data(), 0,
         out);
    const auto g = static_cast<float>(gamma);
    const auto c = static_cast<float>(constant);
    for (std::size_t k = 0; k < (end - begin) * count; ++k) out[k] = std::exp(-g * (2 - 2 * out[k])) + c;
  }
};

bool known(const std::vector<float>& rows, std::size_t dim, std::size_t item) {
  const auto row = std::span(rows).subspan(item * dim, dim);
  return std::ranges::any_of(row, [](float x) { return x != 0; });
}

// Ascending: items that have content and were touched, those most touched where there are too many.
std::vector<ItemIndex> choose_examples(const std::vector<float>& rows, std::size_t dim,
                                       const std::vector<std::uint32_t>& counts) {
  std::vector<ItemIndex> examples;
  for (ItemIndex item = 0; item < counts.size(); ++item) {
    if (counts[item] > 0 && known(rows, dim, item)) examples.push_back(item);
  }
  if (examples.size() > ContentKernel::kMostExamples) {
    std::ranges::stable_sort(examples, std::greater{}, [&](ItemIndex item) { return counts[item]; });
    examples.resize(ContentKernel::kMostExamples);
    std::ranges::sort(examples);
  }
  return examples;
}

std::vector<float> rows_of(std::span<const ItemIndex> items, std::span<const float> table, std::size_t dim) {
  std::vector<float> rows;
  rows.reserve(items.size() * dim);
  for (const auto item : items) {
    const auto row = table.subspan(item * dim, dim);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  return rows;
}

}  // namespace

Result<void> ContentKernel::train(const TrainingData& data, const TrainContext& context) {
  const auto items = data.interactions.items();
  ZY_TRY(const auto content, whitened(data.features, items, &ModalityBlock::kernel, context.threads));
  const auto width = data.features->dim;
  ZY_TRY(const auto walk, SpectralWalk::fit(data.interactions,
                                            {.rank = static_cast<std::size_t>(std::max(1.0, params_["factors"])),
                                             .user_cap = params_["user_cap"],
                                             .user_smoothing = params_["user_smoothing"],
                                             .item_smoothing = params_["item_smoothing"]},
                                            context));
  items_ = items;
  dim_ = walk.dim();
  const auto counts = data.interactions.item_counts();
  const auto examples = choose_examples(content, width, counts);
  if (examples.empty()) return invalid("none of the items that somebody touched has content vectors: scan their media");

  const auto example_rows = rows_of(examples, content, width);
  const Kernel kernel{content, width, params_["gamma"], params_["constant"]};
  const auto count = examples.size();
  std::vector<float> system(count * count);
  parallel_for(count, kBlock, context.threads, [&](std::size_t begin, std::size_t end, int) {
    Kernel{example_rows, width, kernel.gamma, kernel.constant}.of(begin, end, example_rows,
                                                                  system.data() + begin * count);
  });
  for (std::size_t k = 0; k < count; ++k) system[k * count + k] += static_cast<float>(params_["ridge"] + 1e-3);
  auto coefficients = rows_of(examples, walk.vectors(), dim_);
  ZY_CHECK_OK(
      solve_spd(count, system.data(), dim_, coefficients.data(), context.threads).in("content_kernel: raise ridge"));
  system = {};

  const auto damping = walk.damping(params_["power"]);
  places_.assign(items * dim_, 0);
  liked_.assign(items * dim_, 0);
  parallel_for(items, kBlock, context.threads, [&](std::size_t begin, std::size_t end, int) {
    std::vector<float> near((end - begin) * count);
    kernel.of(begin, end, example_rows, near.data());
    gemm(Transpose::kNo, Transpose::kNo, end - begin, dim_, count, 1, near.data(), coefficients.data(), 0,
         places_.data() + begin * dim_);
    for (auto item = static_cast<ItemIndex>(begin); item < end; ++item) {
      const double n = counts[item];
      // Without content there is only what behaviour says.
      const double own = !known(content, width, item) ? 1 : n == 0 ? 0 : n / (n + params_.at("blend"));
      const auto learned = walk.vector(item);
      for (std::size_t d = 0; d < dim_; ++d) {
        auto& place = places_[item * dim_ + d];
        place = static_cast<float>(own * learned[d] + (1 - own) * place);
        liked_[item * dim_ + d] = walk.item_scale(item) * (n > 0 ? learned[d] : place);
        place *= damping[d];
      }
    }
  });
  return {};
}

std::vector<float> ContentKernel::profile(const History& history) const {
  return weighted_sum(liked_, dim_, history.items, history.weights);
}

void ContentKernel::score(const History& history, std::span<float> scores) const {
  row_dots(places_.data(), items_, dim_, profile(history).data(), scores.data());
}

void ContentKernel::score_some(const History& history, std::span<const ItemIndex> some, std::span<float> scores) const {
  picked_dots(places_.data(), dim_, some, profile(history).data(), scores.data());
}

std::vector<Contribution> ContentKernel::explain(const History& history, ItemIndex item) const {
  std::vector<Contribution> shares;
  for (std::size_t h = 0; h < history.items.size(); ++h) {
    const auto liked = history.items[h];
    shares.push_back(
        {liked, history.weights[h] * dot(liked_.data() + liked * dim_, places_.data() + item * dim_, dim_)});
  }
  std::ranges::stable_sort(shares, std::greater{}, &Contribution::share);
  return shares;
}

void ContentKernel::save(Tensors& tensors) const {
  tensors.put("liked", Tensor::from<float>({items_, dim_}, liked_));
  tensors.put("places", Tensor::from<float>({items_, dim_}, places_));
}

Result<void> ContentKernel::load(const Tensors& tensors) {
  ZY_TRY(const auto liked, tensors.get("liked", DType::kF32, std::array<std::size_t, 2>{0, 0}));
  ZY_TRY(const auto places, tensors.get("places", DType::kF32, liked.shape()));
  if (liked.size() == 0 || places.size() != liked.size()) return corrupt("liked and places do not fit together");
  items_ = liked.shape()[0];
  dim_ = liked.shape()[1];
  liked_.assign(liked.as<float>().begin(), liked.as<float>().end());
  places_.assign(places.as<float>().begin(), places.as<float>().end());
  return {};
}

}  // namespace zhiyin
