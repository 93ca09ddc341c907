#include "understand/media/frames.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "understand/media/container_sdk.h"
#include "understand/media/libav_log.h"
#include "understand/media/pages.h"
#include "understand/media/scaler_sdk.h"

namespace zhiyin {
namespace {

constexpr double kShortFile_s = 20;  // decoded fully up to here
constexpr double kDensestStep_s = 0.2;
constexpr double kHop_s = 4;        // seek rather than read on over a gap longer than this
constexpr std::size_t kFewest = 4;  // fewer codec key frames than this: decode fully after all

// One stream being decoded; `take` decides what is kept.
class Sampler {
 public:
  Sampler(const Container& container, LibavPtr<AVCodecContext> decoder, const DecodeLimits& limits)
      : container_(container),
        stream_(*container.stream(container.streams().picture)),
        decoder_(std::move(decoder)),
        scaler_(limits.frame_width, quarter_turns(stream_)),
        page_scaler_(container.is_picture() ? limits.page_width * 3 / 2 : limits.page_width, quarter_turns(stream_)),
        pages_(limits.pages),
        packet_(av_packet_alloc()),
        picture_(av_frame_alloc()) {
    container_.only(stream_.index);
    start_ = stream_.start_time != AV_NOPTS_VALUE ? seconds(stream_.start_time) : 0;
  }

  // Every frame, thinned: whenever there are too many, each second one goes and the step doubles.
  void every_frame(const Budget& budget) {
    double step = kDensestStep_s;
    double next = 0;
    while (!budget.spent(kPictureShare)) {
      const bool more = next_packet(container_, packet_.get());
      if (more && packet_->stream_index != stream_.index) continue;
      if (more) notice_time();
      if (or_out_of_memory(avcodec_send_packet(decoder_.get(), more ? packet_.get() : nullptr)) < 0 && more) continue;
      while (or_out_of_memory(avcodec_receive_frame(decoder_.get(), picture_.get())) >= 0) {
        const double time = time_of_picture();
        if (time + 1e-6 < next) continue;
        next = time + step;
        keep(time);
        if (frames_.size() > kCandidates) {
          thin();
          step *= 2;
        }
      }
      if (!more) return;
    }
    stopped_early_ = true;
  }

  // Only the codec's key frames, one in every `duration / kCandidates` at most.
  void key_frames(const Budget& budget, double duration_s) {
    const double step = duration_s / static_cast<double>(kCandidates / 2);
    double next = 0;
    while (!budget.spent(kPictureShare)) {
      if (!next_packet(container_, packet_.get())) return;
      if (packet_->stream_index != stream_.index) continue;
      notice_time();
      if ((packet_->flags & AV_PKT_FLAG_KEY) == 0) continue;
      const auto stamp = packet_->pts != AV_NOPTS_VALUE ? packet_->pts : packet_->dts;
      const double time = stamp != AV_NOPTS_VALUE ? seconds(stamp) - start_ : next;
      if (time < next) continue;
      decode_alone(time);
      if (frames_.size() > kCandidates) return;
      next = time + step;
      if (step > kHop_s) hop_to(next);
    }
    stopped_early_ = true;
  }

  void rewind() {
    frames_.clear();
    pages_.finish();
    avcodec_flush_buffers(decoder_.get());
    avformat_seek_file(container_.format(), -1, INT64_MIN, 0, INT64_MAX, AVSEEK_FLAG_BACKWARD);
  }

  std::vector<Frame>& frames() { return frames_; }
  std::vector<Frame> pages() { return pages_.finish(); }
  [[nodiscard]] bool stopped_early() const { return stopped_early_; }
  [[nodiscard]] bool moving() const { return moving_; }

 private:
  [[nodiscard]] double seconds(std::int64_t stamp) const {
    return static_cast<double>(stamp) * av_q2d(stream_.time_base);
  }

