#include "understand/embed/vision/known_line.h"

#include <array>
#include <cstddef>

namespace zhiyin {
namespace {

constexpr int kHeight = 48;
constexpr int kAdvance = 30;  // from one sign to the next
constexpr int kMargin = 12;

// One bit a segment: top, upper right, lower right, bottom, lower left, upper left, middle.
int segments_of(char sign) {
  constexpr std::array kDigits = {0x3f, 0x06, 0x5b, 0x4f, 0x66, 0x6d, 0x7d, 0x07, 0x7f, 0x6f};
  if (sign >= '0' && sign <= '9') return kDigits[static_cast<std::size_t>(sign - '0')];
  switch (sign) {
    case 'A': return 0x77;
    case 'C': return 0x39;
    case 'E': return 0x79;
    case 'F': return 0x71;
    case 'H': return 0x76;
    case 'J': return 0x1e;
    case 'L': return 0x38;
    case 'P': return 0x73;
    case 'U': return 0x3e;
    default: return 0;
  }
}

// A segment's place in the box of a sign, 20 x 32 pixels.
struct Bar {
  int left, top, width, height;
};
constexpr std::array<Bar, 7> kBars = {
    {{0, 0, 20, 4}, {16, 0, 4, 18}, {16, 14, 4, 18}, {0, 28, 20, 4}, {0, 14, 4, 18}, {0, 0, 4, 18}, {0, 14, 20, 4}}};

}  // namespace

Frame known_line(std::string_view text) {
  const int width = 2 * kMargin + kAdvance * static_cast<int>(text.size());
  Frame frame{.width = width, .height = kHeight, .time_s = 0, .rgb = {}};
  frame.rgb.assign(3 * static_cast<std::size_t>(width) * kHeight, 235);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int segments = segments_of(text[i]);
    for (std::size_t s = 0; s < kBars.size(); ++s) {
      if ((segments >> s & 1) == 0) continue;
      const auto& bar = kBars[s];
      const int left = kMargin + kAdvance * static_cast<int>(i) + bar.left;
      for (int y = 8 + bar.top; y < 8 + bar.top + bar.height; ++y) {
        for (int x = left; x < left + bar.width; ++x) {
          const auto at =
              3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x));
          for (std::size_t c = 0; c < 3; ++c) frame.rgb[at + c] = 30;
        }
      }
    }
  }
  return frame;
}

}  // namespace zhiyin
