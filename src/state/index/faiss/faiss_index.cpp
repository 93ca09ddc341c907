#include "state/index/faiss/faiss_index.h"

#include <faiss/IndexHNSW.h>
#include <faiss/IndexIVF.h>
#include <faiss/IndexIVFPQ.h>
#include <faiss/impl/FaissException.h>
#include <faiss/index_factory.h>
#include <fmt/format.h>
#include <omp.h>

#include <algorithm>
#include <cmath>

#include "base/kernels/linalg.h"
#include "state/index/cluster_index.h"
#include "state/index/scan_index.h"

namespace zhiyin {
namespace {

using Id = faiss::Index::idx_t;

constexpr std::size_t kBatch = 65'536;     // rows that are handed over at a time
constexpr std::size_t kRoughAnswers = 4;   // times k, where codes are too coarse to rank by
constexpr std::size_t kMostSamples = 256;  // rows for each list, to learn from
constexpr std::size_t kMostEffort = 4096;

std::size_t lists_for(std::size_t rows) {
  return std::clamp<std::size_t>(static_cast<std::size_t>(4 * std::sqrt(static_cast<double>(rows))), 1,
                                 std::max<std::size_t>(1, rows / 40));
}

std::string recipe(FaissKind kind, std::size_t rows, std::size_t dim) {
  switch (kind) {
    case FaissKind::kIvf: return fmt::format("IVF{},Flat", lists_for(rows));
    case FaissKind::kIvfPq: return fmt::format("IVF{},PQ{}", lists_for(rows), dim % 2 == 0 ? dim / 2 : dim);
    case FaissKind::kHnsw: return "HNSW32";
  }
  return {};
}

}  // namespace

struct FaissIndex::Impl {
  std::unique_ptr<faiss::Index> index;
};

FaissIndex::FaissIndex(VectorRows rows, FaissKind kind)
    : rows_(std::move(rows)), kind_(kind), impl_(std::make_unique<Impl>()) {}
FaissIndex::~FaissIndex() = default;

std::string_view FaissIndex::kind() const {
  constexpr std::string_view names[] = {"faiss-ivf", "faiss-ivf-pq", "faiss-hnsw"};
  return names[static_cast<int>(kind_)];
}

Result<std::unique_ptr<FaissIndex>> FaissIndex::build(VectorRows rows, FaissKind kind, int threads) {
  std::unique_ptr<FaissIndex> built(new FaissIndex(std::move(rows), kind));
  const auto& table = built->rows_;
  omp_set_num_threads(threads);
  use_one_blas_thread();  // faiss has threads of its own
  std::vector<float> values;
  const auto gather = [&](std::size_t begin, std::size_t end, std::size_t step) {
    values.clear();
    for (auto row = begin; row < end; row += step)
      values.insert(values.end(), table.row(row).begin(), table.row(row).end());
    return static_cast<Id>(values.size() / table.dim());
  };
  try {
    auto& index = built->impl_->index;
    index.reset(faiss::index_factory(static_cast<int>(table.dim()), recipe(kind, table.size(), table.dim()).c_str(),
                                     faiss::METRIC_INNER_PRODUCT));
    // It takes a minute, for a kind of search that is not used here.
    if (auto* codes = dynamic_cast<faiss::IndexIVFPQ*>(index.get())) codes->do_polysemous_training = false;
    if (!index->is_trained) {
      const auto most = lists_for(table.size()) * kMostSamples;
      const auto count = gather(0, table.size(), std::max<std::size_t>(1, table.size() / most));
      index->train(count, values.data());
    }
    for (std::size_t begin = 0; begin < table.size(); begin += kBatch) {
      const auto count = gather(begin, std::min(begin + kBatch, table.size()), 1);
      index->add(count, values.data());
    }
  } catch (const faiss::FaissException& refused) {
    return invalid(fmt::format("{}: {}", built->kind(), refused.what()));
  }
  built->set_effort(16);
  return built;
}

void FaissIndex::set_effort(std::size_t effort) {
  effort_ = effort;
  if (auto* lists = dynamic_cast<faiss::IndexIVF*>(impl_->index.get())) lists->nprobe = effort;
  if (auto* graph = dynamic_cast<faiss::IndexHNSW*>(impl_->index.get()))
    graph->hnsw.efSearch = static_cast<int>(effort);
}

double FaissIndex::tune(std::span<const Query> samples, std::span<const std::vector<Near>> exact, std::size_t k,
                        double recall_goal) {
  const auto* lists = dynamic_cast<const faiss::IndexIVF*>(impl_->index.get());
  const auto most = lists == nullptr ? kMostEffort : std::min(kMostEffort, lists->nlist);
  double measured = 0;
  for (std::size_t effort = lists == nullptr ? k : 1; effort <= most; effort *= 2) {
    set_effort(effort);
    measured = recall(search(samples, k), exact);
    if (measured >= recall_goal) break;
  }
  return measured;
}

std::size_t FaissIndex::bytes() const {
  if (const auto* graph = dynamic_cast<const faiss::IndexHNSW*>(impl_->index.get()))
    return graph->hnsw.neighbors.size() * sizeof(faiss::HNSW::storage_idx_t) +
           rows_.size() * rows_.dim() * sizeof(float);
  if (const auto* lists = dynamic_cast<const faiss::IndexIVF*>(impl_->index.get()))
    return rows_.size() * (lists->code_size + sizeof(Id)) + lists->nlist * rows_.dim() * sizeof(float);
  return 0;
}

std::vector<std::vector<Near>> FaissIndex::search(std::span<const Query> queries, std::size_t k) const {
  omp_set_num_threads(1);
  std::vector<std::vector<Near>> results(queries.size());
  std::vector<float> scores;
  std::vector<Id> ids;
  std::vector<std::uint32_t> allowed;
  for (std::size_t q = 0; q < queries.size() && k > 0; ++q) {
    const auto& query = queries[q];
    if (!has_direction(query.vector)) continue;
    if (allows_few(query, rows_.size())) {
      results[q] = walk(rows_, query, k);
      continue;
    }
    auto wanted = std::min(rows_.size(), kind_ == FaissKind::kIvfPq ? kRoughAnswers * k : k);
    for (;; wanted = std::min(2 * wanted, rows_.size())) {
      scores.resize(wanted);
      ids.resize(wanted);
      impl_->index->search(1, query.vector.data(), static_cast<Id>(wanted), scores.data(), ids.data());
      allowed.clear();
      bool ended = false;  // faiss found no more
      for (const auto id : ids) {
        ended = ended || id < 0;
        if (id < 0) continue;
        const auto row = static_cast<std::uint32_t>(id);
        if ((query.allowed == nullptr || (*query.allowed)[row]) && has_direction(rows_.row(row)))
          allowed.push_back(row);
      }
      if (allowed.size() >= k || ended || wanted == rows_.size()) break;
    }
    results[q] = best_of(rows_, query.vector, allowed, k);
  }
  return results;
}

}  // namespace zhiyin
