// Which of the pictures of a file are worth reading: those that seem to hold words, and other words than the page
// before.
//
// Print shows, even when a frame is small, as strong light-dark-light changes close together along a row, over patches
// that stand side by side. Foliage and nets do so too: this saves the cost of looking for text where there is none, and
// leaves the decision to the reader.
#pragma once

#include <cstdint>
#include <vector>

#include "understand/media/media.h"

namespace zhiyin {

// The patches of a frame that look like print, in units of patches that are kPatchWidth x kPatchHeight pixels.
struct PrintMap {
  static constexpr int kPatchWidth = 16;
  static constexpr int kPatchHeight = 8;
  int columns = 0;
  int rows = 0;
  std::vector<std::uint8_t> patches;  // row-major, 1 where there seems to be print
  int count = 0;                      // of ones
};

// Only patches with a neighbour of their kind to the left or right count.
PrintMap print_map(const Frame& frame);

// Confined to one thread. Sees small frames in order of time, and is given a large one for each that it wants.
class PageChooser {
 public:
  explicit PageChooser(int most) : most_(static_cast<std::size_t>(most > 0 ? most : 0)) {}

  // Whether the frame seems to hold words that the last page did not hold.
  [[nodiscard]] bool wants(const Frame& small);
  // The same picture, larger, after wants() said yes.
  void take(Frame large);
  // At most `most` pages, those with most print, in order of time. The chooser starts anew.
  std::vector<Frame> finish();

 private:
  struct Page {
    Frame frame;
    int print;
  };
  std::size_t most_;
  std::vector<Page> pages_;
  std::vector<std::uint8_t> last_luma_;  // of the last page, small
  int print_ = 0;                        // of the frame just wanted
};

}  // namespace zhiyin
