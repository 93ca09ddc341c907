#include "understand/embed/text/pattern.h"

#include <fmt/format.h>
#include <unicode/regex.h>
#include <unicode/utext.h>

namespace zhiyin {
namespace {

constexpr std::int32_t kTimeLimit = 1000;  // ICU's steps, each about a millisecond

}  // namespace

struct Pattern::Compiled {
  std::unique_ptr<icu::RegexPattern> pattern;
};

Result<Pattern> Pattern::compile(std::string_view expression) {
  UErrorCode code = U_ZERO_ERROR;
  UParseError place{};
  const auto text = icu::UnicodeString::fromUTF8({expression.data(), static_cast<std::int32_t>(expression.size())});
  std::unique_ptr<icu::RegexPattern> compiled(icu::RegexPattern::compile(text, place, code));
  if (U_FAILURE(code)) {
    return invalid(fmt::format("\"{}\" is no regular expression: {} at character {}", expression, u_errorName(code),
                               place.offset));
  }
  Pattern pattern;
  pattern.compiled_ = std::make_shared<const Compiled>(Compiled{std::move(compiled)});
  return pattern;
}

std::vector<Pattern::Match> Pattern::matches(std::string_view utf8) const {
  std::vector<Match> found;
  UErrorCode code = U_ZERO_ERROR;
  UText* text = utext_openUTF8(nullptr, utf8.data(), static_cast<std::int64_t>(utf8.size()), &code);
  const std::unique_ptr<UText, UText* (*)(UText*)> closer(text, &utext_close);
  const std::unique_ptr<icu::RegexMatcher> matcher(compiled_->pattern->matcher(code));
  if (U_FAILURE(code)) return found;
  matcher->reset(text);  // places are then in the bytes of the text itself
  matcher->setTimeLimit(kTimeLimit, code);
  while (matcher->find(code) && U_SUCCESS(code)) {
    const Match match{static_cast<std::size_t>(matcher->start64(code)), static_cast<std::size_t>(matcher->end64(code))};
    if (match.end > match.begin) found.push_back(match);
  }
  return found;
}

std::string Pattern::replaced(std::string_view utf8, std::string_view by) const {
  std::string out;
  std::size_t at = 0;
  for (const auto& match : matches(utf8)) {
    out.append(utf8.substr(at, match.begin - at)).append(by);
    at = match.end;
  }
  return out.append(utf8.substr(at));
}

}  // namespace zhiyin
