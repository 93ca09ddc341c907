#include "match/content/served_tower.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "base/kernels/vectors.h"
#include "base/log.h"
#include "understand/embed/onnx/onnx_session.h"

namespace zhiyin {
namespace {

// The shape [1, n, ..] or [n, ..], as the network has it.
std::vector<std::int64_t> shape_of(const OnnxPort& port, std::vector<std::int64_t> steps) {
  if (port.shape.empty() || port.shape.size() == steps.size() + 1) steps.insert(steps.begin(), 1);
  return steps;
}

}  // namespace

ServedTower::ServedTower(const Params& params) : params_(params) {}
ServedTower::~ServedTower() = default;

Result<void> ServedTower::train(const TrainingData& data, const TrainContext&) {
  if (data.tower == nullptr) {
    return invalid("tower serves what was trained elsewhere: name its files in zhiyin.toml, [tower] user and items",
                   "tower.user");
  }
  const auto& tower = *data.tower;
  network_ = tower.network;
  dim_ = tower.dim;
  vectors_ = tower.vectors;
  ids_ = tower.ids;
  if (std::ranges::none_of(ids_, [](auto id) { return id >= 0; }))
    return invalid(
        "the tower knows none of the catalogue's items: are the ids of its items.txt those of the catalogue?",
        "tower.items");
  popularity_ = Popularity::of(data.interactions);
  return open();
}

Result<void> ServedTower::open() {
  ZY_TRY(session_, OnnxSession::from_bytes(network_).in("the user's tower"));
  bool reads_history = false;
  for (const auto& port : session_->input_ports()) {
    const auto wants = [&](OnnxElement element) { return port.element == element; };
    const bool fits = port.name == "history"       ? wants(OnnxElement::kFloat)
                      : port.name == "history_ids" ? wants(OnnxElement::kInt64)
                      : port.name == "weights"     ? wants(OnnxElement::kFloat)
                      : port.name == "mask"        ? wants(OnnxElement::kFloat) || wants(OnnxElement::kInt64)
                                                   : false;
    if (!fits) {
      return invalid(fmt::format("the user's tower wants an input {}: history, history_ids, mask and weights can be "
                                 "given, in the types of docs/ranking.md",
                                 port.name),
                     "tower.user");
    }
    reads_history = reads_history || port.name.starts_with("history");
  }
  if (!reads_history)
    return invalid("the user's tower reads no history: it needs an input called history or history_ids", "tower.user");
  std::vector<ItemIndex> known;
  for (ItemIndex item = 0; item < ids_.size() && known.size() < 3; ++item) {
    if (ids_[item] >= 0) known.push_back(item);
  }
  const std::vector<float> weights(known.size(), 1.0F);
  ZY_CHECK_OK(ask(std::span(known).first(1), std::span(weights).first(1)));
  ZY_CHECK_OK(ask(known, weights));
  return {};
}

Result<std::vector<float>> ServedTower::ask(std::span<const ItemIndex> known, std::span<const float> weights) const {
  const auto steps = static_cast<std::int64_t>(known.size());
  std::vector<OnnxInput> inputs;
  for (const auto& port : session_->input_ports()) {
    OnnxArray array{shape_of(port, {steps}), {}};
    if (port.name == "history") {
      array.shape = shape_of(port, {steps, static_cast<std::int64_t>(dim_)});
      std::vector<float> rows;
      for (const auto item : known)
        rows.insert(rows.end(), vectors_.begin() + static_cast<std::ptrdiff_t>(item * dim_),
                    vectors_.begin() + static_cast<std::ptrdiff_t>((item + 1) * dim_));
      array.values = std::move(rows);
    } else if (port.name == "history_ids") {
      std::vector<std::int64_t> ids;
      for (const auto item : known) ids.push_back(ids_[item]);
      array.values = std::move(ids);
    } else if (port.name == "weights") {
      array.values = std::vector<float>(weights.begin(), weights.end());
    } else if (port.element == OnnxElement::kInt64) {
      array.values = std::vector<std::int64_t>(known.size(), 1);
    } else {
      array.values = std::vector<float>(known.size(), 1.0F);
    }
    inputs.push_back({port.name, std::move(array)});
  }
  ZY_TRY(const auto outputs, session_->run(inputs, std::span(session_->outputs()).first(1)));
  const auto* floats = std::get_if<std::vector<float>>(&outputs.front().values);
  if (floats == nullptr || floats->size() < dim_ || outputs.front().shape.empty() ||
      outputs.front().shape.back() != static_cast<std::int64_t>(dim_)) {
    return invalid(fmt::format("the user's tower gives an array of shape [{}]; the vectors of items have {} numbers",
                               fmt::join(outputs.front().shape, ", "), dim_),
                   "tower.user");
  }
  std::vector<float> query(floats->end() - static_cast<std::ptrdiff_t>(dim_), floats->end());
  if (!std::ranges::all_of(query, [](float value) { return std::isfinite(value); }))
    return internal("the user's tower gave a number that is not finite");
  return query;
}

std::vector<float> ServedTower::query(const History& history) const {
  std::vector<ItemIndex> known;
  std::vector<float> weights;
  for (std::size_t k = 0; k < history.items.size(); ++k) {
    if (ids_[history.items[k]] < 0) continue;
    known.push_back(history.items[k]);
    weights.push_back(history.weights[k]);
  }
  if (known.empty()) return std::vector<float>(dim_, 0.0F);
  const auto count = std::min(known.size(), static_cast<std::size_t>(params_.at("most_history")));
  auto answer = ask(std::span(known).last(count), std::span(weights).last(count));
  if (answer.ok()) return std::move(answer).value();
  log_warning("tower: {}", answer.error().message);
  return std::vector<float>(dim_, 0.0F);
}

void ServedTower::score(const History& history, std::span<float> scores) const {
  const auto user = query(history);
  if (std::ranges::all_of(user, [](float value) { return value == 0; })) return popularity_.score(scores);
  row_dots(vectors_.data(), ids_.size(), dim_, user.data(), scores.data());
}

void ServedTower::save(Tensors& tensors) const {
  tensors.put("vectors", Tensor::from<float>({ids_.size(), dim_}, vectors_));
  tensors.put("ids", Tensor::from<std::int64_t>({ids_.size()}, ids_));
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(network_.data());
  tensors.put("network", Tensor::from<std::uint8_t>({network_.size()}, std::span(bytes, network_.size())));
  popularity_.save(tensors);
}

Result<void> ServedTower::load(const Tensors& tensors) {
  ZY_TRY(const auto ids, tensors.get("ids", DType::kI64, std::array<std::size_t, 1>{0}));
  ZY_TRY(const auto vectors, tensors.get("vectors", DType::kF32, std::array<std::size_t, 2>{ids.size(), 0}));
  ZY_TRY(const auto network, tensors.get("network", DType::kU8, std::array<std::size_t, 1>{0}));
  ids_.assign(ids.as<std::int64_t>().begin(), ids.as<std::int64_t>().end());
  dim_ = vectors.shape()[1];
  vectors_.assign(vectors.as<float>().begin(), vectors.as<float>().end());
  network_.assign(reinterpret_cast<const char*>(network.bytes().data()), network.bytes().size());
  ZY_TRY(popularity_, Popularity::load(tensors, ids_.size()));
  return open();
}

}  // namespace zhiyin
