#include "understand/media/tags.h"

#include <algorithm>
#include <array>

#include "understand/media/container_sdk.h"

namespace zhiyin {
namespace {

constexpr std::size_t kLongestTag = 4096;
constexpr std::size_t kMostTags = 64;
constexpr std::size_t kLongestSubtitles = 1 << 20;

// Written by muxers about themselves.
constexpr std::array<std::string_view, 13> kTechnical = {
    "major_brand",  "minor_version",    "compatible_brands", "encoder", "creation_time",
    "handler_name", "vendor_id",        "encoded_by",        "tsse",    "tlen",
    "duration",     "number_of_frames", "language"};

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// At most `most` bytes, cut between characters; control characters become spaces; no space at the ends.
std::string tidy(std::string text, std::size_t most) {
  if (text.size() > most) {
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0U) == 0x80U) --most;
    text.resize(most);
  }
  for (auto& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  const auto first = text.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

void add_tags(const AVDictionary* from, std::map<std::string, std::string>& tags) {
  const AVDictionaryEntry* entry = nullptr;
  while ((entry = av_dict_get(from, "", entry, AV_DICT_IGNORE_SUFFIX)) != nullptr && tags.size() < kMostTags) {
    auto key = tidy(lower(to_utf8(entry->key)), 64);
    if (key.empty() || std::ranges::find(kTechnical, key) != kTechnical.end() || key.starts_with("_statistics"))
      continue;
    if (auto value = tidy(to_utf8(entry->value), kLongestTag); !value.empty())
      tags.emplace(std::move(key), std::move(value));
  }
}

// The text of an ASS event as libav gives it: ReadOrder,Layer,Style,Name,MarginL,MarginR,MarginV,Effect,Text with
// {styles} and \N for a new line.
std::string plain_text(std::string_view event) {
  for (int field = 0; field < 8; ++field) {
    const auto comma = event.find(',');
    if (comma == std::string_view::npos) return {};
    event.remove_prefix(comma + 1);
  }
  std::string text;
  for (std::size_t i = 0; i < event.size(); ++i) {
    if (event[i] == '{') {
      const auto end = event.find('}', i);
      if (end != std::string_view::npos) {
        i = end;
        continue;
      }
    }
    if (event[i] == '\\' && i + 1 < event.size() &&
        (event[i + 1] == 'N' || event[i + 1] == 'n' || event[i + 1] == 'h')) {
      text.push_back(' ');
      ++i;
      continue;
    }
    text.push_back(event[i]);
  }
  return text;
}

}  // namespace

std::map<std::string, std::string> read_tags(const Container& container) {
  std::map<std::string, std::string> tags;
  add_tags(container.format()->metadata, tags);
  if (const int sound = container.streams().sound; sound >= 0) add_tags(container.stream(sound)->metadata, tags);
  return tags;
}

std::vector<Passage> read_subtitles(const Container& container, const Budget& budget,
                                    std::vector<std::string>& warnings) {
  std::vector<Passage> cues;
  const int number = container.streams().subtitle;
  if (number < 0) return cues;
  auto decoder = container.decoder(number);
  if (!decoder.ok()) {
    warnings.push_back("subtitles: " + decoder.error().message);
    return cues;
  }
  container.only(number);
  const double unit_s = av_q2d(container.stream(number)->time_base);
  const LibavPtr<AVPacket> packet(av_packet_alloc());
  std::size_t length = 0;
  while (packet != nullptr && length < kLongestSubtitles && next_packet(container, packet.get())) {
    if (budget.spent(kSubtitleShare)) {
      warnings.push_back("subtitles: stopped early, nearly all of the time allowed was used");
      break;
    }
    if (packet->stream_index != number) continue;
    AVSubtitle cue{};
    int got = 0;
    if (avcodec_decode_subtitle2(decoder->get(), &cue, &got, packet.get()) < 0 || got == 0) continue;
    const double start_s = packet->pts != AV_NOPTS_VALUE ? std::max(0.0, static_cast<double>(packet->pts) * unit_s) : 0;
    const double end_s = start_s + std::max(0.0, static_cast<double>(packet->duration) * unit_s);
    for (unsigned i = 0; i < cue.num_rects; ++i) {
      const auto* rect = cue.rects[i];
      std::string line;
      if (rect->ass != nullptr) line = plain_text(rect->ass);
      if (line.empty() && rect->text != nullptr) line = rect->text;
      line = tidy(to_utf8(line), kLongestTag);
      if (line.empty()) continue;
      length += line.size();
      cues.push_back({"subtitle", start_s, end_s, std::move(line), 1, std::string(kDecoderName)});
    }
    avsubtitle_free(&cue);
  }
  return cues;
}

}  // namespace zhiyin
