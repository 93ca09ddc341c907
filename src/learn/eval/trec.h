// Ranked lists and what is right, as trec_eval, ranx and ir-measures read them, so that others can count our figures
// again.
//
//   FOLDER/qrels.txt   user 0 item 1                      a line per event that is asked for
//   FOLDER/MODEL.run   user Q0 item rank score zhiyin     a user's best 100, rank from 1
//
// Names are those of the files that were read. Scores fall strictly within a list (by a quarter of a
// millionth where a model gives equal ones), because those programs order by score, not by rank, and equal scores by name.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "learn/eval/datasets.h"
#include "learn/eval/ranking.h"

namespace zhiyin {

// Whom cases are of, and what items are called.
struct CaseNames {
  std::vector<std::string> users;  // by case
  std::vector<std::string> items;
};

// Of cases made by cases_of(): those who are asked for something, in the order of users.
CaseNames case_names(const Ids& ids, const std::vector<UserRow>& asked);

// Makes the folder and writes its qrels.txt. An error names the user or item whose name has a space or a tab in it,
// which these formats cannot carry.
Result<void> write_qrels(const std::filesystem::path& folder, const CaseNames& names,
                         std::span<const RankingCase> cases);

// `name` is the file's, without ".run". Scores every case again: what it costs is another evaluation.
Result<void> write_run(const std::filesystem::path& folder, const std::string& name, const Model& model,
                       const CaseNames& names, std::span<const RankingCase> cases, int threads);

}  // namespace zhiyin
