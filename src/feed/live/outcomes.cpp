#include "feed/live/outcomes.h"

#include <algorithm>
#include <functional>

#include "base/counters.h"
#include "base/random.h"

namespace zhiyin {
namespace {

constexpr std::uint8_t kShown = 1;
constexpr std::uint8_t kClicked = 2;
constexpr std::uint8_t kLiked = 4;
constexpr std::uint8_t kDisliked = 8;

std::uint64_t key_of(const std::string& recommendation, const ItemId& item) {
  const std::hash<std::string> hash;
  return mix64(hash(recommendation) ^ mix64(hash(item.value)));
}

void count(const std::string& source, std::string_view outcome) {
  counter("zhiyin_outcomes_total", "What became of what each source showed.",
          {{"source", source}, {"outcome", std::string(outcome)}})
      .add();
}

}  // namespace

void Outcomes::give(const Slate& slate) {
  const std::lock_guard lock(mutex_);
  for (const auto& item : slate.items)
    remember(key_of(slate.recommendation, item.item), std::string(to_string(item.source)));
}

std::string Outcomes::source_of(const std::string& recommendation, const ItemId& item) const {
  const std::lock_guard lock(mutex_);
  const auto found = shown_.find(key_of(recommendation, item));
  return found == shown_.end() ? std::string() : sources_[found->second.source].name;
}

void Outcomes::apply(const Event& event, double preference) {
  if (event.recommendation.empty()) return;
  std::uint8_t done = kShown;
  if (event.type == EventType::kClick || event.type == EventType::kView) done |= kClicked;
  if (preference > 0) done |= kLiked;
  if (preference < 0) done |= kDisliked;
  const std::lock_guard lock(mutex_);
  auto& shown = remember(key_of(event.recommendation, event.item), event.source.empty() ? "unknown" : event.source);
  const auto fresh = static_cast<std::uint8_t>(done & ~shown.done);
  shown.done |= done;
  auto& [name, outcome] = sources_[shown.source];
  const auto add = [&, source = std::cref(name)](std::uint8_t bit, std::int64_t& sum, std::string_view says) {
    if ((fresh & bit) == 0) return;
    ++sum;
    count(source, says);
  };
  add(kShown, outcome.shown, "shown");
  add(kClicked, outcome.clicked, "clicked");
  add(kLiked, outcome.liked, "liked");
  add(kDisliked, outcome.disliked, "disliked");
}

std::map<std::string, SourceOutcome> Outcomes::by_source() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, SourceOutcome> all;
  for (const auto& source : sources_) {
    if (source.outcome.shown > 0) all.emplace(source.name, source.outcome);
  }
  return all;
}

// The entry of the key, made with that source if there is none.
Outcomes::Shown& Outcomes::remember(std::uint64_t key, const std::string& source) {
  if (const auto found = shown_.find(key); found != shown_.end()) return found->second;
  if (order_.size() >= options_.remembered && !order_.empty()) {
    shown_.erase(order_.front());
    order_.pop_front();
  }
  order_.push_back(key);
  return shown_.emplace(key, Shown{place_of(source), 0}).first->second;
}

std::uint8_t Outcomes::place_of(const std::string& source) {
  auto found = std::ranges::find(sources_, source, &Earned::name);
  if (found == sources_.end() && sources_.size() + 1 >= kMostSources && source != "other") return place_of("other");
  if (found == sources_.end()) found = sources_.insert(found, {source, {}});
  return static_cast<std::uint8_t>(found - sources_.begin());
}

}  // namespace zhiyin
