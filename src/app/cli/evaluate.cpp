#include "app/cli/verbs_sdk.h"
#include "base/log.h"
#include "base/text.h"
#include "learn/eval/split.h"
#include "learn/eval/t1.h"
#include "learn/eval/t2.h"
#include "learn/eval/t3.h"
#include "learn/eval/t5.h"
#include "learn/eval/t6.h"
#include "learn/eval/t7.h"
#include "learn/eval/understanding.h"
#include "match/registry/registry.h"
#include "understand/embed/models.h"

namespace zhiyin {
namespace {

struct Arguments {
  std::string table;
  std::filesystem::path data = "../shared/data";
  std::vector<std::string> models;
  std::vector<std::string> metrics;
  std::vector<std::string> params;    // MODEL:key=value
  std::vector<std::string> features;  // NAME=FILE.npy
  std::vector<std::uint64_t> seeds;
  std::uint64_t seed = 42;
  SplitOptions split;
};

Result<ModelParams> model_params(const std::vector<std::string>& given) {
  ModelParams params;
  for (const auto& text : given) {
    ZY_TRY(const auto param, parse_model_param(text));
    params[param.model][param.key] = param.value;
  }
  return params;
}

Result<std::vector<MetricKey>> metric_keys(const std::vector<std::string>& given) {
  std::vector<MetricKey> keys;
  for (const auto& text : given) {
    ZY_TRY(auto key, parse_metric_key(text));
    keys.push_back(key);
  }
  return keys;
}

Result<void> run(const Globals& globals, const Arguments& arguments) {
  ZY_TRY(const auto params, model_params(arguments.params));
  ZY_TRY(const auto metrics, metric_keys(arguments.metrics));
  const auto tell = [](std::string_view what, std::size_t done, std::size_t total) {
    log_info("evaluate: {} ({}/{})", what, done, total);
  };
  Table table;
  if (arguments.table == "t1") {
    T1Options options{.data = arguments.data, .params = params, .metrics = metrics};
    if (!arguments.models.empty()) options.models = arguments.models;
    options.seeds = arguments.seeds.empty() ? std::vector<std::uint64_t>{arguments.seed} : arguments.seeds;
    options.split_folder = model_cache() / "splits";
    options.threads = globals.threads;
    options.on_progress = tell;
    ZY_TRY(table, evaluate_t1(options));
  } else if (arguments.table == "t2") {
    ZY_TRY(table, evaluate_t2({.data = arguments.data,
                               .models = arguments.models,
                               .seed = arguments.seed,
                               .threads = globals.threads,
                               .on_progress = tell}));
  } else if (arguments.table == "t3") {
    ZY_TRY(table, evaluate_t3({.data = arguments.data,
                               .models = arguments.models,
                               .seed = arguments.seed,
                               .threads = globals.threads,
                               .on_progress = tell}));
  } else if (arguments.table == "t5") {
    ZY_TRY(table, evaluate_t5({.data = arguments.data,
                               .models = arguments.models,
                               .seed = arguments.seed,
                               .threads = globals.threads,
                               .on_progress = tell}));
  } else if (arguments.table == "t6") {
    ZY_TRY(
        table,
        evaluate_t6({.data = arguments.data, .seed = arguments.seed, .threads = globals.threads, .on_progress = tell}));
  } else if (arguments.table == "t7") {
    ZY_TRY(table, evaluate_t7({.data = arguments.data,
                               .models = arguments.models,
                               .params = params,
                               .seed = arguments.seed,
                               .threads = globals.threads,
                               .on_progress = tell}));
  } else if (arguments.table == "split") {
    auto options = arguments.split;
    if (options.train.empty() || options.test.empty())
      return invalid("evaluate split needs --train FILE and --test FILE");
    if (arguments.models.empty()) return invalid("evaluate split needs --models a,b,c");
    for (const auto& text : arguments.features) {
      ZY_TRY(options.features.emplace_back(), parse_feature_file(text));
    }
    options.models = arguments.models;
    options.metrics = metrics;
    options.params = params;
    options.seed = arguments.seed;
    options.threads = globals.threads;
    options.on_progress = tell;
    ZY_TRY(table, evaluate_split(options));
  } else {
    ZY_TRY(auto understood,
           evaluate_understanding({.data = arguments.data, .worker = globals.program, .threads = globals.threads}));
    for (const auto& failure : understood.failures) log_warning("{}", failure);
    for (const auto& note : understood.notes) log_info("{}", note);
    table = std::move(understood.table);
  }
  globals.print(to_json(table), to_text(table));
  return {};
}

}  // namespace

void add_evaluate(CLI::App& app, Globals& globals) {
  auto arguments = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("evaluate",
                                  "the tables: t1, t2, t3, t5, t6, t7, understanding, or split for files of your own");
  verb->add_option("table", arguments->table, "t1, t2, t3, t5, t6, t7, understanding or split")
      ->required()
      ->check(CLI::IsMember({"t1", "t2", "t3", "t5", "t6", "t7", "understanding", "split"}));
  verb->add_option("--data", arguments->data, "a data root, or the folder of the set that the table needs")
      ->capture_default_str();
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
