#include "match/factors/mf_sampler.h"

#include <cmath>
#include <numeric>

namespace zhiyin {
namespace {

// The hyper-priors, as weak as one observation.
constexpr double kPriorShape = 1;
constexpr double kPriorRate = 1;
constexpr double kPriorCount = 1;
constexpr float kInitialDeviation = 0.1F;

}  // namespace

MfSampler::MfSampler(const Interactions& ratings, std::size_t dim, std::uint64_t seed)
    : users_(ratings.users()),
      items_(ratings.items()),
      dim_(dim),
      user_begin_{0},
      item_begin_(items_ + 1, 0),
      random_(seed, 3) {
  for (UserIndex user = 0; user < users_; ++user) {
    const auto row = ratings.row(user);
    for (std::size_t k = 0; k < row.size(); ++k) {
      item_of_.push_back(row[k]);
      user_of_.push_back(user);
      residual_.push_back(ratings.weights(user)[k]);
      ++item_begin_[row[k] + 1];
    }
    user_begin_.push_back(item_of_.size());
    user_scale_.push_back(row.empty() ? 0 : static_cast<float>(1 / std::sqrt(static_cast<double>(row.size()))));
  }
  std::partial_sum(item_begin_.begin(), item_begin_.end(), item_begin_.begin());
  by_item_.resize(item_of_.size());
  auto next = item_begin_;
  for (std::size_t r = 0; r < item_of_.size(); ++r) by_item_[next[item_of_[r]]++] = r;

  mean_ = std::accumulate(residual_.begin(), residual_.end(), 0.0) / static_cast<double>(residual_.size());
  for (auto& residual : residual_) residual -= mean_;
  user_bias_.values.assign(users_, 0);
  item_bias_.values.assign(items_, 0);
  const auto drawn = [&](std::size_t size) {
    Group group{std::vector<float>(size), {}};
    for (auto& value : group.values) value = kInitialDeviation * random_.normal();
    return group;
  };
  for (std::size_t f = 0; f < dim; ++f) {
    p_.push_back(drawn(users_));
    q_.push_back(drawn(items_));
    y_.push_back({std::vector<float>(items_, 0), {}});
    for (std::size_t r = 0; r < residual_.size(); ++r)
      residual_[r] -= double{p_[f].values[user_of_[r]]} * q_[f].values[item_of_[r]];
  }
}

// Marsaglia and Tsang 2000; shape >= 1 here.
double MfSampler::gamma(double shape, double rate) {
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = random_.normal();
    const double v = std::pow(1 + c * x, 3);
    if (v <= 0) continue;
    const double u = (random_.next() + 1.0) * 0x1.0p-32;
    if (std::log(u) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v / rate;
  }
}

void MfSampler::draw_prior(Group& group) {
  const auto count = static_cast<double>(group.values.size());
  double sum = 0;
  double square = 0;
  for (const auto value : group.values) {
    sum += value;
    square += (value - group.prior.mean) * (value - group.prior.mean);
  }
  const double rate = kPriorRate + square + kPriorCount * group.prior.mean * group.prior.mean;
  group.prior.precision = gamma((kPriorShape + count + 1) / 2, rate / 2);
  group.prior.mean =
      sum / (count + kPriorCount) + random_.normal() / std::sqrt((count + kPriorCount) * group.prior.precision);
}

float MfSampler::draw_value(double square, double cross, const Prior& prior) {
  const double precision = noise_ * square + prior.precision;
  return static_cast<float>((noise_ * cross + prior.precision * prior.mean) / precision +
                            random_.normal() / std::sqrt(precision));
}

void MfSampler::sweep_mean() {
  double errors = 0;
  double square = 0;
  for (const auto residual : residual_) {
    errors += residual;
    square += residual * residual;
  }
  const auto count = static_cast<double>(residual_.size());
  noise_ = gamma((kPriorShape + count) / 2, (kPriorRate + square) / 2);
  const double change = errors / count + random_.normal() / std::sqrt(noise_ * count);
  mean_ += change;
  for (auto& residual : residual_) residual -= change;
}

void MfSampler::sweep_biases() {
  draw_prior(user_bias_);
  for (UserIndex user = 0; user < users_; ++user) {
    auto& bias = user_bias_.values[user];
    const auto begin = user_begin_[user];
    const auto end = user_begin_[user + 1];
    double cross = 0;
    for (auto r = begin; r < end; ++r) cross += residual_[r] + bias;
    const float drawn = draw_value(static_cast<double>(end - begin), cross, user_bias_.prior);
    for (auto r = begin; r < end; ++r) residual_[r] -= drawn - bias;
    bias = drawn;
  }
  draw_prior(item_bias_);
  for (std::size_t item = 0; item < items_; ++item) {
    auto& bias = item_bias_.values[item];
    const auto rows = std::span(by_item_).subspan(item_begin_[item], item_begin_[item + 1] - item_begin_[item]);
    double cross = 0;
    for (const auto r : rows) cross += residual_[r] + bias;
    const float drawn = draw_value(static_cast<double>(rows.size()), cross, item_bias_.prior);
    for (const auto r : rows) residual_[r] -= drawn - bias;
    bias = drawn;
  }
}

void MfSampler::sweep_factor(std::size_t f) {
  auto& p = p_[f];
  auto& q = q_[f];
  auto& y = y_[f];
  draw_prior(p);
  std::vector<double> implied(users_, 0);  // n_u^-1/2 sum y_j
  std::vector<double> square(users_, 0);   // sum over the user's ratings of q_i^2
  std::vector<double> cross(users_, 0);    // and of q_i residual
  for (UserIndex user = 0; user < users_; ++user) {
    for (auto r = user_begin_[user]; r < user_begin_[user + 1]; ++r) {
      const double value = q.values[item_of_[r]];
      implied[user] += user_scale_[user] * y.values[item_of_[r]];
      square[user] += value * value;
      cross[user] += value * residual_[r];
    }
    const float drawn = draw_value(square[user], cross[user] + p.values[user] * square[user], p.prior);
    const double change = drawn - p.values[user];
    p.values[user] = drawn;
    for (auto r = user_begin_[user]; r < user_begin_[user + 1]; ++r) residual_[r] -= change * q.values[item_of_[r]];
    cross[user] -= change * square[user];
  }

  // y_j stands in all ratings of all who rated j; square and cross of each of them are enough to draw it by.
  draw_prior(y);
  auto moved = implied;
  for (std::size_t item = 0; item < items_; ++item) {
    const auto rows = std::span(by_item_).subspan(item_begin_[item], item_begin_[item + 1] - item_begin_[item]);
    auto& value = y.values[item];
    double all_square = 0;
    double all_cross = 0;
    for (const auto r : rows) {
      const auto user = user_of_[r];
      const double scale = user_scale_[user];
      all_square += scale * scale * square[user];
      all_cross += scale * cross[user];
    }
    const float drawn = draw_value(all_square, all_cross + value * all_square, y.prior);
    const double change = drawn - value;
    value = drawn;
    for (const auto r : rows) {
      const auto user = user_of_[r];
      moved[user] += user_scale_[user] * change;
      cross[user] -= user_scale_[user] * change * square[user];
    }
  }
  for (UserIndex user = 0; user < users_; ++user) {
    const double change = moved[user] - implied[user];
    for (auto r = user_begin_[user]; r < user_begin_[user + 1]; ++r) residual_[r] -= change * q.values[item_of_[r]];
  }

  draw_prior(q);
  for (std::size_t item = 0; item < items_; ++item) {
    const auto rows = std::span(by_item_).subspan(item_begin_[item], item_begin_[item + 1] - item_begin_[item]);
    auto& value = q.values[item];
    double item_square = 0;
    double item_cross = 0;
    for (const auto r : rows) {
      const double user = p.values[user_of_[r]] + moved[user_of_[r]];
      item_square += user * user;
      item_cross += user * residual_[r];
    }
    const float drawn = draw_value(item_square, item_cross + value * item_square, q.prior);
    const double change = drawn - value;
    value = drawn;
    for (const auto r : rows) residual_[r] -= change * (p.values[user_of_[r]] + moved[user_of_[r]]);
  }
}

void MfSampler::sweep() {
  sweep_mean();
  sweep_biases();
  for (std::size_t f = 0; f < dim_; ++f) sweep_factor(f);
}

double MfSampler::rmse() const {
  double square = 0;
  for (const auto residual : residual_) square += residual * residual;
  return std::sqrt(square / static_cast<double>(residual_.size()));
}

Mf::Draw MfSampler::draw() const {
  Mf::Draw draw;
  draw.mean = static_cast<float>(mean_);
  draw.noise = static_cast<float>(noise_);
  const auto add_prior = [&](const Prior& prior) {
    draw.centre.push_back(static_cast<float>(prior.mean));
    draw.precision.push_back(static_cast<float>(prior.precision));
  };
  add_prior(user_bias_.prior);
  for (const auto& group : p_) add_prior(group.prior);
  draw.bias = item_bias_.values;
  draw.factors.resize(items_ * dim_);
  draw.implied.resize(items_ * dim_);
  for (std::size_t f = 0; f < dim_; ++f) {
    for (std::size_t item = 0; item < items_; ++item) {
      draw.factors[item * dim_ + f] = q_[f].values[item];
      draw.implied[item * dim_ + f] = y_[f].values[item];
    }
  }
  return draw;
}

}  // namespace zhiyin
