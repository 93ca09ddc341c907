#include "understand/media/wire.h"

#include <cmath>
#include <cstring>
#include <type_traits>

namespace zhiyin {
namespace {

constexpr std::string_view kBegin = "zyd3";
constexpr std::string_view kEnd = "done";

class Writer {
 public:
  template <typename T>
  requires std::is_arithmetic_v<T>
  void number(T value) { bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value)); }
  template <typename T>
  void array(const std::vector<T>& values) {
    number(std::uint64_t{values.size()});
    bytes_.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  }
  void text(std::string_view value) {
    number(std::uint64_t{value.size()});
    bytes_.append(value);
  }
  void raw(std::string_view value) { bytes_.append(value); }
  void reserve(std::size_t size) { bytes_.reserve(size); }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Reads past the end give zeros and set failed().
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  requires std::is_arithmetic_v<T> T number() {
    T value{};
    if (const auto* from = take(sizeof(T)); from != nullptr) std::memcpy(&value, from, sizeof(T));
    return value;
  }
  template <typename T>
  std::vector<T> array() {
    const auto count = number<std::uint64_t>();
    if (count > bytes_.size() / sizeof(T)) failed_ = true;
    if (failed_) return {};
    std::vector<T> values(count);
    if (const auto* from = take(count * sizeof(T)); from != nullptr && count > 0) {
      std::memcpy(values.data(), from, count * sizeof(T));
    }
    return values;
  }
  std::string text() {
    const auto size = number<std::uint64_t>();
    if (size > bytes_.size()) failed_ = true;
    if (failed_) return {};
    return {take(size), size};
  }
  bool expect(std::string_view value) {
    const auto* from = take(value.size());
    if (from == nullptr || std::string_view(from, value.size()) != value) failed_ = true;
    return !failed_;
  }
  // How many follow, each of at least `bytes` bytes.
  std::uint64_t count(std::size_t bytes) {
    const auto value = number<std::uint64_t>();
    if (value > bytes_.size() / bytes) failed_ = true;
    return failed_ ? 0 : value;
  }
  void fail() { failed_ = true; }
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool at_end() const { return bytes_.empty(); }

 private:
  const char* take(std::size_t size) {
    if (failed_ || size > bytes_.size()) {
      failed_ = true;
      return nullptr;
    }
    const auto* from = bytes_.data();
    bytes_.remove_prefix(size);
    return from;
  }
  std::string_view bytes_;
  bool failed_ = false;
};

void write_sound(Writer& out, const Sound& sound) {
  out.number(std::int32_t{sound.sample_rate});
  out.array(sound.samples);
}

Sound read_sound(Reader& in) {
  Sound sound;
  sound.sample_rate = in.number<std::int32_t>();
  sound.samples = in.array<float>();
  if (!sound.samples.empty() && sound.sample_rate <= 0) in.fail();
  return sound;
}

void write_frames(Writer& out, const std::vector<Frame>& frames) {
  out.number(std::uint64_t{frames.size()});
  for (const auto& frame : frames) {
    out.number(std::int32_t{frame.width});
    out.number(std::int32_t{frame.height});
    out.number(frame.time_s);
    out.array(frame.rgb);
  }
}

Frame read_frame(Reader& in) {
  Frame frame;
  frame.width = in.number<std::int32_t>();
  frame.height = in.number<std::int32_t>();
  frame.time_s = in.number<double>();
  frame.rgb = in.array<std::uint8_t>();
  if (frame.width <= 0 || frame.height <= 0 || !std::isfinite(frame.time_s) ||
      frame.rgb.size() != std::uint64_t{3} * static_cast<unsigned>(frame.width) * static_cast<unsigned>(frame.height)) {
    in.fail();
  }
  return frame;
}

std::vector<Frame> read_frames(Reader& in) {
  std::vector<Frame> frames;
  for (auto left = in.count(24); left > 0 && !in.failed(); --left) frames.push_back(read_frame(in));
  return frames;
}

Glimpse read_glimpse(Reader& in) {
  Glimpse glimpse;
  glimpse.time_s = in.number<double>();
  glimpse.change = in.number<float>();
  glimpse.cut = in.number<std::uint8_t>() != 0;
  if (!std::isfinite(glimpse.time_s) || !(glimpse.change >= 0 && glimpse.change <= 1)) in.fail();
  return glimpse;
}

Passage read_cue(Reader& in) {
  Passage cue{.kind = "subtitle", .encoder = std::string(kDecoderName)};
  cue.start_s = in.number<double>();
  cue.end_s = in.number<double>();
  cue.text = in.text();
  if (!std::isfinite(cue.start_s) || !std::isfinite(cue.end_s)) in.fail();
  return cue;
}

}  // namespace

