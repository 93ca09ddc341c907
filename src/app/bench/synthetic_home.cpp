#include "app/bench/synthetic_home.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/bench/synthetic_rows.h"
#include "base/random.h"
#include "match/registry/registry.h"

namespace zhiyin {
namespace {

constexpr std::size_t kKernelDim = 128;   // of content_blend's kernel, by default
constexpr std::size_t kLikesOfAFan = 50;  // events of each user who makes items popular
constexpr UnixSeconds kStart = 1'700'000'000;

std::vector<float> normals(std::size_t count, float deviation, Random& random) {
  std::vector<float> values(count);
  for (auto& value : values) value = deviation * random.normal();
  return values;
}

template <typename T>
Tensor row_of(std::vector<T> values) {
  const auto size = values.size();
  return Tensor::adopt<T>({size}, std::move(values));
}

class Builder {
 public:
  explicit Builder(const SyntheticOptions& options)
      : options_(options), clusters_(synthetic_clusters(options.items)), random_(options.seed) {
    members_.resize(clusters_);
    for (ItemIndex item = 0; item < options_.items; ++item) {
      cluster_.push_back(random_.below(static_cast<std::uint32_t>(clusters_)));
      touched_.push_back(random_.below(100) >= options.fresh_percent);
      if (touched_.back()) {
        members_[cluster_.back()].push_back(item);
        all_touched_.push_back(item);
      } else {
        untouched_.push_back(item);
      }
    }
  }

  Result<std::unique_ptr<SyntheticHome>> build() {
    auto home = std::make_unique<SyntheticHome>();
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->id = "synthetic";
    snapshot->recommender = "ials";
    auto items = make_items();
    for (const auto& item : items) snapshot->items.push_back(item.id);
    ZY_TRY(snapshot->models["ials"], loaded("ials", factors()));
    ZY_TRY(snapshot->models["content_blend"], loaded("content_blend", content_blend()));
    auto modalities = content();
    snapshot->fusion = FusionModel::fit(modalities);
    home->view = View::of(std::move(items), std::move(modalities), std::move(snapshot));
    make_behaviour(*home);
    return home;
  }

 private:
  static Result<std::unique_ptr<Model>> loaded(std::string_view name, const Tensors& tensors) {
    ZY_TRY(auto model, make_model(name, {}));
    ZY_CHECK_OK(model->load(tensors).in(name));
    return model;
  }

  std::vector<Item> make_items() {
    std::vector<Item> items(options_.items);
    for (std::size_t i = 0; i < items.size(); ++i) {
      items[i].id = id_of(static_cast<ItemIndex>(i));
      items[i].title = fmt::format("Item number {} of cluster {}", i, cluster_[i]);
      items[i].tags = {fmt::format("cluster-{}", cluster_[i]), "synthetic"};
    }
    return items;
  }

  static ItemId id_of(ItemIndex item) { return ItemId(fmt::format("item-{:07}", item)); }

  Tensors factors() {
    auto rows = synthetic_factors(cluster_, clusters_, options_.dim, random_);
    constexpr float kAlpha0 = 0.5F;
    constexpr float kStrength = 7;  // the default of iALS
    const auto active = static_cast<float>(all_touched_.size());
    Tensors tensors;
    tensors.put("factors", Tensor::adopt<float>({options_.items, options_.dim}, std::move(rows)));
    tensors.put("objective", Tensor::adopt<float>({4}, {kAlpha0, kStrength / (kAlpha0 * active), 1, active}));
    return tensors;
  }

  std::vector<std::vector<ModalityVector>> content() {
    const auto half = options_.dim / 2;
    std::vector<std::vector<ModalityVector>> modalities(options_.items);
    for (const auto* encoder : {"text.synthetic", "sound.synthetic"}) {
      const auto dim = encoder[0] == 't' ? half : options_.dim - half;
      const auto rows = synthetic_content(cluster_, clusters_, dim, random_);
      for (std::size_t i = 0; i < options_.items; ++i) {
        const auto row = std::span(rows).subspan(i * dim, dim);
        modalities[i].push_back({encoder, 1, {row.begin(), row.end()}});
      }
    }
    return modalities;
  }

