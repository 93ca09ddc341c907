// Ranking: what the sources found, put into one order by what is known of each candidate.
//
// A ranker sees a row of numbers a candidate (the columns below) and says how good each is. Candidates of the
// collaborative, similar and popular sources then stand in the order of the ranker; fresh ones keep their quota, for
// nobody has answered for them yet. Without a ranker every source has its quota (recommend.h).
//
// A home's own ranker is in its snapshot (learn/train_ranker.h, match/rank/numeric_ranker.h); one that was trained
// elsewhere is an ONNX file (feed/recommend/onnx_ranker.h). docs/ranking.md explains the columns to whoever trains one.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "feed/live/live.h"
#include "feed/recommend/item_places.h"
#include "feed/recommend/source.h"
#include "feed/snapshot/view.h"

namespace zhiyin {

// What stands in a row, in this order. A new column goes to the end: files and models name columns.
enum class RankColumn {
  kCollaborative,      // score within the source, the best has 1; 0 where the source did not find it
  kCollaborativeRank,  // 1 / rank in that source; 0 where it did not find it
  kSimilar,
  kSimilarRank,
  kPopular,
  kPopularRank,
  kLikes,            // log2(1 + users who like it)
  kEvents,           // log2(1 + events with it)
  kAgeDays,          // log2(1 + days from its publication to the newest event); -1 where it is not known
  kDuration,         // log2(1 + seconds); 0 where it has no file
  kHistory,          // log2(1 + items that the user likes)
  kContentLiked,     // cosine with the mean of the last items that the user liked; 0 where nothing is known
  kContentDisliked,  // the same for disliked ones
  kCreator,          // the share of the last liked items that is by its creator
  kTags,             // the mean over its tags of the share of the last liked items that have the tag
  kBestTag,          // the largest of those shares
};
inline constexpr std::array<std::string_view, 16> kRankColumns = {"collaborative",
                                                                  "collaborative_rank",
                                                                  "similar",
                                                                  "similar_rank",
                                                                  "popular",
                                                                  "popular_rank",
                                                                  "likes",
                                                                  "events",
                                                                  "age_days",
                                                                  "duration",
                                                                  "history",
                                                                  "content_liked",
                                                                  "content_disliked",
                                                                  "creator",
                                                                  "tags",
                                                                  "best_tag"};

// The candidates of one request; every item stands once, with the source that put it highest.
struct RankRows {
  std::vector<Candidate> candidates;
  std::vector<float> values;  // row-major candidates x kRankColumns
};

// `lists`: by source; those of the fresh source are passed over.
RankRows rank_rows(const View& view, const Live& live, const ItemPlaces& places, const UserContext& user,
                   std::span<const std::vector<Candidate>> lists);

// Thread-safe.
class CandidateRanker {
 public:
  virtual ~CandidateRanker() = default;
  // One number a row, the larger the better. values: row-major, a multiple of kRankColumns.
  [[nodiscard]] virtual Result<std::vector<float>> score(std::span<const float> values) const = 0;
};

// The candidates in the order of the ranker, their scores divided by the best one's where that is above 0.
Result<std::vector<Candidate>> ranked(RankRows rows, const CandidateRanker& ranker);

// One that learned from such rows.
std::shared_ptr<const CandidateRanker> candidate_ranker(std::shared_ptr<const NumericRanker> ranker);

// The ranker of a snapshot; null where it has none, or one of other columns.
std::shared_ptr<const CandidateRanker> own_ranker(const std::shared_ptr<const Snapshot>& snapshot);

}  // namespace zhiyin
