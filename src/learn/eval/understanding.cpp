#include "learn/eval/understanding.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <string_view>

#include "base/file.h"
#include "base/threads.h"
#include "learn/eval/leave_one_out.h"
#include "understand/embed/picture_features.h"
#include "understand/embed/sound_features.h"
#include "understand/media/media.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

struct Clip {
  std::string path;
  std::string label;
  std::string sublabel;
  std::string source;
};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// The columns of a tab-separated table by name, in the order asked for, one row a line.
Result<std::vector<std::vector<std::string>>> read_columns(const fs::path& file, const std::vector<std::string_view>& names) {
  ZY_TRY(const auto text, read_file(file));
  std::vector<std::vector<std::string>> rows;
  std::vector<std::size_t> columns;
  std::size_t number = 0;
  for (auto line : split(text, '\n')) {
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    const auto cells = split(line, '\t');
    if (columns.empty()) {
      for (const auto name : names) {
        const auto at = std::ranges::find(cells, name);
        if (at == cells.end()) return invalid(fmt::format("{}: no column \"{}\" in line 1", file.string(), name));
        columns.push_back(static_cast<std::size_t>(at - cells.begin()));
      }
      continue;
    }
    auto& row = rows.emplace_back();
    for (const auto column : columns) {
      if (column >= cells.size()) return invalid(fmt::format("{}:{}: too few columns", file.string(), number));
      row.emplace_back(cells[column]);
    }
  }
  return rows;
}

Result<std::vector<Clip>> labelled_clips(const fs::path& file) {
  ZY_TRY(const auto rows, read_columns(file, {"path", "label", "source"}));
  std::vector<Clip> clips;
  for (const auto& row : rows) clips.push_back({.path = row[0], .label = row[1], .sublabel = {}, .source = row[2]});
  return clips;
}

Result<std::vector<Clip>> stamps(const fs::path& file) {
  ZY_TRY(const auto rows, read_columns(file, {"image", "category", "subcategory"}));
  std::vector<Clip> clips;
  for (const auto& row : rows) {
    if (!row[0].empty()) clips.push_back({.path = row[0], .label = row[1], .sublabel = row[2], .source = "tuxpaint"});
  }
  return clips;
}

std::string sha256_of(const std::vector<Clip>& clips) {
  std::string text;
  for (const auto& clip : clips) text += fmt::format("{}\t{}\n", clip.path, clip.label);
  return sha256_hex(text);
}

enum class Sense { kHear, kSee };

// Decodes every clip and keeps those that have what the sense needs.
class Gathering {
 public:
  Gathering(const UnderstandingOptions& options, fs::path folder, UnderstandingResults& results)
      : options_(options), folder_(std::move(folder)), results_(results) {}

  LabelledVectors gather(std::string_view what, Sense sense, std::vector<Clip>& clips) {
    std::vector<std::vector<float>> vectors(clips.size());
    std::vector<std::string> failures(clips.size());
    std::mutex progress;
    std::size_t done = 0;
    parallel_for(clips.size(), 1, options_.threads, [&](std::size_t begin, std::size_t end, int) {
      for (auto i = begin; i < end; ++i) {
        if (auto features = describe(clips[i], sense); features.ok()) {
          vectors[i] = std::move(*features);
        } else {
          failures[i] = fmt::format("{}: {}", clips[i].path, features.error().message);
        }
        const std::scoped_lock lock(progress);
        options_.on_progress(what, ++done, clips.size());
      }
    });
    LabelledVectors out;
    std::vector<Clip> kept;
    for (std::size_t i = 0; i < clips.size(); ++i) {
      if (!failures[i].empty()) {
        results_.failures.push_back(std::move(failures[i]));
        continue;
      }
      out.vectors.push_back(std::move(vectors[i]));
      out.labels.push_back(clips[i].label);
      kept.push_back(std::move(clips[i]));
    }
    clips = std::move(kept);
    return out;
  }

 private:
  Result<std::vector<float>> describe(const Clip& clip, Sense sense) const {
    DecodeLimits limits;
    if (sense == Sense::kHear) limits.key_frames = 1;
    ZY_TRY(const auto decoded, decode(folder_ / clip.path, limits, options_.worker));
    if (sense == Sense::kHear) {
      if (decoded.music.samples.empty()) return invalid("no sound");
      return sound_features(decoded.music);
    }
    if (decoded.frames.empty()) return invalid("no picture");
    return picture_features(decoded.frames);
  }

