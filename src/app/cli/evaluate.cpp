#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "app/cli/verbs_sdk.h"
#include "base/build.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "learn/eval/cold.h"
#include "learn/eval/results_document.h"
#include "learn/eval/split.h"
#include "learn/eval/t1.h"
#include "learn/eval/t2.h"
#include "learn/eval/t3.h"
#include "learn/eval/t4.h"
#include "learn/eval/t5.h"
#include "learn/eval/t6.h"
#include "learn/eval/t7.h"
#include "learn/eval/t8.h"
#include "learn/eval/understanding.h"
#include "match/registry/registry.h"
#include "understand/embed/models.h"

namespace zhiyin {
namespace {

struct Arguments {
  std::string table;
  std::filesystem::path data = "../shared/data";
  std::filesystem::path out = "results.md";
  std::filesystem::path trec_out;
  std::vector<std::string> models;
  std::vector<std::string> metrics;
  std::vector<std::string> params;    // MODEL:key=value
  std::vector<std::string> features;  // NAME=FILE.npy
  std::vector<std::uint64_t> seeds;
  std::uint64_t seed = 42;
  SplitOptions split;
};

constexpr std::string_view kSplit = "split";  // the only one that `all` leaves out: its files are the caller's
constexpr std::string_view kAll = "all";

// What was asked for, read and checked.
struct Asked {
  const Globals& globals;
  const Arguments& arguments;
  ModelParams params;
  std::vector<MetricKey> metrics;

