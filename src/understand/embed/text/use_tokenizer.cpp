#include "understand/embed/text/use_tokenizer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "base/json.h"
#include "understand/embed/text/unicode_text.h"

namespace zhiyin {
namespace {

constexpr char32_t kSeparator = 0x2581;  // stands for a space, and before the first word
constexpr std::size_t kReserved = 6;     // the first ids (unknown, <s>, </s>, extras) are never matched

std::uint64_t edge(std::uint32_t node, char32_t c) { return std::uint64_t{node} << 32U | c; }

std::u32string characters_of(std::string_view utf8) {
  auto text = nfkc(utf8);
  if (text.empty()) return text;
  std::ranges::replace(text, U' ', kSeparator);
  text.insert(text.begin(), kSeparator);
  return text;
}

}  // namespace

Result<UseTokenizer> UseTokenizer::open(const std::filesystem::path& vocabulary) {
  ZY_TRY(const auto text, read_file(vocabulary));
  return from_json(text).in(vocabulary.string());
}

Result<UseTokenizer> UseTokenizer::from_json(std::string_view text) {
  ZY_TRY(const auto json, Json::parse(text));
  UseTokenizer tokenizer;
  const auto& entries = json.elements();
  if (entries.size() <= kReserved) return invalid("the vocabulary is not a list of [piece, score]");
  for (std::size_t id = 0; id < entries.size(); ++id) {
    const auto& entry = entries[id].elements();
    if (entry.size() != 2 || !entry[0].is_string() || !(entry[1].is_number() || entry[1].is_null())) {
      return invalid(fmt::format("vocabulary entry {} is not [piece, score]", id));
    }
    if (id < kReserved) continue;
    // Pieces are taken as they are written, not normalised.
    tokenizer.insert(code_points(entry[0].as_string()), entry[1].as_number(), static_cast<std::int64_t>(id));
  }
  return tokenizer;
}

void UseTokenizer::insert(std::u32string_view piece, double score, std::int64_t id) {
  if (piece.empty()) return;
  std::uint32_t node = 0;
  for (const auto c : piece) {
    const auto [entry, added] = children_.try_emplace(edge(node, c), static_cast<std::uint32_t>(nodes_.size()));
    if (added) nodes_.emplace_back();
    node = entry->second;
  }
  nodes_[node] = {score, id};  // a piece that occurs twice has its last id
}

std::uint32_t UseTokenizer::child(std::uint32_t node, char32_t c) const {
  const auto found = children_.find(edge(node, c));
  return found == children_.end() ? 0 : found->second;
}

// The reference's rules to the letter, since other ids are other sentences to the network:
// - a score of 0 means "not reached yet", also where 0 is the score that was reached;
// - of two ways to one place with equal scores, the one whose last piece starts later wins;
// - a character at which no piece starts is a piece of its own, of score 0 and id 0;
// - a place that no piece reaches has score 0, and is left by one character backwards, as unknown.
std::vector<std::int64_t> UseTokenizer::encode(std::string_view utf8) const {
  const auto text = characters_of(utf8);
  struct Place {
    double best = 0;
    std::int64_t id = 0;
    std::size_t length = 1;  // of the piece that ends here
  };
  std::vector<Place> places(text.size() + 1);
  const auto reach = [&](std::size_t start, std::size_t length, double score, std::int64_t id) {
    auto& place = places[start + length];
    const double sum = score + places[start].best;
    if (place.best == 0 || sum >= place.best) place = {sum, id, length};
  };
  // Starts in ascending order: all pieces that end at `start` have been seen before its own are laid.
  for (std::size_t start = 0; start < text.size(); ++start) {
    bool any = false;
    std::uint32_t node = 0;
    for (std::size_t end = start; end < text.size() && (node = child(node, text[end])) != 0; ++end) {
      if (nodes_[node].id == 0) continue;
      reach(start, end + 1 - start, nodes_[node].score, nodes_[node].id);
      any = true;
    }
    if (!any) reach(start, 1, 0, 0);
  }

  std::vector<std::int64_t> ids;
  for (std::size_t end = text.size(); end > 0; end -= places[end].length) {
    const auto id = places[end].id;
    if (id != 0 || ids.empty() || ids.back() != 0) ids.push_back(id);  // a run of unknowns is one token
  }
  std::ranges::reverse(ids);
  return ids;
}

}  // namespace zhiyin
