#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "understand/media/scaler_sdk.h"

namespace zhiyin {
namespace {

int turns_of(const std::uint8_t* display_matrix) {
  const double counterclockwise = av_display_rotation_get(reinterpret_cast<const std::int32_t*>(display_matrix));
  if (std::isnan(counterclockwise)) return 0;
  return ((static_cast<int>(std::lround(-counterclockwise / 90.0)) % 4) + 4) % 4;
}

Frame turned(Frame frame, int quarter_turns) {
  for (; quarter_turns > 0; --quarter_turns) {
    Frame out{.width = frame.height, .height = frame.width, .time_s = frame.time_s, .rgb = {}};
    out.rgb.resize(frame.rgb.size());
    for (int y = 0; y < frame.height; ++y) {
      for (int x = 0; x < frame.width; ++x) {
        const auto* from = &frame.rgb[3 * (static_cast<std::size_t>(y) * frame.width + x)];
        auto* to = &out.rgb[3 * (static_cast<std::size_t>(x) * out.width + (frame.height - 1 - y))];
        std::copy_n(from, 3, to);
      }
    }
    frame = std::move(out);
  }
  return frame;
}

bool has_alpha(AVPixelFormat format) {
  const auto* description = av_pix_fmt_desc_get(format);
  return description != nullptr && ((description->flags & (AV_PIX_FMT_FLAG_ALPHA | AV_PIX_FMT_FLAG_PAL)) != 0);
}

// RGBA over white, in place; the first three bytes of each pixel are packed to the front.
void over_white(std::vector<std::uint8_t>& rgba) {
  const auto pixels = rgba.size() / 4;
  for (std::size_t i = 0; i < pixels; ++i) {
    const int alpha = rgba[4 * i + 3];
    for (std::size_t c = 0; c < 3; ++c) {
      rgba[3 * i + c] = static_cast<std::uint8_t>((rgba[4 * i + c] * alpha + 255 * (255 - alpha) + 127) / 255);
    }
  }
  rgba.resize(3 * pixels);
}

}  // namespace

int quarter_turns(const AVStream& stream) {
  const auto* matrix = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, nullptr);
  return matrix != nullptr ? turns_of(matrix) : 0;
}

Result<Frame> Scaler::scale(const AVFrame& picture, AVRational pixel_aspect, double time_s) {
  if (picture.width <= 0 || picture.height <= 0) return invalid("a picture without pixels");
  int turns = quarter_turns_;
  if (const auto* side = av_frame_get_side_data(&picture, AV_FRAME_DATA_DISPLAYMATRIX); side != nullptr) {
    turns = turns_of(side->data);
  }
  double shown_width = picture.width;
  const double shown_height = picture.height;
  if (pixel_aspect.num > 0 && pixel_aspect.den > 0) {
    shown_width *= std::clamp(av_q2d(pixel_aspect), 0.1, 10.0);
  }
  const bool sideways = turns % 2 == 1;
  const double across = sideways ? shown_height : shown_width;
  const double down = sideways ? shown_width : shown_height;
  const double factor = std::min({1.0, width_ / across, 2.0 * width_ / down});
  const int width = std::max(1, static_cast<int>(std::lround(shown_width * factor)));
  const int height = std::max(1, static_cast<int>(std::lround(shown_height * factor)));

  const auto from = static_cast<AVPixelFormat>(picture.format);
  const bool alpha = has_alpha(from);
  const auto to = alpha ? AV_PIX_FMT_RGBA : AV_PIX_FMT_RGB24;
  context_.reset(sws_getCachedContext(context_.release(), picture.width, picture.height, from, width, height, to,
                                      SWS_AREA, nullptr, nullptr, nullptr));
  if (context_ == nullptr) return invalid("pictures of this pixel format cannot be converted");

  const int channels = alpha ? 4 : 3;
  Frame frame{.width = width, .height = height, .time_s = time_s, .rgb = {}};
  // libswscale's vector code may write past a row's end: rows are padded, then packed.
  const int stride = (width * channels + 63) / 64 * 64;
  std::vector<std::uint8_t> padded(static_cast<std::size_t>(stride) * height + 64);
  std::uint8_t* planes[4] = {padded.data(), nullptr, nullptr, nullptr};
  const int strides[4] = {stride, 0, 0, 0};
  if (sws_scale(context_.get(), picture.data, picture.linesize, 0, picture.height, planes, strides) <= 0) {
    return invalid("a picture cannot be scaled");
  }
  const auto row = static_cast<std::size_t>(width) * channels;
  frame.rgb.resize(row * height);
  for (int y = 0; y < height; ++y) std::copy_n(&padded[static_cast<std::size_t>(y) * stride], row, &frame.rgb[y * row]);
  if (alpha) over_white(frame.rgb);
  return turned(std::move(frame), turns);
}

}  // namespace zhiyin
