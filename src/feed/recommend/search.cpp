#include "feed/recommend/search.h"

#include <algorithm>

#include "base/text.h"
#include "feed/recommend/meaning.h"
#include "feed/recommend/reasons.h"
#include "feed/recommend/source.h"

namespace zhiyin {
namespace {

std::string searchable(const Item& item) {
  std::string text = item.title + ' ' + item.creator;
  for (const auto& tag : item.tags) text += ' ' + tag;
  for (const auto& tag : item.media.tags) text += ' ' + tag;
  return ascii_lower(text);
}

double words_found(const std::string& text, const std::vector<std::string>& words) {
  const auto found =
      std::ranges::count_if(words, [&](const auto& word) { return text.find(word) != std::string::npos; });
  return words.empty() ? 0 : static_cast<double>(found) / static_cast<double>(words.size());
}

}  // namespace

Result<std::vector<Recommended>> search_items(const View& view, std::span<const std::unique_ptr<TextEncoder>> encoders,
                                              std::string_view query, std::size_t count, Language language) {
  if (trim(query).empty()) return invalid("q is empty: give the words to search for", "q");
  ZY_TRY(const auto means_as_much, meanings(view, encoders, query));
  std::vector<std::string> words;
  const auto lower = ascii_lower(query);  // its words point into it
  for (const auto word : split(lower, ' ')) {
    if (!word.empty()) words.emplace_back(word);
  }
  std::vector<Candidate> all;
  for (ItemIndex i = 0; i < view.items().size(); ++i) {
    const auto& item = view.item(i);
    if (!item.shown()) continue;
    const auto has = words_found(searchable(item), words);
    const auto means = means_as_much[i];
    const auto reason = has >= means ? ReasonKind::kHasTheWords : ReasonKind::kMeansTheSame;
    if (has + means > 0) all.push_back({i, has + means, SourceKind::kSimilar, reason, {}});
  }
  std::vector<Recommended> found;
  for (const auto& candidate : best_candidates(std::move(all), count)) {
    found.push_back({view.item(candidate.item).id,
                     candidate.score,
                     candidate.source,
                     reason_sentence(candidate.reason, language, {}),
                     {}});
  }
  return found;
}

}  // namespace zhiyin
