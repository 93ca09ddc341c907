#include "feed/recommend/similar.h"

#include <fmt/format.h>

#include "feed/recommend/modality_reason.h"
#include "feed/recommend/reasons.h"

namespace zhiyin {
namespace {

constexpr float kFloor = 0.05F;

std::vector<Candidate> by_content(const View& view, ItemIndex item, std::size_t count) {
  const auto& content = view.content();
  std::vector<Candidate> found;
  if (content.dim() == 0) return found;
  for (const auto& near : content.search(content.row(item), 2 * count + 1)) {
    if (near.row == item || near.similarity < kFloor || !view.item(near.row).shown()) continue;
    found.push_back({near.row, near.similarity, SourceKind::kSimilar, modality_reason(view, near.row, item), {}});
    if (found.size() == count) break;
  }
  return found;
}

// The item as a whole history of its own.
std::vector<Candidate> by_behaviour(const View& view, ItemIndex item, std::size_t count) {
  const auto* snapshot = view.snapshot();
  const auto row = view.to_snapshot(item);
  const auto* model = snapshot == nullptr ? nullptr : snapshot->model("itemknn");
  if (model == nullptr || !row) return {};
  std::vector<float> scores(model->items());
  model->score({{*row}, {1.0F}, {}}, scores);
  std::vector<Candidate> all;
  for (ItemIndex other = 0; other < scores.size(); ++other) {
    const auto found = view.from_snapshot(other);
    if (!found || *found == item || !(scores[other] > 0) || !view.item(*found).shown()) continue;
    all.push_back({*found, scores[other], SourceKind::kCollaborative, ReasonKind::kBecauseYouLiked, {}});
  }
  return best_candidates(std::move(all), count);
}

}  // namespace

Result<std::vector<Recommended>> similar_items(const View& view, const ItemId& id, std::size_t count,
                                               Language language) {
  const auto item = view.find(id);
  if (!item) return not_found(fmt::format("no item has the id {}", id.value));
  auto candidates = by_content(view, *item, count);
  if (candidates.empty()) candidates = by_behaviour(view, *item, count);
  const auto& title = view.item(*item).title;
  std::vector<Recommended> similar;
  for (const auto& candidate : candidates) {
    const auto& found = view.item(candidate.item);
    similar.push_back({found.id,
                       candidate.score,
                       candidate.source,
                       reason_sentence(candidate.reason, language, title),
                       {{id, title, candidate.score}}});
  }
  return similar;
}

}  // namespace zhiyin
