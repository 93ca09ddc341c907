// What tokenizers do to a text before they cut it (ICU behind it). UTF-8 in and out; invalid bytes become U+FFFD.
// Thread-safe.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace zhiyin {

enum class UnicodeForm { kNfc, kNfd, kNfkc, kNfkd };

std::string valid_utf8(std::string_view text);
std::string normalised(std::string_view text, UnicodeForm form);

// Character by character, so that the end of a word makes no difference (a final sigma).
std::string lower_cased(std::string_view text);

// Taken apart (NFD), without the marks: "é" -> "e".
std::string without_accents(std::string_view text);

// As BERT does: control characters dropped, every white space a blank.
std::string cleaned(std::string_view text);

// As BERT does: a blank on both sides of every Han character.
std::string with_han_apart(std::string_view text);

bool is_white_space(char32_t c);
// As BERT takes it: Unicode's punctuation, and every sign of ASCII that is neither letter, digit nor blank.
bool is_punctuation(char32_t c);

// Steps one after another. Thread-safe once made.
class Normaliser {
 public:
  using Step = std::function<std::string(std::string)>;
  void add(Step step) { steps_.push_back(std::move(step)); }
  [[nodiscard]] std::string operator()(std::string_view text) const {
    auto out = valid_utf8(text);
    for (const auto& step : steps_) out = step(std::move(out));
    return out;
  }

 private:
  std::vector<Step> steps_;
};

}  // namespace zhiyin
