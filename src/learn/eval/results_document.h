// Tables as a Markdown document: every figure beside the command that prints it, the commit, the machine and the data.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "learn/eval/table.h"

namespace zhiyin {

// What a reader needs to know of one table beside its figures.
struct Evaluated {
  std::string title;
  std::string command;
  std::string needs;   // of the data root
  double seconds = 0;  // that the table took
};

// The head of the document: what was built from what.
std::string results_heading(std::string_view version, std::string_view commit);

// One section: the command, the machine, a table a block (95% intervals in brackets) with the hash of its split and the
// settings of its models, then the single figures. Blocks of single folds and seeds are left to the JSON, as to_text()
// does.
std::string to_markdown(const Evaluated& evaluated, const Table& table);

// The section of a table that failed.
std::string to_markdown(const Evaluated& evaluated, const Error& error);

}  // namespace zhiyin
