#include "learn/eval/own_rows.h"

#include "base/measure/intervals.h"

namespace zhiyin {

std::vector<double> OwnRows::put(std::string block, std::string model, std::string key, const LeaveOneOut& found) {
  Row row;
  row.block = std::move(block);
  row.data = "media";
  row.split_sha256 = split_sha256_;
  row.model = std::move(model);
  row.metrics = {
      {"nn1", found.nn1}, {"p5", found.p5}, {"chance", found.chance}, {"clips", static_cast<double>(found.clips)}};
  if (!found.hits.empty()) row.ci95 = {{"nn1", bootstrap_mean(found.hits, seed())}};
  out_.table.rows.push_back(std::move(row));
  result(std::move(key), found.nn1);
  return found.hits;
}

void OwnRows::compare(const std::string& name, const std::vector<double>& a, const std::vector<double>& b) {
  if (a.empty() || a.size() != b.size()) return;
  const auto difference = paired_difference(a, b, seed());
  result(name, difference.mean);
  result(name + "_low", difference.interval.low);
  result(name + "_high", difference.interval.high);
}

void OwnRows::train(OwnNets& nets, std::span<const Clip> clips, const std::string& what, float masked) {
  train_clips(nets, clips, {.masked = masked, .seed = seed(), .on_epoch = [&](int epoch, int of, double) {
                              options_.on_progress("pretrain " + what, static_cast<std::size_t>(epoch),
                                                   static_cast<std::size_t>(of));
                            }});
}

std::vector<Clip> clips_of(const std::vector<Subject>& subjects) {
  std::vector<Clip> clips;
  for (const auto& subject : subjects) clips.push_back(subject.clip);
  return clips;
}

std::vector<std::string> labels_of(const std::vector<Subject>& subjects) {
  std::vector<std::string> labels;
  for (const auto& subject : subjects) labels.push_back(subject.label);
  return labels;
}

std::vector<bool> asked_half(const std::vector<Subject>& subjects) {
  std::vector<bool> asking;
  for (const auto& subject : subjects) asking.push_back(!in_training_half(subject));
  return asking;
}

Result<std::vector<Clip>> touched_clips(const std::vector<Subject>& subjects, std::uint64_t seed) {
  auto clips = clips_of(subjects);
  ZY_TRY(auto behaviour, made_up_behaviour(subjects, seed));
  for (std::size_t i = 0; i < clips.size(); ++i) clips[i].behaviour = std::move(behaviour[i]);
  return clips;
}

}  // namespace zhiyin
