#include "feed/snapshot/view.h"

#include <algorithm>

namespace zhiyin {

Result<std::shared_ptr<const View>> View::build(const Store& store, std::shared_ptr<const Snapshot> snapshot) {
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
  view->to_snapshot_.resize(view->items_.size());
  std::vector<float> content;
  std::size_t dim = 0;
  if (const auto* trained = view->snapshot_.get()) {
    view->from_snapshot_.resize(trained->items.size());
    for (ItemIndex row = 0; row < trained->items.size(); ++row) {
      const auto found = view->find(trained->items[row]);
      view->from_snapshot_[row] = found;
      if (found) view->to_snapshot_[*found] = row;
    }
    if (trained->fusion) {
      dim = trained->fusion->dim();
      content.resize(view->items_.size() * dim);
      for (std::size_t i = 0; i < view->items_.size(); ++i) {
        std::ranges::copy(trained->fusion->fuse(view->modalities_[i]),
                          content.begin() + static_cast<std::ptrdiff_t>(i * dim));
      }
    }
  }
  view->content_ = std::make_unique<FlatIndex>(content, dim);
  return view;
}

std::optional<ItemIndex> View::find(const ItemId& id) const {
  const auto found = index_.find(id);
  return found == index_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<ItemIndex> View::from_snapshot(ItemIndex row) const {
  return row < from_snapshot_.size() ? from_snapshot_[row] : std::nullopt;
}

std::optional<ItemIndex> View::to_snapshot(ItemIndex index) const {
  return index < to_snapshot_.size() ? to_snapshot_[index] : std::nullopt;
}

}  // namespace zhiyin
