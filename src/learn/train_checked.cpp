#include "learn/train_checked.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <unordered_map>

#include "base/file.h"
#include "base/json.h"
#include "base/lines.h"
#include "base/log.h"
#include "base/measure/top_k.h"
#include "feed/snapshot/shelf.h"
#include "match/registry/registry.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

constexpr Offset kSliceShare = 5;  // the slice is 1 / this of the new events
constexpr std::size_t kTop = 20;

// A user of the slice, by the ids of items.
struct Asked {
  std::vector<ItemId> known;  // oldest first
  std::vector<ItemId> later;
};

std::vector<Asked> asked_of(const TrainingSet& before, const TrainingSet& now, std::size_t most) {
  std::unordered_map<UserId, UserIndex> earlier;
  for (UserIndex user = 0; user < before.users.size(); ++user) earlier.emplace(before.users[user], user);
  std::vector<Asked> all;
  for (UserIndex user = 0; user < now.users.size(); ++user) {
    const auto found = earlier.find(now.users[user]);
    if (found == earlier.end()) continue;  // nothing to ask from
    const auto row = before.positives.row(found->second);
    Asked one;
    for (const auto item : now.positives.row(user)) {
      if (!std::ranges::binary_search(row, item)) one.later.push_back(now.items[item]);
    }
    if (one.later.empty()) continue;
    for (const auto item : before.positives.in_order(found->second)) one.known.push_back(before.items[item]);
    all.push_back(std::move(one));
  }
  if (all.size() <= most) return all;
  std::vector<Asked> spread;
  for (std::size_t k = 0; k < most; ++k) spread.push_back(std::move(all[k * all.size() / most]));
  return spread;
}

// recall@20 of each user.
std::vector<double> recalls(const Model& model, const std::vector<ItemId>& items, std::span<const Asked> users) {
  std::unordered_map<ItemId, ItemIndex> row_of;
  for (ItemIndex row = 0; row < items.size(); ++row) row_of.emplace(items[row], row);
  std::vector<float> scores(model.items());
  std::vector<double> all;
  std::vector<std::uint32_t> list;
  for (const auto& user : users) {
    History history;
    for (const auto& id : user.known) {
      if (const auto row = row_of.find(id); row != row_of.end()) history.items.push_back(row->second);
    }
    history.weights.assign(history.items.size(), 1.0F);
    auto masked = history.items;
    std::ranges::sort(masked);
    model.score(history, scores);
    top_k(scores, masked, kTop, list);
    double hits = 0;
    for (const auto& id : user.later) {
      const auto row = row_of.find(id);
      hits += row != row_of.end() && std::ranges::find(list, row->second) != list.end() ? 1 : 0;
    }
    all.push_back(hits / static_cast<double>(std::min(kTop, user.later.size())));
  }
  return all;
}

double mean_of(std::span<const double> values) {
  double sum = 0;
  for (const auto value : values) sum += value;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

void decide(Decision& decision, std::span<const double> serving, std::span<const double> trained, double tolerance) {
  std::vector<double> gains(serving.size());
  std::ranges::transform(trained, serving, gains.begin(), std::minus{});
  const double gain = mean_of(gains);
  double squares = 0;
  for (const auto one : gains) squares += (one - gain) * (one - gain);
  const auto users = static_cast<double>(gains.size());
  decision.users = gains.size();
  decision.serving_recall20 = mean_of(serving);
  decision.trained_recall20 = mean_of(trained);
  decision.standard_error = std::sqrt(squares / (users * std::max(1.0, users - 1)));
  const double allowed = std::max(tolerance * decision.serving_recall20, decision.standard_error);
  decision.published = gain >= -allowed;
  decision.reason = fmt::format("recall@20 of {} users on the newest events: {:.4f} new, {:.4f} serving; {} by {:.4f}",
                                decision.users, decision.trained_recall20, decision.serving_recall20,
                                decision.published ? "not worse" : "worse", allowed);
}

// Compares the new snapshot with the one that serves, and fills in the decision.
Result<void> compare(const fs::path& home, const Store& store, const EventLog& log, const Snapshot& serving,
                     const CheckedOptions& options, Decision& decision) {
  ZY_TRY(const auto trained, load_snapshot(home / "snapshots" / decision.trained));
  const auto* old = serving.model(serving.recommender);
  const auto* fresh = trained->model(trained->recommender);
  if (old == nullptr || fresh == nullptr) {
    decision.published = true;
    decision.reason = "there are no two models that recommend to compare";
    return {};
  }
  const auto slice = std::max<Offset>(1, (trained->offset - serving.offset) / kSliceShare);
  ZY_TRY(const auto now, read_training_set(store, log, options.train.events, trained->offset));
  ZY_TRY(const auto before, read_training_set(store, log, options.train.events, trained->offset - slice));
  const auto users = asked_of(before, now, options.most_users);
  if (users.size() < options.enough_users) {
    decision.users = users.size();
    decision.published = true;
    decision.reason = fmt::format("only {} users came to like something in the newest {} events: too few to compare by",
                                  users.size(), slice);
    return {};
  }
  ZY_TRY(const auto again, make_model(fresh->name(), fresh->params()));
  const auto features = training_features(before);
  std::optional<ForeignTower> tower;
  if (fresh->name() == "tower") {
    ZY_TRY(tower, read_foreign_tower(home, options.train.tower, before.items));
  }
  ZY_CHECK_OK(again
                  ->train({before.positives, features.dim == 0 ? nullptr : &features, tower ? &*tower : nullptr},
                          {.seed = options.train.seed, .threads = options.train.threads})
                  .in(fresh->name()));
  decide(decision, recalls(*old, serving.items, users), recalls(*again, before.items, users), options.tolerance);
  return {};
}

Result<void> keep(const fs::path& home, const Decision& decision) {
  std::error_code failed;
  fs::create_directories(home / "runs", failed);
  std::ofstream file(home / "runs" / "decisions.jsonl", std::ios::app | std::ios::binary);
  file << to_json(decision).dump() << '\n' << std::flush;
  if (!file) log_warning("{}: cannot be written", (home / "runs" / "decisions.jsonl").string());
  return {};
}

}  // namespace

