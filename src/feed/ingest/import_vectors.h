// Vectors that were computed elsewhere, taken in beside those of this program's own encoders: the fusion learns what
// they are worth like that of any other modality.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "feed/ingest/import.h"
#include "state/store/store.h"
#include "understand/embed/onnx/encoder_description.h"

namespace zhiyin {

struct ImportedVector {
  ItemVector row;
  std::size_t line = 0;  // in the file that names the items
};

struct ImportedVectors {
  std::string file;  // the one that names the items
  std::vector<ImportedVector> rows;
  std::vector<BadRow> bad;
};

// By the name of the file:
//   .npy          float16, 32 or 64, one row an item, in the order of the lines of an items.txt beside it
//   .safetensors  the same for each of its F32 arrays of two dimensions, named after their encoders
//   anything else one JSON object a line: {"id", "vector", "encoder"?, "version"?}; may be gzipped
// `encoder` names the vectors of a file that does not; empty: "imported." and the file's name. Rows at fault (not
// finite, of another length than the encoder's first, given twice, not an id) are in `bad`; what fails the whole file
// is an error.
Result<ImportedVectors> read_vectors(const std::filesystem::path& path, std::string encoder);

struct VectorReport {
  std::int64_t vectors = 0;
  std::int64_t left_out = 0;  // bad rows, those of unknown items among them
};

// Refused as a whole, unless `keep_going`, if a row is bad, names an item that the catalogue does not know, or has
// another length than the vectors of this encoder and version that are there already. So are names that encoders of
// this program have, or those that somebody described: their next run would write over the vectors.
Result<VectorReport> import_vectors(ImportedVectors imported, Store& store,
                                    std::span<const EncoderDescription> described, bool keep_going);

}  // namespace zhiyin
