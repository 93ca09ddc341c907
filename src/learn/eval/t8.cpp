#include "learn/eval/t8.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_set>

#include "base/clock.h"
#include "base/file.h"
#include "base/measure/machine.h"
#include "base/measure/top_k.h"
#include "learn/eval/datasets.h"
#include "learn/positives.h"
#include "match/registry/registry.h"

namespace zhiyin {
namespace {

constexpr double kLearned = 0.8;           // share of the events that comes before the first question
constexpr std::size_t kAsked = 10;         // items
constexpr std::size_t kUpdateEvery = 100;  // events
constexpr std::string_view kModel = "ials";

struct Stream {
  std::string name;
  std::string sha256;
  std::vector<Interaction> events;  // by time
  std::size_t users = 0;
  std::size_t items = 0;
  std::size_t first = 0;  // event that is asked for
};

Result<Stream> read_stream(const std::filesystem::path& dir) {
  ZY_TRY(const auto file, find_ratings(dir));
  Ids ids;
  ZY_TRY(auto read, read_ratings(file, ids));
  const auto numbers = ids.items.sort();
  Stream stream{.name = file.name, .events = std::move(read.events)};
  for (auto& event : stream.events) {
    event.item = numbers[event.item];
    event.weight = 1;
  }
  std::ranges::stable_sort(stream.events, {}, &Interaction::time);
  std::unordered_set<std::uint64_t> seen;  // what is done again is no question
  std::erase_if(stream.events, [&](const Interaction& event) {
    return !seen.insert(std::uint64_t{event.user} << 32U | event.item).second;
  });
  stream.users = ids.users.size();
  stream.items = ids.items.size();
  stream.first = static_cast<std::size_t>(kLearned * static_cast<double>(stream.events.size()));
  stream.sha256 = sha256_hex(fmt::format("{}\nby time, asked from event {}\n", read.sha256, stream.first));
  if (stream.first == 0 || stream.first == stream.events.size())
    return invalid("t8: there are too few events to learn from some and ask for others");
  return stream;
}

// Quality of the lists so far.
struct Tally {
  double hits = 0;
  double gain = 0;
  void add(std::span<const std::uint32_t> list, ItemIndex right) {
    const auto found = std::ranges::find(list, right);
    if (found == list.end()) return;
    hits += 1;
    gain += 1 / std::log2(static_cast<double>(found - list.begin()) + 2);
  }
};

// One regime: what is known, and how good the answers are.
class Regime {
 public:
  Regime(std::string_view name, UnixSeconds period, const Stream& stream, const T8Options& options)
      : name_(name), period_(period), stream_(stream), options_(options), histories_(stream.users) {}

  // Asked for the event at `next`, before it is learned.
  Result<void> ask(std::size_t next, std::span<const std::vector<ItemIndex>> seen) {
    ZY_CHECK_OK(refresh(next));
    const auto& event = stream_.events[next];
    const auto& history = histories_[event.user];
    scores_.resize(stream_.items);
    std::vector<ItemIndex> masked(seen[event.user]);
    std::ranges::sort(masked);
    std::vector<std::uint32_t> list;
    top_k(popular_, masked, kAsked, list);
    pop_.add(list, event.item);
    if (!history.items.empty()) {
      model_->score(history, scores_);
      top_k(scores_, masked, kAsked, list);
    }
    ials_.add(list, event.item);
    return {};
  }

  void report(Table& table) const {
    const auto asked = static_cast<double>(stream_.events.size() - stream_.first);
    for (const bool is_pop : {false, true}) {
      const auto& tally = is_pop ? pop_ : ials_;
      table.rows.push_back({.block = std::string(name_),
                            .data = stream_.name,
                            .split_sha256 = stream_.sha256,
                            .model = std::string(is_pop ? "pop" : kModel),
                            .params = is_pop ? Params{} : model_->params(),
                            .metrics = {{"hr@10", tally.hits / asked}, {"ndcg@10", tally.gain / asked}},
                            .train_s = is_pop ? 0 : cost_.wall_s,
                            .cpu_s = is_pop ? 0 : cost_.cpu_s,
                            .peak_rss_mib = peak_rss_mib()});
    }
    table.results.emplace_back(fmt::format("prequential.{}", name_), ials_.hits / asked);
    table.results.emplace_back(fmt::format("refreshes.{}", name_), refreshes_);
  }

  static constexpr UnixSeconds kNever = 0;
  static constexpr UnixSeconds kEvent = -1;
  static constexpr UnixSeconds kFoldIn = -2;
  static constexpr UnixSeconds kFoldInAndDaily = -3;

