// Product quantisation (Jegou, Douze, Schmid 2011), in one stage or two: columns are dealt into parts, each part of a
// row becomes the number of the nearest of 256 centroids, found by k-means; a second stage does the same to what the
// first one left over (Chen, Guan, Wang 2010).
//
// Column j belongs to part j mod `parts`: where neighbouring columns matter alike, as in a basis of eigenvectors, so do
// the parts then, which is what a rotation (OPQ; Ge et al. 2013) would be for.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace zhiyin {

struct ProductForm {
  std::size_t parts = 8;
  std::size_t stages = 1;
};

struct ProductCodes {
  std::vector<std::uint8_t> codes;  // rows x (stages * parts)
  std::vector<float> codebook;      // (stages * centroids) x columns
};

// Centroids of each stage: 256, or as many as there are rows, so that these are kept exactly.
std::size_t product_centroids(std::size_t rows);

// Row-major values, at least as many columns as parts. Repeats bit by bit for a seed.
ProductCodes product_codes(std::span<const float> values, std::size_t columns, ProductForm form, std::uint64_t seed);

// Row-major, rows x columns. Every code must be below the centroids of a stage.
std::vector<float> product_rows(std::span<const std::uint8_t> codes, std::span<const float> codebook,
                                std::size_t columns, ProductForm form);

}  // namespace zhiyin
