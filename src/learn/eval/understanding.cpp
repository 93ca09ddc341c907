#include "learn/eval/understanding.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <string_view>

#include "base/clock.h"
#include "base/file.h"
#include "base/measure/intervals.h"
#include "base/measure/machine.h"
#include "base/process.h"
#include "base/text.h"
#include "base/threads.h"
#include "learn/eval/heard_strips.h"
#include "learn/eval/leave_one_out.h"
#include "learn/eval/t6.h"
#include "learn/eval/t6_data.h"
#include "learn/eval/understanding_compress.h"
#include "learn/eval/understanding_cost.h"
#include "learn/eval/understanding_own.h"
#include "learn/eval/understanding_sound.h"
#include "learn/eval/understanding_text.h"
#include "learn/eval/understanding_vision.h"
#include "understand/embed/manifest.h"
#include "understand/embed/sound/sound_senses.h"
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

// The columns of a tab-separated table by name, in the order asked for, one row a line.
Result<std::vector<std::vector<std::string>>> read_columns(const fs::path& file,
                                                           const std::vector<std::string_view>& names) {
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

// fsdd names its clips DIGIT_SPEAKER_TAKE.wav; "" where the name says nothing.
std::string speaker_of(const Clip& clip) {
  const auto name = fs::path(clip.path).stem().string();
  const auto parts = split(name, '_');
  return clip.source == "fsdd" && parts.size() == 3 ? std::string(parts[1]) : std::string();
}

// Fills the table block by block.
class Judge {
 public:
  // What it hears it keeps in `strips`, for those who ask about the same clips later.
  Judge(const UnderstandingOptions& options, fs::path folder, HeardStrips& strips)
      : options_(options), folder_(std::move(folder)), strips_(strips) {
    out_.table.name = "understanding";
    out_.table.machine = this_machine(options.threads);
  }

  void sounds(std::vector<Clip> clips) {
    open_sound_senses(model_cache(), false, ears_);
    const auto heard = gather("sound", Sense::kHear, clips);
    const auto all = fused(heard);
    const auto found = leave_one_out(all);
    put("sound", found);
    add_row("sound", "fused", found);
    for (const auto& block : kHeardBlocks) {
      const auto by_one = leave_one_out(alone(heard, block));
      add_row("sound", std::string(block.name), by_one);
      if (block.name == kSoundEncoder) result("sound.classic_nn1", by_one.nn1);
      if (block.name == kSpeechEncoder) result("sound.speech_embedding_nn1", by_one.nn1);
    }
    const auto& mfcc = kSoundBlocks[0];
    const auto by_mfcc = leave_one_out(sliced(heard, mfcc.first, mfcc.count));
    add_row("sound", "mfcc", by_mfcc);
    result("sound.mfcc_nn1", by_mfcc.nn1);
    each_source(all, clips);
    digits(all, clips);
    add_stored_compression("sound", heard, kHeardBlocks, fused, split_sha256_, out_);
  }

  void pictures(std::vector<Clip> clips) {
    auto all = gather("picture", Sense::kSee, clips);
    seen("picture", all);
    add_stored_compression(
        "picture", all, seer_.blocks(), [&](const LabelledVectors& stored) { return seer_.fused(stored); },
        split_sha256_, out_);
    for (std::size_t i = 0; i < clips.size(); ++i) all.labels[i] = clips[i].sublabel;
    const auto finer = leave_one_out(seer_.fused(all));
    result("picture.subcategory_nn1", finer.nn1);
    result("picture.subcategory_chance", finer.chance);
  }

  void videos(std::vector<Clip> clips) { seen("video", gather("video", Sense::kSee, clips)); }

  Understanding take() { return std::move(out_); }

 private:
  // What is seen fused, then each part of it alone.
  void seen(const std::string& block, const LabelledVectors& all) {
    const auto fused = leave_one_out(seer_.fused(all));
    put(block, fused);
    add_row(block, "fused", fused);
    for (const auto& part : seer_.parts(all)) {
      const auto alone = leave_one_out(seer_.only(all, part));
      add_row(block, part.model, alone);
      result(fmt::format("{}.{}_nn1", block, part.result), alone.nn1);
    }
  }

  // Decodes every clip; those that fail leave `clips` too.
  LabelledVectors gather(std::string_view block, Sense sense, std::vector<Clip>& clips) {
    split_sha256_ = sha256_of(clips);
    reset_peak_rss();
    const Stopwatch watch;
    const double cpu_before = cpu_seconds_with_children();
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
        options_.on_progress(block, ++done, clips.size());
      }
    });
    LabelledVectors found;
    std::vector<Clip> kept;
    for (std::size_t i = 0; i < clips.size(); ++i) {
      if (!failures[i].empty()) {
        out_.failures.push_back(std::move(failures[i]));
        continue;
      }
      found.vectors.push_back(std::move(vectors[i]));
      found.labels.push_back(clips[i].label);
      kept.push_back(std::move(clips[i]));
    }
    clips = std::move(kept);
    cost_ = {watch.seconds(), cpu_seconds_with_children() - cpu_before, peak_rss_mib()};
    return found;
  }

  [[nodiscard]] Result<std::vector<float>> describe(const Clip& clip, Sense sense) const {
    DecodeLimits limits{.pages = 0};
    if (sense == Sense::kHear) limits.key_frames = 1;
    ZY_TRY(const auto decoded, decode(folder_ / clip.path, limits, options_.worker));
    if (sense == Sense::kHear) {
      if (decoded.music.samples.empty()) return invalid("no sound");
      if (auto strip = mel_strip(decoded.music); strip.ok()) strips_.put(clip.path, std::move(*strip));
      return heard_vector(ears_, decoded);
    }
    return seer_.describe(decoded);
  }

  void each_source(const LabelledVectors& all, const std::vector<Clip>& clips) {
    constexpr std::size_t kEnough = 10;  // fewer clips say nothing
    std::set<std::string> sources;
    for (const auto& clip : clips) sources.insert(clip.source);
    for (const auto& source : sources) {
      std::vector<bool> asking;
      for (const auto& clip : clips) asking.push_back(clip.source == source);
      const auto found = leave_one_out(all, asking);
      if (found.clips < kEnough) continue;
      result("sound." + source + ".nn1", found.nn1);
      result("sound." + source + ".chance", found.chance);
    }
  }

  void digits(const LabelledVectors& all, const std::vector<Clip>& clips) {
    LabelledVectors spoken{.ready = all.ready};
    for (std::size_t i = 0; i < clips.size(); ++i) {
      if (clips[i].source != "fsdd") continue;
      spoken.vectors.push_back(all.vectors[i]);
      spoken.labels.push_back(all.labels[i]);
      spoken.groups.push_back(speaker_of(clips[i]));
    }
    if (spoken.vectors.empty()) return;
    const auto found = leave_one_out(spoken);
    result("sound.digits.other_speaker_nn1", found.nn1);
    result("sound.digits.other_speaker_chance", found.chance);
  }

  void result(std::string name, double value) { out_.table.results.emplace_back(std::move(name), value); }

  void put(const std::string& name, const LeaveOneOut& found) {
    result(name + ".nn1", found.nn1);
    result(name + ".p5", found.p5);
    result(name + ".chance", found.chance);
    result(name + ".clips", static_cast<double>(found.clips));
  }

  // The cost is that of gathering the block: decoding in the workers, features here, and of sounds the strip that the
  // nets of pretraining listen to later.
  void add_row(std::string block, std::string model, const LeaveOneOut& found) {
    Row row;
    row.block = std::move(block);
    row.data = "media";
    row.split_sha256 = split_sha256_;
    row.model = std::move(model);
    row.metrics = {
        {"nn1", found.nn1}, {"p5", found.p5}, {"chance", found.chance}, {"clips", static_cast<double>(found.clips)}};
    if (!found.hits.empty()) row.ci95 = {{"nn1", bootstrap_mean(found.hits, out_.table.seed)}};
    row.train_s = cost_.wall_s;
    row.cpu_s = cost_.cpu_s;
    row.peak_rss_mib = cost_.peak_rss_mib;
    out_.table.rows.push_back(std::move(row));
  }

  const Seer seer_{model_cache()};
  Senses ears_;
  const UnderstandingOptions& options_;
  fs::path folder_;
  HeardStrips& strips_;
  Understanding out_;
  std::string split_sha256_;  // of the block at hand, as is the cost
  Meter::Cost cost_;
};

}  // namespace