 private:
  // Brings what is known to where this regime has it when event `next` comes.
  Result<void> refresh(std::size_t next) {
    constexpr UnixSeconds kDay = 86'400;
    const auto is_past = [&](UnixSeconds period) {
      return stream_.events[next].time / period != stream_.events[known_].time / period;
    };
    if (model_ == nullptr) {
      ZY_CHECK_OK(train(next));
    } else if (period_ < 0) {
      learn(next - 1);
      if (period_ == kFoldInAndDaily && is_past(kDay)) ZY_CHECK_OK(train(next));
      if (period_ == kEvent && (next - stream_.first) % kUpdateEvery == 0) ZY_CHECK_OK(update());
    } else if (period_ != kNever && is_past(period_)) {
      ZY_CHECK_OK(train(next));
    }
    return {};
  }

  Result<void> train(std::size_t next) {
    while (learned_ < next) learn(learned_);
    positives_.settle();
    const Meter meter;
    const auto interactions = Interactions::from(std::span(stream_.events).first(next), stream_.users, stream_.items);
    ZY_TRY(auto model, make_model(kModel, {{"factors", 64}}));
    ZY_CHECK_OK(model->train({interactions}, {.seed = options_.seed, .threads = options_.threads}));
    model_ = std::move(model);
    known_ = next;
    add(meter.stop());
    return {};
  }

  Result<void> update() {
    const Meter meter;
    const auto changes = positives_.take(stream_.items);
    ZY_TRY(model_, model_->updated(changes.update(options_.threads)));
    add(meter.stop());
    return {};
  }

  void learn(std::size_t at) {
    const auto& event = stream_.events[at];
    auto& history = histories_[event.user];
    history.items.push_back(event.item);
    history.weights.push_back(1);
    history.times.push_back(event.time);
    popular_.resize(stream_.items, 0);
    popular_[event.item] += 1;
    if (period_ == kEvent) positives_.tell(event.user, event.item, 1, event.time);
    learned_ = at + 1;
  }

  void add(const Meter::Cost& cost) {
    cost_.wall_s += cost.wall_s;
    cost_.cpu_s += cost.cpu_s;
    ++refreshes_;
  }

  std::string_view name_;
  UnixSeconds period_;
  const Stream& stream_;
  const T8Options& options_;
  std::unique_ptr<Model> model_;
  std::vector<History> histories_;  // by user
  std::vector<float> popular_;      // events by item
  Positives positives_;             // of the regime that learns at once
  std::size_t learned_ = 0;         // events that histories and counts know
  std::size_t known_ = 0;           // the event before which the model was trained
  Tally ials_;
  Tally pop_;
  Meter::Cost cost_;
  int refreshes_ = 0;
  std::vector<float> scores_;
};

}  // namespace

Result<Table> evaluate_t8(const T8Options& options) {
  ZY_TRY(const auto stream, read_stream(options.data));
  constexpr UnixSeconds kHour = 3600;
  constexpr UnixSeconds kDay = 24 * kHour;
  std::array<Regime, 6> regimes = {Regime("event", Regime::kEvent, stream, options),
                                   Regime("fold_in", Regime::kFoldIn, stream, options),
                                   Regime("fold_in_daily", Regime::kFoldInAndDaily, stream, options),
                                   Regime("hourly", kHour, stream, options),
                                   Regime("daily", kDay, stream, options),
                                   Regime("never", Regime::kNever, stream, options)};
  std::vector<std::vector<ItemIndex>> seen(stream.users);
  for (const auto& event : std::span(stream.events).first(stream.first)) seen[event.user].push_back(event.item);
  const auto known_users = std::ranges::count_if(seen, [](const auto& items) { return !items.empty(); });

  const auto asked = stream.events.size() - stream.first;
  std::vector<bool> is_asked(stream.users, false);
  for (auto next = stream.first; next < stream.events.size(); ++next) {
    for (auto& regime : regimes) ZY_CHECK_OK(regime.ask(next, seen).in("t8"));
    seen[stream.events[next].user].push_back(stream.events[next].item);
    is_asked[stream.events[next].user] = true;
    const auto done = next - stream.first + 1;
    if (done % 1000 == 0 || done == asked) options.on_progress("t8: events", done, asked);
  }
  Table table{.name = "t8", .seed = options.seed, .machine = this_machine(options.threads)};
  for (const auto& regime : regimes) regime.report(table);
  table.results.emplace_back("events", asked);
  table.results.emplace_back("users", std::ranges::count(is_asked, true));
  table.results.emplace_back("new_users", static_cast<double>(stream.users) - static_cast<double>(known_users));
  return table;
}

}  // namespace zhiyin
