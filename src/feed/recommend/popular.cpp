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
    live_.each_item([&](const ItemId& id, const ItemActivity& activity) {
      const auto item = view.find(id);
      if (activity.likes <= 0 || !item || !user.allowed[*item]) return;
      all.push_back({*item, static_cast<double>(activity.likes), kind(), ReasonKind::kPopular, {}});
    });
    return best_candidates(std::move(all), count);
  }

 private:
  const Live& live_;
};

}  // namespace

std::unique_ptr<Source> make_popular_source(const Live& live) { return std::make_unique<PopularSource>(live); }

}  // namespace zhiyin
