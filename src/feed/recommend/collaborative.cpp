// Collaborative candidates: what people with this history liked, by the matching model as it is by now: the snapshot's,
// or what was learned since (feed/live/overlay.h). The user is folded in at every request, so the event of a moment ago
// counts.
#include "base/kernels/vectors.h"
#include "feed/recommend/source.h"

namespace zhiyin {
namespace {

constexpr std::size_t kReasons = 3;

// The model that recommends, with the user's history and the catalogue's rows in its terms.
struct Taste {
  const View& view;
  const Overlay* overlay;  // may be null
  const Model* model;      // null: nothing was trained
  const History& history;

  static Taste of(const View& view, const UserContext& user) {
    if (user.overlay != nullptr) return {view, user.overlay.get(), user.overlay->model.get(), user.overlay_history};
    const auto* snapshot = view.snapshot();
    return {view, nullptr, snapshot == nullptr ? nullptr : snapshot->model(snapshot->recommender), user.history};
  }

  [[nodiscard]] std::optional<ItemIndex> item(ItemIndex row) const {
    const auto trained = overlay == nullptr ? model->items() : overlay->base->items.size();
    return row < trained ? view.from_snapshot(row) : view.find(overlay->added[row - trained]);
  }
  [[nodiscard]] std::optional<ItemIndex> row(ItemIndex item) const {
    const auto trained = view.to_snapshot(item);
    return trained || overlay == nullptr ? trained : overlay->row(view.item(item).id);
  }
};

class CollaborativeSource final : public Source {
 public:
  [[nodiscard]] SourceKind kind() const override { return SourceKind::kCollaborative; }

  // A score of zero or less says nothing in favour: items nobody touched stand there.
  Result<std::vector<Candidate>> candidates(const View& view, const UserContext& user,
                                            std::size_t count) const override {
    const auto taste = Taste::of(view, user);
    std::vector<Candidate> all;
    if (taste.model == nullptr || taste.history.items.empty()) return all;
    const auto add = [&](std::optional<ItemIndex> item, float score) {
      if (score > 0 && item && user.allowed[*item]) all.push_back({*item, score, kind(), ReasonKind::kTaste, {}});
    };
    const auto vectors = taste.model->item_vectors();
    if (const auto* index = view.tastes(); index != nullptr && vectors.dim > 0) {
      const auto query = taste.model->query(taste.history);
      auto indexed = user.allowed;  // the rows that changed since are few, and asked one by one
      for (const auto row : taste.overlay == nullptr ? std::vector<ItemIndex>{} : taste.overlay->changed) {
        const auto item = taste.item(row);
        if (item) indexed.clear(*item);
        add(item, dot(query, vectors.rows.subspan(row * vectors.dim, vectors.dim)));
      }
      for (const auto& near : index->search(Query{query, &indexed}, count)) add(near.row, near.similarity);
      return best_candidates(std::move(all), count);
    }
    std::vector<float> scores(taste.model->items());
    taste.model->score(taste.history, scores);
    for (ItemIndex row = 0; row < scores.size(); ++row) add(taste.item(row), scores[row]);
    return best_candidates(std::move(all), count);
  }

  void explain(const View& view, const UserContext& user, std::span<Candidate* const> chosen) const override {
    const auto taste = Taste::of(view, user);
    std::vector<ItemIndex> rows;
    std::vector<Candidate*> known;
    for (auto* candidate : chosen) {
      const auto row = taste.row(candidate->item);
      if (!row) continue;
      rows.push_back(*row);
      known.push_back(candidate);
    }
    if (rows.empty()) return;
    const auto shares = taste.model->explain_all(taste.history, rows, kReasons);
    for (std::size_t k = 0; k < known.size(); ++k) {
      for (const auto& [liked, share] : shares[k]) {
        const auto item = taste.item(liked);
        if (share > 0 && item) known[k]->because.emplace_back(*item, share);
      }
      if (!known[k]->because.empty()) known[k]->reason = ReasonKind::kBecauseYouLiked;
    }
  }
};

}  // namespace

std::unique_ptr<Source> make_collaborative_source() { return std::make_unique<CollaborativeSource>(); }

}  // namespace zhiyin
