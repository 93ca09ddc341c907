// Fresh candidates: items that nobody has done anything with yet, so that they get their first viewers. Close to what
// the user likes first (content_blend where the model knows the item, else the likeness of content), the latest first
// among equals, a little drawn by lot so that all of them have their turn.
#include <algorithm>

#include "base/kernels/vectors.h"
#include "base/measure/top_k.h"
#include "base/random.h"
#include "feed/recommend/fresh_items.h"
#include "feed/recommend/source.h"

namespace zhiyin {
namespace {

constexpr std::size_t kProfile = 20;  // liked items that make the profile, the latest ones
constexpr float kCloseShare = 0.6F;   // of the score; the rest is recency and chance
constexpr float kRecentShare = 0.2F;
constexpr float kChanceShare = 0.2F;
constexpr std::size_t kMostLooked = 10'000;  // of many fresh items so many are looked at, spread over all, by lot
constexpr float kClose = 0.7F;               // from here on the reason says "close to what you like"

class FreshSource final : public Source {
 public:
  explicit FreshSource(const Live& live) : fresh_(live) {}
  [[nodiscard]] SourceKind kind() const override { return SourceKind::kFresh; }

  Result<std::vector<Candidate>> candidates(const View& view, const UserContext& user,
                                            std::size_t count) const override {
    const auto fresh = fresh_.of(view);
    const auto stride = fresh->size() / kMostLooked + 1;
    std::vector<ItemIndex> items;
    items.reserve(fresh->size() / stride + 1);
    for (auto i = mix64(user.seed) % stride; i < fresh->size(); i += stride) {
      if (user.allowed[(*fresh)[i]]) items.push_back((*fresh)[i]);
    }
    if (items.empty()) return std::vector<Candidate>{};

    const auto closeness = scaled(closeness_of(view, user, items));
    Random random(user.seed);
    std::vector<float> scores(items.size());
    // The catalogue lists items in the order they came.
    const auto later = kRecentShare / static_cast<float>(std::max<std::size_t>(items.size() - 1, 1));
    const auto earliest = items.size() == 1 ? kRecentShare : 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
      const auto recent = earliest + later * static_cast<float>(i);
      scores[i] = kCloseShare * closeness[i] + recent + kChanceShare * random.uniform();
    }
    std::vector<std::uint32_t> best;  // places in items
    top_k(scores, {}, count, best);
    std::vector<Candidate> all;
    for (const auto i : best) {
      all.push_back(
          {items[i], scores[i], kind(), closeness[i] >= kClose ? ReasonKind::kNewAndClose : ReasonKind::kNew, {}});
    }
    return best_candidates(std::move(all), count);
  }

 private:
  static std::vector<float> closeness_of(const View& view, const UserContext& user,
                                         const std::vector<ItemIndex>& items) {
    std::vector<float> closeness(items.size(), 0);
    const auto profile = profile_of(view, user);
    if (!profile.empty()) view.content().products(items, profile, closeness);
    const auto* snapshot = view.snapshot();
    const auto* mapped = snapshot == nullptr ? nullptr : snapshot->model("content_blend");
    if (mapped == nullptr || user.history.items.empty()) return closeness;
    std::vector<ItemIndex> rows;  // those that the model knows
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (const auto row = view.to_snapshot(items[i])) {
        rows.push_back(*row);
        places.push_back(i);
      }
    }
    std::vector<float> scores(rows.size());
    mapped->score_some(user.history, rows, scores);
    std::vector<float> predicted(items.size(), 0);
    for (std::size_t k = 0; k < rows.size(); ++k) predicted[places[k]] = scores[k];
    closeness = scaled(std::move(closeness));
    predicted = scaled(std::move(predicted));
    for (std::size_t i = 0; i < items.size(); ++i) closeness[i] += predicted[i];
    return closeness;
  }

  // The mean content of the items liked last; empty if nothing is known of them.
  static std::vector<float> profile_of(const View& view, const UserContext& user) {
    std::vector<float> profile;
    if (view.content().dim() == 0 || user.liked.empty()) return profile;
    profile.assign(view.content().dim(), 0);
    const auto first = user.liked.size() - std::min(user.liked.size(), kProfile);
    for (std::size_t i = first; i < user.liked.size(); ++i) {
      axpy(1, view.content().row(user.liked[i].item).data(), profile.data(), profile.size());
    }
    return profile;
  }

  // Shifted and stretched to 0..1; all zero where all are equal.
  static std::vector<float> scaled(std::vector<float> values) {
    const auto [low, high] = extremes(values);
    const float stretch = high > low ? 1 / (high - low) : 0;
    for (auto& value : values) value = (value - low) * stretch;
    return values;
  }

  mutable FreshItems fresh_;
};

}  // namespace

std::unique_ptr<Source> make_fresh_source(const Live& live) { return std::make_unique<FreshSource>(live); }

}  // namespace zhiyin
