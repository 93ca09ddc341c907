// Product quantisation (Jegou, Douze, Schmid 2011), in one stage or two: columns are dealt into parts, each part of a
// row becomes the number of the nearest of 256 centroids, found by k-means; a second stage does the same to what the
// first one left over (Chen, Guan, Wang 2010).
//
// Column j belongs to part j mod `parts`: where neighbouring columns matter alike, as in a basis of eigenvectors, so do
// the parts then, which is what a rotation (OPQ; Ge et al. 2013) would be for.
//
// Rows of many columns are split into triples instead, and all of them share one table: a table of its own for each
// column would outweigh the codes, and a few parts cannot hold a row of weights. Triples are of the matrix with every
// column divided by its root mean square, and then every row by its own. On ease of ML-100K (learn/compress.h) that
// costs 1.7% of recall@20 at .085 of the bytes, where 8 parts cost 8% at .18, and 3.4% where rows alone are divided.
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

struct TripleCodes {
  std::vector<std::uint8_t> codes;  // rows x ceil(columns / 3)
  std::vector<float> scales;        // of the rows, then of the columns
  std::vector<float> table;         // at most 256 x 3
};

inline constexpr std::size_t kTriple = 3;
inline constexpr std::size_t kFewestTripled = 512;  // columns from which rows are split into triples

TripleCodes triple_codes(std::span<const float> values, std::size_t columns, std::uint64_t seed);

// Row-major, rows x columns. Every code must stand in the table.
std::vector<float> triple_rows(std::span<const std::uint8_t> codes, std::span<const float> scales,
                               std::span<const float> table, std::size_t columns);

}  // namespace zhiyin
