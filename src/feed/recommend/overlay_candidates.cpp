#include "feed/recommend/overlay_candidates.h"

namespace zhiyin {
namespace {

std::optional<ItemIndex> item_of(const View& view, const Overlay& overlay, ItemIndex row) {
  const auto known = overlay.base->items.size();
  return row < known ? view.from_snapshot(row) : view.find(overlay.added[row - known]);
}

}  // namespace

std::vector<Candidate> overlay_candidates(const View& view, const UserContext& user, std::size_t count) {
  const auto& overlay = *user.overlay;
  if (user.overlay_history.items.empty()) return {};
  std::vector<float> scores(overlay.model->items());
  overlay.model->score(user.overlay_history, scores);
  std::vector<Candidate> all;
  for (ItemIndex row = 0; row < scores.size(); ++row) {
    if (!(scores[row] > 0)) continue;
    const auto item = item_of(view, overlay, row);
    if (item && user.allowed[*item])
      all.push_back({*item, scores[row], SourceKind::kCollaborative, ReasonKind::kTaste, {}});
  }
  return best_candidates(std::move(all), count);
}

void explain_by_overlay(const View& view, const UserContext& user, Candidate& candidate, std::size_t most) {
  const auto& overlay = *user.overlay;
  auto row = view.to_snapshot(candidate.item);
  if (!row) row = overlay.row(view.item(candidate.item).id);
  if (!row) return;
  for (const auto& contribution : overlay.model->explain(user.overlay_history, *row)) {
    if (contribution.share <= 0 || candidate.because.size() == most) break;
    if (const auto item = item_of(view, overlay, contribution.item))
      candidate.because.emplace_back(*item, contribution.share);
  }
  if (!candidate.because.empty()) candidate.reason = ReasonKind::kBecauseYouLiked;
}

}  // namespace zhiyin
