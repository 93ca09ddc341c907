#include "feed/recommend/modality_reason.h"

#include <algorithm>
#include <array>

#include "base/kernels/vectors.h"

namespace zhiyin {

ReasonKind modality_reason(const View& view, ItemIndex a, ItemIndex b) {
  const auto& fusion = *view.snapshot()->fusion;
  auto row_a = view.content().row(a);
  auto row_b = view.content().row(b);
  // Only the base line's vector is made of blocks that can be told apart.
  std::vector<float> base_a;
  std::vector<float> base_b;
  if (fusion.learned()) {
    row_a = base_a = fusion.base_line(view.modalities(a));
    row_b = base_b = fusion.base_line(view.modalities(b));
  }
  std::array<float, kModalities> likeness{};
  for (const auto& block : fusion.blocks()) {
    const auto left = row_a.subspan(block.offset, block.dim);
    const auto right = row_b.subspan(block.offset, block.dim);
    likeness[static_cast<std::size_t>(modality_of(block.encoder))] += dot(left, right);
  }
  switch (static_cast<Modality>(std::ranges::max_element(likeness) - likeness.begin())) {
    case Modality::kText: return ReasonKind::kReadsLike;
    case Modality::kSound: return ReasonKind::kSoundsLike;
    case Modality::kVision: return ReasonKind::kLooksLike;
  }
  return ReasonKind::kReadsLike;
}

}  // namespace zhiyin
