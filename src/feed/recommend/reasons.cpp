#include "feed/recommend/reasons.h"

#include <fmt/format.h>

namespace zhiyin {

std::string reason_sentence(ReasonKind kind, Language language, std::string_view title) {
  const bool chinese = language == Language::kChinese;
  switch (kind) {
    case ReasonKind::kBecauseYouLiked:
      return fmt::format(fmt::runtime(chinese ? "因为你喜欢《{}》" : "Because you liked {}"), title);
    case ReasonKind::kSoundsLike:
      return fmt::format(fmt::runtime(chinese ? "听起来像《{}》" : "Sounds like {}"), title);
    case ReasonKind::kLooksLike: return fmt::format(fmt::runtime(chinese ? "看起来像《{}》" : "Looks like {}"), title);
    case ReasonKind::kReadsLike:
      return fmt::format(fmt::runtime(chinese ? "与《{}》题材相近" : "On the same subject as {}"), title);
    case ReasonKind::kTaste: return chinese ? "口味相近的人喜欢" : "People with your taste like it";
    case ReasonKind::kNewAndClose: return chinese ? "新内容，接近你的口味" : "New here, and close to what you like";
    case ReasonKind::kNew: return chinese ? "新内容，等待知音" : "New here: be the first to know it";
    case ReasonKind::kHasTheWords: return chinese ? "含有你搜索的词" : "It has the words you searched for";
    case ReasonKind::kMeansTheSame: return chinese ? "与你的搜索意思相近" : "Close in meaning to your search";
    case ReasonKind::kPopular: return chinese ? "许多人喜欢" : "Liked by many";
  }
  return {};
}

}  // namespace zhiyin
