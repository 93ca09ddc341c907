#include "understand/embed/sound/onnx_speech_to_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace zhiyin {
namespace {

constexpr InputRole kEncoderRoles[] = {InputRole::kFeatures, InputRole::kWave};
constexpr InputRole kDecoderRoles[] = {InputRole::kIds, InputRole::kHidden};
constexpr std::size_t kLongestLoop = 12;  // tokens
constexpr std::size_t kLoops = 4;

// "<|en|>" -> "en"; empty for a token that is no language.
std::string language_in(std::string_view token) {
  if (!token.starts_with("<|") || !token.ends_with("|>")) return {};
  const auto inner = token.substr(2, token.size() - 4);
  const bool letters = std::ranges::all_of(inner, [](char c) { return c >= 'a' && c <= 'z'; });
  return letters && (inner.size() == 2 || inner.size() == 3) ? std::string(inner) : std::string();
}

// How many tokens at the end say the same thing kLoops times over: networks of this kind fall into such loops on noise.
std::size_t looping(std::span<const std::int64_t> ids) {
  for (std::size_t length = 1; length <= kLongestLoop && length * kLoops <= ids.size(); ++length) {
    const auto tail = ids.last(length * kLoops);
    bool same = true;
    for (std::size_t i = length; same && i < tail.size(); ++i) same = tail[i] == tail[i - length];
    if (same) return length;
  }
  return 0;
}

}  // namespace

Result<std::unique_ptr<OnnxSpeechToWords>> OnnxSpeechToWords::open(const EncoderDescription& description) {
  const auto opened = [&]() -> Result<std::unique_ptr<OnnxSpeechToWords>> {
    if (description.sound.rate != kRate)
      return invalid(fmt::format("speech is heard at {} Hz: sound rate is {}", kRate, description.sound.rate));
    ZY_TRY(auto tokenizer, open_tokenizer(description.tokenizer));
    ZY_TRY(auto encoder, DescribedNetwork::open({.file = description.file,
                                                 .inputs = description.inputs,
                                                 .roles = kEncoderRoles,
                                                 .output = description.output,
                                                 .threads = description.threads}));
    ZY_TRY(auto decoder, DescribedNetwork::open({.file = description.decoder,
                                                 .inputs = description.decoder_inputs,
                                                 .roles = kDecoderRoles,
                                                 .output = {},
                                                 .threads = description.threads}));
    const auto* entry =
        encoder.input(description.sound.form == SoundForm::kLogMel ? InputRole::kFeatures : InputRole::kWave);
    if (entry == nullptr) return invalid("no input of the encoder holds features (or wave, if sound form says so)");
    for (const auto role : kDecoderRoles) {
      if (decoder.input(role) == nullptr)
        return invalid("the decoder needs an input that holds ids and one that holds hidden");
    }
    ZY_TRY(auto input, SoundInput::make(description.sound, *entry));
    std::unique_ptr<OnnxSpeechToWords> recogniser(new OnnxSpeechToWords(
        description, std::move(tokenizer), std::move(encoder), std::move(decoder), std::move(input)));
    ZY_CHECK_OK(recogniser->learn_tokens());
    ZY_TRY(const auto hidden, recogniser->heard({}));
    ZY_CHECK_OK(recogniser->next({recogniser->start_}, hidden));
    return recogniser;
  };
  return opened().in(fmt::format("{}: {}", description.place, description.name));
}

Result<void> OnnxSpeechToWords::learn_tokens() {
  const auto start = tokenizer_.id_of("<|startoftranscript|>");
  const auto end = tokenizer_.id_of("<|endoftext|>");
  if (!start || !end) {
    return invalid(
        fmt::format("{}: <|startoftranscript|> or <|endoftext|> is not among the tokens: a tokenizer.json with "
                    "added_tokens is needed",
                    description_.tokenizer.file.string()));
  }
  start_ = *start;
  end_ = *end;
  for (const auto& [token, id] : tokenizer_.special) {
    if (auto language = language_in(token); !language.empty()) languages_.push_back({std::move(language), id});
  }
  if (!languages_.empty()) {
    if (const auto transcribe = tokenizer_.id_of("<|transcribe|>")) task_.push_back(*transcribe);
  }
  if (const auto silent = tokenizer_.id_of("<|notimestamps|>")) task_.push_back(*silent);
  if (description_.language.empty() || languages_.empty()) return {};
  const auto named = std::ranges::find(languages_, description_.language, &Language::name);
  if (named == languages_.end()) {
    std::vector<std::string> names;
    for (const auto& language : languages_) names.push_back(language.name);
    return invalid(fmt::format("the network knows no language \"{}\"; the nearest is \"{}\"", description_.language,
                               nearest_name(description_.language, names)));
  }
  languages_ = {*named};
  return {};
}