  const UnderstandingOptions& options_;
  fs::path folder_;
  UnderstandingResults& results_;
};

void put(UnderstandingResults& results, const std::string& name, const LeaveOneOut& found) {
  results.results[name + ".nn1"] = found.nn1;
  results.results[name + ".p5"] = found.p5;
  results.results[name + ".chance"] = found.chance;
  results.results[name + ".clips"] = static_cast<double>(found.clips);
}

// fsdd names its clips DIGIT_SPEAKER_TAKE.wav; "" where the name says nothing.
std::string speaker_of(const Clip& clip) {
  const auto name = fs::path(clip.path).stem().string();
  const auto parts = split(name, '_');
  return clip.source == "fsdd" && parts.size() == 3 ? std::string(parts[1]) : std::string();
}

void judge_sound(const LabelledVectors& all, const std::vector<Clip>& clips, UnderstandingResults& results) {
  put(results, "sound", leave_one_out(all));
  const auto& mfcc = kSoundBlocks[0];
  results.results["sound.mfcc_nn1"] = leave_one_out(sliced(all, mfcc.first, mfcc.count)).nn1;

  std::set<std::string> sources;
  for (const auto& clip : clips) sources.insert(clip.source);
  for (const auto& source : sources) {
    std::vector<bool> asking;
    for (const auto& clip : clips) asking.push_back(clip.source == source);
    const auto found = leave_one_out(all, asking);
    if (found.clips < 10) continue;  // too few to mean anything
    results.results["sound." + source + ".nn1"] = found.nn1;
    results.results["sound." + source + ".chance"] = found.chance;
  }

  LabelledVectors digits;
  for (std::size_t i = 0; i < clips.size(); ++i) {
    if (clips[i].source != "fsdd") continue;
    digits.vectors.push_back(all.vectors[i]);
    digits.labels.push_back(all.labels[i]);
    digits.groups.push_back(speaker_of(clips[i]));
  }
  if (digits.vectors.empty()) return;
  const auto found = leave_one_out(digits);
  results.results["sound.digits.other_speaker_nn1"] = found.nn1;
  results.results["sound.digits.other_speaker_chance"] = found.chance;
}

void judge_pictures(LabelledVectors all, const std::vector<Clip>& clips, UnderstandingResults& results) {
  put(results, "picture", leave_one_out(all));
  const auto& colour = kPictureBlocks[0];
  results.results["picture.hist_nn1"] = leave_one_out(sliced(all, colour.first, colour.count)).nn1;
  for (std::size_t i = 0; i < clips.size(); ++i) all.labels[i] = clips[i].sublabel;
  const auto finer = leave_one_out(all);
  results.results["picture.subcategory_nn1"] = finer.nn1;
  results.results["picture.subcategory_chance"] = finer.chance;
}

}  // namespace

Result<UnderstandingResults> evaluate_understanding(const UnderstandingOptions& options) {
  std::error_code failed;
  const bool is_root = fs::exists(options.data / "media" / "audio_labels.tsv", failed);
  const auto folder = is_root ? options.data / "media" : options.data;
  ZY_TRY(auto sounds, labelled_clips(folder / "audio_labels.tsv"));
  ZY_TRY(auto pictures, stamps(folder / "tuxpaint_items.tsv"));
  ZY_TRY(auto videos, labelled_clips(folder / "video_labels.tsv"));

  UnderstandingResults results;
  results.split_sha256 = {{"sound", sha256_of(sounds)}, {"picture", sha256_of(pictures)}, {"video", sha256_of(videos)}};
  Gathering gathering(options, folder, results);
  const auto heard = gathering.gather("sounds", Sense::kHear, sounds);
  judge_sound(heard, sounds, results);
  const auto seen = gathering.gather("pictures", Sense::kSee, pictures);
  judge_pictures(seen, pictures, results);
  const auto watched = gathering.gather("videos", Sense::kSee, videos);
  put(results, "video", leave_one_out(watched));
  return results;
}

}  // namespace zhiyin
