// Similar-content candidates: what sounds, looks or reads like the items the user liked last, less what is like the
// ones they disliked. It needs nobody else's behaviour, so an upload of this minute can be among them.
#include <algorithm>
#include <bit>
#include <cmath>

#include "feed/recommend/modality_reason.h"
#include "feed/recommend/source.h"

namespace zhiyin {
namespace {

constexpr std::size_t kSeeds = 20;       // liked items that are asked for neighbours, the latest ones
constexpr std::size_t kNeighbours = 60;  // of each
constexpr double kSeedDecay = 0.85;      // of the weight, from one liked item to the one before it
constexpr double kDislikeWeight = 0.7;   // how strongly a neighbour of a disliked item is pushed away
constexpr float kFloor = 0.15F;          // less alike than this is not alike

// Items that neighbours voted for, in a table with open addressing: at most 2 x kSeeds x kNeighbours of them.
class Votes {
 public:
  struct Tally {
    ItemIndex item = kEmpty;
    double score = 0;
    ItemIndex best_seed = 0;  // the one that spoke for it the loudest
    double best_vote = 0;     // 0: nobody did
  };

  explicit Votes(std::size_t most) : slots_(std::bit_ceil(2 * most + 1)) {}

  void add(ItemIndex item, ItemIndex seed, double vote) {
    auto& tally = slot(item);
    tally.item = item;
    tally.score += vote;
    if (vote <= tally.best_vote) return;
    tally.best_seed = seed;
    tally.best_vote = vote;
  }

  // Those that somebody spoke for and that were not voted down, best first.
  [[nodiscard]] std::vector<Tally> best(std::size_t count) const {
    std::vector<Tally> all;
    for (const auto& tally : slots_) {
      if (tally.item != kEmpty && tally.score > 0 && tally.best_vote > 0) all.push_back(tally);
    }
    const auto kept = std::min(count, all.size());
    std::ranges::partial_sort(all, all.begin() + static_cast<std::ptrdiff_t>(kept), [](const Tally& a, const Tally& b) {
      return a.score != b.score ? a.score > b.score : a.item < b.item;
    });
    all.resize(kept);
    return all;
  }

 private:
  static constexpr ItemIndex kEmpty = UINT32_MAX;

  Tally& slot(ItemIndex item) {
    auto at = (item * std::size_t{0x9E3779B1}) & (slots_.size() - 1);
    while (slots_[at].item != kEmpty && slots_[at].item != item) at = (at + 1) & (slots_.size() - 1);
    return slots_[at];
  }

  std::vector<Tally> slots_;
};

class SimilarSource final : public Source {
 public:
  explicit SimilarSource(bool keep) : keep_(keep) {}
  [[nodiscard]] SourceKind kind() const override { return SourceKind::kSimilar; }

  Result<std::vector<Candidate>> candidates(const View& view, const UserContext& user,
                                            std::size_t count) const override {
    std::vector<Candidate> all;
    if (view.content().dim() == 0) return all;
    std::vector<ItemIndex> seeds;
    std::vector<double> weights;
    choose_seeds(user.liked, +1.0, seeds, weights);
    choose_seeds(user.disliked, -kDislikeWeight, seeds, weights);
    const auto near_seeds =
        keep_ ? view.content().search_rows(seeds, kNeighbours) : view.content().search_rows_anew(seeds, kNeighbours);
    Votes votes(seeds.size() * kNeighbours);
    for (std::size_t s = 0; s < seeds.size(); ++s) {
      for (const auto& near : near_seeds[s]) {
        if (near.row == seeds[s] || near.similarity < kFloor || !user.allowed[near.row]) continue;
        votes.add(near.row, seeds[s], weights[s] * near.similarity);
      }
    }
    for (const auto& tally : votes.best(count))
      all.push_back({tally.item, tally.score, kind(), ReasonKind::kReadsLike, {{tally.best_seed, tally.best_vote}}});
    return best_candidates(std::move(all), count);
  }

  void explain(const View& view, const UserContext&, std::span<Candidate* const> chosen) const override {
    for (auto* candidate : chosen)
      candidate->reason = modality_reason(view, candidate->item, candidate->because.front().first);
  }

 private:
  // The latest first.
  static void choose_seeds(const std::vector<Opinion>& opinions, double weight, std::vector<ItemIndex>& seeds,
                           std::vector<double>& weights) {
    for (std::size_t i = opinions.size(); i > 0 && opinions.size() - i < kSeeds; --i, weight *= kSeedDecay) {
      seeds.push_back(opinions[i - 1].item);
      weights.push_back(weight);
    }
  }

  bool keep_;
};

}  // namespace

bool prepare_similar(const View& view, double seconds) { return view.content().find_ahead(kNeighbours, seconds); }

std::unique_ptr<Source> make_similar_source(bool keep) { return std::make_unique<SimilarSource>(keep); }

}  // namespace zhiyin
