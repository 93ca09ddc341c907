#include "feed/recommend/onnx_ranker.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.h"
#include "understand/embed/onnx/onnx_session.h"

namespace zhiyin {
namespace {

class OnnxRanker final : public CandidateRanker {
 public:
  OnnxRanker(std::unique_ptr<OnnxSession> session, std::vector<std::size_t> columns, std::string input,
             std::vector<std::string> outputs)
      : session_(std::move(session)),
        columns_(std::move(columns)),
        input_(std::move(input)),
        outputs_(std::move(outputs)) {}

  [[nodiscard]] Result<std::vector<float>> score(std::span<const float> values) const override {
    const auto rows = values.size() / kRankColumns.size();
    std::vector<float> picked;
    picked.reserve(rows * columns_.size());
    for (std::size_t r = 0; r < rows; ++r) {
      for (const auto column : columns_) picked.push_back(values[r * kRankColumns.size() + column]);
    }
    const std::vector<OnnxInput> inputs = {
        {input_, {{static_cast<std::int64_t>(rows), static_cast<std::int64_t>(columns_.size())}, std::move(picked)}}};
    ZY_TRY(const auto outputs, session_->run(inputs, outputs_));
    const auto floats = std::ranges::find_if(
        outputs, [](const auto& output) { return std::holds_alternative<std::vector<float>>(output.values); });
    if (floats == outputs.end()) return invalid("none of its outputs is of floats", "rank.output");
    return scores_of(*floats, rows);
  }

 private:
  static Result<std::vector<float>> scores_of(const OnnxArray& output, std::size_t rows) {
    const auto& values = output.floats();
    const auto a_row = rows == 0 ? 1 : values.size() / rows;
    if (values.size() != rows * a_row || a_row < 1 || a_row > 2 || output.shape.empty() ||
        output.shape.front() != static_cast<std::int64_t>(rows)) {
      return invalid(
          fmt::format("asked about {} rows, it gives an array of shape [{}]; [rows], [rows, 1] and [rows, 2] "
                      "are understood",
                      rows, fmt::join(output.shape, ", ")),
          "rank.output");
    }
    std::vector<float> scores(rows);
    for (std::size_t r = 0; r < rows; ++r) scores[r] = values[r * a_row + a_row - 1];
    return scores;
  }

  std::unique_ptr<OnnxSession> session_;
  std::vector<std::size_t> columns_;
  std::string input_;
  std::vector<std::string> outputs_;
};

Result<std::vector<std::size_t>> columns_named(std::string_view list) {
  std::vector<std::size_t> columns;
  for (const auto part : split(list, ',')) {
    const auto name = trim(part);
    const auto known = std::ranges::find(kRankColumns, name);
    if (known == kRankColumns.end()) {
      return invalid(
          fmt::format("rank.columns: there is no column {}; the nearest is {}", name, nearest_name(name, kRankColumns)),
          "rank.columns");
    }
    columns.push_back(static_cast<std::size_t>(known - kRankColumns.begin()));
  }
  return columns;
}

}  // namespace

Result<std::shared_ptr<const CandidateRanker>> open_onnx_ranker(const std::filesystem::path& home,
                                                                const OnnxRankerOptions& options) {
  ZY_TRY(auto columns,
         columns_named(options.columns.empty() ? fmt::format("{}", fmt::join(kRankColumns, ",")) : options.columns));
  const auto file = home / options.model;
  const auto place = fmt::format("rank.model = \"{}\"", options.model);
  ZY_TRY(auto session, OnnxSession::open(file).in(place));
  const auto& ports = session->input_ports();
  const auto fits = [&](const OnnxPort& port) {
    return port.element == OnnxElement::kFloat && (port.shape.empty() || port.shape.size() == 2);
  };
  if (ports.size() != 1 || !fits(ports.front())) {
    std::vector<std::string> found;
    for (const auto& port : ports) found.push_back(fmt::format("{} [{}]", port.name, fmt::join(port.shape, ", ")));
    return invalid(fmt::format("{}: it wants {}; one input of floats, [rows, columns], can be given", place,
                               fmt::join(found, ", ")),
                   "rank.model");
  }
  const auto& port = ports.front();
  if (port.shape.size() == 2 && port.shape[1] > 0 && port.shape[1] != static_cast<std::int64_t>(columns.size())) {
    return invalid(fmt::format("{}: it reads {} columns, {} are named: name those that it was trained on in "
                               "rank.columns, in their order",
                               place, port.shape[1], columns.size()),
                   "rank.columns");
  }
  std::vector<std::string> outputs;
  if (!options.output.empty()) {
    std::vector<std::string_view> names(session->outputs().begin(), session->outputs().end());
    if (std::ranges::find(names, options.output) == names.end()) {
      return invalid(fmt::format("{}: it has no output {}; the nearest is {}", place, options.output,
                                 nearest_name(options.output, names)),
                     "rank.output");
    }
    outputs.push_back(options.output);
  }
  auto input = port.name;
  auto ranker =
      std::make_shared<const OnnxRanker>(std::move(session), std::move(columns), std::move(input), std::move(outputs));
  for (const std::size_t rows : {1U, 3U})
    ZY_CHECK_OK(ranker->score(std::vector<float>(rows * kRankColumns.size(), 0.0F)).in(place));
  return std::shared_ptr<const CandidateRanker>(std::move(ranker));
}

Result<std::shared_ptr<const CandidateRanker>> given_ranker(const std::filesystem::path& home,
                                                            const OnnxRankerOptions& options) {
  if (options.model.empty()) return std::shared_ptr<const CandidateRanker>();
  return open_onnx_ranker(home, options);
}

}  // namespace zhiyin
