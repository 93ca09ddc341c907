#include "learn/eval/understanding_own.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "base/csv.h"
#include "base/file.h"
#include "base/log.h"
#include "base/measure/intervals.h"
#include "base/random.h"
#include "base/threads.h"
#include "learn/clip_training.h"
#include "learn/eval/leave_one_out.h"
#include "learn/train_fusion.h"
#include "understand/embed/fusion.h"
#include "understand/embed/manifest.h"
#include "understand/embed/senses.h"
#include "understand/embed/text/text_encoder.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

using Modalities = std::vector<ModalityVector>;

// What is asked about: files with labels, or items with a title beside.
struct Subject {
  std::string label;
  std::string sound;  // paths below the media folder; "" for none
  std::string picture;
  std::string title;
  Clip clip;
  Modalities modalities;
};

// Every column but the label's may be missing: then no subject has that part.
Result<std::vector<Subject>> read_subjects(const fs::path& file, std::string_view label, std::string_view sound,
                                           std::string_view picture, std::string_view title) {
  ZY_TRY(const auto text, read_file(file));
  ZY_TRY(const auto rows, parse_csv(text, '\t').in(file.string()));
  if (rows.empty()) return invalid(fmt::format("{} is empty", file.string()));
  const auto& header = rows.front().cells;
  std::vector<Subject> subjects(rows.size() - 1);
  for (const auto& [name, part] : {std::pair{label, &Subject::label},
                                   {sound, &Subject::sound},
                                   {picture, &Subject::picture},
                                   {title, &Subject::title}}) {
    const auto column = static_cast<std::size_t>(std::ranges::find(header, name) - header.begin());
    if (column == header.size()) {
      if (name == label) return invalid(fmt::format("{}: no column \"{}\"", file.string(), name));
      continue;
    }
    for (std::size_t r = 1; r < rows.size(); ++r) {
      if (column < rows[r].cells.size()) subjects[r - 1].*part = rows[r].cells[column];
    }
  }
  return subjects;
}

class OwnJudge {
 public:
  OwnJudge(const UnderstandingOptions& options, const fs::path& media, HeardStrips& strips, Understanding& out)
      : options_(options), media_(media), strips_(strips), out_(out) {}

  Result<void> stamps() {
    ZY_TRY(auto items, read_subjects(media_ / "tuxpaint_items.tsv", "category", "audio", "image", "title_en"));
    const auto senses = open_senses(model_cache());
    understand(items, &senses);
    const auto texts = open_text_encoders(model_cache());
    for (auto& item : items) {
      ZY_TRY(auto vectors, encode_text(texts, item.title));
      for (auto& vector : vectors)
        item.modalities.push_back({std::move(vector.encoder), vector.version, std::move(vector.values)});
    }
    fused(items);
    std::erase_if(items, [](const Subject& item) { return item.clip.pictures.frames.empty(); });
    for (auto& item : items) item.clip.sound = {};
    pretrained("picture", items);
    return {};
  }

  Result<void> sounds() {
    ZY_TRY(auto clips, read_subjects(media_ / "audio_labels.tsv", "label", "path", "", ""));
    understand(clips, nullptr);
    std::erase_if(clips, [](const Subject& clip) { return clip.clip.sound.levels.empty(); });
    pretrained("sound", clips);
    return {};
  }

