#include "understand/media/sound.h"

extern "C" {
#include <libavutil/opt.h>
}

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "understand/media/container_sdk.h"
#include "understand/media/libav_log.h"
#include "understand/media/loudness.h"

namespace zhiyin {
namespace {

constexpr float kSilence = 1e-4F;

// What a channel counts for in loudness (BS.1770-4, table 3).
double loudness_gain(AVChannel channel) {
  switch (channel) {
    case AV_CHAN_LOW_FREQUENCY:
    case AV_CHAN_LOW_FREQUENCY_2: return 0;
    case AV_CHAN_BACK_LEFT:
    case AV_CHAN_BACK_RIGHT:
    case AV_CHAN_BACK_CENTER:
    case AV_CHAN_SIDE_LEFT:
    case AV_CHAN_SIDE_RIGHT: return 1.41;
    default: return 1;
  }
}

// Frames of any format → the meter, which wants a plane of floats a channel.
class Metering {
 public:
  void open(const AVFrame& frame, AVChannelLayout& layout) {
    swr_.reset();
    if (layout.nb_channels > kMostChannels) return;
    SwrContext* context = nullptr;
    swr_alloc_set_opts2(&context, &layout, AV_SAMPLE_FMT_FLTP, frame.sample_rate, &layout,
                        static_cast<AVSampleFormat>(frame.format), frame.sample_rate, 0, nullptr);
    swr_.reset(context);
    if (context == nullptr || swr_init(context) < 0) {
      swr_.reset();
      return;
    }
    std::vector<double> gains;
    for (int c = 0; c < layout.nb_channels; ++c)
      gains.push_back(loudness_gain(av_channel_layout_channel_from_index(&layout, c)));
    planes_.resize(gains.size());
    meter_.begin(frame.sample_rate, gains);
  }

  void add(const std::uint8_t** data, int count) {
    if (swr_ == nullptr || count <= 0) return;
    std::vector<std::uint8_t*> to;
    std::vector<const float*> from;
    for (auto& plane : planes_) {
      plane.resize(static_cast<std::size_t>(count));
      to.push_back(reinterpret_cast<std::uint8_t*>(plane.data()));
      from.push_back(plane.data());
    }
    const int made = swr_convert(swr_.get(), to.data(), count, data, count);
    if (made > 0) meter_.add(from, static_cast<std::size_t>(made));
  }

  [[nodiscard]] std::optional<Loudness> measured() const { return meter_.measured(); }

 private:
  static constexpr int kMostChannels = 8;

  LibavPtr<SwrContext> swr_;
  std::vector<std::vector<float>> planes_;
  LoudnessMeter meter_;
};

// Any samples → mono float at one rate. Follows a stream that changes its rate or channels on the way.
class Mixer {
 public:
  explicit Mixer(Sound& out, std::size_t most) : out_(out), most_(most) {}

  [[nodiscard]] bool full() const { return out_.samples.size() >= most_; }

  void add(const AVFrame& frame) {
    if (frame.sample_rate <= 0 || frame.ch_layout.nb_channels <= 0) return;
    if (swr_ == nullptr || frame.sample_rate != rate_ || frame.format != format_ ||
        frame.ch_layout.nb_channels != channels_) {
      flush();
      open(frame);
    }
    if (swr_ == nullptr) return;
    auto** data = const_cast<const std::uint8_t**>(frame.extended_data);
    metering_.add(data, frame.nb_samples);
    convert(data, frame.nb_samples);
  }

  [[nodiscard]] std::optional<Loudness> loudness() const { return metering_.measured(); }

  void flush() {
    if (swr_ != nullptr) convert(nullptr, 0);
    swr_.reset();
  }

 private:
  void open(const AVFrame& frame) {
    rate_ = frame.sample_rate;
    format_ = frame.format;
    channels_ = frame.ch_layout.nb_channels;
    AVChannelLayout mono = AV_CHANNEL_LAYOUT_MONO;
    AVChannelLayout from{};
    // Streams that do not say where their channels belong get the usual places.
    if (frame.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC) {
      av_channel_layout_default(&from, channels_);
    } else {
      av_channel_layout_copy(&from, &frame.ch_layout);
    }
    SwrContext* context = nullptr;
    swr_alloc_set_opts2(&context, &mono, AV_SAMPLE_FMT_FLT, out_.sample_rate, &from,
                        static_cast<AVSampleFormat>(frame.format), frame.sample_rate, 0, nullptr);
    swr_.reset(context);
    // Without this a mix of floats is only right in power: two equal channels would come to 1.41 of full scale, and be
    // cut.
    if (context != nullptr) av_opt_set_double(context, "rematrix_maxval", 1.0, 0);
    if (context == nullptr || swr_init(context) < 0) {
      swr_.reset();
    } else {
      metering_.open(frame, from);
    }
    av_channel_layout_uninit(&from);
  }

