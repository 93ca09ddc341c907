#include "match/sequence/sequence_model.h"

#include <algorithm>
#include <cmath>

#include "base/kernels/vectors.h"
#include "base/nn/sampled_softmax.h"
#include "match/descent.h"
#include "match/kept_out.h"

namespace zhiyin {
namespace {

constexpr std::size_t kBatch = 32;  // sequences a step
constexpr int kLookEvery = 4;       // epochs between two looks at the steps kept out
constexpr UserIndex kKeptOut = 20;  // every how many users lose their last step to them

using Sequence = std::vector<ItemIndex>;

// Long sequences cut from the end into pieces of at most length + 1, each of at least two.
std::vector<Sequence> pieces(const Sequence& whole, std::size_t length) {
  std::vector<Sequence> cut;
  for (std::size_t end = whole.size(); end >= 2;) {
    const auto begin = end > length + 1 ? end - length - 1 : 0;
    cut.emplace_back(whole.begin() + static_cast<std::ptrdiff_t>(begin),
                     whole.begin() + static_cast<std::ptrdiff_t>(end));
    end = begin == 0 ? 0 : begin + 1;
  }
  return cut;
}

}  // namespace

void SequenceModel::build(std::size_t items, std::size_t dim, std::size_t length, std::uint64_t seed) {
  Random random(seed, 6);
  length_ = length;
  table_ = std::make_unique<nn::Embedding>(items, dim, 1 / std::sqrt(static_cast<float>(dim)), random);
  net_ = make_net(params_, dim, length, random);
}

nn::Parameters SequenceModel::all() const {
  nn::Parameters all;
  table_->enumerate("items", all);
  net_->enumerate(all);
  return all;
}

Result<void> SequenceModel::train(const TrainingData& data, const TrainContext& context) {
  const auto& rows = data.interactions;
  popularity_ = Popularity::of(rows);
  std::vector<Sequence> learned;
  std::vector<KeptOut> kept_out;
  std::vector<ItemIndex> targets;
  const bool enough = rows.users() >= kKeptOut * kEnoughToStop;
  for (UserIndex user = 0; user < rows.users(); ++user) {
    const auto order = rows.in_order(user);
    Sequence whole(order.begin(), order.end());
    if (enough && user % kKeptOut == 0 && whole.size() >= 3) {
      auto& kept = kept_out.emplace_back();
      kept.asked.push_back(whole.back());
      whole.pop_back();
      kept.shown.items = whole;
      kept.shown.weights.assign(whole.size(), 1);
    }
    if (!whole.empty()) targets.insert(targets.end(), whole.begin() + 1, whole.end());
    for (auto& piece : pieces(whole, static_cast<std::size_t>(params_["length"]))) learned.push_back(std::move(piece));
  }
  if (learned.empty()) return invalid("nobody has two events: there is no sequence to learn from");
  const CandidateSampler sampler(rows.items(), std::move(targets));
  build(rows.items(), static_cast<std::size_t>(params_["factors"]), static_cast<std::size_t>(params_["length"]),
        context.seed);

  Random random(context.seed, 7);
  const auto pass = [&](nn::Adam& adam) {
    random.shuffle(std::span(learned));
    double loss = 0;
    for (std::size_t begin = 0; begin < learned.size(); begin += kBatch) {
      const auto batch = std::span(learned).subspan(begin, std::min(kBatch, learned.size() - begin));
      loss += step(batch, sampler, random) * static_cast<double>(batch.size()) / static_cast<double>(learned.size());
      adam.step();
    }
    return loss;
  };
  std::function<double()> quality;
  if (!kept_out.empty()) quality = [&] { return ndcg_at_10(*this, kept_out, context.threads); };
  return descend(name(), all(), descent_options(params_, kLookEvery), context, pass, quality);
}

double SequenceModel::step(std::span<const Sequence> batch, const CandidateSampler& sampler, Random& random) {
  std::size_t time = 0;
  for (const auto& sequence : batch) time = std::max(time, sequence.size() - 1);
  nn::Sequences shape{batch.size(), time, std::vector<std::uint8_t>(batch.size() * time, 0)};
  std::vector<ItemIndex> inputs(batch.size() * time, 0);
  std::vector<std::size_t> places;  // rows with a target
  std::vector<ItemIndex> targets;
  for (std::size_t b = 0; b < batch.size(); ++b) {
    const auto padding = time - (batch[b].size() - 1);
    for (std::size_t k = 0; k + 1 < batch[b].size(); ++k) {
      const auto row = b * time + padding + k;
      shape.present[row] = 1;
      inputs[row] = batch[b][k];
      places.push_back(row);
      targets.push_back(batch[b][k + 1]);
    }
  }

  std::unique_ptr<SequenceNet::Kept> kept;
  const auto states = net_->forward(table_->forward(inputs), shape, &random, &kept);
  const auto dim = states.columns();
  nn::Matrix asked(places.size(), dim);
  for (std::size_t k = 0; k < places.size(); ++k) std::ranges::copy(states.row(places[k]), asked.row(k).begin());
  const auto drawn = sampler.draw(static_cast<std::size_t>(params_.at("candidates")), random);
  const auto vectors = table_->forward(drawn.items);
  const auto loss =
      nn::sampled_softmax(asked, targets, table_->forward(targets), {drawn.items, drawn.log_expected, vectors});
  table_->backward(loss.by_candidates, drawn.items);
  table_->backward(loss.by_own, targets);
  nn::Matrix d_states(states.rows(), dim);
  for (std::size_t k = 0; k < places.size(); ++k)
    std::ranges::copy(loss.by_states.row(k), d_states.row(places[k]).begin());
  const auto d_rows = net_->backward(std::move(d_states), *kept);
  nn::Matrix d_inputs(places.size(), dim);
  std::vector<ItemIndex> present(places.size());
  for (std::size_t k = 0; k < places.size(); ++k) {
    std::ranges::copy(d_rows.row(places[k]), d_inputs.row(k).begin());
    present[k] = inputs[places[k]];
  }
  table_->backward(d_inputs, present);
  return loss.value;
}

void SequenceModel::score(const History& history, std::span<float> scores) const {
  if (history.items.empty()) return popularity_.score(scores);
  const auto time = std::min(length_, history.items.size());
  const auto last = std::span(history.items).last(time);
  const auto states = net_->forward(table_->forward(last), {1, time, {}}, nullptr, nullptr);
  const auto& table = table_->table();
  row_dots(table.data(), table.rows(), table.columns(), states.row(time - 1).data(), scores.data());
}

void SequenceModel::save(Tensors& tensors) const {
  if (!table_) return;
  nn::save(all(), "", tensors);
  popularity_.save(tensors);
  const std::array<std::int64_t, 1> length = {static_cast<std::int64_t>(length_)};
  tensors.put("length", Tensor::from<std::int64_t>({1}, length));
}

Result<void> SequenceModel::load(const Tensors& tensors) {
  ZY_TRY(const auto table, tensors.get("items.weight", DType::kF32, std::array<std::size_t, 2>{0, 0}));
  ZY_TRY(const auto length, tensors.get("length", DType::kI64, std::array<std::size_t, 1>{1}));
  const auto steps = length.as<std::int64_t>()[0];
  if (steps < 1 || steps > 100'000 || table.shape()[1] == 0) return corrupt("the sequence's length or width is none");
  build(table.shape()[0], table.shape()[1], static_cast<std::size_t>(steps), 0);
  ZY_TRY(popularity_, Popularity::load(tensors, items()));
  return nn::load(all(), "", tensors);
}

}  // namespace zhiyin
