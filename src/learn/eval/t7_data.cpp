#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/file.h"
#include "learn/eval/datasets.h"
#include "learn/eval/movielens_about.h"
#include "learn/eval/t7.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

constexpr float kYes = 4;                 // stars
constexpr double kPrior = 5;              // impressions' worth of belief in the overall rate
constexpr int kRateSteps = 12;            // a rate as one of so many features
constexpr std::size_t kRemembered = 100;  // of the items that a user liked, and of the others

// How often somebody or something was liked so far, smoothed.
struct Rate {
  double yes = 0;
  double all = 0;
  [[nodiscard]] double value(double overall) const { return (yes + kPrior * overall) / (all + kPrior); }
  void add(bool liked) {
    yes += liked ? 1 : 0;
    ++all;
  }
};

// What one user was shown, in order.
struct Past {
  std::vector<bool> outcomes;
  std::vector<ItemIndex> liked;
  std::vector<ItemIndex> disliked;

  void add(ItemIndex item, bool yes) {
    outcomes.push_back(yes);
    (yes ? liked : disliked).push_back(item);
  }
  // How many of the last `count` were liked, or how many there are where they are fewer.
  [[nodiscard]] std::string lately(std::size_t count) const {
    if (outcomes.size() < count) return fmt::format("only {}", outcomes.size());
    return fmt::format("{}", std::count(outcomes.end() - static_cast<std::ptrdiff_t>(count), outcomes.end(), true));
  }
  [[nodiscard]] std::string last_three() const {
    std::string three;
    for (auto k = outcomes.size() - std::min<std::size_t>(3, outcomes.size()); k < outcomes.size(); ++k)
      three += outcomes[k] ? 'y' : 'n';
    return three;
  }
};

// Numbers features as they are met, each of one field.
class Features {
 public:
  std::uint32_t number(std::uint16_t field, const std::string& value) {
    const auto [at, added] = numbers_.try_emplace({field, value}, static_cast<std::uint32_t>(field_of_.size()));
    if (added) field_of_.push_back(field);
    return at->second;
  }
  [[nodiscard]] const std::vector<std::uint16_t>& field_of() const { return field_of_; }

 private:
  std::map<std::pair<std::uint16_t, std::string>, std::uint32_t> numbers_;
  std::vector<std::uint16_t> field_of_;
};

enum Field : std::uint16_t {
  kUser,
  kItem,
  kAge,
  kSex,
  kOccupation,
  kGenre,
  kYear,
  kHour,
  kWeekday,
  kUserRate,
  kUserCount,
  kItemRate,
  kItemCount,
  kTasteRate,
  kLastThree,
  kLately10,
  kLately30,
  kLiked,
  kDisliked,
  kFields
};

class Rows {
 public:
  Rows(const MovieLensAbout& about, const Ids& ids) : about_(about), ids_(ids) {}

  // One row, from what was known before it; then it is known.
  void add(const Interaction& event, ImpressionRows& rows) {
    const bool liked = event.weight >= kYes;
    const auto& user = ids_.users.text(event.user);
    const auto& item = ids_.items.text(event.item);
    const auto put = [&](Field field, const std::string& value, float x = 1) {
      rows.add(features_.number(field, value), x);
    };
    put(kUser, user);
    put(kItem, item);
    if (const auto found = about_.users.find(user); found != about_.users.end()) {
      put(kAge, found->second[0]);
      put(kSex, found->second[1]);
      put(kOccupation, found->second[2]);
    }
    const double overall = all_.value(0.5);
    auto& taste = tastes_[event.user];
    double taste_rate = 0;
    double genres = 0;
    const auto found = about_.items.find(item);
    if (found != about_.items.end()) {
      put(kYear, found->second[0]);
      genres = static_cast<double>(found->second.size() - 1);
      for (std::size_t g = 1; g < found->second.size(); ++g) {
        put(kGenre, found->second[g], static_cast<float>(1 / genres));
        taste_rate += taste[found->second[g]].value(users_[event.user].value(overall)) / genres;
      }
    }
    const auto moment = event.time / 3600;
    put(kHour, std::to_string(moment % 24 / 3));
    put(kWeekday, std::to_string(moment / 24 % 7));
    put(kUserRate, step(users_[event.user].value(overall)));
    put(kUserCount, count(users_[event.user].all));
    put(kItemRate, step(items_[event.item].value(overall)));
    put(kItemCount, count(items_[event.item].all));
    if (genres > 0) put(kTasteRate, step(taste_rate));
    auto& past = pasts_[event.user];
    put(kLastThree, past.last_three());
    put(kLately10, past.lately(10));
    put(kLately30, past.lately(30));
    const auto put_last = [&](Field field, const std::vector<ItemIndex>& all) {
      const auto last = std::span(all).last(std::min(all.size(), kRemembered));
      const float share = 1 / std::sqrt(static_cast<float>(last.size()));
      for (const auto each : last) put(field, ids_.items.text(each), share);
    };
    put_last(kLiked, past.liked);
    put_last(kDisliked, past.disliked);
    rows.end_row(liked ? 1.0F : 0.0F);

    all_.add(liked);
    users_[event.user].add(liked);
    items_[event.item].add(liked);
    past.add(event.item, liked);
    if (found != about_.items.end()) {
      for (std::size_t g = 1; g < found->second.size(); ++g) taste[found->second[g]].add(liked);
    }
  }

  [[nodiscard]] const Features& features() const { return features_; }

 private:
  static std::string step(double rate) { return std::to_string(static_cast<int>(rate * kRateSteps)); }
  static std::string count(double all) { return std::to_string(static_cast<int>(std::log2(all + 1))); }

  const MovieLensAbout& about_;
  const Ids& ids_;
  Features features_;
  Rate all_;
  std::map<UserIndex, Rate> users_;
  std::map<ItemIndex, Rate> items_;
  std::map<UserIndex, std::map<std::string, Rate>> tastes_;
  std::map<UserIndex, Past> pasts_;
};

}  // namespace

Result<T7Data> load_t7(const fs::path& given) {
  const auto dir = fs::exists(given / "interactions" / "ml-100k") ? given / "interactions" / "ml-100k" : given;
  ZY_TRY(const auto file, find_ratings(dir));
  Ids ids;
  ZY_TRY(auto events, read_ratings(file, ids));
  if (events.events.size() < 100) return invalid(fmt::format("{}: fewer than 100 ratings", file.path.string()));
  ZY_TRY(const auto about, read_movielens_about(dir));
  std::ranges::stable_sort(events.events, {}, &Interaction::time);

  T7Data data;
  data.sha256 = sha256_hex(fmt::format("{}\nin time, 80/10/10\n", events.sha256));
  Rows rows(about, ids);
  for (std::size_t e = 0; e < events.events.size(); ++e) {
    const auto tenth = e * 10 / events.events.size();
    auto& part = tenth < 8 ? data.train : tenth == 8 ? data.valid : data.test;
    rows.add(events.events[e], part);
    if (tenth == 8) data.valid_users.push_back(events.events[e].user);
    if (tenth == 9) data.test_users.push_back(events.events[e].user);
  }
  for (auto* part : {&data.train, &data.valid, &data.test}) {
    part->fields = kFields;
    part->field_of = rows.features().field_of();
  }
  return data;
}

}  // namespace zhiyin
