#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

#include "understand/media/container_sdk.h"
#include "understand/media/libav_log.h"
#include "understand/media/media.h"

namespace zhiyin {
namespace {

constexpr int kIoBuffer = 1 << 16;

// Self-contained formats. Playlists, capture devices, concatenations and bare text are not among them.
constexpr const char* kFormats =
    "mov,mp4,m4a,3gp,matroska,webm,ogg,mp3,flac,wav,w64,avi,aac,ac3,eac3,aiff,au,amr,ape,asf,caf,dsf,dts,flv,mpeg,"
    "mpegts,"
    "mpegvideo,h264,hevc,m4v,ivf,mxf,nut,rm,tak,tta,voc,wv,opus,gif,apng,png_pipe,jpeg_pipe,webp_pipe,bmp_pipe,tiff_"
    "pipe,"
    "mjpeg,jpegls_pipe,j2k_pipe,ppm_pipe,pgm_pipe,pbm_pipe,psd_pipe,qoi_pipe";

bool is_text_subtitle(AVCodecID codec) {
  const auto* descriptor = avcodec_descriptor_get(codec);
  return descriptor != nullptr && (descriptor->props & AV_CODEC_PROP_TEXT_SUB) != 0;
}

// An error of opening, with what libav said about it where it said something.
Error not_media(std::string_view what, int code) {
  auto reason = last_libav_message();
  if (reason.empty()) reason = libav_error(code);
  return invalid(fmt::format("{}: {}", what, reason));
}

}  // namespace

int Container::read(void* opaque, std::uint8_t* buffer, int size) {
  auto* self = static_cast<Container*>(opaque);
  for (;;) {
    const auto count = ::pread(self->descriptor_, buffer, static_cast<std::size_t>(size), self->position_);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return AVERROR(errno);
    if (count == 0) return AVERROR_EOF;
    self->position_ += count;
    return static_cast<int>(count);
  }
}

std::int64_t Container::seek(void* opaque, std::int64_t offset, int whence) {
  auto* self = static_cast<Container*>(opaque);
  switch (whence & ~AVSEEK_FORCE) {
    case AVSEEK_SIZE: return self->size_;
    case SEEK_SET: break;
    case SEEK_CUR: offset += self->position_; break;
    case SEEK_END: offset += self->size_; break;
    default: return AVERROR(EINVAL);
  }
  if (offset < 0) return AVERROR(EINVAL);
  self->position_ = offset;
  return offset;
}

Result<std::unique_ptr<Container>> Container::open(int descriptor, std::int64_t max_pixels) {
  std::unique_ptr<Container> self(new Container);
  struct stat info {};
  if (::fstat(descriptor, &info) != 0) return internal("the file cannot be read");
  self->descriptor_ = descriptor;
  self->size_ = info.st_size;
  self->max_pixels_ = max_pixels;

  std::array<char, 64> head{};
  const auto got = ::pread(descriptor, head.data(), head.size(), 0);
  self->webm_ = std::string_view(head.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))).find("webm") !=
                std::string_view::npos;

  auto* buffer = static_cast<unsigned char*>(av_malloc(kIoBuffer));
  if (buffer == nullptr) return internal("out of memory");
  self->io_.reset(avio_alloc_context(buffer, kIoBuffer, 0, self.get(), &Container::read, nullptr, &Container::seek));
  auto* format = avformat_alloc_context();
  if (self->io_ == nullptr || format == nullptr) return internal("out of memory");
  format->pb = self->io_.get();
  format->flags |= AVFMT_FLAG_CUSTOM_IO;
  format->format_whitelist = av_strdup(kFormats);
  format->max_streams = 64;
  if (const int code = or_out_of_memory(avformat_open_input(&format, "", nullptr, nullptr));
      code < 0) {  // frees format
    if (last_libav_message().empty() || code == AVERROR(EINVAL)) {
      return invalid("not an audio, video or picture file of a known format");
    }
    return not_media("the file cannot be opened", code);
  }
  self->format_.reset(format);

  std::vector<AVDictionary*> options(format->nb_streams, nullptr);
  for (auto& option : options) {
    av_dict_set_int(&option, "max_pixels", max_pixels, 0);
    av_dict_set_int(&option, "threads", 1, 0);
  }
  const int code = avformat_find_stream_info(format, options.data());
  for (auto& option : options) av_dict_free(&option);
  if (or_out_of_memory(code) < 0) return not_media("the file cannot be probed", code);
  self->find_streams();
  return self;
}

