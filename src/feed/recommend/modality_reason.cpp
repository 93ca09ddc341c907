#include "feed/recommend/modality_reason.h"

namespace zhiyin {

ReasonKind modality_reason(const View& view, ItemIndex a, ItemIndex b) {
  const auto& fusion = *view.snapshot()->fusion;
  const auto& content = view.content();
  ReasonKind reason = ReasonKind::kReadsLike;
  double largest = 0;
  double sound = 0;
  double picture = 0;
  double text = 0;
  for (const auto& block : fusion.blocks()) {
    const auto left = content.row(a).subspan(block.offset, block.dim);
    const auto right = content.row(b).subspan(block.offset, block.dim);
    double likeness = 0;
    for (std::size_t i = 0; i < block.dim; ++i) likeness += double{left[i]} * right[i];
    (block.encoder.starts_with("sound") ? sound : block.encoder.starts_with("picture") ? picture : text) += likeness;
  }
  const auto consider = [&](double likeness, ReasonKind kind) {
    if (likeness <= largest) return;
    largest = likeness;
    reason = kind;
  };
  consider(text, ReasonKind::kReadsLike);
  consider(sound, ReasonKind::kSoundsLike);
  consider(picture, ReasonKind::kLooksLike);
  return reason;
}

}  // namespace zhiyin
