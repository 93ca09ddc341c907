// A file -> what can be seen and heard in it. Decoding runs in a worker process with limits, so that a hostile or
// broken file costs itself and nothing else.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "domain/item.h"
#include "domain/perception.h"

namespace zhiyin {

// 8-bit RGB, row-major, three bytes a pixel, no padding.
struct Frame {
  int width = 0;
  int height = 0;
  double time_s = 0;
  std::vector<std::uint8_t> rgb;
};

// One moment of a video, as it looks in passing.
struct Glimpse {
  double time_s = 0;
  float change = 0;  // from the glimpse before, in [0, 1]: mean absolute difference of an 8x8 grid of mean colours
  bool cut = false;  // a new shot begins here; never the first
};

// Mono samples in [-1, 1].
struct Sound {
  int sample_rate = 0;  // Hz
  std::vector<float> samples;
};

// Of the sound with all its channels, as broadcasters measure it (loudness.h).
struct Loudness {
  double integrated_lufs = 0;
  double range_lu = 0;
};

struct DecodeLimits {
  double wall_s = 60;  // of the whole file
  double cpu_s = 60;
  std::size_t memory_bytes = 2ULL << 30U;  // address space of the worker
  std::int64_t pixels = 40'000'000;        // of one frame; larger pictures are refused
  int key_frames = 12;                     // at most; chosen by scene change, spread over the file
  int frame_width = 320;                   // frames are scaled down to at most this
  int pages = 8;                           // frames worth reading, at most; 0: none
  int page_width = 640;                    // of a video's; a still picture is read at half as much again
  double sound_s = 120;                    // at most this much sound, from the middle of the file
  bool preview = true;                     // make a short moving picture of a video
};

// A picture as a page can show it.
struct EncodedPicture {
  std::string bytes;
  std::string type;  // "image/jpeg", "image/png", "image/webp"; empty where there is no picture
};

struct Decoded {
  MediaKind kind = MediaKind::kNone;
  std::string content_type;
  double duration_s = 0;
  std::map<std::string, std::string> tags;  // lower-case keys: title, artist, album, genre, comment, date; UTF-8
  std::vector<Frame> frames;                // key frames of a video, the picture of an image, else empty
  std::vector<Glimpse> glimpses;     // of a video: at most 96, in order of time, spread over the file; a file of more
                                     // than 20 s is sampled at its codec's key frames, where encoders put cuts
  std::vector<Frame> pages;          // larger frames that may have words in them, no two alike, in order of time
  Sound speech;                      // 16 kHz, for speech models; empty if silent or absent
  Sound music;                       // at the file's own rate (at most 48 kHz)
  std::optional<Loudness> loudness;  // of the same stretch; none if silent, absent, or shorter than 0.4 s
  std::string cover;                 // JPEG or PNG bytes: embedded art, else the most telling key frame
  std::string cover_type;
  EncodedPicture small;               // the cover, at most 320 pixels wide: JPEG
  EncodedPicture preview;             // of a video that changes: animated WebP of a few key frames
  std::vector<Passage> subtitles;     // of kind "subtitle": the cues of the first text subtitle stream
  std::vector<std::string> warnings;  // what could not be read although the file lives on
  double cpu_s = 0;                   // processor time of the worker, filled in by decode()
};

// Rises when the same file gives something else than before: what was decoded by an older one is decoded again.
inline constexpr int kDecoderVersion = 2;
inline constexpr std::string_view kDecoderName = "decode";

// What a file that was refused would have to be tried with again: the decoder, its libraries and these limits.
std::string decoder_signature(const DecodeLimits& limits);

// Probes and decodes in a fresh worker process: `worker` is the program (this one, by default) that understands the
// hidden verb "media-worker". Errors: kInvalid with a reason a person can act on ("no audio or video stream",
// "file is empty", "stopped after 60 s", "frame of 90000x90000 is over the limit of 40 megapixels"); kInternal where
// the system failed, not the file; kUnavailable when `stop` was requested: the worker is ended within a tenth of a
// second.
Result<Decoded> decode(const std::filesystem::path& file, const DecodeLimits& limits = {},
                       const std::filesystem::path& worker = "/proc/self/exe", const std::stop_token& stop = {});

// The worker's side: decodes one file and writes the result to the descriptor. Returns the exit code.
int media_worker(int argc, char** argv);

}  // namespace zhiyin
