#include "understand/embed/sound/pocketsphinx_words.h"

#include <fmt/format.h>
#include <pocketsphinx.h>
#include <sphinxbase/err.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

struct FreeDecoder {
  void operator()(ps_decoder_t* decoder) const { ps_free(decoder); }
};
using Decoder = std::unique_ptr<ps_decoder_t, FreeDecoder>;

Result<Decoder> open_decoder(const fs::path& model) {
  // Its log is one for the whole process, and opening a decoder opens it anew: it is shut for good, and one decoder
  // opens at a time.
  static std::mutex opening;
  const std::scoped_lock lock(opening);
  err_set_logfp(nullptr);
  const auto acoustic = (model / "en-us").string();
  const auto language = (model / "en-us.lm.bin").string();
  const auto dictionary = (model / "cmudict-en-us.dict").string();
  for (const auto& path : {acoustic, language, dictionary}) {
    if (!fs::exists(path)) return not_found(fmt::format("{} is not there: apt-get install pocketsphinx-en-us", path));
  }
  auto* config = cmd_ln_init(nullptr, ps_args(), TRUE, "-hmm", acoustic.c_str(), "-lm", language.c_str(), "-dict",
                             dictionary.c_str(), nullptr);
  if (config == nullptr) return internal("pocketsphinx refuses its own settings");
  Decoder decoder(ps_init(config));
  cmd_ln_free_r(config);
  if (decoder == nullptr) return invalid(fmt::format("pocketsphinx cannot load the model in {}", model.string()));
  return decoder;
}

// "(2)" marks another way to say a word; "<s>", "[NOISE]" and "++UH++" are no words.
std::string plain_word(std::string_view word) {
  if (word.empty() || word.front() == '<' || word.front() == '[' || word.front() == '+') return {};
  return std::string(word.substr(0, word.find('(')));
}

class PocketsphinxWords final : public SpeechToWords {
 public:
  PocketsphinxWords(fs::path model, Decoder first) : model_(std::move(model)) { idle_.push_back(std::move(first)); }

  [[nodiscard]] std::string_view name() const override { return kPocketsphinx; }
  [[nodiscard]] int version() const override { return 1; }

  [[nodiscard]] Result<std::vector<Passage>> words(const Sound& sound,
                                                   std::span<const SpeechSegment> segments) const override {
    ZY_TRY(auto decoder, take());
    std::vector<Passage> passages;
    Result<void> done;
    for (const auto& segment : segments) {
      auto passage = hear(*decoder, sound, segment);
      if (!passage.ok()) {
        done = std::move(passage).error();
        break;
      }
      if (!passage->text.empty()) passages.push_back(std::move(*passage));
    }
    give_back(std::move(decoder));
    ZY_CHECK_OK(std::move(done));
    return passages;
  }

 private:
  [[nodiscard]] Result<Passage> hear(ps_decoder_t& decoder, const Sound& sound, const SpeechSegment& segment) const {
    const auto at = [&](double seconds) {
      return std::min(static_cast<std::size_t>(std::max(seconds, 0.0) * kRate), sound.samples.size());
    };
    std::vector<std::int16_t> samples;
    for (auto i = at(segment.start_s); i < at(segment.end_s); ++i) {
      samples.push_back(static_cast<std::int16_t>(std::lround(std::clamp(sound.samples[i], -1.0F, 1.0F) * 32767)));
    }
    Passage passage{
        .kind = "speech", .start_s = segment.start_s, .end_s = segment.end_s, .encoder = std::string(name())};
    if (samples.empty()) return passage;
    // Each segment stands alone: the noise and the channel learnt from one file say nothing of the next one's.
    if (ps_start_stream(&decoder) < 0 || ps_start_utt(&decoder) < 0 ||
        ps_process_raw(&decoder, samples.data(), samples.size(), FALSE, TRUE) < 0 || ps_end_utt(&decoder) < 0) {
      return internal("pocketsphinx stopped in the middle of a segment");
    }
    auto* math = ps_get_logmath(&decoder);
    double log_sum = 0;
    int count = 0;
    for (auto* word = ps_seg_iter(&decoder); word != nullptr; word = ps_seg_next(word)) {
      const auto text = plain_word(ps_seg_word(word));
      if (text.empty()) continue;
      if (!passage.text.empty()) passage.text += ' ';
      passage.text += text;
      std::int32_t acoustic = 0;
      std::int32_t language = 0;
      std::int32_t back = 0;
      log_sum += std::log(std::max(logmath_exp(math, ps_seg_prob(word, &acoustic, &language, &back)), 1e-6));
      ++count;
    }
    // The geometric mean of the words' posteriors.
    if (count > 0) passage.confidence = std::clamp(std::exp(log_sum / count), 1e-6, 1.0);
    return passage;
  }

  // A decoder serves one thread at a time; as many are opened as threads listen at once.
  [[nodiscard]] Result<Decoder> take() const {
    {
      const std::scoped_lock lock(mutex_);
      if (!idle_.empty()) {
        auto decoder = std::move(idle_.back());
        idle_.pop_back();
        return decoder;
      }
    }
    return open_decoder(model_);
  }
  void give_back(Decoder decoder) const {
    const std::scoped_lock lock(mutex_);
    idle_.push_back(std::move(decoder));
  }

  fs::path model_;
  mutable std::mutex mutex_;
  mutable std::vector<Decoder> idle_;  // guarded by mutex_
};

}  // namespace

Result<std::unique_ptr<SpeechToWords>> open_pocketsphinx(const fs::path& model) {
  ZY_TRY(auto first, open_decoder(model));
  return std::unique_ptr<SpeechToWords>(std::make_unique<PocketsphinxWords>(model, std::move(first)));
}

}  // namespace zhiyin
