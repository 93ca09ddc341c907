// The read path: one request, one slate.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "domain/answer.h"
#include "feed/live/live.h"
#include "feed/recommend/filter.h"
#include "feed/recommend/ranking.h"
#include "feed/recommend/source.h"
#include "feed/snapshot/view.h"

namespace zhiyin {

struct Request {
  UserId user;  // a guest's id carries kGuestPrefix
  std::size_t count = 20;
  std::vector<ItemId> exclude;
  Language language = Language::kEnglish;
  bool registered = false;            // the user is known although nothing was ever done
  std::vector<ItemId> session;        // liked just now by whoever asks, the latest last; logged nowhere
  Filter filter;                      // of what may be shown
  std::optional<SourceKind> only;     // candidates of this source alone
  std::optional<std::uint64_t> seed;  // of what is drawn: the same gives the same slate; else each request its own
};

// Each source's share of the slate, as far as it has candidates; what one lacks goes to the others. Where there is a
// ranker (ranking.h) it fills the shares of all but the fresh source together.
struct RecommendOptions {
  double collaborative_quota = 0.60;
  double similar_quota = 0.25;
  double fresh_quota = 0.10;
  double popular_quota = 0.05;
  std::uint64_t first_request = 0;  // a server counts from another number each time, so that no two answers share an id
};

// Thread-safe. Cost of a request: linear in the catalogue, about a nanosecond an item where its models offer vectors.
// The time of each stage is counted: zhiyin_stage_seconds{stage=}, user, the sources by name, rank, blend, explain.
class Recommender {
 public:
  using ViewSource = std::function<std::shared_ptr<const View>()>;

  Recommender(ViewSource view, const Live& live, std::vector<std::unique_ptr<Source>> sources,
              RecommendOptions options);

  // All four sources.
  static std::vector<std::unique_ptr<Source>> default_sources(const Live& live);

  // From the next request on.
  void set_options(const RecommendOptions& options);

  // In place of the snapshot's own; null: that one, where it has one. From the next request on. A ranker that fails
  // costs the order and not the page: the quotas then fill it, and "rank" is among what is degraded.
  void set_ranker(std::shared_ptr<const CandidateRanker> ranker);

  // kNotFound for a user who never did anything and is no guest. A slate shorter than asked is no error.
  Result<Slate> recommend(const Request& request) const;

  // What a ranker is shown of that request (the filter, the count and the rest are as for recommend()).
  Result<RankRows> ranking_rows(const Request& request) const;

 private:
  // Part of the slate, and who fills it, best first.
  struct Lane {
    double quota;
    std::vector<Candidate> candidates;
  };

  Result<UserContext> load_user(const View& view, const Request& request) const;
  std::vector<std::vector<Candidate>> gather(const View& view, const UserContext& user, const Request& request,
                                             bool to_be_ranked, Slate& slate) const;
  [[nodiscard]] std::shared_ptr<const CandidateRanker> ranker_of(const View& view) const;
  std::vector<Lane> by_quota(std::vector<std::vector<Candidate>> candidates) const;
  std::vector<Lane> by_rank(const View& view, const UserContext& user, const CandidateRanker& ranker,
                            std::vector<std::vector<Candidate>> candidates, Slate& slate) const;
  static std::vector<Candidate> blend(std::vector<Lane> lanes, std::size_t count);
  void explain(const View& view, const UserContext& user, Language language, std::vector<Candidate> chosen,
               Slate& slate) const;

  ViewSource view_;
  const Live& live_;
  const ItemPlaces places_{live_};
  std::vector<std::unique_ptr<Source>> sources_;
  // Both by std::atomic_load and std::atomic_store only.
  std::shared_ptr<const RecommendOptions> options_;
  std::shared_ptr<const CandidateRanker> ranker_;
  mutable std::atomic<std::uint64_t> requests_;
};

}  // namespace zhiyin
