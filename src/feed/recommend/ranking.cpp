#include "feed/recommend/ranking.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <unordered_map>

#include "base/kernels/vectors.h"

namespace zhiyin {
namespace {

constexpr std::size_t kColumns = kRankColumns.size();
constexpr std::size_t kLately = 50;    // liked items whose tags and creators are counted
constexpr std::size_t kCompared = 20;  // opinions whose content is averaged

float log2_of(double count) { return static_cast<float>(std::log2(1 + std::max(0.0, count))); }

// The first of a source's pair of columns; none for the fresh source.
std::optional<RankColumn> columns_of(SourceKind kind) {
  switch (kind) {
    case SourceKind::kCollaborative: return RankColumn::kCollaborative;
    case SourceKind::kSimilar: return RankColumn::kSimilar;
    case SourceKind::kPopular: return RankColumn::kPopular;
    case SourceKind::kFresh: return std::nullopt;
  }
  return std::nullopt;
}

// The mean direction of what these opinions are about; empty where nothing is known of any.
std::vector<float> mean_content(const View& view, const std::vector<Opinion>& opinions) {
  const auto& content = view.content();
  std::vector<float> mean(content.dim(), 0.0F);
  for (auto k = opinions.size() - std::min(kCompared, opinions.size()); k < opinions.size(); ++k) {
    const auto row = content.row(opinions[k].item);
    for (std::size_t d = 0; d < mean.size(); ++d) mean[d] += row[d];
  }
  const float length = std::sqrt(dot(mean, mean));
  if (!(length > 0)) return {};
  for (auto& value : mean) value /= length;
  return mean;
}

// What the user likes lately, in the owner's words.
struct Words {
  std::unordered_map<std::string_view, float> creators;  // share of the items
  std::unordered_map<std::string_view, float> tags;

  static Words of(const View& view, const std::vector<Opinion>& liked) {
    Words words;
    const auto count = std::min(kLately, liked.size());
    for (auto k = liked.size() - count; k < liked.size(); ++k) {
      const auto& item = view.item(liked[k].item);
      const float share = 1.0F / static_cast<float>(count);
      if (!item.creator.empty()) words.creators[item.creator] += share;
      for (const auto& tag : item.tags) words.tags[tag] += share;
    }
    return words;
  }
};

class RowWriter {
 public:
  RowWriter(const View& view, UnixSeconds now, const UserContext& user)
      : view_(view),
        now_(now),
        history_(log2_of(static_cast<double>(user.liked.size()))),
        liked_(mean_content(view, user.liked)),
        disliked_(mean_content(view, user.disliked)),
        words_(Words::of(view, user.liked)) {}

  // All but the columns of the sources.
  void write(ItemIndex index, const ItemActivity& activity, std::span<float> row) const {
    const auto put = [&](RankColumn column, float value) { row[static_cast<std::size_t>(column)] = value; };
    const auto& item = view_.item(index);
    put(RankColumn::kLikes, log2_of(static_cast<double>(activity.likes)));
    put(RankColumn::kEvents, log2_of(static_cast<double>(activity.events)));
    put(RankColumn::kAgeDays, item.time ? log2_of(static_cast<double>(now_ - *item.time) / 86'400) : -1.0F);
    put(RankColumn::kDuration, log2_of(item.media.duration_s));
    put(RankColumn::kHistory, history_);
    if (!liked_.empty()) put(RankColumn::kContentLiked, dot(liked_, view_.content().row(index)));
    if (!disliked_.empty()) put(RankColumn::kContentDisliked, dot(disliked_, view_.content().row(index)));
    if (const auto found = words_.creators.find(item.creator); found != words_.creators.end())
      put(RankColumn::kCreator, found->second);
    float sum = 0;
    float best = 0;
    for (const auto& tag : item.tags) {
      const auto found = words_.tags.find(tag);
      if (found == words_.tags.end()) continue;
      sum += found->second;
      best = std::max(best, found->second);
    }
    if (!item.tags.empty()) put(RankColumn::kTags, sum / static_cast<float>(item.tags.size()));
    put(RankColumn::kBestTag, best);
  }

 private:
  const View& view_;
  UnixSeconds now_;
  float history_;
  std::vector<float> liked_;
  std::vector<float> disliked_;
  Words words_;
};

class FittedRanker final : public CandidateRanker {
 public:
  explicit FittedRanker(std::shared_ptr<const NumericRanker> ranker) : ranker_(std::move(ranker)) {}
  [[nodiscard]] Result<std::vector<float>> score(std::span<const float> values) const override {
    return ranker_->predict(values);
  }

 private:
  std::shared_ptr<const NumericRanker> ranker_;
};

}  // namespace

RankRows rank_rows(const View& view, const Live& live, const ItemPlaces& places, const UserContext& user,
                   std::span<const std::vector<Candidate>> lists) {
  RankRows rows;
  std::unordered_map<ItemIndex, std::size_t> row_of;
  std::vector<std::size_t> highest;  // rank in the list that put it highest
  for (const auto& list : lists) {
    for (std::size_t rank = 0; rank < list.size(); ++rank) {
      const auto columns = columns_of(list[rank].source);
      if (!columns) break;
      const auto [found, added] = row_of.emplace(list[rank].item, rows.candidates.size());
      const auto at = found->second;
      if (added) {
        rows.candidates.push_back(list[rank]);
        highest.push_back(rank);
        rows.values.resize(rows.values.size() + kColumns, 0.0F);
      } else if (rank < highest[at]) {
        rows.candidates[at] = list[rank];
        highest[at] = rank;
      }
      auto* const pair = &rows.values[at * kColumns + static_cast<std::size_t>(*columns)];
      pair[0] = static_cast<float>(list[rank].score);
      pair[1] = 1.0F / static_cast<float>(rank + 1);
    }
  }
  std::vector<ItemIndex> items;
  for (const auto& candidate : rows.candidates) items.push_back(candidate.item);
  const auto activities = places.activities(view, items);
  const RowWriter writer(view, live.newest_time(), user);
  for (std::size_t k = 0; k < items.size(); ++k)
    writer.write(items[k], activities[k], std::span(rows.values).subspan(k * kColumns, kColumns));
  return rows;
}

Result<std::vector<Candidate>> ranked(RankRows rows, const CandidateRanker& ranker) {
  ZY_TRY(const auto scores, ranker.score(rows.values));
  if (scores.size() != rows.candidates.size())
    return internal("the ranker answered for another number of candidates than it was asked about");
  if (!std::ranges::all_of(scores, [](float score) { return std::isfinite(score); }))
    return internal("the ranker gave a score that is not finite");
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater{}, [&](auto at) { return scores[at]; });
  const double best = order.empty() ? 0 : scores[order.front()];
  std::vector<Candidate> all;
  all.reserve(order.size());
  for (const auto at : order) {
    all.push_back(std::move(rows.candidates[at]));
    all.back().score = best > 0 ? scores[at] / best : scores[at];
  }
  return all;
}

std::shared_ptr<const CandidateRanker> candidate_ranker(std::shared_ptr<const NumericRanker> ranker) {
  return std::make_shared<FittedRanker>(std::move(ranker));
}

std::shared_ptr<const CandidateRanker> own_ranker(const std::shared_ptr<const Snapshot>& snapshot) {
  if (snapshot == nullptr || !snapshot->ranker) return nullptr;
  if (!std::ranges::equal(snapshot->ranker->columns(), kRankColumns)) return nullptr;
  return candidate_ranker({snapshot, &*snapshot->ranker});
}

}  // namespace zhiyin