Result<std::vector<float>> OnnxSpeechToWords::next(const std::vector<std::int64_t>& ids,
                                                   const OnnxArray& hidden) const {
  ZY_TRY(const auto output, decoder_.run({{InputRole::kIds, {{1, static_cast<std::int64_t>(ids.size())}, ids}},
                                          {InputRole::kHidden, hidden}}));
  if (output.shape.size() != 3 || output.shape[1] != static_cast<std::int64_t>(ids.size()) ||
      !std::holds_alternative<std::vector<float>>(output.values)) {
    return invalid("the decoder's first output is not [1, tokens, vocabulary] of float32");
  }
  const auto& values = output.floats();
  return std::vector<float>(values.end() - static_cast<std::ptrdiff_t>(output.shape[2]), values.end());
}

Result<OnnxSpeechToWords::Language> OnnxSpeechToWords::language_of(const OnnxArray& hidden) const {
  if (languages_.size() == 1) return languages_.front();
  ZY_TRY(const auto scores, next({start_}, hidden));
  const auto score = [&](const Language& language) {
    return language.id < static_cast<std::int64_t>(scores.size()) ? scores[static_cast<std::size_t>(language.id)]
                                                                  : -INFINITY;
  };
  return *std::ranges::max_element(languages_, {}, score);
}

Result<OnnxArray> OnnxSpeechToWords::heard(std::span<const float> samples) const {
  const auto size = static_cast<std::size_t>(std::lround(description_.sound.seconds * description_.sound.rate));
  std::vector<float> window(samples.begin(),
                            samples.begin() + static_cast<std::ptrdiff_t>(std::min(samples.size(), size)));
  window.resize(size, 0.0F);
  return encoder_.run({input_(std::move(window))});
}

Result<std::vector<float>> OnnxSpeechToWords::first_scores(std::span<const float> samples) const {
  ZY_TRY(const auto hidden, heard(samples));
  ZY_TRY(auto scores, next({start_}, hidden));
  double mean = 0;
  for (const float score : scores) mean += score / static_cast<double>(scores.size());
  for (float& score : scores) score -= static_cast<float>(mean);
  return scores;
}

Result<OnnxSpeechToWords::Transcript> OnnxSpeechToWords::transcribe(std::span<const float> samples) const {
  ZY_TRY(const auto hidden, heard(samples));
  Transcript transcript;
  std::vector<std::int64_t> ids{start_};
  if (!languages_.empty()) {
    ZY_TRY(const auto language, language_of(hidden));
    ids.push_back(language.id);
    transcript.language = language.name;
  }
  ids.insert(ids.end(), task_.begin(), task_.end());
  double log_probability = 0;
  std::size_t said = 0;
  while (ids.size() < static_cast<std::size_t>(description_.max_length)) {
    ZY_TRY(auto scores, next(ids, hidden));
    const auto highest = *std::ranges::max_element(scores);
    double sum = 0;
    for (const float score : scores) sum += std::exp(double{score} - highest);
    // Whatever comes after the end in the list of tokens is for machines: tasks, languages, times.
    for (std::size_t id = static_cast<std::size_t>(end_) + 1; id < scores.size(); ++id) scores[id] = -INFINITY;
    if (start_ < end_ && start_ < static_cast<std::int64_t>(scores.size()))
      scores[static_cast<std::size_t>(start_)] = -INFINITY;
    const auto best = std::ranges::max_element(scores);
    const auto id = static_cast<std::int64_t>(best - scores.begin());
    if (id == end_) break;
    log_probability += double{*best} - highest - std::log(sum);
    ++said;
    ids.push_back(id);
    transcript.ids.push_back(id);
    if (const auto loop = looping(transcript.ids); loop > 0) {
      transcript.ids.resize(transcript.ids.size() - loop * (kLoops - 1));
      break;
    }
  }
  transcript.text = std::string(trim(tokenizer_.tokenizer->decode(transcript.ids)));
  if (said > 0) transcript.confidence = std::exp(log_probability / static_cast<double>(said));
  return transcript;
}

Result<std::vector<Passage>> OnnxSpeechToWords::words(const Sound& sound,
                                                      std::span<const SpeechSegment> segments) const {
  std::vector<SpeechSegment> windows;
  for (auto segment : segments) {
    if (!windows.empty() && segment.end_s - windows.back().start_s <= description_.sound.seconds) {
      windows.back().end_s = segment.end_s;
      continue;
    }
    for (; segment.end_s - segment.start_s > description_.sound.seconds;
         segment.start_s += description_.sound.seconds) {
      windows.push_back({segment.start_s, segment.start_s + description_.sound.seconds});
    }
    windows.push_back(segment);
  }
  std::vector<Passage> passages;
  for (const auto& window : windows) {
    const auto begin = std::min(static_cast<std::size_t>(window.start_s * sound.sample_rate), sound.samples.size());
    const auto end =
        std::clamp(static_cast<std::size_t>(window.end_s * sound.sample_rate), begin, sound.samples.size());
    if (begin == end) continue;
    ZY_TRY(auto transcript, transcribe(std::span(sound.samples).subspan(begin, end - begin)));
    if (transcript.text.empty()) continue;
    passages.push_back(
        {"speech", window.start_s, window.end_s, std::move(transcript.text), transcript.confidence, description_.name});
  }
  return passages;
}

}  // namespace zhiyin
