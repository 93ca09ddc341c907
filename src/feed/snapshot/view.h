// What one request sees: the catalogue and the snapshot of one moment, with the table that leads from one to the other.
// Immutable; a new one is built aside and swapped in when the catalogue or the snapshot changes.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bitmap.h"
#include "base/counters.h"
#include "base/result.h"
#include "domain/interactions.h"
#include "domain/item.h"
#include "feed/snapshot/snapshot.h"
#include "state/index/cosine_index.h"
#include "state/store/store.h"

namespace zhiyin {

// Seconds that each stage of taking a home in has taken: "live", "snapshot", "catalogue", "index".
Histogram& load_stage(std::string_view stage);

class View {
 public:
  // Reads the whole catalogue. `snapshot` may be null: then there are no models, only popularity and freshness.
  static Result<std::shared_ptr<const View>> build(const Store& store, std::shared_ptr<const Snapshot> snapshot);

  // The same of what is in memory: `modalities` has a row an item.
  static std::shared_ptr<const View> of(std::vector<Item> items, std::vector<std::vector<ModalityVector>> modalities,
                                        std::shared_ptr<const Snapshot> snapshot);

  [[nodiscard]] const std::vector<Item>& items() const { return items_; }
  [[nodiscard]] const Item& item(ItemIndex index) const { return items_[index]; }
  [[nodiscard]] std::optional<ItemIndex> find(const ItemId& id) const;
  // Items that answers may show (Item::shown()).
  [[nodiscard]] const Bitmap& shown() const { return shown_; }
  // Tells this view from every other of the process: for what is derived from a view and kept beside it.
  [[nodiscard]] std::uint64_t serial() const { return serial_; }

  [[nodiscard]] const Snapshot* snapshot() const { return snapshot_.get(); }
  [[nodiscard]] const std::shared_ptr<const Snapshot>& shared_snapshot() const { return snapshot_; }
  // The catalogue's row of a model's row, and back. Nothing where an item was erased, or came after the snapshot.
  [[nodiscard]] std::optional<ItemIndex> from_snapshot(ItemIndex row) const {
    return row < from_snapshot_.size() ? from_snapshot_[row] : std::nullopt;
  }
  [[nodiscard]] std::optional<ItemIndex> to_snapshot(ItemIndex index) const {
    return index < to_snapshot_.size() ? to_snapshot_[index] : std::nullopt;
  }

  // Content vectors by catalogue row (zeros where nothing is known of the item), and the modality vectors behind them.
  [[nodiscard]] const CosineIndex& content() const { return *content_; }
  [[nodiscard]] const std::vector<ModalityVector>& modalities(ItemIndex index) const { return modalities_[index]; }

  // The item vectors of the snapshot's recommender (Model::item_vectors()) by catalogue row; null where it has none.
  [[nodiscard]] const VectorIndex* tastes() const { return tastes_.get(); }

 private:
  static std::shared_ptr<const View> assemble(std::vector<Item> items, std::unordered_map<ItemId, ItemIndex> index,
                                              std::vector<std::vector<ModalityVector>> modalities,
                                              std::shared_ptr<const Snapshot> snapshot);
  void index_content();
  void index_tastes();

  std::shared_ptr<const Snapshot> snapshot_;
  std::vector<Item> items_;
  std::unordered_map<ItemId, ItemIndex> index_;
  std::vector<std::optional<ItemIndex>> from_snapshot_;
  std::vector<std::optional<ItemIndex>> to_snapshot_;
  std::vector<std::vector<ModalityVector>> modalities_;
  Bitmap shown_;
  std::uint64_t serial_ = 0;
  std::unique_ptr<const CosineIndex> content_;
  std::unique_ptr<const VectorIndex> tastes_;
};

}  // namespace zhiyin
