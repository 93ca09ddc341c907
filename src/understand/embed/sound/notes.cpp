#include "understand/embed/sound/notes.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdlib>

namespace zhiyin {
namespace {

constexpr float kBegins = 0.5F;
constexpr float kSounds = 0.3F;
constexpr int kBridge = 3;    // frames
constexpr int kShortest = 5;  // frames
constexpr double kOneOnset_s = 0.05;
constexpr int kOctaves = 8;
constexpr int kGroup = 8;  // keys of one salience value

// One key of the roll, by frame.
class Key {
 public:
  Key(const KeyFrames& heard, int key) : heard_(heard), key_(key) {}
  [[nodiscard]] float note(int frame) const { return heard_.notes[at(frame)]; }
  [[nodiscard]] bool begins(int frame) const {
    const float here = onset(frame);
    return here >= kBegins && (frame == 0 || here >= onset(frame - 1)) &&
           (frame + 1 == heard_.frames || here > onset(frame + 1));
  }

 private:
  [[nodiscard]] std::size_t at(int frame) const { return static_cast<std::size_t>(frame) * KeyFrames::kKeys + key_; }
  [[nodiscard]] float onset(int frame) const { return heard_.onsets[at(frame)]; }
  const KeyFrames& heard_;
  int key_;
};

// From the frame where a note begins to the one after its last.
int end_of(const Key& key, int begin, int frames) {
  int end = begin + 1;
  for (int f = begin + 1; f < frames && f - end < kBridge; ++f) {
    if (key.begins(f)) break;
    if (key.note(f) >= kSounds) end = f + 1;
  }
  return end;
}

int pitch_class(int key) { return (key + KeyFrames::kLowestMidi) % 12; }

// Seconds by pitch class and by octave.
struct Sounding {
  std::array<double, 12> classes{};
  std::array<double, kOctaves> octaves{};
  double seconds = 0;
};

Sounding sounding(const std::vector<Note>& notes) {
  Sounding sum;
  for (const auto& note : notes) {
    const double length_s = note.end_s - note.start_s;
    sum.classes[pitch_class(note.key)] += length_s;
    sum.octaves[note.key / 12] += length_s;
    sum.seconds += length_s;
  }
  return sum;
}

void add_harmony(const Sounding& sum, std::vector<float>& out) {
  const double all = std::max(sum.seconds, 1e-9);
  for (const double s : sum.classes) out.push_back(static_cast<float>(s / all));
  for (int apart = 1; apart <= 6; ++apart) {
    double together = 0;
    for (int c = 0; c < 12; ++c) together += sum.classes[c] * sum.classes[(c + apart) % 12];
    out.push_back(static_cast<float>(together / (all * all)));
  }
  for (const double s : sum.octaves) out.push_back(static_cast<float>(s / all));
}

// Returns the mean number of notes at a time.
double add_polyphony(const std::vector<Note>& notes, int frames, std::vector<float>& out) {
  std::vector<int> change(static_cast<std::size_t>(frames) + 1, 0);
  for (const auto& note : notes) {
    ++change[static_cast<std::size_t>(std::lround(note.start_s / kKeyFrame_s))];
    --change[static_cast<std::size_t>(std::lround(note.end_s / kKeyFrame_s))];
  }
  std::array<double, 5> times{};
  double sum = 0;
  int now = 0;
  for (int f = 0; f < frames; ++f) {
    now += change[f];
    ++times[std::min(now, 4)];
    sum += now;
  }
  for (const double t : times) out.push_back(static_cast<float>(t / std::max(frames, 1)));
  return sum / std::max(frames, 1);
}

struct Moments {
  double sum = 0;
  double squares = 0;
  double count = 0;
  void add(double value) {
    sum += value;
    squares += value * value;
    ++count;
  }
  [[nodiscard]] double mean() const { return sum / std::max(count, 1.0); }
  [[nodiscard]] double deviation() const {
    return std::sqrt(std::max(squares / std::max(count, 1.0) - mean() * mean(), 0.0));
  }
};

// The highest note of each onset, in order: what a listener hums.
std::vector<int> melody(const std::vector<Note>& notes) {
  std::vector<int> keys;
  double last_s = -1;
  for (const auto& note : notes) {
    if (last_s >= 0 && note.start_s - last_s < kOneOnset_s) {
      keys.back() = std::max(keys.back(), note.key);
    } else {
      keys.push_back(note.key);
      last_s = note.start_s;
    }
  }
  return keys;
}

void add_movement(const std::vector<Note>& notes, double seconds, double polyphony, std::vector<float>& out) {
  Moments length, place, certainty, step, up, small;
  for (const auto& note : notes) {
    length.add(std::log(note.end_s - note.start_s));
    place.add(note.key / 12.0);
    certainty.add(note.certainty);
  }
  const auto hummed = melody(notes);
  for (std::size_t i = 1; i < hummed.size(); ++i) {
    const int half_tones = hummed[i] - hummed[i - 1];
    step.add(std::abs(half_tones) / 12.0);
    up.add(half_tones > 0 ? 1 : 0);
    small.add(std::abs(half_tones) <= 2 ? 1 : 0);
  }
  const double per_s = 1 / std::max(seconds, 0.1);
  for (const double value :
       {std::log1p(static_cast<double>(notes.size()) * per_s), std::log1p(static_cast<double>(hummed.size()) * per_s),
        length.mean(), length.deviation(), place.mean(), place.deviation(), certainty.mean(), polyphony, step.mean(),
        up.mean(), small.mean()}) {
    out.push_back(static_cast<float>(value));
  }
}

void add_salience(const KeyFrames& heard, std::vector<float>& out) {
  std::vector<float> deviations;
  for (int group = 0; group < KeyFrames::kKeys; group += kGroup) {
    Moments likely;
    for (int f = 0; f < heard.frames; ++f) {
      double sum = 0;
      for (int k = group; k < group + kGroup; ++k)
        sum += heard.notes[static_cast<std::size_t>(f) * KeyFrames::kKeys + k];
      likely.add(sum / kGroup);
    }
    out.push_back(static_cast<float>(likely.mean()));
    deviations.push_back(static_cast<float>(likely.deviation()));
  }
  out.insert(out.end(), deviations.begin(), deviations.end());
}

}  // namespace

std::vector<Note> notes_of(const KeyFrames& heard) {
  std::vector<Note> notes;
  for (int k = 0; k < KeyFrames::kKeys; ++k) {
    const Key key(heard, k);
    for (int f = 0; f < heard.frames;) {
      if (!key.begins(f) && key.note(f) < kBegins) {
        ++f;
        continue;
      }
      const int end = end_of(key, f, heard.frames);
      if (end - f >= kShortest) {
        float sum = 0;
        for (int i = f; i < end; ++i) sum += key.note(i);
        notes.push_back({k, f * kKeyFrame_s, end * kKeyFrame_s, sum / static_cast<float>(end - f)});
      }
      f = end;
    }
  }
  std::ranges::stable_sort(notes, {}, &Note::start_s);
  return notes;
}

std::vector<float> note_features(const KeyFrames& heard, const std::vector<Note>& notes) {
  std::vector<float> out;
  out.reserve(kNoteFeatures);
  add_harmony(sounding(notes), out);
  const double polyphony = add_polyphony(notes, heard.frames, out);
  add_movement(notes, heard.frames * kKeyFrame_s, polyphony, out);
  add_salience(heard, out);
  assert(out.size() == kNoteFeatures);
  return out;
}

}  // namespace zhiyin
