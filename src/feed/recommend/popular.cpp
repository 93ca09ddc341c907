// Popular candidates: what most users like, counted live. The fallback for whoever has no history yet.
#include "feed/recommend/source.h"

namespace zhiyin {
namespace {

class PopularSource final : public Source {
 public:
  explicit PopularSource(const Live& live) : live_(live) {}
  [[nodiscard]] SourceKind kind() const override { return SourceKind::kPopular; }

  Result<std::vector<Candidate>> candidates(const View& view, const UserContext& user,
                                            std::size_t count) const override {
    std::vector<Candidate> all;
    live_.each_by_likes([&](const ItemId& id, const ItemActivity& activity) {
      if (activity.likes <= 0 || all.size() == count) return false;
      const auto item = view.find(id);
      if (item && user.allowed[*item])
        all.push_back({*item, static_cast<double>(activity.likes), kind(), ReasonKind::kPopular, {}});
      return true;
    });
    return best_candidates(std::move(all), count);
  }

 private:
  const Live& live_;
};

}  // namespace

std::unique_ptr<Source> make_popular_source(const Live& live) { return std::make_unique<PopularSource>(live); }

}  // namespace zhiyin
