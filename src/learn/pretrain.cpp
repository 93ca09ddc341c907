#include "learn/pretrain.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/clock.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/threads.h"
#include "feed/snapshot/snapshot.h"
#include "learn/behaviour.h"
#include "learn/clip_training.h"
#include "match/factors/ials.h"
#include "understand/media/media.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

struct File {
  ItemId item;
  std::string path;
};

Result<std::vector<File>> choose_files(const Store& store, const PretrainOptions& options) {
  std::vector<File> files;
  ZY_CHECK_OK(store.each_item([&](Item&& item) {
    if (!item.media.path.empty()) files.push_back({std::move(item.id), std::move(item.media.path)});
  }));
  if (files.size() > options.most_files) {
    Random random(options.seed, 2);
    random.shuffle(std::span(files));
    files.resize(options.most_files);
    std::ranges::sort(files, {}, &File::path);
  }
  return files;
}

Result<Clip> clip_of(const fs::path& file, const DecodeLimits& limits, const fs::path& worker) {
  ZY_TRY(const auto decoded, decode(file, limits, worker));
  Clip clip;
  ZY_TRY(clip.sound, mel_strip(decoded.music));
  clip.pictures = frame_strip(decoded.frames);
  return clip;
}

// The clip of each file, in the files' order; both parts empty where it cannot be read any more.
std::vector<Clip> decode_all(const std::vector<File>& files, const PretrainOptions& options) {
  std::vector<Clip> clips(files.size());
  Progress progress("decode", static_cast<std::int64_t>(files.size()));
  parallel_for(files.size(), 1, options.threads, [&](std::size_t begin, std::size_t end, int) {
    for (auto i = begin; i < end; ++i) {
      DecodeLimits limits;
      limits.key_frames = static_cast<int>(kMostFrames);
      if (auto clip = clip_of(files[i].path, limits, options.worker); clip.ok()) {
        clips[i] = std::move(*clip);
      } else {
        log_warning("{}: {}", files[i].path, clip.error().message);
      }
      progress.advance();
    }
  });
  progress.finish();
  return clips;
}

// Gives each clip its item's collaborative vector, where people have touched the item. Returns how many have one.
Result<std::size_t> add_behaviour(const fs::path& home, const std::vector<File>& files, std::vector<Clip>& clips) {
  ZY_TRY(const auto snapshot, load_current_snapshot(home).in("pretrain --finetune learns from behaviour"));
  const auto* ials = dynamic_cast<const Ials*>(snapshot->model("ials"));
  if (ials == nullptr) {
    return invalid(
        fmt::format("pretrain --finetune: snapshot {} has no ials model: run `zhiyin train ials`", snapshot->id));
  }
  const auto behaviour = collaborative_vectors(ials->item_factors());
  std::map<ItemId, std::span<const float>> vectors;
  for (std::size_t row = 0; row < snapshot->items.size(); ++row) {
    const auto vector = std::span(behaviour.rows).subspan(row * behaviour.dim, behaviour.dim);
    if (std::ranges::any_of(vector, [](float x) { return x != 0; })) vectors.emplace(snapshot->items[row], vector);
  }
  std::size_t touched = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto found = vectors.find(files[i].item);
    if (found == vectors.end()) continue;
    clips[i].behaviour.assign(found->second.begin(), found->second.end());
    ++touched;
  }
  if (touched < 2) return invalid("pretrain --finetune: nobody has touched two items with files yet");
  return touched;
}

Result<std::shared_ptr<OwnNets>> nets_to_continue(const fs::path& home, const PretrainOptions& options) {
  auto loaded = load_own_nets(own_nets_file(home));
  if (loaded.ok()) return loaded;
  if (options.finetune)
    return std::move(loaded).in("pretrain --finetune goes on from what `zhiyin pretrain` has learned");
  if (loaded.error().code != ErrorCode::kNotFound) log_warning("beginning anew: {}", loaded.error().message);
  return std::make_shared<OwnNets>(options.seed);
}

Result<void> store_vectors(const OwnNets& nets, const std::vector<File>& files, const std::vector<Clip>& clips,
                           Store& store) {
  std::vector<ItemVector> vectors;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!clips[i].sound.levels.empty())
      vectors.push_back({files[i].item, {std::string(kOwnSound), nets.version, nets.hear(clips[i].sound)}});
    if (!clips[i].pictures.frames.empty())
      vectors.push_back({files[i].item, {std::string(kOwnPictures), nets.version, nets.see(clips[i].pictures)}});
  }
  return store.put_vectors(vectors);
}

}  // namespace

Result<PretrainReport> pretrain(const fs::path& home, Store& store, const PretrainOptions& options) {
  const Stopwatch watch;
  ZY_TRY(const auto nets, nets_to_continue(home, options));
  ZY_TRY(const auto files, choose_files(store, options));
  auto clips = decode_all(files, options);
  PretrainReport report;
  for (const auto& clip : clips) {
    const bool heard = !clip.sound.levels.empty();
    const bool seen = !clip.pictures.frames.empty();
    report.sounds += heard ? 1 : 0;
    report.pictures += seen ? 1 : 0;
    report.unreadable += heard || seen ? 0 : 1;
  }
  if (std::max(report.sounds, report.pictures) < 2) {
    return invalid(
        fmt::format("{} of the catalogue's {} files can be heard and {} seen: two are the least to learn from; `zhiyin "
                    "scan DIR` takes more in",
                    report.sounds, files.size(), report.pictures));
  }
  if (options.finetune) {
    ZY_TRY(report.touched, add_behaviour(home, files, clips));
  }
  Progress progress("pretrain", options.epochs);
  report.loss = train_clips(
      *nets, clips,
      {.epochs = options.epochs, .masked = options.masked, .seed = options.seed, .on_epoch = [&](int, int, double) {
         progress.advance();
       }});
  progress.finish();
  report.version = ++nets->version;
  ZY_CHECK_OK(save_own_nets(*nets, own_nets_file(home)));
  ZY_CHECK_OK(store_vectors(*nets, files, clips, store));
  report.seconds = watch.seconds();
  return report;
}

}  // namespace zhiyin
