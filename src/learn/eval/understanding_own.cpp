#include "learn/eval/understanding_own.h"

#include <mutex>

#include "base/log.h"
#include "base/threads.h"
#include "learn/eval/understanding_fused.h"
#include "learn/eval/understanding_pretrained.h"
#include "understand/embed/manifest.h"
#include "understand/embed/senses.h"
#include "understand/embed/text/text_encoder.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

class OwnJudge {
 public:
  OwnJudge(const UnderstandingOptions& options, const fs::path& media, HeardStrips& strips, Understanding& out)
      : options_(options), media_(media), strips_(strips), out_(out) {}

  Result<void> stamps() {
    ZY_TRY(auto items, read_subjects(media_ / "tuxpaint_items.tsv", "category", "audio", "image", "title_en"));
    OwnRows rows(options_, items, out_);
    const auto senses = open_senses(model_cache());
    understand(items, &senses);
    const auto texts = open_text_encoders(model_cache());
    for (auto& item : items) {
      ZY_TRY(auto vectors, encode_text(texts, item.title));
      for (auto& vector : vectors)
        item.modalities.push_back({std::move(vector.encoder), vector.version, std::move(vector.values)});
    }
    ZY_CHECK_OK(add_fused_rows(items, rows));
    std::erase_if(items, [](const Subject& item) { return item.clip.pictures.frames.empty(); });
    for (auto& item : items) item.clip.sound = {};
    return add_pretrained_rows(OwnNet::kPictures, items, rows);
  }

  Result<void> sounds() {
    ZY_TRY(auto clips, read_subjects(media_ / "audio_labels.tsv", "label", "path", "", ""));
    OwnRows rows(options_, clips, out_);
    understand(clips, nullptr);
    std::erase_if(clips, [](const Subject& clip) { return clip.clip.sound.levels.empty(); });
    return add_pretrained_rows(OwnNet::kSound, clips, rows);
  }

 private:
  // Decodes each subject's files; with senses, asks them too. The table's other blocks have named those that cannot be
  // decoded.
  void understand(std::vector<Subject>& subjects, const Senses* senses) {
    std::mutex shared;
    std::size_t done = 0;
    parallel_for(subjects.size(), 1, options_.threads, [&](std::size_t begin, std::size_t end, int) {
      for (auto i = begin; i < end; ++i) {
        for (const auto& path : {subjects[i].sound, subjects[i].picture}) {
          if (path.empty()) continue;
          if (const auto looked = look(path, senses, subjects[i]); !looked.ok())
            log_debug("{}: {}", path, looked.error().message);
        }
        const std::scoped_lock lock(shared);
        options_.on_progress(senses == nullptr ? "own nets" : "fusion", ++done, subjects.size());
      }
    });
  }

  Result<void> look(const std::string& path, const Senses* senses, Subject& subject) const {
    if (senses == nullptr) {
      if (auto heard = strips_.take(path)) {
        subject.clip.sound = std::move(*heard);
        return {};
      }
    }
    ZY_TRY(const auto decoded, decode(media_ / path, {}, options_.worker));
    if (!decoded.music.samples.empty()) {
      ZY_TRY(subject.clip.sound, mel_strip(decoded.music));
    }
    if (!decoded.frames.empty()) subject.clip.pictures = frame_strip(decoded.frames);
    if (senses == nullptr) return {};
    for (auto& vector : perceive(*senses, decoded).vectors) {
      subject.modalities.push_back({std::move(vector.encoder), vector.version, std::move(vector.values)});
    }
    return {};
  }

  const UnderstandingOptions& options_;
  const fs::path& media_;
  HeardStrips& strips_;
  Understanding& out_;
};

}  // namespace

Result<void> add_own_results(const UnderstandingOptions& options, const fs::path& media, HeardStrips& strips,
                             Understanding& out) {
  OwnJudge judge(options, media, strips, out);
  ZY_CHECK_OK(judge.stamps());
  return judge.sounds();
}

}  // namespace zhiyin
