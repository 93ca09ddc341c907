// A source proposes candidates for one user. One file a source; a source that fails costs its candidates, not the page.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/bitmap.h"
#include "base/result.h"
#include "domain/answer.h"
#include "feed/live/live.h"
#include "feed/snapshot/view.h"

namespace zhiyin {

// An item of the user's past with what it meant to them.
struct Opinion {
  ItemIndex item;
  double preference;
  UnixSeconds time;
};

// The user as every source sees them.
struct UserContext {
  UserId id;
  std::vector<Opinion> liked;     // preference > 0, oldest first
  std::vector<Opinion> disliked;  // preference < 0, oldest first
  History history;                // the liked items that the snapshot knows, by its rows
  // What was learned since that snapshot, if anything was, and the liked items by its rows: those that came since too.
  std::shared_ptr<const Overlay> overlay;
  History overlay_history;
  Bitmap allowed;          // by catalogue row: neither seen, nor hidden, nor excluded by the request
  std::uint64_t seed = 0;  // for whatever is drawn: differs from request to request
};

enum class ReasonKind {
  kBecauseYouLiked,
  kTaste,
  kSoundsLike,
  kLooksLike,
  kReadsLike,
  kNewAndClose,
  kNew,
  kPopular,
  kHasTheWords,
  kMeansTheSame
};

struct Candidate {
  ItemIndex item;
  double score = 0;  // the best of a source has 1
  SourceKind source = SourceKind::kPopular;
  ReasonKind reason = ReasonKind::kPopular;
  std::vector<std::pair<ItemIndex, double>> because;  // catalogue rows, the heaviest first
};

class Source {
 public:
  virtual ~Source() = default;
  [[nodiscard]] virtual SourceKind kind() const = 0;

  // At most `count` candidates that user.allowed allows, best first. Thread-safe.
  virtual Result<std::vector<Candidate>> candidates(const View& view, const UserContext& user,
                                                    std::size_t count) const = 0;

  // Fills in `because` of the source's candidates that made it into the slate, where that costs too much to do for
  // every candidate.
  virtual void explain(const View&, const UserContext&, std::span<Candidate* const>) const {}
};

std::unique_ptr<Source> make_collaborative_source();
// `keep`: what is near an item is found once for all who liked it (CosineIndex), rather than at every request.
std::unique_ptr<Source> make_similar_source(bool keep = true);
std::unique_ptr<Source> make_fresh_source(const Live& live);
std::unique_ptr<Source> make_popular_source(const Live& live);

// Finds what is similar to items of the view ahead of requests, for about so many seconds; whether some are left.
bool prepare_similar(const View& view, double seconds);

// The `count` best of (item, score), best first, ties to the lower item, scores divided by the best one's.
std::vector<Candidate> best_candidates(std::vector<Candidate> all, std::size_t count);

}  // namespace zhiyin
