#include "understand/embed/vision/onnx_picture_sense.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "understand/embed/vision/resize.h"

namespace zhiyin {
namespace {

constexpr InputRole kRoles[] = {InputRole::kPixels};

// The shorter side brought to the given length, the other with it.
Frame fitted_outside(const Frame& frame, int shorter_side, ResizeFilter filter) {
  const bool wide = frame.width >= frame.height;
  const double longer = wide ? frame.width : frame.height;
  const double shorter = wide ? frame.height : frame.width;
  const int length =
      static_cast<int>(longer * shorter_side / shorter);  // cut off, not rounded: as the makers' tools do
  return wide ? resized(frame, length, shorter_side, filter) : resized(frame, shorter_side, length, filter);
}

Frame padded(const Frame& frame, int width, int height, ResizeFilter filter) {
  const double scale = std::min(static_cast<double>(width) / frame.width, static_cast<double>(height) / frame.height);
  const auto inner = resized(frame, std::clamp(static_cast<int>(frame.width * scale), 1, width),
                             std::clamp(static_cast<int>(frame.height * scale), 1, height), filter);
  Frame out{.width = width, .height = height, .time_s = frame.time_s, .rgb = {}};
  out.rgb.resize(3 * static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  const auto left = static_cast<std::size_t>((width - inner.width) / 2);
  const auto top = static_cast<std::size_t>((height - inner.height) / 2);
  const auto row = 3 * static_cast<std::size_t>(inner.width);
  for (std::size_t y = 0; y < static_cast<std::size_t>(inner.height); ++y) {
    std::copy_n(
        inner.rgb.begin() + static_cast<std::ptrdiff_t>(y * row), row,
        out.rgb.begin() + static_cast<std::ptrdiff_t>(3 * ((top + y) * static_cast<std::size_t>(width) + left)));
  }
  return out;
}

Frame fitted(const Frame& frame, const PictureDescription& picture) {
  const auto filter = picture.filter == PictureFilter::kBicubic ? ResizeFilter::kCubic : ResizeFilter::kTriangle;
  if (picture.fit == PictureFit::kStretch) return resized(frame, picture.width, picture.height, filter);
  if (picture.fit == PictureFit::kPad) return padded(frame, picture.width, picture.height, filter);
  const int side = picture.shorter_side > 0 ? picture.shorter_side : std::max(picture.width, picture.height);
  const auto outer = fitted_outside(frame, side, filter);
  return cropped(outer, (outer.width - picture.width) / 2, (outer.height - picture.height) / 2, picture.width,
                 picture.height);
}

}  // namespace

std::vector<float> prepared_picture(const Frame& frame, const PictureDescription& picture) {
  const auto fit = fitted(frame, picture);
  const auto pixels = static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height);
  std::vector<float> values(3 * pixels);
  for (std::size_t channel = 0; channel < 3; ++channel) {
    const std::size_t from = picture.bgr ? 2 - channel : channel;
    for (std::size_t i = 0; i < pixels; ++i) {
      const float value = (static_cast<float>(fit.rgb[3 * i + from]) / picture.scale - picture.mean[channel]) /
                          picture.deviation[channel];
      values[picture.channels_first ? channel * pixels + i : 3 * i + channel] = value;
    }
  }
  return values;
}

Result<std::unique_ptr<OnnxPictureSense>> OnnxPictureSense::open(const EncoderDescription& description) {
  const auto opened = [&]() -> Result<std::unique_ptr<OnnxPictureSense>> {
    ZY_TRY(auto network, DescribedNetwork::open({.file = description.file,
                                                 .inputs = description.inputs,
                                                 .roles = kRoles,
                                                 .output = description.output,
                                                 .threads = description.threads}));
    const auto* pixels = network.input(InputRole::kPixels);
    if (pixels == nullptr) return invalid("no input of the model holds pixels: an encoder of pictures needs one");
    const auto& picture = description.picture;
    const std::vector<std::int64_t> wanted = picture.channels_first
                                                 ? std::vector<std::int64_t>{1, 3, picture.height, picture.width}
                                                 : std::vector<std::int64_t>{1, picture.height, picture.width, 3};
    for (std::size_t i = 0; i < pixels->shape.size(); ++i) {
      if (pixels->shape.size() == 4 && (pixels->shape[i] < 0 || pixels->shape[i] == wanted[i])) continue;
      return invalid(fmt::format(
          "the model wants {} {} in extent {} of \"{}\"; the description's width, height and layout give {}",
          pixels->shape.size() == 4 ? "exactly" : "another number of extents, with", pixels->shape[i], i + 1,
          pixels->name, wanted[std::min<std::size_t>(i, 3)]));
    }
    std::unique_ptr<OnnxPictureSense> sense(new OnnxPictureSense(description, std::move(network)));
    const Frame grey{.width = 64, .height = 48, .time_s = 0, .rgb = std::vector<std::uint8_t>(64 * 48 * 3, 128)};
    ZY_TRY(const auto vector, sense->encode(grey));
    sense->dim_ = vector.size();
    return sense;
  };
  return opened().in(fmt::format("{}: {}", description.place, description.name));
}

Result<std::vector<float>> OnnxPictureSense::encode(const Frame& frame) const {
  const auto& picture = description_.picture;
  const std::vector<std::int64_t> shape = picture.channels_first
                                              ? std::vector<std::int64_t>{1, 3, picture.height, picture.width}
                                              : std::vector<std::int64_t>{1, picture.height, picture.width, 3};
  ZY_TRY(const auto output, network_.run({{InputRole::kPixels, {shape, prepared_picture(frame, picture)}}}));
  const std::size_t every_step = std::numeric_limits<std::size_t>::max();
  ZY_TRY(auto vector, pooled(output, description_.pooling, {&every_step, 1}));
  if (description_.normalise) normalise_rows(vector, vector.size());
  return vector;
}

// One frame at a time: what a run holds in memory does not grow with the clip.
Result<void> OnnxPictureSense::perceive(const Decoded& decoded, Perception& found) const {
  std::vector<float> mean(dim_, 0.0F);
  for (const auto& frame : decoded.frames) {
    ZY_TRY(const auto vector, encode(frame));
    for (std::size_t k = 0; k < dim_; ++k) mean[k] += vector[k] / static_cast<float>(decoded.frames.size());
  }
  if (decoded.frames.empty()) return {};
  if (description_.normalise) normalise_rows(mean, dim_);
  found.vectors.push_back({description_.name, description_.version, std::move(mean)});
  return {};
}

}  // namespace zhiyin
