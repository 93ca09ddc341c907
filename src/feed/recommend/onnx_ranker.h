// A ranker that was trained elsewhere: an ONNX file that reads a row of numbers a candidate (docs/ranking.md). Gradient
// boosting, scikit-learn's pipelines and networks of any framework export to that.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"
#include "feed/recommend/ranking.h"

namespace zhiyin {

struct OnnxRankerOptions {
  std::string model;    // the file, relative to the home; empty: none
  std::string columns;  // which of kRankColumns it reads, in its order, with commas between; empty: all
  std::string output;   // the output that is the score; empty: the first of floats
};

// The network has one input of floats [rows, columns], any number of rows, and an output [rows], [rows, 1], or [rows, 2]
// (no and yes, as classifiers give; the second counts). It is asked about a few rows here, so that what does not fit is
// said now. Errors name the setting at fault and the fix. Thread-safe once open.
Result<std::shared_ptr<const CandidateRanker>> open_onnx_ranker(const std::filesystem::path& home,
                                                                const OnnxRankerOptions& options);

// The same where the options name one; else null.
Result<std::shared_ptr<const CandidateRanker>> given_ranker(const std::filesystem::path& home,
                                                            const OnnxRankerOptions& options);

}  // namespace zhiyin
