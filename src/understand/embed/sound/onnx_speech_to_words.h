// Speech to words by an encoder-decoder that somebody describes, as Whisper is one (Radford et al. 2022, arXiv
// 2212.04356): 30 s of log-mel spectra → hidden states, once; then token after token, each the likeliest after those
// before it, until the end of the text. The decoder is asked about the whole text so far at every step: it needs no
// cache of states, and n tokens cost n^2 / 2 steps of it.
//
// Special tokens are the tokenizer file's: <|startoftranscript|>, the language (what the network thinks it hears,
// unless the description says), <|transcribe|>, <|notimestamps|>, <|endoftext|>. Segments are joined while they fit
// into one window and cut where they do not, so a passage stands for a window.
#pragma once

#include "understand/embed/onnx/described_network.h"
#include "understand/embed/sound/onnx_sound_sense.h"
#include "understand/embed/sound/speech_to_words.h"
#include "understand/embed/text/tokenizer.h"

namespace zhiyin {

class OnnxSpeechToWords final : public SpeechToWords {
 public:
  // Loads both networks and tries them on silence. Errors say where the encoder is described.
  static Result<std::unique_ptr<OnnxSpeechToWords>> open(const EncoderDescription& description);

  [[nodiscard]] std::string_view name() const override { return description_.name; }
  [[nodiscard]] int version() const override { return description_.version; }
  [[nodiscard]] Result<std::vector<Passage>> words(const Sound& sound,
                                                   std::span<const SpeechSegment> segments) const override;

  struct Transcript {
    std::vector<std::int64_t> ids;  // of words alone
    std::string text;
    std::string language;   // "" where the network knows one only
    double confidence = 0;  // geometric mean of the tokens' probabilities, (0, 1]; 0 for no token
  };
  // Of one window; samples at the description's rate, cut or continued with silence to fill it.
  [[nodiscard]] Result<Transcript> transcribe(std::span<const float> samples) const;
  // What the decoder says comes first in that window: a number for each token, their mean taken off. Both networks have
  // their part in it, so it tells versions of either apart.
  [[nodiscard]] Result<std::vector<float>> first_scores(std::span<const float> samples) const;

 private:
  struct Language {
    std::string name;
    std::int64_t id = 0;
  };
  OnnxSpeechToWords(EncoderDescription description, FramedTokenizer tokenizer, DescribedNetwork encoder,
                    DescribedNetwork decoder, SoundInput input)
      : description_(std::move(description)),
        tokenizer_(std::move(tokenizer)),
        encoder_(std::move(encoder)),
        decoder_(std::move(decoder)),
        input_(std::move(input)) {}
  Result<void> learn_tokens();
  // The encoder's states of one window.
  [[nodiscard]] Result<OnnxArray> heard(std::span<const float> samples) const;
  // What the decoder says comes after these: a number for each token.
  [[nodiscard]] Result<std::vector<float>> next(const std::vector<std::int64_t>& ids, const OnnxArray& hidden) const;
  [[nodiscard]] Result<Language> language_of(const OnnxArray& hidden) const;

  EncoderDescription description_;
  FramedTokenizer tokenizer_;
  DescribedNetwork encoder_;
  DescribedNetwork decoder_;
  SoundInput input_;
  std::int64_t start_ = 0;
  std::int64_t end_ = 0;
  std::vector<std::int64_t> task_;  // after the language
  std::vector<Language> languages_;
};

}  // namespace zhiyin
