// Collaborative candidates: what people with this history liked, by the snapshot's matching model. The user is folded
// in at every request, so the event of a moment ago counts.
#include <cmath>

#include "feed/recommend/source.h"

namespace zhiyin {
namespace {

constexpr std::size_t kReasons = 3;

class CollaborativeSource final : public Source {
 public:
  [[nodiscard]] SourceKind kind() const override { return SourceKind::kCollaborative; }

  // A score of zero or less says nothing in favour: items nobody touched stand there.
  Result<std::vector<Candidate>> candidates(const View& view, const UserContext& user,
                                            std::size_t count) const override {
    const auto* model = recommender(view);
    std::vector<Candidate> all;
    if (model == nullptr || user.history.items.empty()) return all;
    const auto add = [&](ItemIndex item, float score) {
      if (score > 0) all.push_back({item, score, kind(), ReasonKind::kTaste, {}});
    };
    if (const auto* index = view.tastes(); index != nullptr) {
      const auto query = model->query(user.history);
      for (const auto& near : index->search(Query{query, &user.allowed}, count)) add(near.row, near.similarity);
      return best_candidates(std::move(all), count);
    }
    std::vector<float> scores(model->items());
    model->score(user.history, scores);
    for (ItemIndex row = 0; row < scores.size(); ++row) {
      const auto item = view.from_snapshot(row);
      if (item && user.allowed[*item]) add(*item, scores[row]);
    }
    return best_candidates(std::move(all), count);
  }

  void explain(const View& view, const UserContext& user, std::span<Candidate* const> chosen) const override {
    std::vector<ItemIndex> rows;
    std::vector<Candidate*> known;
    for (auto* candidate : chosen) {
      const auto row = view.to_snapshot(candidate->item);
      if (!row) continue;
      rows.push_back(*row);
      known.push_back(candidate);
    }
    if (rows.empty()) return;
    const auto shares = recommender(view)->explain_all(user.history, rows, kReasons);
    for (std::size_t k = 0; k < known.size(); ++k) {
      for (const auto& [liked, share] : shares[k]) {
        const auto item = view.from_snapshot(liked);
        if (share > 0 && item) known[k]->because.emplace_back(*item, share);
      }
      if (!known[k]->because.empty()) known[k]->reason = ReasonKind::kBecauseYouLiked;
    }
  }

 private:
  static const Model* recommender(const View& view) {
    const auto* snapshot = view.snapshot();
    return snapshot == nullptr ? nullptr : snapshot->model(snapshot->recommender);
  }
};

}  // namespace

std::unique_ptr<Source> make_collaborative_source() { return std::make_unique<CollaborativeSource>(); }

}  // namespace zhiyin
