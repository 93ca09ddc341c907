// A matching model: learns from who touched what (and from what the items are), then scores items for any history.
//
// Every model scores from a history rather than from a stored user, so that a user who came a second ago, a guest and
// a user of the training set are one case (fold-in), and so that an event changes the very next answer.
//
// Life: create by name (match/registry/registry.h) -> train() or load() once -> const calls from any thread. Training is
// confined to one caller, uses at most context.threads threads, and repeats bit by bit for a seed and a thread count.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/tensors.h"
#include "domain/interactions.h"
#include "match/params.h"

namespace zhiyin {

// What one user did, as a model sees it: items known to the model, oldest first, each once.
struct History {
  std::vector<ItemIndex> items;
  std::vector<float> weights;      // > 0, how strongly it speaks for the item; same length as items
  std::vector<UnixSeconds> times;  // same length, or empty where unknown
};

// How one modality is to be whitened and weighed (match/content/whitening.h).
struct Whitening {
  float weight = 1;     // its length beside the other modalities
  float shrink = 0.1F;  // added to every variance, as a share of the mean variance: what is below it is taken for noise
};

// The features of one modality among those of an item.
struct ModalityBlock {
  std::size_t dim = 0;
  Whitening neighbours;  // where items are compared one with another
  Whitening kernel;      // where behaviour is predicted from content
};

// Content vectors of items: row-major items x dim. A row of zeros means that nothing is known of that item, a block of
// zeros that it lacks this modality.
struct ItemFeatures {
  std::size_t dim = 0;
  std::vector<float> rows;
  std::vector<ModalityBlock> blocks = {};  // one after the other, together dim wide; empty: one block of all
};

struct ForeignTower;  // match/content/served_tower.h

struct TrainingData {
  const Interactions& interactions;        // positives only
  const ItemFeatures* features = nullptr;  // for content models; items() rows
  const ForeignTower* tower = nullptr;     // for the model that serves one; items() rows
};

// What happened since a model was trained, or last updated.
//
// `interactions` is how things stand now, of the model's items and behind them those that are new. It must hold the
// whole row of every user who touches an item of `added` or `removed`, and of every user of theirs; rows of others may
// be left out, and who is a row here has nothing to do with who was one in training.
struct Update {
  const Interactions& interactions;
  std::span<const Interaction> added;         // cells that were not there: in `interactions` now
  std::span<const Interaction> removed = {};  // cells that were there: not in `interactions` any more
  int threads = 1;
};

struct TrainContext {
  std::uint64_t seed = 42;
  int threads = 1;
  // Called after each epoch with the training loss (NaN where the model has none).
  std::function<void(int epoch, int epochs, double loss)> on_epoch = [](int, int, double) {};
};

// One liked item's share of a score; shares of all items of the history add up to the score.
struct Contribution {
  ItemIndex item;
  float share;
};

// What the names of arrays begin with that answers do not depend on. They are never packed: nobody would see the loss.
inline constexpr std::string_view kUpdateOnly = "update.";

// The error of a model whose file lacks what updated() needs.
Error not_updatable(std::string_view model);

// The items of these cells, ascending, each once.
std::vector<ItemIndex> changed_items(const Update& update);

// The item side of a model whose scores are inner products: score(history)[i] = query(history) . row i.
struct ItemVectors {
  std::size_t dim = 0;          // 0: the model is not of this kind
  std::span<const float> rows;  // row-major items() x dim, the model's own memory
};

class Model {
 public:
  virtual ~Model() = default;

  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual Params params() const = 0;  // those in use, defaults filled in

  // Errors: kInvalid when the data cannot be learned from (no interactions, too many items for a dense model), with
  // the reason and the fix. Never leaves NaN in the model.
  virtual Result<void> train(const TrainingData& data, const TrainContext& context) = 0;

  // Writes the score of every item into scores (size items()). Comparable within one call only. An empty history is
  // allowed: models of behaviour then order by what is popular (match/popularity.h), those of content alone say zeros.
  virtual void score(const History& history, std::span<float> scores) const = 0;

  // Exact additive shares of score(history)[item], largest first; empty where a model has none. See match/leaning.h.
  [[nodiscard]] virtual std::vector<Contribution> explain(const History&, ItemIndex /*item*/) const { return {}; }

  // The same scores for the items of `some` alone, in their order.
  virtual void score_some(const History& history, std::span<const ItemIndex> some, std::span<float> scores) const {
    std::vector<float> all(items());
    score(history, all);
    for (std::size_t k = 0; k < some.size(); ++k) scores[k] = all[some[k]];
  }

  // What lets an index find the best items without score(): empty unless scores are inner products.
  [[nodiscard]] virtual ItemVectors item_vectors() const { return {}; }
  [[nodiscard]] virtual std::vector<float> query(const History&) const { return {}; }

  // explain() of several items, at most the `most` largest shares of each.
  [[nodiscard]] virtual std::vector<std::vector<Contribution>> explain_all(const History& history,
                                                                           std::span<const ItemIndex> some,
                                                                           std::size_t most) const {
    std::vector<std::vector<Contribution>> all;
    for (const auto item : some) {
      all.push_back(explain(history, item));
      if (all.back().size() > most) all.back().resize(most);
    }
    return all;
  }

  // Whether this model can say anything about an item that nobody has touched.
  [[nodiscard]] virtual bool scores_cold_items() const { return false; }

  [[nodiscard]] virtual std::size_t items() const = 0;

  // A copy that has learned from what came since; this one stays as it is and may be asked meanwhile, so whoever serves
  // swaps one for the other. Items that are new get a row: items() of the copy is that of the interactions. What it
  // costs and what it only approximates is said by each model that can. Never leaves NaN in the copy.
  // Error kConflict: this model cannot, or not as it was saved; then it serves as it is until the next training.
  [[nodiscard]] virtual Result<std::unique_ptr<Model>> updated(const Update& /*update*/) const {
    return Error{
        ErrorCode::kConflict, std::string(name()) + " learns nothing between trainings: run `zhiyin train`", {}};
  }

  // Tensors carry everything that score() needs, and under names that begin with kUpdateOnly what updated() needs
  // besides. load() checks shapes and finiteness.
  virtual void save(Tensors& tensors) const = 0;
  virtual Result<void> load(const Tensors& tensors) = 0;
};

}  // namespace zhiyin
