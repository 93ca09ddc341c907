#include "learn/eval/understanding_cost.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <array>

#include "base/clock.h"
#include "base/log.h"
#include "base/process.h"
#include "base/threads.h"
#include "understand/embed/encoders.h"
#include "understand/embed/manifest.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFilm = "video/mdn/tears-of-steel-battle-clip-medium.webm";

// A folder that goes when this goes.
class ScratchFolder {
 public:
  ScratchFolder() {
    auto pattern = (fs::temp_directory_path() / "zhiyin-cost-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

Result<void> make_clip(const fs::path& film, const fs::path& clip) {
  const std::array<std::string, 24> arguments = {"ffmpeg",
                                                 "-nostdin",
                                                 "-y",
                                                 "-v",
                                                 "error",
                                                 "-i",
                                                 film.string(),
                                                 "-t",
                                                 "60",
                                                 "-vf",
                                                 "scale=854:-2,pad=854:480:0:(oh-ih)/2",
                                                 "-c:v",
                                                 "libx264",
                                                 "-preset",
                                                 "veryfast",
                                                 "-crf",
                                                 "23",
                                                 "-pix_fmt",
                                                 "yuv420p",
                                                 "-c:a",
                                                 "aac",
                                                 "-b:a",
                                                 "128k",
                                                 clip.string()};
  ZY_TRY(const auto code, run_program(arguments));
  return code == 0 ? Result<void>() : invalid(fmt::format("ffmpeg ended with code {}", code));
}

struct Cost {
  double decode_s = 0;
  double words_s = 0;
  std::vector<EncoderRun> runs;

  [[nodiscard]] double all_s() const {
    double sum = decode_s + words_s;
    for (const auto& run : runs) sum += run.cpu_s;
    return sum;
  }
};

Result<Cost> understand_clip(const fs::path& clip, const fs::path& worker, const Encoders& encoders) {
  Cost cost;
  const double before_s = cpu_seconds_with_children();
  ZY_TRY(const auto decoded, decode(clip, {}, worker));
  cost.decode_s = cpu_seconds_with_children() - before_s;
  const auto perception = perceive(encoders.senses, decoded);
  cost.runs = perception.runs;
  std::string words = "A battle in the city - Tears of Steel. science fiction, robots";
  for (const auto& passage : perception.passages) words += ". " + passage.text;
  const double words_before_s = thread_cpu_seconds();
  ZY_CHECK_OK(encode_text(encoders.text, words));
  cost.words_s = thread_cpu_seconds() - words_before_s;
  return cost;
}

}  // namespace

Result<void> add_costs(const fs::path& media_folder, const fs::path& worker, Table& table) {
  const ScratchFolder scratch;
  const auto clip = scratch.path() / "clip.mp4";
  if (auto made = make_clip(media_folder / kFilm, clip); !made.ok()) {
    log_warning("the cost of a clip is left out: {}", made.error().message);
    return {};
  }
  const auto cache = model_cache();
  const Encoders encoders{open_senses(cache), open_text_encoders(cache)};
  ZY_CHECK_OK(understand_clip(clip, worker, encoders));  // the first run of a model sets its memory up
  ZY_TRY(const auto cost, understand_clip(clip, worker, encoders));

  const auto put = [&](std::string name, double value) {
    table.results.emplace_back("cost." + std::move(name), value);
  };
  put("cpu_s_60s_480p_clip", cost.all_s());
  put("decode_cpu_s", cost.decode_s);
  for (const auto& run : cost.runs) put(run.encoder + "_cpu_s", run.cpu_s);
  put("words_cpu_s", cost.words_s);

  constexpr std::size_t kClips = 4;
  constexpr int kThreads = 2;
  const Stopwatch watch;
  parallel_for(kClips, 1, kThreads, [&](std::size_t begin, std::size_t end, int) {
    for (auto i = begin; i < end; ++i) (void)understand_clip(clip, worker, encoders).ok();
  });
  put("wall_s", watch.seconds() / kClips);
  put("items_per_hour_2_cores", 3600 * kClips / watch.seconds());
  return {};
}

}  // namespace zhiyin
