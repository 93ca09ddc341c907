#include "understand/embed/onnx/description_parts.h"

#include <fmt/format.h>

#include <algorithm>

namespace zhiyin {
namespace {

using Words = std::string_view;

}  // namespace

Result<PictureDescription> read_picture(const TomlTable& encoder) {
  ZY_TRY(const auto table, encoder.table("picture"));
  constexpr Words kKeys[] = {"width", "height", "fit",       "shorter_side", "filter",
                             "scale", "mean",   "deviation", "layout",       "channels"};
  ZY_CHECK_OK(table.only(kKeys));
  PictureDescription picture;
  ZY_TRY(picture.width, table.whole("width", 224, 8, 2048));
  ZY_TRY(picture.height, table.whole("height", picture.width, 8, 2048));
  ZY_TRY(picture.fit, enumerated(table, "fit", {"crop", "stretch", "pad"}, PictureFit::kCrop));
  ZY_TRY(picture.shorter_side, table.whole("shorter_side", 0, 0, 4096));
  const int least = std::max(picture.width, picture.height);
  if (picture.shorter_side != 0 && picture.shorter_side < least) {
    return table.error("shorter_side",
                       fmt::format("is {}: at least the crop of {} is needed", picture.shorter_side, least));
  }
  ZY_TRY(picture.filter, enumerated(table, "filter", {"bilinear", "bicubic"}, PictureFilter::kBicubic));
  ZY_TRY(const double scale, table.number("scale", 255, 1e-6, 1e6));
  picture.scale = static_cast<float>(scale);
  ZY_TRY(const auto mean, table.numbers("mean", {0, 0, 0}));
  ZY_TRY(const auto deviation, table.numbers("deviation", {1, 1, 1}));
  if (std::ranges::any_of(deviation, [](float d) { return !(d > 0); }))
    return table.error("deviation", "must be above 0");
  std::ranges::copy(mean, picture.mean.begin());
  std::ranges::copy(deviation, picture.deviation.begin());
  constexpr Words kLayouts[] = {"nchw", "nhwc"};
  ZY_TRY(const auto layout, table.choice("layout", kLayouts, 0));
  constexpr Words kChannels[] = {"rgb", "bgr"};
  ZY_TRY(const auto channels, table.choice("channels", kChannels, 0));
  picture.channels_first = layout == 0;
  picture.bgr = channels == 1;
  return picture;
}

Result<SoundDescription> read_sound(const TomlTable& encoder, bool speech) {
  ZY_TRY(const auto table, encoder.table("sound"));
  constexpr Words kKeys[] = {"form",       "rate",      "seconds", "windows", "short",     "fit_wave",
                             "transform",  "hop",       "bands",   "low_hz",  "high_hz",   "scale",
                             "equal_area", "drop_last", "log",     "mean",    "deviation", "layout"};
  ZY_CHECK_OK(table.only(kKeys));
  SoundDescription sound;
  ZY_TRY(sound.form, enumerated(table, "form", {"wave", "log_mel"}, speech ? SoundForm::kLogMel : SoundForm::kWave));
  ZY_TRY(sound.rate, table.whole("rate", 16000, 4000, 48000));
  ZY_TRY(sound.seconds, table.number("seconds", speech ? 30 : 10, 0.1, 120));
  ZY_TRY(sound.windows, table.whole("windows", 4, 1, 100));
  constexpr Words kShort[] = {"silence", "repeat"};
  ZY_TRY(const auto fill, table.choice("short", kShort, 0));
  sound.repeat_short = fill == 1;
  ZY_TRY(sound.fit_wave, table.flag("fit_wave", false));
  ZY_TRY(sound.transform, table.whole("transform", 400, 16, 4096));
  ZY_TRY(sound.hop, table.whole("hop", 160, 1, 16384));
  ZY_TRY(sound.bands, table.whole("bands", 80, 1, 512));
  ZY_TRY(sound.low_hz, table.number("low_hz", 0, 0, 24000));
  ZY_TRY(sound.high_hz, table.number("high_hz", 0, 0, 24000));
  if (sound.high_hz == 0) sound.high_hz = sound.rate / 2.0;
  if (!(sound.low_hz < sound.high_hz && sound.high_hz <= sound.rate / 2.0)) {
    return table.error("high_hz", fmt::format("is {}: from low_hz ({}) to half the rate ({}) is allowed", sound.high_hz,
                                              sound.low_hz, sound.rate / 2.0));
  }
  ZY_TRY(sound.scale, enumerated(table, "scale", {"slaney", "htk"}, MelScale::kSlaney));
  ZY_TRY(sound.equal_area, table.flag("equal_area", sound.scale == MelScale::kSlaney));
  ZY_TRY(sound.drop_last, table.flag("drop_last", true));
  ZY_TRY(sound.log, enumerated(table, "log", {"natural", "decibel", "whisper"}, MelLog::kWhisper));
  ZY_TRY(const double mean, table.number("mean", 0, -1e6, 1e6));
  ZY_TRY(const double deviation, table.number("deviation", 1, 1e-6, 1e6));
  sound.mean = static_cast<float>(mean);
  sound.deviation = static_cast<float>(deviation);
  constexpr Words kLayouts[] = {"bands_first", "frames_first"};
  ZY_TRY(const auto layout, table.choice("layout", kLayouts, 0));
  sound.bands_first = layout == 0;
  return sound;
}

}  // namespace zhiyin
