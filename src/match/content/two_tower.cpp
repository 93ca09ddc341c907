#include "match/content/two_tower.h"

#include <algorithm>

#include "base/kernels/vectors.h"
#include "base/nn/sampled_softmax.h"
#include "match/candidates.h"
#include "match/content/item_tower.h"
#include "match/content/whitening.h"
#include "match/descent.h"
#include "match/factors/history_tower.h"
#include "match/kept_out.h"

namespace zhiyin {
namespace {

constexpr std::size_t kUsers = 32;  // a step
constexpr int kLookEvery = 1;       // epochs
constexpr std::size_t kItemsAtATime = 1024;

std::vector<std::size_t> widths_of(const ItemFeatures& features) {
  std::vector<std::size_t> widths;
  for (const auto& block : features.blocks) widths.push_back(block.dim);
  if (widths.empty()) widths.push_back(features.dim);
  return widths;
}

// Row k of the result is row at[k] of x.
nn::Matrix gather(const nn::Matrix& x, std::span<const std::size_t> at) {
  nn::Matrix rows(at.size(), x.columns());
  for (std::size_t k = 0; k < at.size(); ++k) std::ranges::copy(x.row(at[k]), rows.row(k).begin());
  return rows;
}

void scatter(const nn::Matrix& rows, std::span<const std::size_t> at, nn::Matrix& x) {
  for (std::size_t k = 0; k < at.size(); ++k) axpy(1, rows.row(k).data(), x.row(at[k]).data(), x.columns());
}

// The towers while they learn.
class Towers {
 public:
  Towers(const Params& params, std::vector<std::size_t> widths, std::vector<float> content, std::size_t items,
         const Rows& rows, Random& random)
      : params_(params),
        widths_(std::move(widths)),
        content_(matrix_of(std::move(content), items)),
        touched_(touched(rows, items)),
        sampler_(touched_.size(), positions(rows, touched_)),
        tower_(widths_, items, static_cast<std::size_t>(std::max(1.0, params.at("factors"))), random) {}

  nn::Parameters parameters() {
    nn::Parameters all;
    tower_.enumerate(all);
    return all;
  }

  double step(std::span<const std::vector<ItemIndex>> rows, Random& random) {
    std::vector<std::uint32_t> wanted;
    std::vector<std::size_t> ends;
    for (const auto& row : rows) {
      wanted.insert(wanted.end(), row.begin(), row.end());
      ends.push_back(wanted.size());
    }
    auto drawn = sampler_.draw(static_cast<std::size_t>(params_.at("candidates")), random);
    for (auto& item : drawn.items) item = touched_[item];
    auto ids = wanted;
    ids.insert(ids.end(), drawn.items.begin(), drawn.items.end());
    std::ranges::sort(ids);
    ids.erase(std::ranges::unique(ids).begin(), ids.end());
    const auto places_in = [&](std::span<const std::uint32_t> some) {
      std::vector<std::size_t> at;
      for (const auto id : some)
        at.push_back(static_cast<std::size_t>(std::ranges::lower_bound(ids, id) - ids.begin()));
      return at;
    };
    const auto at_wanted = places_in(wanted);
    const auto at_drawn = places_in(drawn.items);

    ItemTower::Kept kept;
    const auto vectors = tower_.forward(ids, content_of(ids), present(ids, &random), &kept);
    const auto own = gather(vectors, at_wanted);
    PoolKept pooled;
    const auto users = pool_others(own, std::move(ends), static_cast<float>(params_.at("power")),
                                   static_cast<float>(params_.at("dropout")), random, pooled);
    const auto candidates = gather(vectors, at_drawn);
    const auto loss = nn::sampled_softmax(users, wanted, own, {drawn.items, drawn.log_expected, candidates});
    nn::Matrix by_vectors(vectors.rows(), vectors.columns());
    scatter(loss.by_own, at_wanted, by_vectors);
    scatter(loss.by_candidates, at_drawn, by_vectors);
    scatter(pool_others_backward(loss.by_states, pooled), at_wanted, by_vectors);
    tower_.backward(by_vectors, kept);
    return loss.value;
  }

  // Of every item, with all that is known of it.
  [[nodiscard]] nn::Matrix vectors() const {
    nn::Matrix all;
    for (std::size_t begin = 0; begin < content_.rows(); begin += kItemsAtATime) {
      std::vector<std::uint32_t> ids;
      for (auto id = begin; id < std::min(begin + kItemsAtATime, content_.rows()); ++id)
        ids.push_back(static_cast<std::uint32_t>(id));
      const auto some = tower_.forward(ids, content_of(ids), present(ids, nullptr));
      if (begin == 0) all = nn::Matrix(content_.rows(), some.columns());
      std::ranges::copy(some.values(), all.row(begin).begin());
    }
    return all;
  }