Result<Understanding> evaluate_understanding(const UnderstandingOptions& options) {
  std::error_code failed;
  const bool is_root = fs::exists(options.data / "media" / "audio_labels.tsv", failed);
  const auto folder = is_root ? options.data / "media" : options.data;
  ZY_TRY(auto sounds, labelled_clips(folder / "audio_labels.tsv"));
  ZY_TRY(auto pictures, stamps(folder / "tuxpaint_items.tsv"));
  ZY_TRY(auto videos, labelled_clips(folder / "video_labels.tsv"));
  HeardStrips strips;
  Judge judge(options, folder, strips);
  judge.sounds(std::move(sounds));
  judge.pictures(std::move(pictures));
  judge.videos(std::move(videos));
  auto found = judge.take();
  if (is_root && fs::exists(options.data / "text", failed)) {
    evaluate_text(options, options.data, found);
    add_model_compression(options.data, found);
  }
  if (has_t6(options.data)) {
    const T6Options t6{.data = options.data, .threads = options.threads, .on_progress = options.on_progress};
    ZY_CHECK_OK(add_cold_start(t6, found.table));
  }
  ZY_CHECK_OK(add_own_results(options, folder, strips, found));
  ZY_CHECK_OK(add_costs(folder, options.worker, found.table));
  return found;
}

}  // namespace zhiyin
