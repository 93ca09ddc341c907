// The whole answer to one request.
#include "feed/recommend/recommend.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/counters.h"
#include "base/log.h"
#include "base/random.h"
#include "base/trace.h"
#include "domain/user.h"
#include "feed/recommend/reasons.h"

namespace zhiyin {
namespace {

Histogram& seconds_of(std::string_view stage) {
  return histogram("zhiyin_stage_seconds", "Time spent in one stage of a request.", {{"stage", std::string(stage)}});
}

// What the stages of a request took. The name of a source's stage is the source's.
struct Stages {
  Histogram& user = seconds_of("user");
  std::array<Histogram*, kSourceKinds> sources{};
  Histogram& rank = seconds_of("rank");
  Histogram& blend = seconds_of("blend");
  Histogram& explain = seconds_of("explain");

  Stages() {
    for (std::size_t s = 0; s < sources.size(); ++s) sources[s] = &seconds_of(to_string(static_cast<SourceKind>(s)));
  }
};

const Stages& stages() {
  static const Stages stages;
  return stages;
}

// Runs one step of the request and counts its time.
template <typename Step>
auto timed(Histogram& seconds, std::string_view name, Step&& step) {
  const Timed timer(seconds);
  const Span span(name.data());  // names are literals
  return step();
}

void remember(History& history, ItemIndex row, double preference, UnixSeconds time) {
  history.items.push_back(row);
  history.weights.push_back(static_cast<float>(preference));
  history.times.push_back(time);
}

// That of this view's snapshot; one that was learned on another does not fit.
std::shared_ptr<const Overlay> overlay_of(const View& view, const Live& live) {
  auto overlay = live.overlay();
  const auto* snapshot = view.snapshot();
  return overlay != nullptr && snapshot != nullptr && overlay->base->id == snapshot->id ? overlay : nullptr;
}

// Of each source: more than the slate needs, because sources propose the same items, and more still where they are to
// be put into another order.
std::size_t most_candidates(std::size_t slate, bool to_be_ranked) {
  constexpr std::size_t kRanked = 60;
  return to_be_ranked ? std::max(kRanked, 2 * slate) : 2 * slate;
}

}  // namespace

Result<Slate> Recommender::recommend(const Request& request) const {
  const auto view = view_();  // catalogue, models and index of one moment
  Slate slate;
  ZY_TRY(const auto user, timed(stages().user, "user", [&] { return load_user(*view, request); }));
  const auto ranker = request.only ? nullptr : ranker_of(*view);
  auto candidates = gather(*view, user, request, ranker != nullptr, slate);  // times each
  auto lanes = ranker == nullptr ? by_quota(std::move(candidates)) : timed(stages().rank, "rank", [&] {
    return by_rank(*view, user, *ranker, std::move(candidates), slate);
  });
  auto chosen = timed(stages().blend, "blend", [&] { return blend(std::move(lanes), request.count); });
  timed(stages().explain, "explain", [&] { explain(*view, user, request.language, std::move(chosen), slate); });
  slate.recommendation = fmt::format("r-{:016x}", user.seed);
  return slate;
}

Result<RankRows> Recommender::ranking_rows(const Request& request) const {
  const auto view = view_();
  Slate slate;
  ZY_TRY(const auto user, load_user(*view, request));
  return rank_rows(*view, live_, places_, user, gather(*view, user, request, true, slate));
}

std::shared_ptr<const CandidateRanker> Recommender::ranker_of(const View& view) const {
  auto given = std::atomic_load(&ranker_);
  return given != nullptr ? given : own_ranker(view.shared_snapshot());
}

Result<UserContext> Recommender::load_user(const View& view, const Request& request) const {
  UserContext user;
  user.id = request.user;
  user.seed = request.seed.value_or(mix64(std::hash<std::string>{}(request.user.value) ^ mix64(++requests_)));
  user.allowed = view.shown();
  for (const auto& id : request.exclude) {
    if (const auto item = view.find(id)) user.allowed.clear(*item);
  }
  restrict(view, request.filter, user.allowed);
  const auto state = live_.user(request.user);
  const bool may_be_new = request.registered || request.user.value.starts_with(kGuestPrefix);
  if (state == nullptr && !may_be_new) {
    return not_found(
        fmt::format("user {} has done nothing yet: send an event first, or ask as a guest", request.user.value));
  }
  user.overlay = overlay_of(view, live_);
  const auto enter = [&](const ItemId& id, double preference, UnixSeconds time) {
    const auto item = view.find(id);
    if (!item) return;
    user.allowed.clear(*item);  // seen
    if (preference == 0) return;
    (preference > 0 ? user.liked : user.disliked).push_back({*item, preference, time});
    if (preference < 0) return;
    const auto row = view.to_snapshot(*item);
    if (row) remember(user.history, *row, preference, time);
    if (user.overlay == nullptr) return;
    if (const auto by_now = row ? row : user.overlay->row(id))
      remember(user.overlay_history, *by_now, preference, time);
  };
  UnixSeconds last = 0;
  for (const auto& touched : state == nullptr ? std::vector<Touched>{} : state->touched) {
    if (std::ranges::find(request.session, touched.item) != request.session.end()) continue;  // an opinion anew
    enter(touched.item, touched.preference, touched.time);
    last = touched.time;
  }
  for (const auto& id : request.session) enter(id, 1, ++last);
  return user;
}

std::vector<std::vector<Candidate>> Recommender::gather(const View& view, const UserContext& user,
                                                        const Request& request, bool to_be_ranked, Slate& slate) const {
  const auto most = most_candidates(request.count, to_be_ranked);
  std::vector<std::vector<Candidate>> gathered;
  for (const auto& source : sources_) {
    if (request.only.value_or(source->kind()) != source->kind()) {
      gathered.emplace_back();
      continue;
    }
    auto candidates = timed(*stages().sources[static_cast<std::size_t>(source->kind())], to_string(source->kind()),
                            [&] { return source->candidates(view, user, most); });
    if (!candidates.ok()) {
      log_warning("source {} failed, its candidates are missing: {}", to_string(source->kind()),
                  candidates.error().message);
      slate.degraded.emplace_back(to_string(source->kind()));
    }
    gathered.push_back(candidates.ok() ? std::move(candidates).value() : std::vector<Candidate>{});
  }
  return gathered;
}

// A lane a source.
std::vector<Recommender::Lane> Recommender::by_quota(std::vector<std::vector<Candidate>> candidates) const {
  const auto options = std::atomic_load(&options_);
  std::array<double, kSourceKinds> quota = {options->collaborative_quota, options->similar_quota, options->fresh_quota,
                                            options->popular_quota};
  // What a source cannot fill goes to what many like: a guest without a past sees the popular first.
  for (std::size_t s = 0; s < candidates.size(); ++s) {
    auto& own = quota[static_cast<std::size_t>(sources_[s]->kind())];
    if (candidates[s].empty()) quota[static_cast<std::size_t>(SourceKind::kPopular)] += std::exchange(own, 0);
  }
  std::vector<Lane> lanes;
  for (std::size_t s = 0; s < candidates.size(); ++s)
    lanes.push_back({quota[static_cast<std::size_t>(sources_[s]->kind())], std::move(candidates[s])});
  return lanes;
}

// One lane for all that can be ranked, one for what is fresh.
std::vector<Recommender::Lane> Recommender::by_rank(const View& view, const UserContext& user,
                                                    const CandidateRanker& ranker,
                                                    std::vector<std::vector<Candidate>> candidates,
                                                    Slate& slate) const {
  auto best = ranked(rank_rows(view, live_, places_, user, candidates), ranker);
  if (!best.ok()) {
    log_warning("the ranker failed, the quotas of the sources order the slate: {}", best.error().message);
    slate.degraded.emplace_back("rank");
    return by_quota(std::move(candidates));
  }
  const auto fresh_quota = std::atomic_load(&options_)->fresh_quota;
  std::vector<Lane> lanes = {{1 - fresh_quota, std::move(*best)}};
  for (std::size_t s = 0; s < candidates.size(); ++s) {
    if (sources_[s]->kind() == SourceKind::kFresh) lanes.push_back({fresh_quota, std::move(candidates[s])});
  }
  return lanes;
}

// Fills the slate from the top: each place goes to the lane that is furthest behind its quota and still has a
// candidate. From here on no candidate is added.
std::vector<Candidate> Recommender::blend(std::vector<Lane> lanes, std::size_t count) {
  std::vector<std::size_t> next(lanes.size(), 0);
  std::vector<double> taken(lanes.size(), 0);
  std::vector<Candidate> chosen;
  std::unordered_set<ItemIndex> chosen_items;
  while (chosen.size() < count) {
    const auto place = static_cast<double>(chosen.size() + 1);
    std::size_t best = lanes.size();
    double furthest_behind = 0;
    for (std::size_t s = 0; s < lanes.size(); ++s) {
      const auto& candidates = lanes[s].candidates;
      while (next[s] < candidates.size() && chosen_items.contains(candidates[next[s]].item)) ++next[s];
      if (next[s] == candidates.size()) continue;
      const double behind = lanes[s].quota * place - taken[s];
      if (best == lanes.size() || behind > furthest_behind) {
        best = s;
        furthest_behind = behind;
      }
    }
    if (best == lanes.size()) break;
    ++taken[best];
    chosen_items.insert(lanes[best].candidates[next[best]].item);
    chosen.push_back(std::move(lanes[best].candidates[next[best]++]));
  }
  return chosen;
}

void Recommender::explain(const View& view, const UserContext& user, Language language, std::vector<Candidate> chosen,
                          Slate& slate) const {
  for (const auto& source : sources_) {
    std::vector<Candidate*> own;
    for (auto& candidate : chosen) {
      if (candidate.source == source->kind()) own.push_back(&candidate);
    }
    if (!own.empty()) source->explain(view, user, own);
  }
  for (const auto& candidate : chosen) {
    Recommended recommended{view.item(candidate.item).id, candidate.score, candidate.source, {}, {}};
    for (const auto& [item, weight] : candidate.because) {
      recommended.because.push_back({view.item(item).id, view.item(item).title, weight});
    }
    const auto title =
        recommended.because.empty() ? std::string_view{} : std::string_view(recommended.because.front().title);
    recommended.reason = reason_sentence(candidate.reason, language, title);
    slate.items.push_back(std::move(recommended));
  }
}

Recommender::Recommender(ViewSource view, const Live& live, std::vector<std::unique_ptr<Source>> sources,
                         RecommendOptions options)
    : view_(std::move(view)),
      live_(live),
      sources_(std::move(sources)),
      options_(std::make_shared<const RecommendOptions>(options)),
      requests_(options.first_request) {}

void Recommender::set_ranker(std::shared_ptr<const CandidateRanker> ranker) {
  std::atomic_store(&ranker_, std::move(ranker));
}

void Recommender::set_options(const RecommendOptions& options) {
  std::atomic_store(&options_, std::make_shared<const RecommendOptions>(options));
}

std::vector<std::unique_ptr<Source>> Recommender::default_sources(const Live& live) {
  std::vector<std::unique_ptr<Source>> sources;
  sources.push_back(make_collaborative_source());
  sources.push_back(make_similar_source());
  sources.push_back(make_fresh_source(live));
  sources.push_back(make_popular_source(live));
  return sources;
}

}  // namespace zhiyin