Result<Decision> train_checked(const fs::path& home, const Store& store, const EventLog& log, const Clock& clock,
                               const CheckedOptions& options) {
  Decision decision{.time = clock.now()};
  auto plan = options.train;
  const auto current = load_current_snapshot(home);
  if (!current.ok() && current.error().code != ErrorCode::kNotFound) return current.error();
  const Snapshot* serving = current.ok() ? current->get() : nullptr;
  if (serving != nullptr) {
    decision.serving = serving->id;
    ZY_TRY(const auto last, log.last_offset());
    if (last <= serving->offset) {
      decision.reason = "nothing has happened since the last training";
      return decision;
    }
  }
  if (plan.models.empty()) {
    plan.models = TrainOptions{}.models;
    if (serving != nullptr && !serving->models.empty()) {
      plan.models.clear();
      for (const auto& [name, model] : serving->models) {
        plan.models.push_back(name);
        plan.params.try_emplace(name, model->params());
      }
    }
  }
  plan.learned_fusion |= serving != nullptr && serving->fusion && serving->fusion->learned();
  plan.publish = false;
  ZY_TRY(const auto report, train(home, store, log, clock, plan));
  decision.trained = report.snapshot;
  if (serving == nullptr) {
    decision.published = true;
    decision.reason = "nothing served before";
  } else {
    ZY_CHECK_OK(compare(home, store, log, *serving, options, decision));
  }
  if (decision.published) {
    ZY_CHECK_OK(make_current(home, decision.trained));
    if (serving != nullptr && !serving->compressed_from.empty()) {
      decision.reason += fmt::format("; it is not compressed, unlike {}: run `zhiyin compress`", serving->id);
      log_warning("snapshot {} is not compressed, unlike {} before it: run `zhiyin compress`", decision.trained,
                  serving->id);
    }
    log_info("snapshot {} is published: {}", decision.trained, decision.reason);
  } else {
    std::error_code ignored;
    fs::remove_all(home / "snapshots" / decision.trained, ignored);
    log_warning("snapshot {} is not published, {} serves on: {}", decision.trained, decision.serving, decision.reason);
  }
  ZY_CHECK_OK(keep(home, decision));
  return decision;
}

Json to_json(const Decision& decision) {
  return Json::object({{"time", decision.time},
                       {"serving", decision.serving},
                       {"trained", decision.trained},
                       {"published", decision.published},
                       {"reason", decision.reason},
                       {"users", decision.users},
                       {"serving_recall20", decision.serving_recall20},
                       {"trained_recall20", decision.trained_recall20},
                       {"standard_error", decision.standard_error}});
}

Result<std::vector<Decision>> read_decisions(const fs::path& home) {
  std::vector<Decision> all;
  const auto path = home / "runs" / "decisions.jsonl";
  const auto text = read_file(path);
  if (!text.ok() && text.error().code == ErrorCode::kNotFound) return all;
  ZY_CHECK_OK(text);
  for (Lines lines(*text); const auto line = lines.next();) {
    const auto json = Json::parse(*line);
    if (!json.ok()) continue;  // a line that a crash cut short
    all.push_back({.time = (*json)["time"].as_integer(),
                   .serving = std::string((*json)["serving"].as_string()),
                   .trained = std::string((*json)["trained"].as_string()),
                   .published = (*json)["published"].as_bool(),
                   .reason = std::string((*json)["reason"].as_string()),
                   .users = static_cast<std::size_t>((*json)["users"].as_integer()),
                   .serving_recall20 = (*json)["serving_recall20"].as_number(),
                   .trained_recall20 = (*json)["trained_recall20"].as_number(),
                   .standard_error = (*json)["standard_error"].as_number()});
  }
  return all;
}

}  // namespace zhiyin
