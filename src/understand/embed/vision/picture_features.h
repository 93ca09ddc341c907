// Pictures as numbers without any model: colour, layout, texture, and how key frames differ. Encoder "picture.classic".
//
// One frame gives kFrameFeatures values:
//
//   from  count  what
//      0     30  colour histogram: 12 hues x 2 saturations, hue first (24), then 6 levels of grey (6); soft bins,
//                square roots
//                of shares (so that a dot product is Bhattacharyya's coefficient)
//     30      9  mean, standard deviation and cube root of the third moment of Lab lightness, a, b
//     39     27  mean Lab of 3x3 cells, row by row
//     66     72  gradients: 8 orientations (0 to 180 degrees) in 3x3 cells, square roots of shares of each cell's
//                magnitude
//    138     10  local binary patterns: the 9 uniform rotation-invariant codes and the rest (Ojala 2002), shares
//    148      9  edge density of 3x3 cells: share of pixels with a strong gradient
//    157      6  log2 of width over height, luma entropy (bits), colourfulness (Hasler 2003), share of near-white,
//                share of
//                near-black, mean gradient magnitude
//
// Several frames give kPictureFeatures = 2 x kFrameFeatures + 6: the mean over the frames; the maximum less the mean
// (zero for a still picture); then mean, deviation and maximum of the look's change from frame to frame, that change
// per second, how far the brightest frame lies over the mean, log2 of the number of frames. Natural units, never NaN:
// callers z-score them over their catalogue.
#pragma once

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "domain/feature_block.h"
#include "understand/media/media.h"

namespace zhiyin {

inline constexpr std::string_view kPictureEncoder = "picture.classic";
inline constexpr int kPictureEncoderVersion = 1;
inline constexpr int kFrameFeatures = 163;
inline constexpr int kPictureFeatures = 2 * kFrameFeatures + 6;

// Of the mean's part; the maximum's part has the same order.
inline constexpr std::array<FeatureBlock, 7> kPictureBlocks{{{"colour", 0, 30},
                                                             {"moments", 30, 9},
                                                             {"layout", 39, 27},
                                                             {"gradients", 66, 72},
                                                             {"patterns", 138, 10},
                                                             {"edges", 148, 9},
                                                             {"scalars", 157, 6}}};

// kFrameFeatures values. The frame must have pixels. Thread-safe, as is the next.
std::vector<float> frame_features(const Frame& frame);

// kPictureFeatures values of the key frames of one work, in order of time; all zero where there are none.
std::vector<float> picture_features(std::span<const Frame> frames);

}  // namespace zhiyin
