#include "learn/compress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include "base/clock.h"
#include "base/log.h"
#include "base/measure/top_k.h"
#include "base/threads.h"
#include "feed/snapshot/snapshot.h"
#include "learn/compress_choice.h"
#include "learn/training_set.h"
#include "match/registry/registry.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;
using Lists = std::vector<std::vector<std::uint32_t>>;  // by case, best first

constexpr std::size_t kTop = 20;
constexpr double kChangeWeight = 0.1;  // of what changed in the lists, beside what was lost
constexpr double kUpdateShare = 0.1;   // of the budget that may go to what answers do not need
constexpr std::size_t kPrunings[] = {400, 200, 100, 50};

constexpr std::size_t kFewestHeldOut = 100;  // users with an event that was not learned from, else all are asked

// A user who is asked for an event.
struct Asked {
  History history;                // without it
  std::vector<ItemIndex> masked;  // all else that the user liked, ascending
  ItemIndex last = 0;
};

Lists lists_of(const Model& model, std::span<const Asked> cases, int threads) {
  Lists lists(cases.size());
  parallel_for(cases.size(), 16, threads, [&](std::size_t begin, std::size_t end, int) {
    std::vector<float> scores(model.items());
    for (auto i = begin; i < end; ++i) {
      model.score(cases[i].history, scores);
      top_k(scores, cases[i].masked, kTop, lists[i]);
    }
  });
  return lists;
}

RankingQuality quality_of(const Lists& lists, const Lists& whole, std::span<const Asked> cases) {
  RankingQuality quality{.same20 = 0};
  double asked = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto found = std::ranges::find(lists[i], cases[i].last);
    if (found != lists[i].end()) {
      quality.recall20 += 1;
      quality.ndcg20 += 1 / std::log2(static_cast<double>(found - lists[i].begin()) + 2);
    }
    for (const auto item : whole[i]) quality.same20 += std::ranges::find(lists[i], item) != lists[i].end() ? 1 : 0;
    asked += static_cast<double>(whole[i].size());
  }
  const auto users = static_cast<double>(cases.size());
  return {quality.recall20 / users, quality.ndcg20 / users, asked == 0 ? 1 : quality.same20 / asked};
}

double loss_of(const RankingQuality& quality, const RankingQuality& whole) {
  const double lost = whole.ndcg20 > 0 ? std::max(0.0, 1 - quality.ndcg20 / whole.ndcg20) : 0;
  return lost + kChangeWeight * (1 - quality.same20);
}

std::string pair_key(const UserId& user, const ItemId& item) { return user.value + '\n' + item.value; }

// Who liked what for the first time after the snapshot had learned.
Result<std::unordered_set<std::string>> not_learned(const EventLog& log, const Snapshot& snapshot,
                                                    const EventMeaning& meaning) {
  std::unordered_set<std::string> later;
  ZY_CHECK_OK(log.replay(snapshot.offset, [&](const LoggedEvent& logged) {
    if (meaning.preference(logged.event) > 0) later.insert(pair_key(logged.event.user, logged.event.item));
  }));
  if (later.empty()) return later;
  ZY_CHECK_OK(log.replay(0, [&](const LoggedEvent& logged) {
    if (logged.offset <= snapshot.offset) later.erase(pair_key(logged.event.user, logged.event.item));
  }));
  return later;
}

// The newest event of a user with two, asked from the others; rows are the snapshot's. Where `later` is given, it is
// the newest of those, asked from what was learned of the user.
std::vector<Asked> ask(const TrainingSet& set, const Snapshot& snapshot, const std::unordered_set<std::string>& later) {
  std::unordered_map<ItemId, ItemIndex> rows;
  for (ItemIndex row = 0; row < snapshot.items.size(); ++row) rows.emplace(snapshot.items[row], row);
  std::vector<Asked> cases;
  for (UserIndex user = 0; user < set.positives.users(); ++user) {
    std::vector<ItemIndex> known;
    std::vector<ItemIndex> fresh;
    for (const auto item : set.positives.in_order(user)) {
      const auto row = rows.find(set.items[item]);
      if (row == rows.end()) continue;
      const bool held = !later.empty() && later.contains(pair_key(set.users[user], set.items[item]));
      (held ? fresh : known).push_back(row->second);
    }
    if (later.empty() && known.size() >= 2) {
      fresh.push_back(known.back());
      known.pop_back();
    }
    if (known.empty() || fresh.empty()) continue;
    Asked one{.history = {}, .masked = known, .last = fresh.back()};
    one.masked.insert(one.masked.end(), fresh.begin(), fresh.end() - 1);
    std::ranges::sort(one.masked);
    one.history.weights.assign(known.size(), 1.0F);
    one.history.items = std::move(known);
    cases.push_back(std::move(one));
  }
  return cases;
}

