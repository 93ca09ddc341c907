// Collaborative candidates: what people with this history liked, by the snapshot's matching model. The user is folded
// in at every request, so the event of a moment ago counts.
#include <cmath>

#include "feed/recommend/overlay_candidates.h"
#include "feed/recommend/source.h"

namespace zhiyin {
namespace {

class CollaborativeSource final : public Source {
 public:
  [[nodiscard]] SourceKind kind() const override { return SourceKind::kCollaborative; }

  Result<std::vector<Candidate>> candidates(const View& view, const UserContext& user,
                                            std::size_t count) const override {
    if (user.overlay != nullptr) return overlay_candidates(view, user, count);
    const auto* model = recommender(view);
    if (model == nullptr || user.history.items.empty()) return std::vector<Candidate>{};
    std::vector<float> scores(model->items());
    model->score(user.history, scores);
    std::vector<Candidate> all;
    all.reserve(scores.size());
    for (ItemIndex row = 0; row < scores.size(); ++row) {
      const auto item = view.from_snapshot(row);
      // A score of zero or less says nothing in favour: items nobody touched stand there.
      if (!item || !user.allowed[*item] || !(scores[row] > 0)) continue;
      all.push_back({*item, scores[row], kind(), ReasonKind::kTaste, {}});
    }
    return best_candidates(std::move(all), count);
  }

  void explain(const View& view, const UserContext& user, Candidate& candidate) const override {
    if (user.overlay != nullptr) return explain_by_overlay(view, user, candidate, kReasons);
    const auto row = view.to_snapshot(candidate.item);
    if (!row) return;
    for (const auto& contribution : recommender(view)->explain(user.history, *row)) {
      if (contribution.share <= 0 || candidate.because.size() == kReasons) break;
      if (const auto item = view.from_snapshot(contribution.item))
        candidate.because.emplace_back(*item, contribution.share);
    }
    if (!candidate.because.empty()) candidate.reason = ReasonKind::kBecauseYouLiked;
  }

 private:
  static constexpr std::size_t kReasons = 3;

  static const Model* recommender(const View& view) {
    const auto* snapshot = view.snapshot();
    return snapshot == nullptr ? nullptr : snapshot->model(snapshot->recommender);
  }
};

}  // namespace

std::unique_ptr<Source> make_collaborative_source() { return std::make_unique<CollaborativeSource>(); }

}  // namespace zhiyin
