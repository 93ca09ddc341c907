#include "understand/media/cover.h"

#include <fmt/format.h>

#include <algorithm>

#include "understand/media/container_sdk.h"
#include "understand/media/scaler_sdk.h"

namespace zhiyin {
namespace {

constexpr std::size_t kKeptAsItIs = 512 << 10;  // larger art is made anew
constexpr int kCoverWidth = 640;
constexpr int kQuality = 4;  // quantiser scale: 2 is best, 31 worst

std::string bytes_of(const AVPacket& packet) {
  return {reinterpret_cast<const char*>(packet.data), static_cast<std::size_t>(packet.size)};
}

}  // namespace

Result<EncodedPicture> encode_jpeg(const Frame& frame, int widest) {
  const int width = std::min(frame.width, widest);
  const int height = std::max(1, static_cast<int>(std::int64_t{frame.height} * width / frame.width));
  const auto* codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
  if (codec == nullptr) return internal("libavcodec has no JPEG encoder");
  LibavPtr<AVCodecContext> encoder(avcodec_alloc_context3(codec));
  LibavPtr<AVFrame> picture(av_frame_alloc());
  LibavPtr<AVPacket> packet(av_packet_alloc());
  if (encoder == nullptr || picture == nullptr || packet == nullptr) return internal("out of memory");
  encoder->width = picture->width = width;
  encoder->height = picture->height = height;
  encoder->pix_fmt = AV_PIX_FMT_YUVJ420P;
  picture->format = AV_PIX_FMT_YUVJ420P;
  encoder->color_range = AVCOL_RANGE_JPEG;
  encoder->time_base = {1, 25};
  encoder->thread_count = 1;
  encoder->flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT;
  encoder->global_quality = picture->quality = kQuality * FF_QP2LAMBDA;
  if (avcodec_open2(encoder.get(), codec, nullptr) < 0 || av_frame_get_buffer(picture.get(), 0) < 0) {
    return internal(fmt::format("a {}x{} JPEG cannot be made", width, height));
  }
  const LibavPtr<SwsContext> scaler(sws_getContext(frame.width, frame.height, AV_PIX_FMT_RGB24, width, height,
                                                   AV_PIX_FMT_YUVJ420P, width == frame.width ? SWS_BILINEAR : SWS_AREA,
                                                   nullptr, nullptr, nullptr));
  if (scaler == nullptr) return internal("out of memory");
  const std::uint8_t* planes[4] = {frame.rgb.data(), nullptr, nullptr, nullptr};
  const int strides[4] = {3 * frame.width, 0, 0, 0};
  sws_scale(scaler.get(), planes, strides, 0, frame.height, picture->data, picture->linesize);
  if (avcodec_send_frame(encoder.get(), picture.get()) < 0 || avcodec_receive_packet(encoder.get(), packet.get()) < 0) {
    return internal(fmt::format("a {}x{} JPEG cannot be made", width, height));
  }
  return EncodedPicture{bytes_of(*packet), "image/jpeg"};
}

Result<std::optional<EmbeddedCover>> embedded_cover(const Container& container, const DecodeLimits& limits) {
  const int number = container.streams().cover;
  if (number < 0) return std::optional<EmbeddedCover>();
  const auto& stream = *container.stream(number);
  const auto& packet = stream.attached_pic;
  if (packet.data == nullptr || packet.size <= 0) return invalid("the embedded picture is empty");

  // Decoded in any case: a page must not be given bytes that only claim to be a picture.
  ZY_TRY(auto decoder, container.decoder(number));
  LibavPtr<AVFrame> picture(av_frame_alloc());
  if (picture == nullptr) return internal("out of memory");
  if (avcodec_send_packet(decoder.get(), &packet) < 0 || avcodec_send_packet(decoder.get(), nullptr) < 0 ||
      avcodec_receive_frame(decoder.get(), picture.get()) < 0) {
    return invalid("the embedded picture cannot be decoded");
  }
  Scaler scaler(std::max(kCoverWidth, limits.frame_width), quarter_turns(stream));
  ZY_TRY(auto frame, scaler.scale(*picture, picture->sample_aspect_ratio, 0));
  const bool jpeg = decoder->codec_id == AV_CODEC_ID_MJPEG;
  const bool png = decoder->codec_id == AV_CODEC_ID_PNG;
  if ((jpeg || png) && static_cast<std::size_t>(packet.size) <= kKeptAsItIs) {
    return std::optional(EmbeddedCover{{bytes_of(packet), jpeg ? "image/jpeg" : "image/png"}, std::move(frame)});
  }
  ZY_TRY(auto encoded, encode_jpeg(frame));
  return std::optional(EmbeddedCover{std::move(encoded), std::move(frame)});
}

}  // namespace zhiyin