 private:
  // Decodes each subject's files; with senses, asks them too. The table's other blocks have named those that cannot be
  // decoded.
  void understand(std::vector<Subject>& subjects, const Senses* senses) {
    std::string split;
    for (const auto& subject : subjects)
      split += fmt::format("{}\t{}\t{}\t{}\n", subject.sound, subject.picture, subject.title, subject.label);
    split_sha256_ = sha256_hex(split);
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

  // --- Fusion.

  void fused(const std::vector<Subject>& items) {
    std::vector<Modalities> all;
    for (const auto& item : items) all.push_back(item.modalities);
    const auto whole = ask(items, all, "fused", Learned::kNo);
    const auto learned = ask(items, all, "learned", Learned::kYes);
    for (const auto& [name, modality] :
         {std::pair{"text", Modality::kText}, {"picture", Modality::kVision}, {"sound", Modality::kSound}}) {
      compare(std::string("tuxpaint.fused_over_") + name, whole, ask(items, only(all, modality), name, Learned::kNo));
    }
    compare("tuxpaint.fused_over_concat", whole, concatenated(items, all));
    compare("tuxpaint.learned_over_fused", learned, whole);
    const auto fewer = dropped(all);
    ask(items, fewer, "fused_dropped", Learned::kNo);
    ask(items, fewer, "learned_dropped", Learned::kYes);
    fused_with_own(items, std::move(all), whole);
  }

  // The own nets as two more encoders: as they begin, and as they are after the items' sounds and pictures have taught
  // them together.
  void fused_with_own(const std::vector<Subject>& items, std::vector<Modalities> all,
                      const std::vector<double>& without) {
    OwnNets nets(out_.table.seed);
    const auto ask_with = [&](const std::string& name) {
      for (std::size_t i = 0; i < items.size(); ++i) {
        std::erase_if(all[i], [](const auto& v) { return v.encoder == kOwnSound || v.encoder == kOwnPictures; });
        const auto& [sound, pictures, behaviour] = items[i].clip;
        if (!sound.levels.empty()) all[i].push_back({std::string(kOwnSound), 1, nets.hear(sound)});
        if (!pictures.frames.empty()) all[i].push_back({std::string(kOwnPictures), 1, nets.see(pictures)});
      }
      return ask(items, all, name, Learned::kNo);
    };
    ask_with("fused_own_scratch");
    train(nets, items, "own nets");
    compare("tuxpaint.fused_own_over_fused", ask_with("fused_own"), without);
  }

  enum class Learned { kNo, kYes };

  std::vector<double> ask(const std::vector<Subject>& items, const std::vector<Modalities>& modalities,
                          const std::string& name, Learned how) {
    auto fusion = FusionModel::fit(modalities);
    if (how == Learned::kYes) {
      ItemFeatures blocks{fusion.dim(), {}};
      for (const auto& item : modalities) {
        const auto row = fusion.base_line(item);
        blocks.rows.insert(blocks.rows.end(), row.begin(), row.end());
      }
      fusion.learn(train_fusion(fusion.places(), blocks, nullptr, {.epochs = 200, .seed = out_.table.seed}));
    }
    LabelledVectors vectors;
    vectors.ready = true;
    for (std::size_t i = 0; i < items.size(); ++i) {
      vectors.vectors.push_back(fusion.fuse(modalities[i]));
      vectors.labels.push_back(items[i].label);
    }
    return put("tuxpaint", name, "tuxpaint." + name + "_nn1", leave_one_out(vectors));
  }

  std::vector<double> concatenated(const std::vector<Subject>& items, const std::vector<Modalities>& modalities) {
    const auto layout = FusionModel::fit(modalities);
    LabelledVectors vectors;
    for (std::size_t i = 0; i < items.size(); ++i) {
      auto& row = vectors.vectors.emplace_back(layout.dim(), 0.0F);
      for (const auto& block : layout.blocks()) {
        const auto found = std::ranges::find_if(
            modalities[i], [&](const auto& v) { return v.encoder == block.encoder && v.values.size() == block.dim; });
        if (found != modalities[i].end())
          std::ranges::copy(found->values, row.begin() + static_cast<std::ptrdiff_t>(block.offset));
      }
      vectors.labels.push_back(items[i].label);
    }
    return put("tuxpaint", "concat", "tuxpaint.concat_nn1", leave_one_out(vectors));
  }

  static std::vector<Modalities> only(std::vector<Modalities> items, Modality modality) {
    for (auto& item : items)
      std::erase_if(item, [&](const ModalityVector& vector) { return modality_of(vector.encoder) != modality; });
    return items;
  }

  [[nodiscard]] std::vector<Modalities> dropped(std::vector<Modalities> items) const {
    Random random(out_.table.seed, 5);
    for (auto& item : items) {
      std::vector<Modality> has;
      for (const auto modality : {Modality::kText, Modality::kSound, Modality::kVision}) {
        if (std::ranges::any_of(item, [&](const auto& vector) { return modality_of(vector.encoder) == modality; }))
          has.push_back(modality);
      }
      if (has.size() < 2) continue;
      const auto gone = has[random.below(static_cast<std::uint32_t>(has.size()))];
      std::erase_if(item, [&](const auto& vector) { return modality_of(vector.encoder) == gone; });
    }
    return items;
  }

  // --- Pretraining.

  void pretrained(const std::string& name, const std::vector<Subject>& subjects) {
    OwnNets nets(out_.table.seed);
    const auto ask_nets = [&](const std::string& model, const std::string& key) {
      LabelledVectors vectors;
      for (const auto& subject : subjects) {
        const auto& clip = subject.clip;
        vectors.vectors.push_back(name == "sound" ? nets.hear(clip.sound) : nets.see(clip.pictures));
        vectors.labels.push_back(subject.label);
      }
      return put(name + "_own", model, "pretrain." + key, leave_one_out(vectors));
    };
    const auto before = ask_nets("scratch", name + "_scratch_nn1");
    train(nets, subjects, name);
    const auto after = ask_nets("pretrained", name + "_nn1");
    compare("pretrain." + name + "_over_scratch", after, before);
  }

  void train(OwnNets& nets, const std::vector<Subject>& subjects, const std::string& name) {
    std::vector<Clip> clips;
    for (const auto& subject : subjects) clips.push_back(subject.clip);
    train_clips(nets, clips, {.seed = out_.table.seed, .on_epoch = [&](int epoch, int of, double) {
                                options_.on_progress("pretrain " + name, static_cast<std::size_t>(epoch),
                                                     static_cast<std::size_t>(of));
                              }});
  }

  // --- The table.

  void result(std::string name, double value) { out_.table.results.emplace_back(std::move(name), value); }

  std::vector<double> put(std::string block, std::string model, std::string key, const LeaveOneOut& found) {
    Row row;
    row.block = std::move(block);
    row.data = "media";
    row.split_sha256 = split_sha256_;
    row.model = std::move(model);
    row.metrics = {
        {"nn1", found.nn1}, {"p5", found.p5}, {"chance", found.chance}, {"clips", static_cast<double>(found.clips)}};
    if (!found.hits.empty()) row.ci95 = {{"nn1", bootstrap_mean(found.hits, out_.table.seed)}};
    out_.table.rows.push_back(std::move(row));
    result(std::move(key), found.nn1);
    return found.hits;
  }

  void compare(const std::string& name, const std::vector<double>& a, const std::vector<double>& b) {
    if (a.empty() || a.size() != b.size()) return;
    const auto difference = paired_difference(a, b, out_.table.seed);
    result(name, difference.mean);
    result(name + "_low", difference.interval.low);
    result(name + "_high", difference.interval.high);
  }

  const UnderstandingOptions& options_;
  const fs::path& media_;
  HeardStrips& strips_;
  Understanding& out_;
  std::string split_sha256_;  // of the lines "sound<TAB>picture<TAB>title<TAB>label<LF>" at hand
};

}  // namespace

Result<void> add_own_results(const UnderstandingOptions& options, const fs::path& media, HeardStrips& strips,
                             Understanding& out) {
  OwnJudge judge(options, media, strips, out);
  ZY_CHECK_OK(judge.stamps());
  return judge.sounds();
}

}  // namespace zhiyin