struct Questions {
  std::vector<Asked> cases;
  bool held_out = false;
};

Result<Questions> questions(const Store& store, const EventLog& log, const Snapshot& snapshot,
                            const CompressOptions& options) {
  ZY_TRY(const auto set, read_training_set(store, log, options.events));
  ZY_TRY(const auto later, not_learned(log, snapshot, options.events));
  Questions all;
  if (!later.empty()) all.cases = ask(set, snapshot, later);
  all.held_out = all.cases.size() >= kFewestHeldOut;
  if (!all.held_out) all.cases = ask(set, snapshot, {});
  if (all.cases.empty())
    return invalid("nobody has two events on items of the snapshot: there is nothing to measure by");
  const auto most = std::max<std::size_t>(1, options.most_users);
  if (all.cases.size() <= most) return all;
  std::vector<Asked> spread;
  for (std::size_t k = 0; k < most; ++k) spread.push_back(std::move(all.cases[k * all.cases.size() / most]));
  all.cases = std::move(spread);
  return all;
}

// The snapshot to start from: where the current one is compressed, the one that it came from.
Result<std::shared_ptr<const Snapshot>> whole_snapshot(const fs::path& home) {
  ZY_TRY(auto current, load_current_snapshot(home));
  if (current->compressed_from.empty()) return current;
  const auto from = current->compressed_from;
  return load_snapshot(home / "snapshots" / from)
      .in(fmt::format("{} was made from {}; train again", current->id, from));
}

Result<std::unique_ptr<Model>> load_packed(const Model& like, const Tensors& written) {
  ZY_TRY(const auto tensors, unpack_tensors(written));
  ZY_TRY(auto model, make_model(like.name(), like.params()));
  ZY_CHECK_OK(model->load(tensors).in(like.name()));
  return model;
}

Tensors without_updates(const Tensors& tensors) {
  Tensors rest;
  rest.metadata = tensors.metadata;
  for (const auto& [name, tensor] : tensors.all()) {
    if (!name.starts_with(kUpdateOnly)) rest.put(name, tensor);
  }
  return rest;
}

class Measuring {
 public:
  Measuring(const Snapshot& from, std::span<const Asked> cases, int threads)
      : from_(from), cases_(cases), threads_(threads) {}

  Result<void> measure() {
    for (const auto& [name, model] : from_.models) {
      Tensors whole;
      model->save(whole);
      const auto lists = lists_of(*model, cases_, threads_);
      const auto best = quality_of(lists, lists, cases_);
      whole_.push_back({model.get(), whole, lists});
      for (const auto& [array, tensor] : whole.all()) {
        if (packable(tensor) && !array.starts_with(kUpdateOnly))
          ZY_CHECK_OK(measure_array(*model, whole, array, lists, best));
      }
    }
    return {};
  }

  // Of all models as they are.
  [[nodiscard]] std::size_t bytes() const {
    std::size_t sum = 0;
    for (const auto& model : whole_) sum += bytes_of(model.tensors);
    return sum;
  }

  // Of what only learning between trainings needs.
  [[nodiscard]] std::size_t update_bytes() const {
    std::size_t sum = 0;
    for (const auto& model : whole_) sum += bytes_of(model.tensors) - bytes_of(without_updates(model.tensors));
    return sum;
  }
  [[nodiscard]] bool keeps_updates() const { return keeps_updates_; }

  // Fills the report's ways; the choice is by array, as in arrays().
  Result<void> choose(CompressReport& report) {
    auto fixed = bytes();
    keeps_updates_ = static_cast<double>(update_bytes()) <= kUpdateShare * static_cast<double>(report.budget);
    if (!keeps_updates_) fixed -= update_bytes();
    std::vector<std::vector<Choice>> things;
    std::size_t smallest = 0;
    for (const auto& array : arrays_) {
      auto& choices = things.emplace_back();
      for (std::size_t w = array.begin; w < array.end; ++w) choices.push_back({ways_[w].bytes, losses_[w]});
      fixed -= ways_[array.begin].bytes;  // whole
      smallest += std::ranges::min(choices, {}, &Choice::bytes).bytes;
    }
    const auto chosen = report.budget < fixed ? std::nullopt : choose_within(things, report.budget - fixed);
    if (!chosen) {
      return invalid(fmt::format("{} bytes are too few: the smallest that these models can be made is {} of {}",
                                 report.budget, fixed + smallest, report.bytes_before),
                     "budget");
    }
    for (std::size_t a = 0; a < arrays_.size(); ++a) ways_[arrays_[a].begin + (*chosen)[a]].chosen = true;
    report.ways = ways_;
    return {};
  }

