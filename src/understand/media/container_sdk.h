// An open media file: libav's demuxer over a file descriptor. The worker never opens a file by name, so a playlist or a
// reference inside a hostile file leads nowhere; and only formats that hold one self-contained work are tried.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "understand/media/libav_sdk.h"

namespace zhiyin {

// The streams worth decoding, by number; -1 where there is none.
struct Streams {
  int picture = -1;  // the largest video stream that is not an attached picture
  int sound = -1;
  int cover = -1;     // attached picture
  int subtitle = -1;  // the first one in text
};

// Confined to one thread.
class Container {
 public:
  // Probes. Reads with pread from the start, so several may share a descriptor, which must outlive them.
  static Result<std::unique_ptr<Container>> open(int descriptor, std::int64_t max_pixels);

  [[nodiscard]] AVFormatContext* format() const { return format_.get(); }
  [[nodiscard]] AVStream* stream(int number) const { return format_->streams[number]; }
  [[nodiscard]] const Streams& streams() const { return streams_; }
  [[nodiscard]] bool is_picture() const;    // png, jpeg, gif, ...: a picture file, moving or not
  [[nodiscard]] double duration_s() const;  // 0 where the file does not say
  [[nodiscard]] std::string content_type() const;

  // An opened decoder, one thread, frames over max_pixels refused. Errors name the codec.
  [[nodiscard]] Result<LibavPtr<AVCodecContext>> decoder(int stream) const;

  // Reads only packets of this stream from now on.
  void only(int stream) const;

 private:
  Container() = default;
  static int read(void* opaque, std::uint8_t* buffer, int size);
  static std::int64_t seek(void* opaque, std::int64_t offset, int whence);
  void find_streams();

  int descriptor_ = -1;
  std::int64_t size_ = 0;
  std::int64_t position_ = 0;
  std::int64_t max_pixels_ = 0;
  bool webm_ = false;
  LibavPtr<AVIOContext> io_;  // outlives format_
  LibavPtr<AVFormatContext> format_;
  Streams streams_;
};

// Reads the next packet of the container into `packet`; false at the end, or where reading on fails.
bool next_packet(const Container& container, AVPacket* packet);

}  // namespace zhiyin
