#include "understand/embed/text/segmenter.h"

#include <algorithm>
#include <array>
#include <limits>

#include "understand/embed/text/unicode_text.h"

namespace zhiyin {

Result<std::unique_ptr<const Segmenter>> Segmenter::open(const std::filesystem::path& cache) {
  const auto path = cache / kFile;
  ZY_TRY(const auto file, Tensors::open(path));
  return from(file).in(path.string());
}

Result<std::unique_ptr<const Segmenter>> Segmenter::from(const Tensors& file) {
  auto segmenter = std::make_unique<Segmenter>();
  ZY_TRY(segmenter->words_, WordTable::from(file, "words"));
  const std::array shape = {segmenter->words_.size()};
  ZY_TRY(segmenter->log_probability_, file.get("log_probability", DType::kF32, shape));
  ZY_TRY(segmenter->idf_, file.get("idf", DType::kF32, shape));
  ZY_TRY(segmenter->kind_, file.get("kind", DType::kU8, shape));
  constexpr std::array<std::size_t, 1> kOne = {1};
  ZY_TRY(const auto rarest, file.get("rarest", DType::kF32, kOne));
  ZY_TRY(const auto median, file.get("median_idf", DType::kF32, kOne));
  segmenter->rarest_ = rarest.as<float>()[0];
  segmenter->median_idf_ = median.as<float>()[0];
  return std::unique_ptr<const Segmenter>(std::move(segmenter));
}

std::vector<ChineseWord> Segmenter::cut(std::string_view han) const {
  constexpr std::size_t kUnknown = std::numeric_limits<std::size_t>::max();
  struct Step {
    float best = -std::numeric_limits<float>::infinity();  // log probability of the rest of the text from here
    std::size_t length = 0;                                // bytes of the word that starts here
    std::size_t word = kUnknown;
  };
  std::vector<std::size_t> starts;
  for (std::size_t at = 0; at < han.size(); at += utf8_length(han[at])) starts.push_back(at);

  std::vector<Step> steps(han.size() + 1);
  steps[han.size()].best = 0;
  std::vector<WordTable::Prefix> prefixes;
  const auto log_probability = log_probability_.as<float>();
  for (auto start = starts.rbegin(); start != starts.rend(); ++start) {
    auto& here = steps[*start];
    const auto rest = han.substr(*start);
    here.length = std::min(utf8_length(rest[0]), rest.size());
    here.best = rarest_ + steps[*start + here.length].best;
    words_.prefixes_of(rest, kMaxCharacters * 4, prefixes);
    for (const auto& [length, word] : prefixes) {
      const float sum = log_probability[word] + steps[*start + length].best;
      if (sum >= here.best) here = {sum, length, word};  // of equals the longer word
    }
  }

  std::vector<ChineseWord> cut;
  for (std::size_t at = 0; at < han.size(); at += steps[at].length) {
    const auto& [best, length, word] = steps[at];
    ChineseWord found{.text = han.substr(at, length), .idf = median_idf_, .known = word != kUnknown};
    if (found.known) {
      found.kind = static_cast<WordKind>(kind_.as<std::uint8_t>()[word]);
      found.idf = idf_.as<float>()[word];
    }
    cut.push_back(found);
  }
  return cut;
}

}  // namespace zhiyin
