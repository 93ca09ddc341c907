#include "learn/eval/understanding_pretrained.h"

namespace zhiyin {
namespace {

class PretrainedJudge {
 public:
  PretrainedJudge(OwnNet net, const std::vector<Subject>& subjects, OwnRows& rows)
      : net_(net),
        name_(net == OwnNet::kSound ? "sound" : "picture"),
        subjects_(subjects),
        asking_(asked_half(subjects)),
        rows_(rows) {}

  Result<void> judge() {
    const auto clips = clips_of(subjects_);
    ZY_TRY(const auto touched, touched_clips(subjects_, rows_.seed()));
    const auto key = "pretrain." + name_;

    OwnNets nets(rows_.seed());
    const auto scratch = look(nets);
    rows_.train(nets, clips, name_);
    const auto pretrained = look(nets);
    rows_.train(nets, touched, name_ + ", fine-tuned");
    const auto finetuned = look(nets);

    const auto from_scratch = ask_all(scratch, "scratch", "scratch_nn1");
    const auto from_files = ask_all(pretrained, "pretrained", "nn1");
    rows_.compare(key + "_over_scratch", from_files, from_scratch);
    OwnNets telling(rows_.seed());
    rows_.train(telling, clips, name_ + ", masked", 1);
    rows_.compare(key + "_masked_over_pretrained", ask_all(look(telling), "masked", "masked_nn1"), from_files);

    // As long as fine-tuning and before it, without the behaviour.
    OwnNets longer(rows_.seed());
    rows_.train(longer, clips, name_ + ", longer");
    rows_.train(longer, clips, name_ + ", longer");
    const auto half_scratch = ask_half(scratch, "scratch", "half_scratch_nn1");
    const auto half = ask_half(pretrained, "pretrained", "half_nn1");
    const auto half_longer = ask_half(look(longer), "longer", "half_longer_nn1");
    const auto tuned = ask_half(finetuned, "finetuned", "finetuned_nn1");
    rows_.compare(key + "_finetuned_over_half_scratch", tuned, half_scratch);
    rows_.compare(key + "_finetuned_over_half", tuned, half);
    rows_.compare(key + "_finetuned_over_half_longer", tuned, half_longer);
    return {};
  }

 private:
  [[nodiscard]] LabelledVectors look(const OwnNets& nets) const {
    LabelledVectors vectors;
    for (const auto& subject : subjects_)
      vectors.vectors.push_back(net_ == OwnNet::kSound ? nets.hear(subject.clip.sound)
                                                       : nets.see(subject.clip.pictures));
    vectors.labels = labels_of(subjects_);
    return vectors;
  }

  std::vector<double> ask_all(const LabelledVectors& vectors, const std::string& model, const std::string& key) {
    return rows_.put(name_ + "_own", model, "pretrain." + name_ + "_" + key, leave_one_out(vectors));
  }
  std::vector<double> ask_half(const LabelledVectors& vectors, const std::string& model, const std::string& key) {
    return rows_.put(name_ + "_own_half", model, "pretrain." + name_ + "_" + key, leave_one_out(vectors, asking_));
  }

  OwnNet net_;
  std::string name_;
  const std::vector<Subject>& subjects_;
  std::vector<bool> asking_;
  OwnRows& rows_;
};

}  // namespace

Result<void> add_pretrained_rows(OwnNet net, const std::vector<Subject>& subjects, OwnRows& rows) {
  return PretrainedJudge(net, subjects, rows).judge();
}

}  // namespace zhiyin