  // Options of any table. Those given that it does not have are an error, but in a run of all tables.
  template <typename Options>
  Result<Options> options() const {
    Options options;
    if (arguments.table != kAll) {
      const auto refused = [&](std::string_view option) {
        return invalid(fmt::format("evaluate {} has no {}: leave it out", arguments.table, option));
      };
      if constexpr (!requires { options.models; }) {
        if (!arguments.models.empty()) return refused("--models");
      }
      if constexpr (!requires { options.params; }) {
        if (!arguments.params.empty()) return refused("--params");
      }
      if constexpr (!requires { options.metrics; }) {
        if (!arguments.metrics.empty()) return refused("--metrics");
      }
      if constexpr (!requires { options.seeds; }) {
        if (!arguments.seeds.empty()) return refused("--seeds");
      }
      if constexpr (!requires { options.trec_out; }) {
        if (!arguments.trec_out.empty()) return refused("--trec-out");
      }
    }
    options.threads = globals.threads;
    options.on_progress = [](std::string_view what, std::size_t done, std::size_t total) {
      log_info("evaluate: {} ({}/{})", what, done, total);
    };
    if constexpr (requires { options.data; }) options.data = arguments.data;
    if constexpr (requires { options.seed; }) options.seed = arguments.seed;
    if constexpr (requires { options.params; }) options.params = params;
    if constexpr (requires { options.metrics; }) options.metrics = metrics;
    if constexpr (requires { options.trec_out; }) options.trec_out = arguments.trec_out;
    if constexpr (requires { options.models; }) {
      if (!arguments.models.empty()) options.models = arguments.models;
    }
    return options;
  }
};

Result<Table> run_t1(const Asked& asked) {
  ZY_TRY(auto options, asked.options<T1Options>());
  const auto& seeds = asked.arguments.seeds;
  options.seeds = seeds.empty() ? std::vector<std::uint64_t>{asked.arguments.seed} : seeds;
  options.split_folder = model_cache() / "splits";
  return evaluate_t1(options);
}

template <typename Options, Result<Table> (*Evaluate)(const Options&)>
Result<Table> run_table(const Asked& asked) {
  ZY_TRY(const auto options, asked.options<Options>());
  return Evaluate(options);
}

Result<Table> run_understanding(const Asked& asked) {
  ZY_TRY(auto options, asked.options<UnderstandingOptions>());
  options.worker = asked.globals.program;
  ZY_TRY(auto understood, evaluate_understanding(options));
  for (const auto& failure : understood.failures) log_warning("{}", failure);
  for (const auto& note : understood.notes) log_info("{}", note);
  return std::move(understood.table);
}

Result<Table> run_split(const Asked& asked) {
  ZY_TRY(auto options, asked.options<SplitOptions>());
  options.train = asked.arguments.split.train;
  options.test = asked.arguments.split.test;
  options.valid = asked.arguments.split.valid;
  options.budget_minutes = asked.arguments.split.budget_minutes;
  if (options.train.empty() || options.test.empty())
    return invalid("evaluate split needs --train FILE and --test FILE");
  if (options.models.empty()) return invalid("evaluate split needs --models a,b,c");
  for (const auto& text : asked.arguments.features) {
    ZY_TRY(options.features.emplace_back(), parse_feature_file(text));
  }
  return evaluate_split(options);
}

struct Evaluation {
  std::string_view name;
  std::string_view says;
  std::string_view needs;  // of the data root
  Result<Table> (*run)(const Asked&);
};

constexpr std::array kEvaluations = {
    Evaluation{"t1", "strong generalisation", "interactions/ml-100k", run_t1},
    Evaluation{"t2", "weak generalisation", "interactions/lastfm-2k, interactions/ml-100k",
               run_table<T2Options, evaluate_t2>},
    Evaluation{"t3", "ratings", "interactions/ml-100k", run_table<T3Options, evaluate_t3>},
    Evaluation{"t4", "sampled against full ranking", "interactions/ml-100k", run_table<T4Options, evaluate_t4>},
    Evaluation{"t5", "sequences", "interactions/ml-100k", run_table<T5Options, evaluate_t5>},
    Evaluation{"t6", "audio and video", "interactions/tiktok-mm", run_table<T6Options, evaluate_t6>},
    Evaluation{"t7", "ranking by features", "interactions/ml-100k", run_table<T7Options, evaluate_t7>},
    Evaluation{"t8", "learning at once, hourly, daily, never", "interactions/ml-100k",
               run_table<T8Options, evaluate_t8>},
    Evaluation{"cold", "users and items of whom little is known",
               "interactions/ml-100k, interactions/lastfm-2k, interactions/tiktok-mm",
               run_table<ColdOptions, evaluate_cold>},
    Evaluation{"understanding", "what the features of files know", "media, text", run_understanding},
    Evaluation{kSplit, "files of your own", "", run_split},
};

// Every table in one document, written anew after each, so that a run that is stopped keeps what was done.
Result<void> run_all(const Globals& globals, const Asked& asked) {
  const auto& out = asked.arguments.out;
  auto text = results_heading(version(), commit());
  auto tables = Json::array();
  auto failed = Json::object();
  for (const auto& evaluation : kEvaluations) {
    if (evaluation.name == kSplit) continue;
    log_info("evaluate: {}, {}", evaluation.name, evaluation.says);
    const Stopwatch watch;
    const auto table = evaluation.run(asked);
    const Evaluated evaluated{.title = fmt::format("{}: {}", evaluation.name, evaluation.says),
                              .command = fmt::format("zhiyin evaluate {} --data DIR --seed {} --threads {}",
                                                     evaluation.name, asked.arguments.seed, globals.threads),
                              .needs = std::string(evaluation.needs),
                              .seconds = watch.seconds()};
    if (table.ok()) {
      tables.push(to_json(*table));
      text += to_markdown(evaluated, *table);
    } else {
      log_error("evaluate: {}: {}", evaluation.name, table.error().message);
      failed.set(std::string(evaluation.name), table.error().message);
      text += to_markdown(evaluated, table.error());
    }
    ZY_CHECK_OK(write_file_atomic(out, text));
  }
  const auto failures = failed.members().size();
  globals.print(Json::object({{"out", out.string()}, {"tables", std::move(tables)}, {"failed", std::move(failed)}}),
                fmt::format("{} tables in {}, {} failed", kEvaluations.size() - 1 - failures, out.string(), failures));
  if (failures + 1 == kEvaluations.size()) return invalid("no table could be computed; the messages above say why");
  return {};
}

Result<void> run(const Globals& globals, const Arguments& arguments) {
  Asked asked{globals, arguments, {}, {}};
  for (const auto& text : arguments.params) {
    ZY_TRY(const auto param, parse_model_param(text));
    asked.params[param.model][param.key] = param.value;
  }
  for (const auto& text : arguments.metrics) {
    ZY_TRY(asked.metrics.emplace_back(), parse_metric_key(text));
  }
  if (arguments.table == kAll) {
    if (!arguments.models.empty() || !asked.params.empty() || !asked.metrics.empty())
      return invalid("evaluate all takes no --models, --params or --metrics: each table has its own");
    return run_all(globals, asked);
  }
  ZY_TRY(const auto table, std::ranges::find(kEvaluations, arguments.table, &Evaluation::name)->run(asked));
  globals.print(to_json(table), to_text(table));
  return {};
}

}  // namespace

void add_evaluate(CLI::App& app, Globals& globals) {
  auto arguments = std::make_shared<Arguments>();
  std::vector<std::string> names;
  std::string footer = "Tables, and what they need of the data root:\n";
  for (const auto& evaluation : kEvaluations) {
    names.emplace_back(evaluation.name);
    footer += fmt::format("  {:<14} {}{}{}\n", evaluation.name, evaluation.says, evaluation.needs.empty() ? "" : ": ",
                          evaluation.needs);
  }
  footer += fmt::format("  {:<14} every table but split, as a document (--out)", kAll);
  names.emplace_back(kAll);
  auto* verb = app.add_subcommand("evaluate", "the tables, or split for files of your own");
  verb->footer(footer);
  verb->add_option("table", arguments->table, fmt::format("{}", fmt::join(names, ", ")))
      ->required()
      ->check(CLI::IsMember(names));
  verb->add_option("--data", arguments->data, "a data root, or the folder of the set that the table needs")
      ->capture_default_str();
  verb->add_option("--out", arguments->out, "all: the Markdown file to write")->capture_default_str();
  verb->add_option("--trec-out", arguments->trec_out,
                   "t2, t5, split: a folder for each model's ranked lists and qrels.txt, as trec_eval reads them")
      ->check(CLI::NonexistentPath | CLI::ExistingDirectory);
  verb->add_option("--models", arguments->models, "models, separated by commas")->delimiter(',');
  verb->add_option("--metrics", arguments->metrics, "e.g. ndcg@100,recall@20")->delimiter(',');
  verb->add_option("--params", arguments->params, "fixes a model's setting: MODEL:key=value; may be repeated");
  verb->add_option("--seed", arguments->seed, "of the split and of training")->capture_default_str();
  verb->add_option("--seeds", arguments->seeds, "t1: several seeds, separated by commas")->delimiter(',');
  verb->add_option("--train", arguments->split.train, "split: user<TAB>item[<TAB>value[<TAB>unix_time]] a line");
  verb->add_option("--test", arguments->split.test, "split: the same, held back");
  verb->add_option("--valid", arguments->split.valid, "split: the same, for tuning");
  verb->add_option("--features", arguments->features, "split: NAME=FILE.npy with items.txt beside it; may be repeated");
  verb->add_option("--budget", arguments->split.budget_minutes,
                   "split: minutes for tuning and fits together; 0: every model with its defaults")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  verb->callback([&globals, arguments] { globals.run = [&globals, arguments] { return run(globals, *arguments); }; });
}

}  // namespace zhiyin
