#include "feed/recommend/modality_reason.h"

#include <algorithm>
#include <array>

#include "base/kernels/vectors.h"

namespace zhiyin {

ReasonKind modality_reason(const View& view, ItemIndex a, ItemIndex b) {
  const auto& fusion = *view.snapshot()->fusion;
  const auto& content = view.content();
  std::array<float, kModalities> likeness{};
  for (const auto& block : fusion.blocks()) {
    const auto left = content.row(a).subspan(block.offset, block.dim);
    const auto right = content.row(b).subspan(block.offset, block.dim);
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
