#include "feed/recommend/search.h"

#include <algorithm>
#include <cmath>

#include "base/kernels/vectors.h"
#include "base/text.h"
#include "feed/recommend/reasons.h"
#include "feed/recommend/source.h"

namespace zhiyin {
namespace {

constexpr double kMeaningFloor = 0.25;  // less alike in meaning than this is chance

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

double cosine(std::span<const float> a, std::span<const float> b) {
  const double squares = double{dot(a, a)} * dot(b, b);
  return squares > 0 ? dot(a, b) / std::sqrt(squares) : 0;
}

// The query as every encoder sees it; those that see nothing in it are left out.
Result<std::vector<ModalityVector>> encode(std::span<const std::unique_ptr<TextEncoder>> encoders,
                                           std::string_view query) {
  std::vector<ModalityVector> encoded;
  const std::string text(query);
  for (const auto& encoder : encoders) {
    ZY_TRY(auto vector, encoder->encode_one(text));
    if (std::ranges::any_of(vector, [](float x) { return x != 0; })) {
      encoded.push_back({std::string(encoder->name()), encoder->version(), std::move(vector)});
    }
  }
  return encoded;
}

double meaning(const std::vector<ModalityVector>& query, const std::vector<ModalityVector>& item) {
  for (const auto& wanted : query) {
    const auto same = std::ranges::find(item, wanted.encoder, &ModalityVector::encoder);
    if (same == item.end() || same->version != wanted.version || same->values.size() != wanted.values.size()) continue;
    const auto alike = cosine(wanted.values, same->values);
    return alike >= kMeaningFloor ? alike : 0;
  }
  return 0;
}

}  // namespace

Result<std::vector<Recommended>> search_items(const View& view, std::span<const std::unique_ptr<TextEncoder>> encoders,
                                              std::string_view query, std::size_t count, Language language) {
  if (trim(query).empty()) return invalid("q is empty: give the words to search for", "q");
  ZY_TRY(const auto encoded, encode(encoders, query));
  std::vector<std::string> words;
  for (const auto word : split(ascii_lower(query), ' ')) {
    if (!word.empty()) words.emplace_back(word);
  }
  std::vector<Candidate> all;
  for (ItemIndex i = 0; i < view.items().size(); ++i) {
    const auto& item = view.item(i);
    if (!item.shown()) continue;
    const auto has = words_found(searchable(item), words);
    const auto means = meaning(encoded, view.modalities(i));
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
