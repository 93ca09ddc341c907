// How the rows of fusion and of the own nets are made (learn/eval/understanding_own.h).
#pragma once

#include "learn/eval/leave_one_out.h"
#include "learn/eval/own_subjects.h"
#include "learn/eval/understanding.h"

namespace zhiyin {

class OwnRows {
 public:
  // All that is referred to outlives it. `subjects`: what the rows to come are about.
  OwnRows(const UnderstandingOptions& options, const std::vector<Subject>& subjects, Understanding& out)
      : options_(options), split_sha256_(split_sha256(subjects)), out_(out) {}

  [[nodiscard]] std::uint64_t seed() const { return out_.table.seed; }

  // A row and the result `key`, its nn1. Returns the hits.
  std::vector<double> put(std::string block, std::string model, std::string key, const LeaveOneOut& found);
  // The mean paired difference of hits as the results name, name_low and name_high; nothing where nobody asked.
  void compare(const std::string& name, const std::vector<double>& a, const std::vector<double>& b);

  // Continues the nets with the settings that `zhiyin pretrain` has, but for `masked`.
  void train(OwnNets& nets, std::span<const Clip> clips, const std::string& what, float masked = 0);

 private:
  void result(std::string name, double value) { out_.table.results.emplace_back(std::move(name), value); }

  const UnderstandingOptions& options_;
  std::string split_sha256_;
  Understanding& out_;
};

// The parts of subjects, in their order.
std::vector<Clip> clips_of(const std::vector<Subject>& subjects);
std::vector<std::string> labels_of(const std::vector<Subject>& subjects);
// Who asks where only the asked half does.
std::vector<bool> asked_half(const std::vector<Subject>& subjects);

// The clips with made_up_behaviour().
Result<std::vector<Clip>> touched_clips(const std::vector<Subject>& subjects, std::uint64_t seed);

}  // namespace zhiyin
