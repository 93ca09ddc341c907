#include "match/rank/dcn.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/measure/chances.h"
#include "base/nn/activations.h"
#include "base/nn/dense.h"
#include "base/nn/embedding.h"
#include "base/nn/losses.h"
#include "base/nn/optimizers.h"
#include "match/early_stop.h"

namespace zhiyin {
namespace {

constexpr std::size_t kBatch = 256;
constexpr float kInitialDeviation = 0.05F;

nn::Matrix product(const nn::Matrix& a, const nn::Matrix& b) {
  auto c = a;
  for (std::size_t k = 0; k < c.size(); ++k) c.values()[k] *= b.values()[k];
  return c;
}

}  // namespace

class Dcn::Net {
 public:
  struct Kept {
    std::vector<std::uint32_t> ids;  // of the batch, row after row
    nn::Matrix x0;
    std::vector<nn::Matrix> crossed;  // x_0 .. x_L
    std::vector<nn::Matrix> inner;    // W_l x_l + b_l
    std::vector<nn::Dense::Kept> cross;
    nn::Dense::Kept first, second, out;
    nn::Matrix first_relu, second_relu;
    nn::Matrix first_mask, second_mask;
  };

  Net(std::span<const std::uint16_t> field_of, std::size_t fields, std::size_t dim, const Params& params,
      Random& random)
      : field_of_(field_of.begin(), field_of.end()),
        dim_(dim),
        width_(fields * dim),
        dropout_(static_cast<float>(params.at("dropout"))),
        vectors_(field_of.size(), dim, kInitialDeviation, random),
        wide_(field_of.size(), 1, 0, random),
        first_(width_, static_cast<std::size_t>(params.at("hidden")), random),
        second_(first_.outputs(), first_.outputs(), random),
        out_(width_ + first_.outputs(), 1, random) {
    const auto layers = std::max(1, static_cast<int>(params.at("cross_layers")));
    for (int l = 0; l < layers; ++l) cross_.emplace_back(width_, width_, random);
  }

  // Scores of some rows. With `random`: training.
  nn::Matrix forward(const ImpressionRows& rows, std::span<const std::uint32_t> batch, Random* random,
                     Kept& kept) const {
    kept.ids.clear();
    for (const auto row : batch)
      kept.ids.insert(kept.ids.end(), rows.features.begin() + static_cast<std::ptrdiff_t>(rows.offsets[row]),
                      rows.features.begin() + static_cast<std::ptrdiff_t>(rows.offsets[row + 1]));
    const auto vectors = vectors_.forward(kept.ids);
    const auto weights = wide_.forward(kept.ids);
    kept.x0 = nn::Matrix(batch.size(), width_);
    nn::Matrix wide(batch.size(), 1);
    each_feature(rows, batch, [&](std::size_t b, std::size_t place, std::size_t field, float value) {
      const auto out = kept.x0.row(b).subspan(field * dim_, dim_);
      for (std::size_t f = 0; f < dim_; ++f) out[f] += value * vectors.row(place)[f];
      wide.row(b)[0] += value * weights.row(place)[0];
    });

    kept.crossed = {kept.x0};
    kept.cross.resize(cross_.size());
    kept.inner.clear();
    for (std::size_t l = 0; l < cross_.size(); ++l) {
      kept.inner.push_back(cross_[l].forward(kept.crossed.back(), &kept.cross[l]));
      auto next = product(kept.x0, kept.inner.back());
      next += kept.crossed.back();
      kept.crossed.push_back(std::move(next));
    }
    kept.first_relu = nn::relu(first_.forward(kept.x0, &kept.first));
    auto deep = dropped(kept.first_relu, random, kept.first_mask);
    kept.second_relu = nn::relu(second_.forward(std::move(deep), &kept.second));
    deep = dropped(kept.second_relu, random, kept.second_mask);
    nn::Matrix both(batch.size(), width_ + deep.columns());
    for (std::size_t b = 0; b < batch.size(); ++b) {
      std::ranges::copy(kept.crossed.back().row(b), both.row(b).begin());
      std::ranges::copy(deep.row(b), both.row(b).begin() + static_cast<std::ptrdiff_t>(width_));
    }
    auto scores = out_.forward(std::move(both), &kept.out);
    scores += wide;
    return scores;
  }