  // Whether this packet's picture is of another time than the first one's.
  void notice_time() {
    const auto stamp = packet_->pts != AV_NOPTS_VALUE ? packet_->pts : packet_->dts;
    moving_ = moving_ || (first_stamp_.has_value() && stamp != *first_stamp_);
    if (!first_stamp_.has_value()) first_stamp_ = stamp;
  }

  [[nodiscard]] double time_of_picture() {
    const auto stamp = picture_->best_effort_timestamp;
    const double time = stamp != AV_NOPTS_VALUE ? seconds(stamp) - start_ : last_time_ + kDensestStep_s;
    last_time_ = std::max(time, 0.0);
    return last_time_;
  }

  void keep(double time) {
    auto aspect = av_guess_sample_aspect_ratio(container_.format(), const_cast<AVStream*>(&stream_), picture_.get());
    auto frame = scaler_.scale(*picture_, aspect, time);
    if (!frame.ok()) return;
    if (pages_.wants(*frame)) {
      if (auto page = page_scaler_.scale(*picture_, aspect, time); page.ok()) pages_.take(std::move(*page));
    }
    frames_.push_back(std::move(*frame));
  }

  void thin() {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < frames_.size(); i += 2) {
      if (kept != i) frames_[kept] = std::move(frames_[i]);
      ++kept;
    }
    frames_.resize(kept);
  }

  // A key frame needs no other: send it, drain, forget.
  void decode_alone(double time) {
    if (or_out_of_memory(avcodec_send_packet(decoder_.get(), packet_.get())) >= 0) {
      avcodec_send_packet(decoder_.get(), nullptr);
      if (or_out_of_memory(avcodec_receive_frame(decoder_.get(), picture_.get())) >= 0) keep(time);
    }
    avcodec_flush_buffers(decoder_.get());
  }

  void hop_to(double time) {
    const auto target = static_cast<std::int64_t>((time + start_) / av_q2d(stream_.time_base));
    av_seek_frame(container_.format(), stream_.index, target, 0);  // if it cannot, reading on gets there too
  }

  const Container& container_;
  const AVStream& stream_;
  LibavPtr<AVCodecContext> decoder_;
  Scaler scaler_;
  Scaler page_scaler_;
  PageChooser pages_;
  LibavPtr<AVPacket> packet_;
  LibavPtr<AVFrame> picture_;
  double start_ = 0;
  double last_time_ = 0;
  bool stopped_early_ = false;
  std::optional<std::int64_t> first_stamp_;
  bool moving_ = false;
  std::vector<Frame> frames_;
};

}  // namespace

Result<SampledFrames> sample_frames(const Container& container, const DecodeLimits& limits, const Budget& budget,
                                    std::vector<std::string>& warnings) {
  const auto& parameters = *container.stream(container.streams().picture)->codecpar;
  if (std::int64_t{parameters.width} * parameters.height > limits.pixels) {
    return invalid(fmt::format("frame of {}x{} is over the limit of {} megapixels", parameters.width, parameters.height,
                               static_cast<double>(limits.pixels) / 1e6));
  }
  ZY_TRY(auto decoder, container.decoder(container.streams().picture));
  Sampler sampler(container, std::move(decoder), limits);
  const double duration_s = container.duration_s();
  const bool is_long = duration_s > kShortFile_s;
  if (is_long) sampler.key_frames(budget, duration_s);
  if (!is_long || sampler.frames().size() < kFewest) {
    if (is_long) sampler.rewind();
    sampler.every_frame(budget);
  }
  if (sampler.stopped_early()) warnings.push_back("pictures: stopped early, half of the time allowed was used");
  if (sampler.frames().empty()) {
    const auto reason = last_libav_message();
    return invalid(reason.empty() ? "no picture could be decoded"
                                  : fmt::format("no picture could be decoded: {}", reason));
  }
  return SampledFrames{std::move(sampler.frames()), sampler.pages(), sampler.moving()};
}

}  // namespace zhiyin
