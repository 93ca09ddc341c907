// Similar-content candidates: what sounds, looks or reads like the items the user liked last, less what is like the
// ones they disliked. It needs nobody else's behaviour, so an upload of this minute can be among them.
#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "feed/recommend/modality_reason.h"
#include "feed/recommend/source.h"

namespace zhiyin {
namespace {

constexpr std::size_t kSeeds = 20;       // liked items that are asked for neighbours, the latest ones
constexpr std::size_t kNeighbours = 60;  // of each
constexpr double kSeedDecay = 0.85;      // of the weight, from one liked item to the one before it
constexpr double kDislikeWeight = 0.7;   // how strongly a neighbour of a disliked item is pushed away
constexpr float kFloor = 0.15F;          // less alike than this is not alike

class SimilarSource final : public Source {
 public:
  [[nodiscard]] SourceKind kind() const override { return SourceKind::kSimilar; }

  Result<std::vector<Candidate>> candidates(const View& view, const UserContext& user,
                                            std::size_t count) const override {
    std::unordered_map<ItemIndex, Candidate> found;
    vote(view, user, user.liked, +1.0, found);
    vote(view, user, user.disliked, -kDislikeWeight, found);
    std::vector<Candidate> all;
    for (auto& [item, candidate] : found) {
      if (candidate.score <= 0 || candidate.because.empty()) continue;
      std::ranges::sort(candidate.because, std::greater{}, &std::pair<ItemIndex, double>::second);
      all.push_back(std::move(candidate));
    }
    return best_candidates(std::move(all), count);
  }

  void explain(const View& view, const UserContext&, Candidate& candidate) const override {
    candidate.reason = modality_reason(view, candidate.item, candidate.because.front().first);
    candidate.because.resize(1);
  }

 private:
  void vote(const View& view, const UserContext& user, const std::vector<Opinion>& opinions, double sign,
            std::unordered_map<ItemIndex, Candidate>& found) const {
    const auto& content = view.content();
    if (content.dim() == 0) return;
    double weight = sign;
    for (std::size_t i = opinions.size(); i > 0 && opinions.size() - i < kSeeds; --i, weight *= kSeedDecay) {
      const auto seed = opinions[i - 1].item;
      for (const auto& near : content.search(content.row(seed), kNeighbours)) {
        if (near.row == seed || near.similarity < kFloor || !user.allowed[near.row]) continue;
        auto& candidate =
            found.try_emplace(near.row, Candidate{near.row, 0, kind(), ReasonKind::kReadsLike, {}}).first->second;
        const double vote = weight * near.similarity;
        candidate.score += vote;
        if (vote > 0) candidate.because.emplace_back(seed, vote);
      }
    }
  }
};

}  // namespace

std::unique_ptr<Source> make_similar_source() { return std::make_unique<SimilarSource>(); }

}  // namespace zhiyin
