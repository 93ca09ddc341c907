#include "learn/eval/cold_fm.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "base/random.h"

namespace zhiyin {
namespace {

constexpr std::array<std::size_t, 5> kPasts = {0, 1, 2, 5, 10};
constexpr std::size_t kLongest = 10;
constexpr std::size_t kMostOfOne = 40;
constexpr int kOthers = 3;
constexpr UserIndex kStoppedBy = 20;  // every how many users

}  // namespace

// Features: the item asked for, those of the past, then side information as it is met.
FmRecommender::FmRecommender(std::size_t items, const SideInformation& side) : items_(items), features_(2 * items) {
  std::map<std::string, std::uint32_t> numbers;
  const auto numbered = [&](const std::vector<std::vector<std::string>>& all) {
    std::vector<std::vector<std::uint32_t>> features;
    for (const auto& words : all) {
      auto& own = features.emplace_back();
      for (const auto& word : words) {
        const auto [at, added] = numbers.try_emplace(word, static_cast<std::uint32_t>(features_));
        if (added) ++features_;
        own.push_back(at->second);
      }
    }
    return features;
  };
  of_user_ = numbered(side.users);
  of_item_ = numbered(side.items);
}

ImpressionRows FmRecommender::no_rows() const {
  ImpressionRows rows;
  rows.fields = 1;
  rows.field_of.assign(features_, 0);
  return rows;
}

void FmRecommender::add_row(UserIndex user, std::span<const ItemIndex> past, ItemIndex item, float label,
                            ImpressionRows& rows) const {
  rows.add(item, 1);
  past = past.last(std::min(past.size(), kLongest));
  const float share = 1 / std::sqrt(static_cast<float>(past.size()));
  for (const auto each : past) rows.add(static_cast<std::uint32_t>(items_ + each), share);
  if (user < of_user_.size()) {
    for (const auto feature : of_user_[user]) rows.add(feature, 1);
  }
  if (item < of_item_.size()) {
    const float part = 1 / std::sqrt(static_cast<float>(of_item_[item].size()));
    for (const auto feature : of_item_[item]) rows.add(feature, part);
  }
  rows.end_row(label);
}

Result<FmRecommender> FmRecommender::train(const std::vector<UserRow>& rows, std::size_t items,
                                           const SideInformation& side, std::uint64_t seed) {
  FmRecommender made(items, side);
  auto learned = made.no_rows();
  auto valid = made.no_rows();
  Random random(seed, 22);
  UserIndex known = 0;
  for (UserIndex user = 0; user < rows.size(); ++user) {
    if (rows[user].empty()) continue;
    auto& to = known++ % kStoppedBy == 0 ? valid : learned;
    const auto touched = items_of(rows[user]);
    std::vector<ItemIndex> order = touched;
    random.shuffle(std::span(order));
    for (std::size_t k = 0; k < std::min(order.size(), kMostOfOne); ++k) {
      // The past: those that follow in an order drawn by lot, round the end, so never the item itself.
      const auto length = std::min(kPasts[random.below(kPasts.size())], order.size() - 1);
      std::vector<ItemIndex> past;
      for (std::size_t h = 1; h <= length; ++h) past.push_back(order[(k + h) % order.size()]);
      made.add_row(user, past, order[k], 1, to);
      for (int other = 0; other < kOthers; ++other) {
        const auto item = random.below(static_cast<std::uint32_t>(items));
        if (!std::ranges::binary_search(touched, item)) made.add_row(user, past, item, 0, to);
      }
    }
  }
  ZY_TRY(made.fm_, make_ranker("fm", {}));
  ZY_CHECK_OK(made.fm_->train(learned, valid, {.seed = seed}));
  return made;
}

void FmRecommender::score(UserIndex user, const History& history, std::span<float> scores) const {
  auto rows = no_rows();
  for (ItemIndex item = 0; item < items_; ++item) add_row(user, history.items, item, 0, rows);
  std::ranges::copy(fm_->predict(rows), scores.begin());
}

}  // namespace zhiyin
