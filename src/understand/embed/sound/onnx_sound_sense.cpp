#include "understand/embed/sound/onnx_sound_sense.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "understand/media/sound.h"

namespace zhiyin {
namespace {

constexpr InputRole kRoles[] = {InputRole::kWave, InputRole::kFeatures};

std::size_t window_samples(const SoundDescription& sound) {
  return static_cast<std::size_t>(std::lround(sound.seconds * sound.rate));
}

// Mean 0, deviation 1 (wav2vec 2.0, Baevski et al. 2020; the 1e-7 is theirs).
void fit_wave(std::span<float> samples) {
  double sum = 0;
  double squares = 0;
  for (const float sample : samples) {
    sum += sample;
    squares += double{sample} * sample;
  }
  const auto n = static_cast<double>(samples.size());
  const double mean = sum / n;
  const double deviation = std::sqrt(std::max(squares / n - mean * mean, 0.0) + 1e-7);
  for (float& sample : samples) sample = static_cast<float>((sample - mean) / deviation);
}

}  // namespace

std::vector<std::vector<float>> sound_windows(std::span<const float> samples, const SoundDescription& sound) {
  const auto size = window_samples(sound);
  std::vector<std::vector<float>> windows;
  if (samples.empty()) return windows;
  if (samples.size() <= size) {
    auto& window = windows.emplace_back(size, 0.0F);
    const auto filled = sound.repeat_short ? size : samples.size();
    for (std::size_t i = 0; i < filled; ++i) window[i] = samples[i % samples.size()];
    return windows;
  }
  const auto count = std::min(static_cast<std::size_t>(sound.windows), (samples.size() + size - 1) / size);
  const auto room = samples.size() - size;
  for (std::size_t w = 0; w < count; ++w) {
    const auto begin = count == 1 ? room / 2 : room * w / (count - 1);
    windows.emplace_back(samples.begin() + static_cast<std::ptrdiff_t>(begin),
                         samples.begin() + static_cast<std::ptrdiff_t>(begin + size));
  }
  return windows;
}

Result<SoundInput> SoundInput::make(const SoundDescription& description, const EncoderInput& input) {
  SoundInput made;
  made.description_ = description;
  const auto samples = static_cast<std::int64_t>(window_samples(description));
  std::vector<std::int64_t> shape{1, samples};
  if (description.form == SoundForm::kLogMel) {
    made.log_mel_.emplace(description);
    const auto frames = static_cast<std::int64_t>(made.log_mel_->frames(static_cast<std::size_t>(samples)));
    shape = description.bands_first ? std::vector<std::int64_t>{1, description.bands, frames}
                                    : std::vector<std::int64_t>{1, frames, description.bands};
  }
  // Networks with one channel write it: [1, 1, ...].
  if (!input.shape.empty() && input.shape.size() == shape.size() + 1) shape.insert(shape.begin(), 1);
  bool fits = input.shape.empty() || input.shape.size() == shape.size();
  for (std::size_t i = 0; fits && i < input.shape.size(); ++i) fits = input.shape[i] < 0 || input.shape[i] == shape[i];
  if (!fits) {
    return invalid(
        fmt::format("input \"{}\" has the shape [{}] in the model (-1: any); seconds, hop, bands and layout of the "
                    "description give [{}]",
                    input.name, fmt::join(input.shape, ", "), fmt::join(shape, ", ")));
  }
  made.shape_ = std::move(shape);
  return made;
}

DescribedNetwork::Given SoundInput::operator()(std::vector<float> window) const {
  if (description_.fit_wave) fit_wave(window);
  if (log_mel_) return {InputRole::kFeatures, {shape_, (*log_mel_)(window)}};
  return {InputRole::kWave, {shape_, std::move(window)}};
}

Result<std::unique_ptr<OnnxSoundSense>> OnnxSoundSense::open(const EncoderDescription& description) {
  const auto opened = [&]() -> Result<std::unique_ptr<OnnxSoundSense>> {
    const auto role = description.sound.form == SoundForm::kLogMel ? InputRole::kFeatures : InputRole::kWave;
    ZY_TRY(auto network, DescribedNetwork::open({.file = description.file,
                                                 .inputs = description.inputs,
                                                 .roles = kRoles,
                                                 .output = description.output,
                                                 .threads = description.threads}));
    const auto* entry = network.input(role);
    if (entry == nullptr) {
      return invalid(fmt::format("no input of the model holds {}: say [[encoder.input]] holds, or another sound form",
                                 role == InputRole::kWave ? "wave" : "features"));
    }
    ZY_TRY(auto input, SoundInput::make(description.sound, *entry));
    std::unique_ptr<OnnxSoundSense> sense(new OnnxSoundSense(description, std::move(network), std::move(input)));
    ZY_TRY(const auto vector, sense->encode(std::vector<float>(window_samples(description.sound), 0.0F)));
    sense->dim_ = vector.size();
    return sense;
  };
  return opened().in(fmt::format("{}: {}", description.place, description.name));
}

Result<std::vector<float>> OnnxSoundSense::encode(std::vector<float> window) const {
  ZY_TRY(const auto output, network_.run({input_(std::move(window))}));
  const std::size_t every_step = std::numeric_limits<std::size_t>::max();
  ZY_TRY(auto vector, pooled(output, description_.pooling, {&every_step, 1}));
  if (description_.normalise) normalise_rows(vector, vector.size());
  return vector;
}

Result<void> OnnxSoundSense::perceive(const Decoded& decoded, Perception& found) const {
  const int rate = description_.sound.rate;
  Sound resampled_sound;
  const bool ready = decoded.speech.sample_rate == rate && !decoded.speech.samples.empty();
  if (!ready && !decoded.music.samples.empty()) {
    ZY_TRY(resampled_sound, resampled(decoded.music, rate));
  }
  const auto windows = sound_windows(ready ? decoded.speech.samples : resampled_sound.samples, description_.sound);
  if (windows.empty()) return {};
  std::vector<float> mean(dim_, 0.0F);
  for (const auto& window : windows) {
    ZY_TRY(const auto vector, encode(window));
    for (std::size_t k = 0; k < dim_; ++k) mean[k] += vector[k] / static_cast<float>(windows.size());
  }
  if (description_.normalise) normalise_rows(mean, dim_);
  found.vectors.push_back({description_.name, description_.version, std::move(mean)});
  return {};
}

}  // namespace zhiyin