  // Every model in its chosen ways, into `to`.
  Result<void> build(CompressReport& report, Snapshot& to) const {
    for (const auto& [model, tensors, lists] : whole_) {
      auto written = keeps_updates_ ? tensors : without_updates(tensors);
      for (std::size_t w = 0; w < ways_.size(); ++w) {
        if (!ways_[w].chosen || ways_[w].model != model->name()) continue;
        ZY_TRY(written, kept(written, ways_[w].array, how_[w]));
      }
      const Stopwatch watch;
      ZY_TRY(auto loaded, load_packed(*model, written));
      const double load_ms = 1000 * watch.seconds();
      const auto quality = quality_of(lists_of(*loaded, cases_, threads_), lists, cases_);
      const auto bytes = bytes_of(written);
      report.bytes_after += bytes;
      report.models.push_back(
          {std::string(model->name()), "", "whole", bytes_of(tensors), quality_of(lists, lists, cases_), 0, false});
      report.models.push_back({std::string(model->name()), "", "compressed", bytes, quality, load_ms, true});
      to.arrays.emplace(model->name(), std::move(written));
      to.models.emplace(model->name(), std::move(loaded));
    }
    return {};
  }

 private:
  struct Whole {
    const Model* model;
    Tensors tensors;
    Lists lists;
  };
  struct Range {  // of ways_, the first one whole
    std::size_t begin;
    std::size_t end;
  };

  Result<void> measure_array(const Model& model, const Tensors& whole, const std::string& array, const Lists& lists,
                             const RankingQuality& best) {
    std::vector<Way> ways;
    for (const auto codec : kCodecs) ways.push_back({.codec = codec});
    const auto& tensor = whole.all().find(array)->second;
    if (array == "weights" && can_be_pruned(tensor)) {
      for (const auto keep : kPrunings) ways.push_back({.keep = keep, .codec = Codec::kHalf});
    }
    const auto begin = ways_.size();
    const auto rest = bytes_of(whole) - tensor.bytes().size();
    for (const auto& way : ways) {
      const auto written = kept(whole, array, way);
      if (!written.ok()) continue;  // what this codec cannot hold
      const auto bytes = bytes_of(*written) - rest;
      if (ways_.size() > begin && bytes >= tensor.bytes().size()) continue;
      const Stopwatch watch;
      ZY_TRY(const auto loaded, load_packed(model, *written));
      const double load_ms = 1000 * watch.seconds();
      const auto quality = quality_of(lists_of(*loaded, cases_, threads_), lists, cases_);
      ways_.push_back({std::string(model.name()), array, way.text(), bytes, quality, load_ms, false});
      losses_.push_back(way.keep == 0 && way.codec == Codec::kFloat ? 0 : loss_of(quality, best));
      how_.push_back(way);
    }
    arrays_.push_back({begin, ways_.size()});
    return {};
  }

  const Snapshot& from_;
  std::span<const Asked> cases_;
  int threads_;
  std::vector<Whole> whole_;
  std::vector<MeasuredWay> ways_;
  std::vector<double> losses_;  // by way
  std::vector<Way> how_;
  std::vector<Range> arrays_;
  bool keeps_updates_ = true;
};

}  // namespace

Result<CompressReport> compress(const fs::path& home, const Store& store, const EventLog& log,
                                const CompressOptions& options) {
  ZY_TRY(const auto from, whole_snapshot(home));
  ZY_TRY(const auto asked, questions(store, log, *from, options));
  Measuring measuring(*from, asked.cases, options.threads);
  ZY_CHECK_OK(measuring.measure());

  CompressReport report;
  report.from = from->id;
  report.users = asked.cases.size();
  report.held_out = asked.held_out;
  report.bytes_before = measuring.bytes();
  report.budget = options.budget.share > 0
                      ? static_cast<std::size_t>(options.budget.share * static_cast<double>(report.bytes_before))
                      : options.budget.bytes;
  ZY_CHECK_OK(measuring.choose(report));
  Snapshot small;
  if (!measuring.keeps_updates())
    log_info("the smaller copy has no room for what models need to learn between trainings: it serves as it is");
  ZY_CHECK_OK(measuring.build(report, small));
  if (options.dry_run) return report;
  small.id = report.snapshot = unused_snapshot_id(home, from->id + "-small");
  small.created = from->created;
  small.offset = from->offset;
  small.recommender = from->recommender;
  small.recommender_reason = from->recommender_reason;
  small.items = from->items;
  small.fusion = from->fusion;
  small.ranker = from->ranker;
  small.ranker_reason = from->ranker_reason;
  small.compressed_from = from->id;
  ZY_CHECK_OK(save_snapshot(home, small));
  return report;
}

}  // namespace zhiyin
