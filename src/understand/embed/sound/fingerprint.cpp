#include "understand/embed/sound/fingerprint.h"

#include <chromaprint.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <memory>

namespace zhiyin {
namespace {

constexpr int kAlgorithm = CHROMAPRINT_ALGORITHM_DEFAULT;
constexpr std::size_t kBlock = 1 << 15;  // samples fed at once

struct FreeContext {
  void operator()(ChromaprintContext* context) const { chromaprint_free(context); }
};
struct FreeBytes {
  void operator()(void* bytes) const { chromaprint_dealloc(bytes); }
};

}  // namespace

Result<std::string> fingerprint_of(const Sound& sound) {
  if (sound.samples.empty()) return std::string();
  const std::unique_ptr<ChromaprintContext, FreeContext> context(chromaprint_new(kAlgorithm));
  if (context == nullptr || chromaprint_start(context.get(), sound.sample_rate, 1) == 0) {
    return internal("chromaprint: cannot start");
  }
  std::vector<std::int16_t> block;
  for (std::size_t begin = 0; begin < sound.samples.size(); begin += kBlock) {
    block.clear();
    for (std::size_t i = begin; i < std::min(begin + kBlock, sound.samples.size()); ++i) {
      block.push_back(static_cast<std::int16_t>(std::lround(std::clamp(sound.samples[i], -1.0F, 1.0F) * 32767)));
    }
    if (chromaprint_feed(context.get(), block.data(), static_cast<int>(block.size())) == 0)
      return internal("chromaprint: cannot read on");
  }
  int words = 0;
  char* text = nullptr;
  if (chromaprint_finish(context.get()) == 0 || chromaprint_get_raw_fingerprint_size(context.get(), &words) == 0 ||
      chromaprint_get_fingerprint(context.get(), &text) == 0) {
    return internal("chromaprint: no fingerprint");
  }
  const std::unique_ptr<char, FreeBytes> owned(text);
  return words > 0 ? std::string(text) : std::string();
}

Result<std::vector<std::uint32_t>> fingerprint_bits(std::string_view fingerprint) {
  std::uint32_t* words = nullptr;
  int size = 0;
  int algorithm = 0;
  if (chromaprint_decode_fingerprint(fingerprint.data(), static_cast<int>(fingerprint.size()), &words, &size,
                                     &algorithm, 1) == 0) {
    return invalid("this is no fingerprint of Chromaprint's");
  }
  const std::unique_ptr<std::uint32_t, FreeBytes> owned(words);
  if (algorithm != kAlgorithm || size <= 0)
    return invalid("the fingerprint is empty or of another algorithm than Chromaprint's second");
  return std::vector<std::uint32_t>(words, words + size);
}

FingerprintMatch best_match(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b) {
  FingerprintMatch best;
  const auto sa = static_cast<std::ptrdiff_t>(a.size());
  const auto sb = static_cast<std::ptrdiff_t>(b.size());
  const auto least = (std::min(sa, sb) + 1) / 2;
  for (auto offset = least - sa; least > 0 && offset <= sb - least; ++offset) {
    const auto from = std::max<std::ptrdiff_t>(-offset, 0);
    const auto to = std::min(sa, sb - offset);
    std::int64_t different = 0;
    for (auto i = from; i < to; ++i) different += std::popcount(a[i] ^ b[i + offset]);
    const double same = 1 - static_cast<double>(different) / (32.0 * static_cast<double>(to - from));
    if (best.overlap == 0 || same > best.same_bits)
      best = {same, static_cast<int>(offset), static_cast<int>(to - from)};
  }
  return best;
}

}  // namespace zhiyin