void Container::find_streams() {
  std::int64_t largest = -1;
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    const auto* candidate = format_->streams[i];
    const auto& codec = *candidate->codecpar;
    const auto number = static_cast<int>(i);
    if (codec.codec_type == AVMEDIA_TYPE_VIDEO) {
      if ((candidate->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0) {
        if (streams_.cover < 0) streams_.cover = number;
      } else if (const auto pixels = std::int64_t{codec.width} * codec.height; pixels > largest) {
        largest = pixels;
        streams_.picture = number;
      }
    } else if (codec.codec_type == AVMEDIA_TYPE_SUBTITLE && streams_.subtitle < 0 && is_text_subtitle(codec.codec_id)) {
      streams_.subtitle = number;
    }
  }
  streams_.sound = std::max(-1, av_find_best_stream(format_.get(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0));
}

bool Container::is_picture() const {
  const std::string_view name = format_->iformat->name;
  return name.ends_with("_pipe") || name == "gif" || name == "apng" ||
         (name == "mjpeg" && format_->streams[0]->nb_frames <= 1 && size_ < (64 << 20));
}

double Container::duration_s() const {
  if (format_->duration > 0) return static_cast<double>(format_->duration) / AV_TIME_BASE;
  double longest = 0;
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    const auto* candidate = format_->streams[i];
    if (candidate->duration > 0) {
      longest = std::max(longest, static_cast<double>(candidate->duration) * av_q2d(candidate->time_base));
    }
  }
  return longest;
}

std::string Container::content_type() const {
  const std::string_view name = format_->iformat->name;
  const bool video = streams_.picture >= 0;
  const auto either = [&](std::string_view type) { return fmt::format("{}/{}", video ? "video" : "audio", type); };
  if (name.starts_with("mov")) {
    const auto* brand = av_dict_get(format_->metadata, "major_brand", nullptr, 0);
    if (brand != nullptr && std::string_view(brand->value).starts_with("qt")) return either("quicktime");
    return either("mp4");
  }
  if (name.starts_with("matroska")) return either(webm_ ? "webm" : "x-matroska");
  if (name == "ogg") return either("ogg");
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 22> kTypes{{
      {"mp3", "audio/mpeg"},       {"flac", "audio/flac"},  {"wav", "audio/wav"},        {"avi", "video/x-msvideo"},
      {"aac", "audio/aac"},        {"ac3", "audio/ac3"},    {"aiff", "audio/aiff"},      {"amr", "audio/amr"},
      {"asf", "video/x-ms-asf"},   {"flv", "video/x-flv"},  {"mpeg", "video/mpeg"},      {"mpegvideo", "video/mpeg"},
      {"mpegts", "video/mp2t"},    {"gif", "image/gif"},    {"apng", "image/apng"},      {"png_pipe", "image/png"},
      {"jpeg_pipe", "image/jpeg"}, {"mjpeg", "image/jpeg"}, {"webp_pipe", "image/webp"}, {"bmp_pipe", "image/bmp"},
      {"tiff_pipe", "image/tiff"}, {"caf", "audio/x-caf"},
  }};
  const auto known = std::ranges::find(kTypes, name, &std::pair<std::string_view, std::string_view>::first);
  return known != kTypes.end() ? std::string(known->second) : "application/octet-stream";
}

Result<LibavPtr<AVCodecContext>> Container::decoder(int number) const {
  const auto& parameters = *stream(number)->codecpar;
  const auto* name = avcodec_get_name(parameters.codec_id);
  const auto* codec = avcodec_find_decoder(parameters.codec_id);
  if (codec == nullptr) return invalid(fmt::format("no decoder for {}", name));
  LibavPtr<AVCodecContext> context(avcodec_alloc_context3(codec));
  if (context == nullptr) return internal("out of memory");
  if (avcodec_parameters_to_context(context.get(), &parameters) < 0) return invalid(fmt::format("bad {} header", name));
  context->thread_count = 1;
  context->max_pixels = max_pixels_;
  context->pkt_timebase = stream(number)->time_base;
  if (const int code = avcodec_open2(context.get(), codec, nullptr); code < 0) {
    return invalid(fmt::format("{} cannot be decoded: {}", name, libav_error(code)));
  }
  return context;
}

void Container::only(int number) const {
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    format_->streams[i]->discard = static_cast<int>(i) == number ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
  }
}

std::string decoder_signature(const DecodeLimits& limits) {
  return fmt::format("{} {} with libavformat {} libavcodec {}; {:g} s, {:g} cpu s, {} bytes, {} pixels", kDecoderName,
                     kDecoderVersion, avformat_version(), avcodec_version(), limits.wall_s, limits.cpu_s,
                     limits.memory_bytes, limits.pixels);
}

bool next_packet(const Container& container, AVPacket* packet) {
  // A damaged stretch gives errors without an end: after this many in a row the rest is given up.
  constexpr int kErrorsInARow = 100;
  for (int errors = 0; errors < kErrorsInARow; ++errors) {
    av_packet_unref(packet);
    const int code = av_read_frame(container.format(), packet);
    if (code >= 0) return true;
    if (code == AVERROR_EOF || avio_feof(container.format()->pb) != 0) return false;
  }
  return false;
}

}  // namespace zhiyin
