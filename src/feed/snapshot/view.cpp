#include "feed/snapshot/view.h"

#include <algorithm>
#include <atomic>

#include "base/random.h"
#include "base/threads.h"
#include "state/index/choose.h"

namespace zhiyin {

Histogram& load_stage(std::string_view stage) {
  return histogram("zhiyin_load_seconds", "What taking a home in takes, at the start and after changes.",
                   {{"stage", std::string(stage)}});
}

Result<std::shared_ptr<const View>> View::build(const Store& store, std::shared_ptr<const Snapshot> snapshot) {
  std::optional<Timed> timed(load_stage("catalogue"));
  std::vector<Item> items;
  std::unordered_map<ItemId, ItemIndex> index;
  ZY_CHECK_OK(store.each_item([&](Item&& item) {
    index.emplace(item.id, static_cast<ItemIndex>(items.size()));
    items.push_back(std::move(item));
  }));
  std::vector<std::vector<ModalityVector>> modalities(items.size());
  ZY_CHECK_OK(store.each_vector([&](const ItemId& id, StoredVector&& vector) {
    if (const auto found = index.find(id); found != index.end()) {
      modalities[found->second].push_back({std::move(vector.encoder), vector.version, std::move(vector.values)});
    }
  }));
  timed.reset();
  return assemble(std::move(items), std::move(index), std::move(modalities), std::move(snapshot));
}

std::shared_ptr<const View> View::of(std::vector<Item> items, std::vector<std::vector<ModalityVector>> modalities,
                                     std::shared_ptr<const Snapshot> snapshot) {
  std::unordered_map<ItemId, ItemIndex> index;
  index.reserve(items.size());
  for (const auto& item : items) index.emplace(item.id, static_cast<ItemIndex>(index.size()));
  return assemble(std::move(items), std::move(index), std::move(modalities), std::move(snapshot));
}

std::shared_ptr<const View> View::assemble(std::vector<Item> items, std::unordered_map<ItemId, ItemIndex> index,
                                           std::vector<std::vector<ModalityVector>> modalities,
                                           std::shared_ptr<const Snapshot> snapshot) {
  auto view = std::make_shared<View>();
  view->snapshot_ = std::move(snapshot);
  view->items_ = std::move(items);
  view->index_ = std::move(index);
  view->modalities_ = std::move(modalities);
  static std::atomic<std::uint64_t> views{0};
  view->serial_ = ++views;
  view->shown_ = Bitmap(view->items_.size());
  for (std::size_t i = 0; i < view->items_.size(); ++i) {
    if (view->items_[i].shown()) view->shown_.set(i);
  }
  view->to_snapshot_.resize(view->items_.size());
  if (const auto* trained = view->snapshot_.get()) {
    view->from_snapshot_.resize(trained->items.size());
    for (ItemIndex row = 0; row < trained->items.size(); ++row) {
      const auto found = view->find(trained->items[row]);
      view->from_snapshot_[row] = found;
      if (found) view->to_snapshot_[*found] = row;
    }
  }
  const Timed timed(load_stage("index"));
  view->index_content();
  view->index_tastes();
  return view;
}

void View::index_content() {
  const auto* trained = snapshot_.get();
  const auto dim = trained != nullptr && trained->fusion ? trained->fusion->dim() : 0;
  std::vector<float> content(items_.size() * dim);
  if (dim > 0) {
    parallel_for(items_.size(), 256, default_threads(), [&](std::size_t begin, std::size_t end, int) {
      for (auto i = begin; i < end; ++i) {
        std::ranges::copy(trained->fusion->fuse(modalities_[i]),
                          content.begin() + static_cast<std::ptrdiff_t>(i * dim));
      }
    });
  }
  const auto like_a_row = [](std::uint32_t row, const VectorIndex& exact) {
    const auto values = exact.rows().row(row);
    return std::vector<float>(values.begin(), values.end());
  };
  // The similar source asks for what is near some two dozen rows at a time, so clusters pay early.
  const ChooseOptions options{.approximate_from = 50'000, .together = 24, .threads = default_threads()};
  content_ = std::make_unique<CosineIndex>(choose_index(unit_rows(std::move(content), dim), like_a_row, options));
}

void View::index_tastes() {
  const auto* model = snapshot_ == nullptr ? nullptr : snapshot_->model(snapshot_->recommender);
  if (model == nullptr || model->item_vectors().dim == 0) return;
  const auto vectors = model->item_vectors();
  std::vector<std::uint32_t> places(items_.size(), VectorRows::kNowhere);
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (to_snapshot_[i]) places[i] = *to_snapshot_[i];
  }
  // Somebody who likes what is near an item of chance, and near another one.
  const auto like_a_user = [&](std::uint32_t row, const VectorIndex& exact) {
    constexpr std::size_t kLikes = 15;
    History history;
    for (const auto seed : {std::size_t{row}, mix64(row) % exact.rows().size()}) {
      for (const auto& near : exact.search(Query{exact.rows().row(seed)}, kLikes)) {
        const auto known = to_snapshot_[near.row];
        if (!known || std::ranges::find(history.items, *known) != history.items.end()) continue;
        history.items.push_back(*known);
        history.weights.push_back(1);
      }
    }
    return model->query(history);
  };
  tastes_ = choose_index(VectorRows(vectors.rows, vectors.dim, snapshot_, std::move(places)), like_a_user,
                         {.threads = default_threads()});
}

std::optional<ItemIndex> View::find(const ItemId& id) const {
  const auto found = index_.find(id);
  return found == index_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace zhiyin
