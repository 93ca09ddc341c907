#include "understand/embed/sound/sound_features.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <span>

#include "understand/media/sound.h"

namespace zhiyin {
namespace {

constexpr float kSounding_db = -40;  // under the loudest frame: what counts as sound rather than silence
constexpr int kCourse = 5;
constexpr int kCourseMfcc = 12;

struct Moments {
  float mean = 0;
  float deviation = 0;
};

Moments moments(std::span<const float> values) {
  double sum = 0;
  double squares = 0;
  for (const float value : values) {
    sum += value;
    squares += static_cast<double>(value) * value;
  }
  const auto n = static_cast<double>(std::max<std::size_t>(values.size(), 1));
  const double mean = sum / n;
  return {static_cast<float>(mean), static_cast<float>(std::sqrt(std::max(squares / n - mean * mean, 0.0)))};
}

float log2_of(double value) { return static_cast<float>(std::log2(std::max(value, 1e-9))); }

// Column `column` of a row-major array.
std::vector<float> column(const std::vector<float>& rows, int width, int at) {
  std::vector<float> values;
  values.reserve(rows.size() / static_cast<std::size_t>(width));
  for (std::size_t i = static_cast<std::size_t>(at); i < rows.size(); i += static_cast<std::size_t>(width)) {
    values.push_back(rows[i]);
  }
  return values;
}

// Decibels under the loudest frame, not below -80.
std::vector<float> levels_of(const MelFrames& mel) {
  const float loudest = std::max(*std::ranges::max_element(mel.rms), 1e-9F);
  std::vector<float> levels;
  for (const float rms : mel.rms) levels.push_back(std::max(20 * std::log10(std::max(rms / loudest, 1e-9F)), -80.0F));
  return levels;
}

void add_mfcc(const MelFrames& mel, std::vector<float>& out) {
  std::vector<float> deviations;
  std::vector<float> changes;
  for (int k = 0; k < kMfcc; ++k) {
    const auto values = column(mel.mfcc, kMfcc, k);
    const auto [mean, deviation] = moments(values);
    out.push_back(mean);
    deviations.push_back(deviation);
    double change = 0;
    for (std::size_t i = 1; i < values.size(); ++i) change += std::abs(values[i] - values[i - 1]);
    changes.push_back(static_cast<float>(change / static_cast<double>(std::max<std::size_t>(values.size() - 1, 1))));
  }
  out.insert(out.end(), deviations.begin(), deviations.end());
  out.insert(out.end(), changes.begin(), changes.end());
}

void add_log_mel(const MelFrames& mel, std::vector<float>& out) {
  constexpr int kGroup = 4;
  std::vector<float> deviations;
  std::vector<float> group(static_cast<std::size_t>(mel.frames));
  for (int b = 0; b < kMelBands; b += kGroup) {
    for (int f = 0; f < mel.frames; ++f) {
      float sum = 0;
      for (int i = 0; i < kGroup; ++i) sum += mel.log_mel[static_cast<std::size_t>(f) * kMelBands + b + i];
      group[f] = sum / kGroup;
    }
    const auto [mean, deviation] = moments(group);
    out.push_back(mean);
    deviations.push_back(deviation);
  }
  out.insert(out.end(), deviations.begin(), deviations.end());
}

void add_shape(const MelFrames& mel, const std::vector<float>& levels, std::vector<float>& out) {
  const auto add = [&out](std::span<const float> values) {
    const auto [mean, deviation] = moments(values);
    out.push_back(mean);
    out.push_back(deviation);
  };
  const auto logs = [](std::vector<float> values) {
    for (auto& value : values) value = log2_of(std::max(value, 1.0F));
    return values;
  };
  std::vector<float> flatness = mel.flatness;
  for (auto& value : flatness) value = std::log(std::max(value, 1e-9F));
  add(logs(mel.centroid));
  add(logs(mel.spread));
  add(logs(mel.roll_off));
  add(flatness);
  add(mel.flux);
  add(mel.crossings);
  add(levels);
}

void add_dynamics(const MelFrames& mel, const std::vector<float>& levels, std::vector<float>& out) {
  const float loudest = std::max(*std::ranges::max_element(mel.rms), 1e-9F);
  double energy = 0;
  double weighted = 0;
  int sounding = 0;
  for (int f = 0; f < mel.frames; ++f) {
    const double e = static_cast<double>(mel.rms[f]) * mel.rms[f];
    energy += e;
    weighted += e * (f + 0.5);
    sounding += levels[f] > kSounding_db ? 1 : 0;
  }
  const double n = mel.frames;
  const double mean_rms = std::sqrt(std::max(energy / n, 1e-18));
  const auto peak = std::ranges::max_element(levels) - levels.begin();
  const auto begin = std::ranges::find_if(levels, [](float level) { return level > kSounding_db; }) - levels.begin();
  std::vector<float> sorted = levels;
  std::ranges::sort(sorted);
  const auto at = [&](double share) { return sorted[static_cast<std::size_t>(share * (n - 1))]; };
  out.push_back(static_cast<float>(20 * std::log10(loudest / mean_rms)));
  out.push_back(static_cast<float>(1 - sounding / n));
  out.push_back(log2_of(std::max(sounding, 1) * mel.hop_s));
  out.push_back(energy > 1e-12 ? static_cast<float>(weighted / energy / n) : 0.5F);
  out.push_back(static_cast<float>(static_cast<double>(peak - std::min(begin, peak)) / n));
  out.push_back(at(0.95) - at(0.10));
}

void add_course(const MelFrames& mel, const std::vector<float>& levels, std::vector<float>& out) {
  const auto sounds = [](float level) { return level > kSounding_db; };
  const auto begin = static_cast<int>(std::ranges::find_if(levels, sounds) - levels.begin());
  const auto end =
      mel.frames - static_cast<int>(std::find_if(levels.rbegin(), levels.rend(), sounds) - levels.rbegin());
  for (int part = 0; part < kCourse; ++part) {
    const int from = begin + (end - begin) * part / kCourse;
    const int to = std::max(begin + (end - begin) * (part + 1) / kCourse, from + 1);
    for (int k = 1; k <= kCourseMfcc; ++k) {
      double whole = 0;
      for (int f = begin; f < end; ++f) whole += mel.mfcc[static_cast<std::size_t>(f) * kMfcc + k];
      double sum = 0;
      for (int f = from; f < std::min(to, mel.frames); ++f) sum += mel.mfcc[static_cast<std::size_t>(f) * kMfcc + k];
      out.push_back(static_cast<float>(sum / (to - from) - whole / std::max(end - begin, 1)));
    }
  }
}

// Only the frames that sound: a long tail of silence says nothing of what came before it.
MelFrames sounding(const MelFrames& mel, const std::vector<float>& levels) {
  MelFrames kept{.hop_s = mel.hop_s};
  const auto copy_row = [](const std::vector<float>& from, int width, int row, std::vector<float>& to) {
    const auto begin = from.begin() + static_cast<std::ptrdiff_t>(row) * width;
    to.insert(to.end(), begin, begin + width);
  };
  for (int f = 0; f < mel.frames; ++f) {
    if (levels[f] <= kSounding_db) continue;
    ++kept.frames;
    copy_row(mel.log_mel, kMelBands, f, kept.log_mel);
    copy_row(mel.mfcc, kMfcc, f, kept.mfcc);
    for (const auto part : {&MelFrames::rms, &MelFrames::centroid, &MelFrames::spread, &MelFrames::roll_off,
                            &MelFrames::flatness, &MelFrames::flux, &MelFrames::crossings}) {
      copy_row(mel.*part, 1, f, kept.*part);
    }
  }
  return kept.frames > 0 ? kept : mel;
}

}  // namespace

Result<SoundAnalysis> analyse(const Sound& sound) {
  Sound analysed{.sample_rate = kAnalysisRate, .samples = {}};
  if (!sound.samples.empty()) {
    ZY_TRY(analysed, resampled(sound, kAnalysisRate));
  }
  float peak = 0;
  for (const float sample : analysed.samples) peak = std::max(peak, std::abs(sample));
  if (peak > 1e-6F) {
    for (auto& sample : analysed.samples) sample /= peak;
  } else {
    analysed.samples.assign(analysed.samples.size(), 0.0F);
  }

  SoundAnalysis found;
  found.seconds = static_cast<double>(analysed.samples.size()) / kAnalysisRate;
  found.mel = mel_frames(analysed);
  found.rhythm = rhythm_of(found.mel.flux, found.mel.hop_s);
  found.chroma = chroma(analysed);
  return found;
}

std::vector<float> sound_features(const SoundAnalysis& analysis) {
  const auto& [seconds, mel, rhythm, classes] = analysis;
  const auto levels = levels_of(mel);
  std::vector<float> out;
  out.reserve(kSoundFeatures);
  const auto loud = sounding(mel, levels);
  const auto loud_levels = levels_of(loud);
  add_mfcc(loud, out);
  add_log_mel(loud, out);
  add_shape(loud, loud_levels, out);
  add_dynamics(mel, levels, out);
  out.push_back(static_cast<float>(rhythm.onsets_per_s));
  out.push_back(rhythm.tempo_bpm > 0 ? log2_of(rhythm.tempo_bpm) : 0.0F);
  out.push_back(static_cast<float>(rhythm.pulse_clarity));
  out.push_back(12 * *std::ranges::max_element(classes));
  out.insert(out.end(), classes.begin(), classes.end());
  add_course(mel, levels, out);
  assert(out.size() == kSoundFeatures);
  for (auto& value : out) value = std::isfinite(value) ? value : 0.0F;
  return out;
}

Result<std::vector<float>> sound_features(const Sound& sound) {
  ZY_TRY(const auto analysis, analyse(sound));
  return sound_features(analysis);
}

}  // namespace zhiyin
