// Fresh candidates: items that nobody has done anything with yet, so that they get their first viewers. Close to what
// the user likes first (content_blend where the model knows the item, else the likeness of content), the latest first
// among equals, a little drawn by lot so that all of them have their turn.
#include <algorithm>

#include "base/kernels/vectors.h"
#include "base/random.h"
#include "feed/recommend/source.h"

namespace zhiyin {
namespace {

constexpr std::size_t kProfile = 20;  // liked items that make the profile, the latest ones
constexpr double kCloseShare = 0.6;   // of the score; the rest is recency and chance
constexpr double kRecentShare = 0.2;
constexpr double kChanceShare = 0.2;
constexpr double kClose = 0.7;  // from here on the reason says "close to what you like"

class FreshSource final : public Source {
 public:
  explicit FreshSource(const Live& live) : live_(live) {}
  [[nodiscard]] SourceKind kind() const override { return SourceKind::kFresh; }

  Result<std::vector<Candidate>> candidates(const View& view, const UserContext& user,
                                            std::size_t count) const override {
    std::vector<bool> fresh = user.allowed;
    live_.each_item([&](const ItemId& id, const ItemActivity&) {
      if (const auto item = view.find(id)) fresh[*item] = false;
    });
    std::vector<ItemIndex> items;
    for (ItemIndex item = 0; item < fresh.size(); ++item) {
      if (fresh[item]) items.push_back(item);
    }
    if (items.empty()) return std::vector<Candidate>{};

    const auto closeness = scaled(closeness_of(view, user, items));
    Random random(user.seed);
    std::vector<Candidate> all;
    for (std::size_t i = 0; i < items.size(); ++i) {
      // The catalogue lists items in the order they came.
      const double recency = items.size() == 1 ? 1 : static_cast<double>(i) / static_cast<double>(items.size() - 1);
      const double score = kCloseShare * closeness[i] + kRecentShare * recency + kChanceShare * random.uniform();
      all.push_back(
          {items[i], score, kind(), closeness[i] >= kClose ? ReasonKind::kNewAndClose : ReasonKind::kNew, {}});
    }
    return best_candidates(std::move(all), count);
  }

 private:
  static std::vector<double> closeness_of(const View& view, const UserContext& user,
                                          const std::vector<ItemIndex>& items) {
    std::vector<double> closeness(items.size(), 0);
    const auto profile = profile_of(view, user);
    if (!profile.empty()) {
      for (std::size_t i = 0; i < items.size(); ++i) closeness[i] = dot(view.content().row(items[i]), profile);
    }
    const auto* snapshot = view.snapshot();
    const auto* mapped = snapshot == nullptr ? nullptr : snapshot->model("content_blend");
    if (mapped == nullptr || user.history.items.empty()) return closeness;
    std::vector<float> scores(mapped->items());
    mapped->score(user.history, scores);
    auto predicted = std::vector<double>(items.size(), 0);
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (const auto row = view.to_snapshot(items[i])) predicted[i] = scores[*row];
    }
    const auto likeness = scaled(closeness);
    predicted = scaled(predicted);
    for (std::size_t i = 0; i < items.size(); ++i) closeness[i] = likeness[i] + predicted[i];
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
  static std::vector<double> scaled(std::vector<double> values) {
    const auto [low, high] = std::ranges::minmax(values);
    for (auto& value : values) value = high > low ? (value - low) / (high - low) : 0;
    return values;
  }

  const Live& live_;
};

}  // namespace

std::unique_ptr<Source> make_fresh_source(const Live& live) { return std::make_unique<FreshSource>(live); }

}  // namespace zhiyin
