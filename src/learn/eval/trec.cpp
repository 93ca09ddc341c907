#include "learn/eval/trec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "base/file.h"
#include "base/measure/top_k.h"
#include "base/threads.h"

namespace zhiyin {
namespace {

constexpr std::size_t kListLength = 100;

// A little lower, and neither lost in a float nor so near to zero that a reader may call it zero.
float under(float score) { return score - std::max(std::abs(score) * 0x1p-22F, 1e-30F); }

Result<void> check_names(const std::vector<std::string>& names, std::string_view of) {
  const auto has_space = [](const std::string& name) { return name.find_first_of(" \t") != std::string::npos; };
  const auto found = std::ranges::find_if(names, has_space);
  if (found == names.end()) return {};
  return invalid(
      fmt::format("the {} \"{}\" has a space in its name, which TREC files cannot carry: rename it, or leave "
                  "out --trec-out",
                  of, *found),
      std::string(of));
}

}  // namespace

CaseNames case_names(const Ids& ids, const std::vector<UserRow>& asked) {
  CaseNames names;
  for (std::uint32_t user = 0; user < asked.size(); ++user) {
    if (!asked[user].empty()) names.users.push_back(ids.users.text(user));
  }
  for (std::uint32_t item = 0; item < ids.items.size(); ++item) names.items.push_back(ids.items.text(item));
  return names;
}

Result<void> write_qrels(const std::filesystem::path& folder, const CaseNames& names,
                         std::span<const RankingCase> cases) {
  assert(names.users.size() == cases.size());
  ZY_CHECK_OK(check_names(names.users, "user"));
  ZY_CHECK_OK(check_names(names.items, "item"));
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return internal(fmt::format("{}: cannot create: {}", folder.string(), failed.message()));
  std::string text;
  for (std::size_t c = 0; c < cases.size(); ++c) {
    for (const auto item : cases[c].relevant) text += fmt::format("{} 0 {} 1\n", names.users[c], names.items[item]);
  }
  return write_file_atomic(folder / "qrels.txt", text);
}

Result<void> write_run(const std::filesystem::path& folder, const std::string& name, const Model& model,
                       const CaseNames& names, std::span<const RankingCase> cases, int threads) {
  std::vector<std::string> lists(cases.size());
  parallel_for(cases.size(), 16, threads, [&](std::size_t begin, std::size_t end, int) {
    std::vector<float> scores(model.items());
    std::vector<std::uint32_t> best;
    for (auto c = begin; c < end; ++c) {
      model.score(cases[c].history, scores);
      top_k(scores, cases[c].masked, kListLength, best);
      auto below = std::numeric_limits<float>::max();
      for (std::size_t r = 0; r < best.size(); ++r) {
        const auto score = std::min(scores[best[r]], under(below));
        lists[c] += fmt::format("{} Q0 {} {} {:.9g} zhiyin\n", names.users[c], names.items[best[r]], r + 1, score);
        below = score;
      }
    }
  });
  std::string text;
  for (const auto& list : lists) text += list;
  return write_file_atomic(folder / (name + ".run"), text);
}

}  // namespace zhiyin
