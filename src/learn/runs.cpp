#include "learn/runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/file.h"
#include "base/lines.h"
#include "base/log.h"
#include "learn/event_file.h"

namespace zhiyin {
namespace {

double wall_time() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

Json to_json(const Params& params) {
  auto json = Json::object();
  for (const auto& [name, value] : params) json.set(name, value);
  return json;
}

Result<Run> read_run(const std::filesystem::path& folder) {
  const auto place = (folder / "run.json").string();
  ZY_TRY(const auto text, read_file(place));
  ZY_TRY(const auto json, Json::parse(text).in(place));
  Run run{.id = folder.filename().string(),
          .model = std::string(json["model"].as_string()),
          .seconds = json["seconds"].as_number(),
          .error = std::string(json["error"].as_string())};
  if (run.model.empty()) return corrupt(fmt::format("{}: names no model: move the folder away", place));
  for (const auto& [name, value] : json["params"].members()) run.params.emplace(name, value.as_number());
  for (const auto& [name, value] : json["metrics"].members()) run.metrics.emplace_back(name, value.as_number());
  if (!std::filesystem::exists(folder / "log.jsonl")) return run;
  ZY_TRY(const auto log, read_file(folder / "log.jsonl"));
  for (Lines lines(log); const auto line = lines.next();) {
    ZY_TRY(const auto epoch,
           Json::parse(*line).in(fmt::format("{}:{}", (folder / "log.jsonl").string(), lines.number())));
    run.curve.emplace_back(static_cast<int>(epoch["epoch"].as_integer()), epoch["loss"].as_number());
  }
  return run;
}

}  // namespace

RunLog::RunLog(const std::filesystem::path& home, RunPlan plan)
    : folder_(home / "runs" / fmt::format("{}-{}", plan.snapshot, plan.model)), plan_(std::move(plan)) {
  std::error_code failed;
  std::filesystem::remove_all(folder_, failed);  // the same snapshot trained again
  std::filesystem::create_directories(folder_, failed);
  log_.open(folder_ / "log.jsonl", std::ios::binary);
  events_.open(folder_ / fmt::format("events.out.tfevents.{:.0f}.zhiyin", wall_time()), std::ios::binary);
  events_ << event_file_start(wall_time()) << std::flush;
  if (!log_ || !events_)
    log_warning("{}: cannot be written: this training is not kept among the runs", folder_.string());
}

void RunLog::epoch(int epoch, int epochs, double loss) {
  if (std::isnan(loss)) return;
  epochs_ = epoch;
  loss_ = loss;
  log_ << Json::object({{"epoch", epoch}, {"epochs", epochs}, {"loss", loss}, {"seconds", clock_.seconds()}}).dump()
       << '\n'
       << std::flush;
  events_ << scalar_record(wall_time(), epoch, "loss", static_cast<float>(loss)) << std::flush;
}

void RunLog::finish(const Params& params, double seconds, const std::string& error) {
  auto metrics = Json::object();
  if (epochs_ > 0) {
    metrics.set("loss", loss_);
    metrics.set("epochs", epochs_);
  }
  events_ << scalar_record(wall_time(), epochs_, "seconds", static_cast<float>(seconds)) << std::flush;
  auto json = Json::object({{"model", plan_.model},
                            {"snapshot", plan_.snapshot},
                            {"seed", static_cast<std::int64_t>(plan_.seed)},
                            {"threads", plan_.threads},
                            {"params", to_json(params)},
                            {"seconds", seconds},
                            {"metrics", std::move(metrics)}});
  if (!error.empty()) json.set("error", error);
  if (const auto written = write_file_atomic(folder_ / "run.json", json.pretty() + "\n"); !written.ok())
    log_warning("{}", written.error().message);
}

Result<std::vector<Run>> read_runs(const std::filesystem::path& home) {
  std::vector<Run> runs;
  std::error_code none;  // no folder: no runs
  for (const auto& entry : std::filesystem::directory_iterator(home / "runs", none)) {
    if (!std::filesystem::exists(entry.path() / "run.json")) continue;
    ZY_TRY(runs.emplace_back(), read_run(entry.path()));
  }
  std::ranges::sort(runs, {}, &Run::id);
  return runs;
}

Json to_json(const Run& run) {
  auto metrics = Json::object();
  for (const auto& [name, value] : run.metrics) metrics.set(name, value);
  auto curve = Json::array();
  for (const auto& [epoch, loss] : run.curve) curve.push(Json::array({epoch, loss}));
  return Json::object({{"id", run.id},
                       {"model", run.model},
                       {"params", to_json(run.params)},
                       {"metrics", std::move(metrics)},
                       {"seconds", run.seconds},
                       {"error", run.error.empty() ? Json() : Json(run.error)},
                       {"curve", std::move(curve)}});
}

}  // namespace zhiyin
