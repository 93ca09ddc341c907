#include "understand/embed/text/unigram_tokenizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "understand/embed/text/unicode_text.h"

namespace zhiyin {
namespace {

constexpr std::string_view kBlank = "\u2581";
constexpr double kUnknownPenalty = 10;

std::uint64_t edge(std::uint32_t node, char byte) {
  return std::uint64_t{node} << 8U | static_cast<unsigned char>(byte);
}

// Bytes of the character that begins with this one, in valid UTF-8.
std::size_t character_length(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

// With blanks as SentencePiece writes them.
std::string marked(std::string_view text, bool single_blanks, bool blank_first) {
  std::string out;
  bool blank = blank_first;  // one is due before what comes next
  if (single_blanks) {
    while (text.ends_with(' ')) text.remove_suffix(1);
    while (text.starts_with(' ')) text.remove_prefix(1);
  }
  if (text.empty()) return out;
  for (const char c : text) {
    if (c == ' ' && single_blanks) {
      blank = true;
      continue;
    }
    if (blank) out += kBlank;
    blank = false;
    if (c == ' ') {
      out += kBlank;
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

Result<std::unique_ptr<UnigramTokenizer>> UnigramTokenizer::make(std::span<const Piece> pieces, Options options) {
  if (options.unknown < 0 || static_cast<std::size_t>(options.unknown) >= pieces.size()) {
    return invalid(fmt::format("the unknown piece {} is none of the {} pieces", options.unknown, pieces.size()));
  }
  std::unique_ptr<UnigramTokenizer> tokenizer(new UnigramTokenizer());
  tokenizer->options_ = std::move(options);
  double worst = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const auto id = static_cast<std::int64_t>(i);
    tokenizer->vocabulary_.add(pieces[i].text, id);
    if (!pieces[i].matched || pieces[i].text.empty() || id == tokenizer->options_.unknown) continue;
    worst = std::min(worst, pieces[i].score);
    tokenizer->insert(pieces[i].text, {pieces[i].score, id});
  }
  tokenizer->unknown_score_ = worst - kUnknownPenalty;
  for (unsigned byte = 0; tokenizer->options_.bytes && byte < 256; ++byte) {
    const auto id = tokenizer->vocabulary_.id_of(fmt::format("<0x{:02X}>", byte));
    if (!id)
      return invalid(
          fmt::format("unknown characters are to be spelled in bytes, but there is no piece <0x{:02X}>", byte));
    tokenizer->bytes_[byte] = *id;
  }
  return tokenizer;
}

void UnigramTokenizer::insert(std::string_view piece, Known known) {
  std::uint32_t node = 0;
  for (const char byte : piece) {
    const auto [entry, added] = children_.try_emplace(edge(node, byte), static_cast<std::uint32_t>(nodes_.size()));
    if (added) nodes_.emplace_back();
    node = entry->second;
  }
  nodes_[node] = known;
}

void UnigramTokenizer::spell(std::string_view unknown, std::vector<std::int64_t>& ids) const {
  if (!options_.bytes) return ids.push_back(options_.unknown);
  for (const char byte : unknown) ids.push_back(bytes_[static_cast<unsigned char>(byte)]);
}

std::vector<std::int64_t> UnigramTokenizer::encode(std::string_view utf8) const {
  const auto text = marked(options_.normaliser(utf8), options_.single_blanks, options_.blank_first);
  struct Place {
    double best = -std::numeric_limits<double>::infinity();
    std::int64_t id = 0;
    std::size_t begin = 0;  // of the piece that ends here
  };
  std::vector<Place> places(text.size() + 1);
  places[0].best = 0;
  for (std::size_t begin = 0; begin < text.size(); begin += character_length(text[begin])) {
    const auto reach = [&](std::size_t end, Known known) {
      const double sum = places[begin].best + known.score;
      if (sum > places[end].best) places[end] = {sum, known.id, begin};
    };
    const auto next = begin + character_length(text[begin]);
    bool single = false;  // a piece of just this character
    std::uint32_t node = 0;
    for (std::size_t end = begin; end < text.size();) {
      const auto child = children_.find(edge(node, text[end]));
      if (child == children_.end()) break;
      node = child->second;
      ++end;
      if (nodes_[node].id < 0) continue;
      reach(end, nodes_[node]);
      single = single || end == next;
    }
    if (!single) reach(next, {unknown_score_, options_.unknown});
  }

  struct Span {
    std::int64_t id;
    std::size_t begin, end;
  };
  std::vector<Span> spans;
  for (std::size_t end = text.size(); end > 0; end = places[end].begin)
    spans.push_back({places[end].id, places[end].begin, end});
  std::ranges::reverse(spans);
  std::vector<std::int64_t> ids;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    if (spans[i].id != options_.unknown) {
      ids.push_back(spans[i].id);
      continue;
    }
    const auto begin = spans[i].begin;
    while (i + 1 < spans.size() && spans[i + 1].id == options_.unknown) ++i;
    spell(std::string_view(text).substr(begin, spans[i].end - begin), ids);
  }
  for (auto& id : ids) id += options_.offset;
  return ids;
}

std::string UnigramTokenizer::decode(std::span<const std::int64_t> ids) const {
  std::string text;
  for (const auto id : ids) {
    const auto token = vocabulary_.token_of(id - options_.offset);
    const auto byte = options_.bytes ? std::ranges::find(bytes_, id - options_.offset) : bytes_.end();
    if (byte != bytes_.end()) {
      text += static_cast<char>(byte - bytes_.begin());
    } else {
      text += token;
    }
  }
  std::string out;
  for (const auto c : code_points(text)) out += c == U'\u2581' ? " " : to_utf8(std::u32string(1, c));
  return out.starts_with(' ') ? out.substr(1) : out;
}

std::optional<std::int64_t> UnigramTokenizer::id_of(std::string_view token) const {
  auto id = vocabulary_.id_of(token);
  if (id) *id += options_.offset;
  return id;
}

}  // namespace zhiyin