 private:
  static nn::Matrix matrix_of(std::vector<float> values, std::size_t rows) {
    const auto columns = values.size() / rows;
    return {rows, columns, std::move(values)};
  }
  static std::vector<ItemIndex> touched(const Rows& rows, std::size_t items) {
    std::vector<bool> seen(items, false);
    for (const auto& row : rows) {
      for (const auto item : row) seen[item] = true;
    }
    std::vector<ItemIndex> all;
    for (ItemIndex item = 0; item < items; ++item) {
      if (seen[item]) all.push_back(item);
    }
    return all;
  }
  static std::vector<ItemIndex> positions(const Rows& rows, const std::vector<ItemIndex>& among) {
    std::vector<ItemIndex> all;
    for (const auto& row : rows) {
      for (const auto item : row)
        all.push_back(static_cast<ItemIndex>(std::ranges::lower_bound(among, item) - among.begin()));
    }
    return all;
  }

  [[nodiscard]] nn::Matrix content_of(std::span<const std::uint32_t> ids) const {
    return gather(content_, std::vector<std::size_t>(ids.begin(), ids.end()));
  }

  // Which parts count: those that are known, less what `random` leaves out.
  [[nodiscard]] std::vector<std::uint8_t> present(std::span<const std::uint32_t> ids, Random* random) const {
    const auto drop_modality = static_cast<float>(params_.at("modality_dropout"));
    const auto drop_id = static_cast<float>(params_.at("id_dropout"));
    std::vector<std::uint8_t> flags;
    const auto add = [&](bool known, float drop) {
      flags.push_back(known && (random == nullptr || random->uniform() >= drop) ? 1 : 0);
    };
    for (const auto id : ids) {
      std::size_t begin = 0;
      for (const auto width : widths_) {
        add(std::ranges::any_of(content_.row(id).subspan(begin, width), [](float x) { return x != 0; }), drop_modality);
        begin += width;
      }
      add(std::ranges::binary_search(touched_, id), drop_id);
    }
    return flags;
  }

  const Params& params_;
  std::vector<std::size_t> widths_;
  nn::Matrix content_;              // items x features
  std::vector<ItemIndex> touched_;  // ascending
  CandidateSampler sampler_;        // over positions in touched_
  ItemTower tower_;
};

}  // namespace

Result<void> TwoTower::train(const TrainingData& data, const TrainContext& context) {
  const auto& interactions = data.interactions;
  ZY_TRY(auto content, whitened(data.features, interactions.items(), &ModalityBlock::kernel, context.threads));
  auto rows = rows_of(interactions);
  const auto kept_out = keep_out(rows, context.seed);
  std::erase_if(rows, [](const auto& row) { return row.size() < 2; });
  if (rows.empty()) return invalid("nobody has touched two items: there is nothing to learn from");

  Random random(context.seed, 11);
  power_ = static_cast<float>(params_["power"]);
  popularity_ = Popularity::of(interactions);
  Towers towers(params_, widths_of(*data.features), std::move(content), interactions.items(), rows, random);
  const auto pass = [&](nn::Adam& adam) {
    return step_through(rows, kUsers, random, adam, [&](auto batch) { return towers.step(batch, random); });
  };
  std::function<double()> quality;
  if (!kept_out.empty()) {
    quality = [&] {
      vectors_ = towers.vectors();
      return ndcg_at_10(*this, kept_out, context.threads);
    };
  }
  ZY_CHECK_OK(descend(name(), towers.parameters(), descent_options(params_, kLookEvery), context, pass, quality));
  vectors_ = towers.vectors();
  return {};
}

void TwoTower::score(const History& history, std::span<float> scores) const {
  if (history.items.empty()) return popularity_.score(scores);
  const auto user = pool(history, vectors_, power_);
  row_dots(vectors_.data(), vectors_.rows(), vectors_.columns(), user.data(), scores.data());
}

void TwoTower::save(Tensors& tensors) const {
  tensors.put("vectors", Tensor::from<float>({vectors_.rows(), vectors_.columns()}, vectors_.values()));
  popularity_.save(tensors);
  const std::array<float, 1> power = {power_};
  tensors.put("power", Tensor::from<float>({1}, power));
}

Result<void> TwoTower::load(const Tensors& tensors) {
  ZY_TRY(const auto vectors, tensors.get("vectors", DType::kF32, std::array<std::size_t, 2>{0, 0}));
  ZY_TRY(const auto power, tensors.get("power", DType::kF32, std::array<std::size_t, 1>{1}));
  const auto values = vectors.as<float>();
  vectors_ = nn::Matrix(vectors.shape()[0], vectors.shape()[1], std::vector<float>(values.begin(), values.end()));
  power_ = power.as<float>()[0];
  ZY_TRY(popularity_, Popularity::load(tensors, items()));
  return {};
}

}  // namespace zhiyin