std::string to_wire(const Result<Decoded>& decoded) {
  Writer out;
  out.raw(kBegin);
  out.number(std::uint8_t{decoded.ok()});
  if (!decoded.ok()) {
    out.number(static_cast<std::int32_t>(decoded.error().code));
    out.text(decoded.error().message);
  } else {
    const auto& value = decoded.value();
    out.reserve((value.music.samples.size() + value.speech.samples.size()) * sizeof(float) + (1U << 20U));
    out.number(static_cast<std::int32_t>(value.kind));
    out.text(value.content_type);
    out.number(value.duration_s);
    out.number(std::uint64_t{value.tags.size()});
    for (const auto& [key, text] : value.tags) {
      out.text(key);
      out.text(text);
    }
    write_frames(out, value.frames);
    out.number(std::uint64_t{value.glimpses.size()});
    for (const auto& glimpse : value.glimpses) {
      out.number(glimpse.time_s);
      out.number(glimpse.change);
      out.number(std::uint8_t{glimpse.cut});
    }
    write_frames(out, value.pages);
    write_sound(out, value.speech);
    write_sound(out, value.music);
    out.number(std::uint8_t{value.loudness.has_value()});
    if (value.loudness) {
      out.number(value.loudness->integrated_lufs);
      out.number(value.loudness->range_lu);
    }
    out.text(value.cover);
    out.text(value.cover_type);
    for (const auto* picture : {&value.small, &value.preview}) {
      out.text(picture->bytes);
      out.text(picture->type);
    }
    out.number(std::uint64_t{value.subtitles.size()});
    for (const auto& cue : value.subtitles) {
      out.number(cue.start_s);
      out.number(cue.end_s);
      out.text(cue.text);
    }
    out.number(std::uint64_t{value.warnings.size()});
    for (const auto& warning : value.warnings) out.text(warning);
  }
  out.raw(kEnd);
  return out.take();
}

Result<Decoded> from_wire(std::string_view bytes) {
  Reader in(bytes);
  const auto damaged = [] { return corrupt("the media worker's answer is damaged"); };
  if (!in.expect(kBegin)) return damaged();
  if (in.number<std::uint8_t>() == 0) {
    const auto code = in.number<std::int32_t>();
    auto message = in.text();
    if (!in.expect(kEnd) || code < 0 || code > static_cast<int>(ErrorCode::kInternal)) return damaged();
    return Error{static_cast<ErrorCode>(code), std::move(message), {}};
  }
  Decoded value;
  const auto kind = in.number<std::int32_t>();
  if (kind < 0 || kind > static_cast<int>(MediaKind::kImage)) in.fail();
  value.kind = static_cast<MediaKind>(kind);
  value.content_type = in.text();
  value.duration_s = in.number<double>();
  if (!std::isfinite(value.duration_s) || value.duration_s < 0) in.fail();
  for (auto left = in.count(16); left > 0; --left) {
    auto key = in.text();
    value.tags.emplace(std::move(key), in.text());
  }
  value.frames = read_frames(in);
  for (auto left = in.count(13); left > 0 && !in.failed(); --left) value.glimpses.push_back(read_glimpse(in));
  value.pages = read_frames(in);
  value.speech = read_sound(in);
  value.music = read_sound(in);
  if (in.number<std::uint8_t>() != 0) {
    auto& loudness = value.loudness.emplace();
    loudness.integrated_lufs = in.number<double>();
    loudness.range_lu = in.number<double>();
    if (!std::isfinite(loudness.integrated_lufs) || !std::isfinite(loudness.range_lu)) in.fail();
  }
  value.cover = in.text();
  value.cover_type = in.text();
  for (auto* picture : {&value.small, &value.preview}) {
    picture->bytes = in.text();
    picture->type = in.text();
  }
  for (auto left = in.count(24); left > 0 && !in.failed(); --left) value.subtitles.push_back(read_cue(in));
  for (auto left = in.count(8); left > 0; --left) value.warnings.push_back(in.text());
  if (!in.expect(kEnd) || !in.at_end()) return damaged();
  return value;
}

std::size_t largest_wire(const DecodeLimits& limits) {
  const auto pictures = [](int count, int width) {  // each at most twice as high as wide
    return static_cast<std::size_t>(count) *
           (6 * static_cast<std::size_t>(width) * static_cast<std::size_t>(width) + 64);
  };
  const auto frames =
      pictures(limits.key_frames, limits.frame_width) + pictures(limits.pages, limits.page_width * 3 / 2);
  const auto sound = static_cast<std::size_t>(limits.sound_s * (48000 + 16000) + 4096) * sizeof(float);
  return frames + sound + (16U << 20U);
}

}  // namespace zhiyin
