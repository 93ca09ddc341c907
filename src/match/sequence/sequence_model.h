// Models that read a history as a sequence and say what comes next (sasrec.h, gru4rec.h): the part that they share.
//
// A net turns the vectors of the items so far into a state after every step; the score of an item is the state times
// the item's vector, from the same table. Learned by softmax cross entropy of the next item at every step, over all
// items where those are at most `candidates`, else over the row's own and a sample that all rows of a step share
// (match/candidates.h), corrected for how often each is expected there.
//
// The last step of every twentieth user is kept out to stop by: training ends when it has not improved for `patience`
// looks, and the best state is kept (with few users it goes on to the last epoch: match/kept_out.h). Everything is float32 and repeats for a seed.
#pragma once

#include <memory>

#include "base/nn/embedding.h"
#include "match/candidates.h"
#include "match/model.h"
#include "match/popularity.h"

namespace zhiyin {

// The net between the vectors of the items and the states. `rows`: sequences.batch x sequences.time, padded in front.
class SequenceNet {
 public:
  struct Kept {
    virtual ~Kept() = default;
  };
  virtual ~SequenceNet() = default;
  // With `random`: training, with dropout, and `kept` gets what backward() needs.
  virtual nn::Matrix forward(nn::Matrix rows, const nn::Sequences& shape, Random* random,
                             std::unique_ptr<Kept>* kept) const = 0;
  virtual nn::Matrix backward(nn::Matrix dy, const Kept& kept) = 0;
  virtual void enumerate(nn::Parameters& all) = 0;
};

// What every sequence model can be told, with the defaults of one. They were chosen by the last item but one of MovieLens
// 100K, in a dozen fits of one seed each, most of whose differences lie inside the intervals. There 512 candidates took
// 28% less time than all items, and sasrec (two blocks, 16 epochs) found less: ndcg@10 .098 for .110.
constexpr std::array<ParamRange, 7> sequence_ranges(double rate, double epochs) {
  return {{{"factors", 32, 128, true, 64},
           {"length", 20, 200, true, 50},
           {"epochs", 10, 200, true, epochs},
           {"rate", 3e-4, 3e-3, true, rate},
           {"dropout", 0, 0.6, false, 0.3},
           {"candidates", 256, 16384, true, 2048},
           {"patience", 4, 4, false, 4}}};
}

class SequenceModel : public Model {
 public:
  explicit SequenceModel(const Params& params) : params_(params) {}
  [[nodiscard]] Params params() const final { return params_; }
  Result<void> train(const TrainingData& data, const TrainContext& context) final;
  // What is popular for an empty history.
  void score(const History& history, std::span<float> scores) const final;
  [[nodiscard]] std::size_t items() const final { return table_ ? table_->ids() : 0; }
  void save(Tensors& tensors) const final;
  Result<void> load(const Tensors& tensors) final;

 protected:
  [[nodiscard]] virtual std::unique_ptr<SequenceNet> make_net(const Params& params, std::size_t dim, std::size_t length,
                                                              Random& random) const = 0;

 private:
  void build(std::size_t items, std::size_t dim, std::size_t length, std::uint64_t seed);
  [[nodiscard]] nn::Parameters all() const;
  [[nodiscard]] double step(std::span<const std::vector<ItemIndex>> batch, const CandidateSampler& sampler,
                            Random& random);

  Params params_;
  std::size_t length_ = 0;
  std::unique_ptr<nn::Embedding> table_;
  std::unique_ptr<SequenceNet> net_;
  Popularity popularity_;
};

}  // namespace zhiyin