  void convert(const std::uint8_t** planes, int count) {
    const int room = swr_get_out_samples(swr_.get(), count);
    if (room <= 0) return;
    const auto before = out_.samples.size();
    out_.samples.resize(before + static_cast<std::size_t>(room));
    auto* to = reinterpret_cast<std::uint8_t*>(out_.samples.data() + before);
    const int made = swr_convert(swr_.get(), &to, room, planes, count);
    out_.samples.resize(std::min(before + static_cast<std::size_t>(std::max(made, 0)), most_));
  }

  Sound& out_;
  std::size_t most_;
  Metering metering_;
  LibavPtr<SwrContext> swr_;
  int rate_ = 0;
  int format_ = -1;
  int channels_ = 0;
};

}  // namespace

Result<DecodedSound> decode_sound(const Container& container, const DecodeLimits& limits, const Budget& budget,
                                  std::vector<std::string>& warnings) {
  const int number = container.streams().sound;
  ZY_TRY(auto decoder, container.decoder(number));
  const auto& stream = *container.stream(number);
  container.only(number);
  if (const double spare_s = container.duration_s() - limits.sound_s; spare_s > 1) {
    const auto middle = static_cast<std::int64_t>(spare_s / 2 / av_q2d(stream.time_base));
    const auto start = stream.start_time != AV_NOPTS_VALUE ? stream.start_time : 0;
    if (av_seek_frame(container.format(), number, start + middle, AVSEEK_FLAG_BACKWARD) < 0) {
      warnings.push_back("sound: the file cannot be searched, its beginning is used");
    }
  }

  const int own_rate = stream.codecpar->sample_rate;
  if (own_rate <= 0) return invalid("the sound has no sample rate");
  Sound sound{.sample_rate = std::min(own_rate, kHighestRate), .samples = {}};
  Mixer mixer(sound, static_cast<std::size_t>(limits.sound_s * sound.sample_rate));
  LibavPtr<AVPacket> packet(av_packet_alloc());
  LibavPtr<AVFrame> frame(av_frame_alloc());
  if (packet == nullptr || frame == nullptr) return internal("out of memory");
  for (bool more = true; more && !mixer.full();) {
    if (budget.spent(kSoundShare)) {
      warnings.push_back("sound: stopped early, most of the time allowed was used");
      break;
    }
    more = next_packet(container, packet.get());
    if (more && packet->stream_index != number) continue;
    if (or_out_of_memory(avcodec_send_packet(decoder.get(), more ? packet.get() : nullptr)) < 0 && more) continue;
    while (!mixer.full() && or_out_of_memory(avcodec_receive_frame(decoder.get(), frame.get())) >= 0) mixer.add(*frame);
  }
  mixer.flush();
  if (sound.samples.empty()) {
    const auto reason = last_libav_message();
    return invalid(reason.empty() ? "no sound could be decoded" : fmt::format("no sound could be decoded: {}", reason));
  }
  // Damaged float streams can hold anything.
  for (auto& sample : sound.samples) sample = std::isfinite(sample) ? std::clamp(sample, -1.0F, 1.0F) : 0.0F;
  return DecodedSound{std::move(sound), mixer.loudness()};
}

Result<Sound> resampled(const Sound& sound, int sample_rate) {
  if (sound.sample_rate == sample_rate || sound.samples.empty()) return Sound{sample_rate, sound.samples};
  AVChannelLayout mono = AV_CHANNEL_LAYOUT_MONO;
  SwrContext* context = nullptr;
  swr_alloc_set_opts2(&context, &mono, AV_SAMPLE_FMT_FLT, sample_rate, &mono, AV_SAMPLE_FMT_FLT, sound.sample_rate, 0,
                      nullptr);
  const LibavPtr<SwrContext> swr(context);
  if (swr == nullptr || swr_init(swr.get()) < 0) {
    return internal(fmt::format("no resampling from {} to {} Hz", sound.sample_rate, sample_rate));
  }
  Sound out{.sample_rate = sample_rate, .samples = {}};
  const auto convert = [&](const float* samples, int count) {
    const int room = std::max(swr_get_out_samples(swr.get(), count), 0);
    const auto before = out.samples.size();
    out.samples.resize(before + static_cast<std::size_t>(room));
    auto* to = reinterpret_cast<std::uint8_t*>(out.samples.data() + before);
    const auto* from = reinterpret_cast<const std::uint8_t*>(samples);
    const int made = swr_convert(swr.get(), &to, room, samples != nullptr ? &from : nullptr, count);
    out.samples.resize(before + static_cast<std::size_t>(std::max(made, 0)));
  };
  constexpr std::size_t kBlock = 1 << 15;
  for (std::size_t i = 0; i < sound.samples.size(); i += kBlock) {
    convert(sound.samples.data() + i, static_cast<int>(std::min(kBlock, sound.samples.size() - i)));
  }
  convert(nullptr, 0);
  for (auto& sample : out.samples) sample = std::clamp(sample, -1.0F, 1.0F);
  return out;
}

bool is_silent(const Sound& sound) {
  return std::ranges::all_of(sound.samples, [](float sample) { return std::abs(sample) < kSilence; });
}

}  // namespace zhiyin