  void backward(const ImpressionRows& rows, std::span<const std::uint32_t> batch, const nn::Matrix& d_scores,
                const Kept& kept) {
    const auto d_both = out_.backward(d_scores, kept.out);
    nn::Matrix d_crossed(batch.size(), width_);
    nn::Matrix d_deep(batch.size(), d_both.columns() - width_);
    for (std::size_t b = 0; b < batch.size(); ++b) {
      std::ranges::copy(d_both.row(b).first(width_), d_crossed.row(b).begin());
      std::ranges::copy(d_both.row(b).subspan(width_), d_deep.row(b).begin());
    }
    d_deep = second_.backward(
        nn::relu_backward(nn::dropout_backward(std::move(d_deep), kept.second_mask), kept.second_relu), kept.second);
    auto d_x0 = first_.backward(
        nn::relu_backward(nn::dropout_backward(std::move(d_deep), kept.first_mask), kept.first_relu), kept.first);
    for (auto l = cross_.size(); l-- > 0;) {
      d_x0 += product(d_crossed, kept.inner[l]);
      auto d_before = cross_[l].backward(product(d_crossed, kept.x0), kept.cross[l]);
      d_crossed += d_before;
    }
    d_x0 += d_crossed;

    nn::Matrix d_vectors(kept.ids.size(), dim_);
    nn::Matrix d_weights(kept.ids.size(), 1);
    each_feature(rows, batch, [&](std::size_t b, std::size_t place, std::size_t field, float value) {
      const auto d = d_x0.row(b).subspan(field * dim_, dim_);
      for (std::size_t f = 0; f < dim_; ++f) d_vectors.row(place)[f] = value * d[f];
      d_weights.row(place)[0] = value * d_scores.row(b)[0];
    });
    vectors_.backward(d_vectors, kept.ids);
    wide_.backward(d_weights, kept.ids);
  }

  void enumerate(nn::Parameters& all) {
    vectors_.enumerate("vectors", all);
    wide_.enumerate("wide", all);
    for (std::size_t l = 0; l < cross_.size(); ++l) cross_[l].enumerate(fmt::format("cross{}", l), all);
    first_.enumerate("first", all);
    second_.enumerate("second", all);
    out_.enumerate("out", all);
  }

 private:
  nn::Matrix dropped(nn::Matrix x, Random* random, nn::Matrix& mask) const {
    return random == nullptr ? x : nn::dropout(std::move(x), dropout_, *random, mask);
  }

  // call(row of the batch, place among the batch's features, field, value)
  template <typename Call>
  void each_feature(const ImpressionRows& rows, std::span<const std::uint32_t> batch, Call&& call) const {
    std::size_t place = 0;
    for (std::size_t b = 0; b < batch.size(); ++b) {
      for (auto k = rows.offsets[batch[b]]; k < rows.offsets[batch[b] + 1]; ++k, ++place)
        call(b, place, std::size_t{field_of_[rows.features[k]]}, rows.values[k]);
    }
  }

