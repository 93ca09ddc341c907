#include "understand/media/decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "understand/media/budget.h"
#include "understand/media/container_sdk.h"
#include "understand/media/cover.h"
#include "understand/media/frames.h"
#include "understand/media/key_frames.h"
#include "understand/media/libav_log.h"
#include "understand/media/preview.h"
#include "understand/media/sound.h"
#include "understand/media/tags.h"

namespace zhiyin {
namespace {

// A picture whose size was refused inside libav, told in our words: the prober refuses it before a width is known.
std::string refused_size(const DecodeLimits& limits) {
  for (const auto& message : libav_messages()) {
    const auto at = message.find("icture size ");
    unsigned width = 0;
    unsigned height = 0;
    if (at != std::string::npos && std::sscanf(message.c_str() + at, "icture size %ux%u", &width, &height) == 2) {
      return fmt::format("frame of {}x{} is over the limit of {} megapixels", width, height,
                         static_cast<double>(limits.pixels) / 1e6);
    }
  }
  return {};
}

void add_pictures(Decoded& result, SampledFrames sampled, const DecodeLimits& limits) {
  auto& candidates = sampled.frames;
  if (sampled.moving) result.glimpses = glimpses_of(candidates);
  result.pages = std::move(sampled.pages);
  for (const auto chosen : choose_key_frames(candidates, limits.key_frames)) {
    result.frames.push_back(std::move(candidates[chosen]));
  }
}

void add_small_cover(Decoded& result, const Frame& frame) {
  auto small = encode_jpeg(frame, kSmallCoverWidth);
  if (small.ok()) {
    result.small = std::move(*small);
  } else {
    result.warnings.push_back("small cover: " + small.error().message);
  }
}

void add_cover(Decoded& result, const Container& container, const DecodeLimits& limits) {
  auto embedded = embedded_cover(container, limits);
  if (!embedded.ok()) result.warnings.push_back("cover: " + embedded.error().message);
  if (embedded.ok() && embedded->has_value()) {
    result.cover = std::move((*embedded)->picture.bytes);
    result.cover_type = std::move((*embedded)->picture.type);
    add_small_cover(result, (*embedded)->frame);
  } else if (!result.frames.empty()) {
    const auto& frame = result.frames[most_telling(result.frames)];
    if (auto jpeg = encode_jpeg(frame); jpeg.ok()) {
      result.cover = std::move(jpeg->bytes);
      result.cover_type = std::move(jpeg->type);
      add_small_cover(result, frame);
    } else {
      result.warnings.push_back("cover: " + jpeg.error().message);
    }
  }
}

void add_preview(Decoded& result) {
  if (result.kind != MediaKind::kVideo || result.frames.size() < 2) return;
  auto preview = encode_preview(result.frames);
  if (preview.ok()) {
    result.preview = std::move(*preview);
  } else {
    result.warnings.push_back("preview: " + preview.error().message);
  }
}

}  // namespace

Result<Decoded> decode_descriptor(int descriptor, const DecodeLimits& limits) {
  const Budget budget(limits);
  Decoded result;
  std::string picture_error;
  std::string sound_error;
  bool moving = false;

  ZY_TRY(auto container, Container::open(descriptor, limits.pixels));
  const auto streams = container->streams();
  result.duration_s = container->is_picture() ? 0 : container->duration_s();
  result.tags = read_tags(*container);

  if (streams.picture >= 0) {
    if (auto sampled = sample_frames(*container, limits, budget, result.warnings); sampled.ok()) {
      moving = sampled->moving;
      add_pictures(result, std::move(*sampled), limits);
    } else {
      picture_error = refused_size(limits);
      if (picture_error.empty()) picture_error = sampled.error().message;
    }
  }
  if (streams.sound >= 0) {
    // Each step gets its own demuxer: none inherits the position and the flags of the one before.
    ZY_TRY(auto again, Container::open(descriptor, limits.pixels));
    if (auto sound = decode_sound(*again, limits, budget, result.warnings); sound.ok()) {
      result.music = std::move(sound->mono);
      result.loudness = sound->loudness;
      if (!is_silent(result.music)) {
        ZY_TRY(result.speech, resampled(result.music, kSpeechRate));
      }
    } else {
      sound_error = sound.error().message;
    }
  }
  if (streams.subtitle >= 0) {
    ZY_TRY(auto again, Container::open(descriptor, limits.pixels));
    result.subtitles = read_subtitles(*again, budget, result.warnings);
  }

  const bool seen = !result.frames.empty();
  const bool heard = !result.music.samples.empty();
  if (!seen && !heard) {
    if (!picture_error.empty()) return invalid(picture_error);
    if (!sound_error.empty()) return invalid(sound_error);
    return invalid("no audio or video stream");
  }
  if (!picture_error.empty()) result.warnings.push_back(picture_error);
  if (!sound_error.empty()) result.warnings.push_back(sound_error);

  result.content_type = container->content_type();
  add_cover(result, *container, limits);
  if (container->is_picture()) {
    result.kind = MediaKind::kImage;
  } else if (seen && (moving || !heard)) {
    result.kind = MediaKind::kVideo;  // however calm: that one key frame stands for it says nothing of its kind
  } else {
    // A picture of one moment beside sound is its cover, whatever the muxer called it.
    result.kind = MediaKind::kAudio;
    result.frames.clear();
    result.pages.clear();
    if (result.content_type.starts_with("video/")) result.content_type.replace(0, 5, "audio");
  }
  if (limits.preview) add_preview(result);
  if (result.duration_s <= 0 && heard && result.kind != MediaKind::kImage) {
    result.duration_s = static_cast<double>(result.music.samples.size()) / result.music.sample_rate;
  }
  for (auto& message : libav_messages()) result.warnings.push_back(std::move(message));
  return result;
}

}  // namespace zhiyin
