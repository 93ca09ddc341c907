#include "understand/media/preview.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "understand/media/libav_sdk.h"

namespace zhiyin {
namespace {

constexpr int kFrame_ms = 600;
constexpr int kWidest = 320;
constexpr int kQuality = 55;  // of 100

// At most kPreviewFrames of the frames, evenly, of the size of the first.
std::vector<const Frame*> shown(std::span<const Frame> frames) {
  std::vector<const Frame*> chosen;
  const auto count = std::min<std::size_t>(frames.size(), kPreviewFrames);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& frame = frames[i * frames.size() / count];
    if (frame.width == frames[0].width && frame.height == frames[0].height) chosen.push_back(&frame);
  }
  return chosen;
}

}  // namespace

Result<EncodedPicture> encode_preview(std::span<const Frame> frames) {
  const auto chosen = shown(frames);
  if (chosen.size() < 2) return invalid("a preview needs two pictures");
  const auto* codec = avcodec_find_encoder_by_name("libwebp_anim");
  if (codec == nullptr) return internal("libavcodec has no encoder of animated WebP");
  const int from_width = chosen[0]->width;
  const int from_height = chosen[0]->height;
  const int width = std::min(from_width, kWidest);
  const int height = std::max(1, from_height * width / from_width);
  LibavPtr<AVCodecContext> encoder(avcodec_alloc_context3(codec));
  LibavPtr<AVFrame> picture(av_frame_alloc());
  LibavPtr<AVPacket> packet(av_packet_alloc());
  if (encoder == nullptr || picture == nullptr || packet == nullptr) return internal("out of memory");
  encoder->width = picture->width = width;
  encoder->height = picture->height = height;
  encoder->pix_fmt = AV_PIX_FMT_YUV420P;
  encoder->time_base = {kFrame_ms, 1000};
  encoder->thread_count = 1;
  encoder->flags |= AV_CODEC_FLAG_QSCALE;
  encoder->global_quality = kQuality * FF_QP2LAMBDA;
  encoder->compression_level = 2;
  picture->format = AV_PIX_FMT_YUV420P;
  const auto failed = [&] { return internal(fmt::format("a {}x{} preview cannot be made", width, height)); };
  if (avcodec_open2(encoder.get(), codec, nullptr) < 0) return failed();
  const LibavPtr<SwsContext> scaler(sws_getContext(from_width, from_height, AV_PIX_FMT_RGB24, width, height,
                                                   AV_PIX_FMT_YUV420P, SWS_AREA, nullptr, nullptr, nullptr));
  if (scaler == nullptr) return internal("out of memory");
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    // The encoder may keep the frame's memory: each picture gets its own.
    av_frame_unref(picture.get());
    picture->width = width;
    picture->height = height;
    picture->format = AV_PIX_FMT_YUV420P;
    if (or_out_of_memory(av_frame_get_buffer(picture.get(), 0)) < 0) return failed();
    const std::uint8_t* planes[4] = {chosen[i]->rgb.data(), nullptr, nullptr, nullptr};
    const int strides[4] = {3 * from_width, 0, 0, 0};
    sws_scale(scaler.get(), planes, strides, 0, from_height, picture->data, picture->linesize);
    picture->pts = static_cast<std::int64_t>(i);
    if (or_out_of_memory(avcodec_send_frame(encoder.get(), picture.get())) < 0) return failed();
  }
  if (avcodec_send_frame(encoder.get(), nullptr) < 0 ||
      or_out_of_memory(avcodec_receive_packet(encoder.get(), packet.get())) < 0) {
    return failed();
  }
  return EncodedPicture{{reinterpret_cast<const char*>(packet->data), static_cast<std::size_t>(packet->size)},
                        "image/webp"};
}

}  // namespace zhiyin