  std::vector<std::uint16_t> field_of_;
  std::size_t dim_;
  std::size_t width_;
  float dropout_;
  nn::Embedding vectors_;
  nn::Embedding wide_;
  std::vector<nn::Dense> cross_;
  nn::Dense first_;
  nn::Dense second_;
  nn::Dense out_;
};

Dcn::Dcn(const Params& params) : params_(params) {}
Dcn::~Dcn() = default;

Result<void> Dcn::train(const ImpressionRows& rows, const ImpressionRows& valid, const TrainContext& context) {
  if (rows.rows() == 0 || valid.rows() == 0) return invalid("there are no rows to learn from, or none to stop by");
  Random random(context.seed, 9);
  field_of_ = rows.field_of;
  net_ = std::make_unique<Net>(field_of_, rows.fields, static_cast<std::size_t>(params_["factors"]), params_, random);
  nn::Parameters all;
  net_->enumerate(all);
  nn::Adam adam(all, {.rate = static_cast<float>(params_["rate"]),
                      .weight_decay = static_cast<float>(params_["regularisation"]),
                      .most_norm = 10});
  std::vector<std::uint32_t> order(rows.rows());
  for (std::uint32_t r = 0; r < order.size(); ++r) order[r] = r;
  std::vector<nn::Matrix> best;
  EarlyStop stop(static_cast<int>(params_["patience"]));
  const int epochs = std::max(1, static_cast<int>(params_["epochs"]));
  for (int epoch = 1; epoch <= epochs && !stop.over(); ++epoch) {
    random.shuffle(std::span(order));
    for (std::size_t begin = 0; begin < order.size(); begin += kBatch) {
      const auto batch = std::span<const std::uint32_t>(order).subspan(begin, std::min(kBatch, order.size() - begin));
      nn::Matrix labels(batch.size(), 1);
      for (std::size_t b = 0; b < batch.size(); ++b) labels.row(b)[0] = rows.labels[batch[b]];
      Net::Kept kept;
      const auto scores = net_->forward(rows, batch, &random, kept);
      net_->backward(rows, batch, nn::logistic(scores, labels).gradient, kept);
      adam.step();
    }
    const double loss = log_loss(predict(valid), valid.labels);
    if (!std::isfinite(loss)) return invalid("dcn: the loss is not finite; lower the rate", "rate");
    context.on_epoch(epoch, epochs, loss);
    if (!stop.best(loss)) continue;
    best.clear();
    for (const auto& each : all) best.push_back(each.parameter->value);
  }
  for (std::size_t k = 0; k < all.size(); ++k) all[k].parameter->value = std::move(best[k]);
  return {};
}

std::vector<float> Dcn::predict(const ImpressionRows& rows) const {
  std::vector<float> chances;
  std::vector<std::uint32_t> batch;
  Net::Kept kept;
  for (std::uint32_t begin = 0; begin < rows.rows(); begin += kBatch) {
    batch.clear();
    for (auto row = begin; row < std::min<std::size_t>(begin + kBatch, rows.rows()); ++row) batch.push_back(row);
    const auto scores = net_->forward(rows, batch, nullptr, kept);
    for (const float s : scores.values()) chances.push_back(1 / (1 + std::exp(-s)));
  }
  return chances;
}

void Dcn::save(Tensors& tensors) const {
  if (!net_) return;
  nn::Parameters all;
  net_->enumerate(all);
  nn::save(all, "", tensors);
  const std::vector<std::uint32_t> fields(field_of_.begin(), field_of_.end());
  tensors.put("field_of", Tensor::from<std::uint32_t>({fields.size()}, fields));
}

Result<void> Dcn::load(const Tensors& tensors) {
  ZY_TRY(const auto fields, tensors.get("field_of", DType::kU32, std::array<std::size_t, 1>{0}));
  ZY_TRY(const auto vectors, tensors.get("vectors.weight", DType::kF32, std::array<std::size_t, 2>{fields.size(), 0}));
  const auto of = fields.as<std::uint32_t>();
  if (of.empty() || std::ranges::max(of) > 1000) return corrupt("the fields are none, or too many");
  field_of_.assign(of.begin(), of.end());
  Random random(0);
  net_ = std::make_unique<Net>(field_of_, std::ranges::max(of) + std::size_t{1}, vectors.shape()[1], params_, random);
  nn::Parameters all;
  net_->enumerate(all);
  return nn::load(all, "", tensors);
}

}  // namespace zhiyin