  // Each item's neighbours are touched items of its own cluster.
  Tensors content_blend() {
    std::vector<std::int64_t> offsets(options_.items + 1, 0);
    const auto each_neighbour = [&](const auto& visit) {
      for (ItemIndex target = 0; target < options_.items; ++target) {
        const auto& near = members_[cluster_[target]];
        if (near.empty()) continue;
        const auto count = std::min(near.size(), options_.neighbours);
        const auto first = mix64(target) % near.size();
        for (std::size_t k = 0; k < count; ++k) visit(target, near[(first + k) % near.size()]);
      }
    };
    each_neighbour([&](ItemIndex, ItemIndex from) { ++offsets[from + 1]; });
    for (std::size_t i = 0; i < options_.items; ++i) offsets[i + 1] += offsets[i];
    std::vector<ItemIndex> targets(static_cast<std::size_t>(offsets.back()));
    std::vector<float> similarity(targets.size());
    auto next = offsets;
    each_neighbour([&](ItemIndex target, ItemIndex from) {
      const auto at = static_cast<std::size_t>(next[from]++);
      targets[at] = target;
      similarity[at] = random_.uniform() / static_cast<float>(options_.neighbours);
    });
    Tensors tensors;
    tensors.put("offsets", row_of(std::move(offsets)));
    tensors.put("targets", row_of(std::move(targets)));
    tensors.put("similarity", row_of(std::move(similarity)));
    tensors.put("liked", Tensor::adopt<float>({options_.items, kKernelDim},
                                              normals(options_.items * kKernelDim, 0.1F, random_)));
    tensors.put("places", Tensor::adopt<float>({options_.items, kKernelDim},
                                               normals(options_.items * kKernelDim, 0.1F, random_)));
    tensors.put("kernel_weight", Tensor::adopt<float>({1}, {1.0F}));
    tensors.put("untouched", Tensor::from<ItemIndex>({untouched_.size()}, untouched_));
    return tensors;
  }

  // A few items are on everybody's lips: the share of item k falls like the cube of its place.
  ItemIndex popular(const std::vector<ItemIndex>& among) {
    const float place = random_.uniform();
    return among[static_cast<std::size_t>(place * place * place * static_cast<float>(among.size()))];
  }

  void make_behaviour(SyntheticHome& home) {
    UnixSeconds time = kStart;
    const auto act = [&](const UserId& user, ItemIndex item, EventType type) {
      Event event;
      event.type = type;
      event.user = user;
      event.item = id_of(item);
      event.time = ++time;
      home.live.apply(event);
    };
    for (std::size_t k = 0; k < 2 * all_touched_.size(); ++k) {
      const UserId fan(fmt::format("fan-{}", k / kLikesOfAFan));
      act(fan, k < all_touched_.size() ? all_touched_[k] : popular(all_touched_), EventType::kLike);
    }
    for (std::size_t u = 0; u < options_.users; ++u) {
      const UserId user(fmt::format("user-{}", u));
      std::vector<ItemIndex> liked;
      while (liked.size() < options_.history) {
        // One of three clusters; now and then anything.
        const auto& cluster = members_[mix64(3 * u + random_.below(3)) % clusters_];
        const auto item = popular(random_.below(10) == 0 ? all_touched_ : cluster);
        if (std::ranges::find(liked, item) == liked.end()) liked.push_back(item);
      }
      for (const auto item : liked) act(user, item, EventType::kLike);
      for (std::size_t k = 0; k < options_.disliked; ++k)
        act(user, all_touched_[random_.below(static_cast<std::uint32_t>(all_touched_.size()))], EventType::kDislike);
      home.users.push_back(user);
    }
  }

  SyntheticOptions options_;
  std::size_t clusters_;
  Random random_;
  std::vector<std::uint32_t> cluster_;  // by item
  std::vector<bool> touched_;
  std::vector<std::vector<ItemIndex>> members_;  // touched items of each cluster
  std::vector<ItemIndex> all_touched_;
  std::vector<ItemIndex> untouched_;
};

}  // namespace

Result<std::unique_ptr<SyntheticHome>> make_synthetic_home(const SyntheticOptions& options) {
  return Builder(options).build();
}

}  // namespace zhiyin
