#include "understand/embed/text/bpe_tokenizer.h"

#include <fmt/format.h>

#include <queue>

#include "understand/embed/text/unicode_text.h"

namespace zhiyin {
namespace {

std::uint64_t pair_key(std::int64_t left, std::int64_t right) {
  return static_cast<std::uint64_t>(left) << 32U | static_cast<std::uint32_t>(right);
}

// Bytes that are visible Latin-1 characters stand for themselves, the others for the characters from U+0100 on.
std::array<std::string, 256> make_letters() {
  std::array<std::string, 256> letters;
  char32_t next = 0x100;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const bool visible = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
    letters[byte] = to_utf8(std::u32string(1, visible ? static_cast<char32_t>(byte) : next++));
  }
  return letters;
}

// The other way round, by code point; -1 for a character that stands for no byte.
int byte_of(char32_t letter) {
  static const auto bytes = [] {
    std::array<int, 0x144> table{};
    table.fill(-1);
    for (int byte = 0; byte < 256; ++byte) table[code_points(byte_letters()[static_cast<std::size_t>(byte)])[0]] = byte;
    return table;
  }();
  return letter < bytes.size() ? bytes[letter] : -1;
}

}  // namespace

const std::array<std::string, 256>& byte_letters() {
  static const auto letters = make_letters();
  return letters;
}

Result<std::unique_ptr<BpeTokenizer>> BpeTokenizer::make(Vocabulary vocabulary, std::span<const Merge> merges,
                                                         Options options) {
  std::unique_ptr<BpeTokenizer> tokenizer(new BpeTokenizer(std::move(vocabulary), std::move(options)));
  for (std::size_t rank = 0; rank < merges.size(); ++rank) {
    const auto& [left, right] = merges[rank];
    const auto left_id = tokenizer->id_of(left);
    const auto right_id = tokenizer->id_of(right);
    const auto merged = tokenizer->id_of(left + right);
    if (!left_id || !right_id || !merged) {
      return invalid(
          fmt::format("merge {} \"{} {}\": \"{}\" is not in the vocabulary; do the two files belong together?",
                      rank + 1, left, right,
                      !left_id    ? left
                      : !right_id ? right
                                  : left + right));
    }
    tokenizer->rules_.try_emplace(pair_key(*left_id, *right_id), Rule{rank, *merged});
  }
  return tokenizer;
}

const BpeTokenizer::Rule* BpeTokenizer::rule(std::int64_t left, std::int64_t right) const {
  const auto found = rules_.find(pair_key(left, right));
  return found == rules_.end() ? nullptr : &found->second;
}

std::vector<std::int64_t> BpeTokenizer::encode(std::string_view utf8) const {
  std::vector<std::int64_t> ids;
  for (const auto& piece : options_.splitter(options_.normaliser(utf8))) encode_piece(piece, ids);
  return ids;
}

// The letters are a list; possible merges wait in a heap, the first learned on top, of equals the leftmost. A merge
// whose letters have changed since is passed over when it comes up.
void BpeTokenizer::encode_piece(std::string_view piece, std::vector<std::int64_t>& ids) const {
  struct Letter {
    std::int64_t id;
    int before, after;  // -1 at the ends
  };
  struct Waiting {
    std::size_t rank;
    int left;
    std::int64_t left_id, right_id, merged;
    bool operator<(const Waiting& other) const { return std::tie(rank, left) > std::tie(other.rank, other.left); }
  };
  if (options_.ignore_merges) {
    std::string whole;
    for (const char c : piece) whole += byte_letters()[static_cast<unsigned char>(c)];
    if (const auto id = id_of(whole + options_.end_of_word)) return ids.push_back(*id);
  }
  std::vector<Letter> letters;
  for (std::size_t i = 0; i < piece.size(); ++i) {
    const auto& letter = byte_letters()[static_cast<unsigned char>(piece[i])];
    const auto id = id_of(i + 1 == piece.size() ? letter + options_.end_of_word : letter);
    if (!id) continue;
    const int place = static_cast<int>(letters.size());
    letters.push_back({*id, place - 1, place + 1});
  }
  if (letters.empty()) return;
  letters.back().after = -1;

  std::priority_queue<Waiting> waiting;
  const auto consider = [&](int left) {
    if (left < 0 || letters[left].after < 0) return;
    const auto left_id = letters[left].id;
    const auto right_id = letters[letters[left].after].id;
    if (const auto* found = rule(left_id, right_id)) waiting.push({found->rank, left, left_id, right_id, found->id});
  };
  for (int i = 0; i < static_cast<int>(letters.size()); ++i) consider(i);
  while (!waiting.empty()) {
    const auto next = waiting.top();
    waiting.pop();
    auto& left = letters[next.left];
    if (left.id != next.left_id || left.after < 0 || letters[left.after].id != next.right_id) continue;
    auto& right = letters[left.after];
    left.id = next.merged;
    left.after = right.after;
    right.id = -1;
    if (left.after >= 0) letters[left.after].before = next.left;
    consider(left.before);
    consider(next.left);
  }
  for (int i = 0; i >= 0; i = letters[i].after) ids.push_back(letters[i].id);
}

std::string BpeTokenizer::decode(std::span<const std::int64_t> ids) const {
  std::string bytes;
  for (const auto id : ids) {
    auto token = vocabulary_.token_of(id);
    const bool ends_word = !options_.end_of_word.empty() && token.ends_with(options_.end_of_word);
    if (ends_word) token.remove_suffix(options_.end_of_word.size());
    for (const auto c : code_points(token)) {
      if (const int byte = byte_of(c); byte >= 0) bytes += static_cast<char>(byte);
    }
    if (ends_word) bytes += ' ';
  }
  return valid_utf8(bytes);
}

}  // namespace zhiyin
