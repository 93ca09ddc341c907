// Vectors that an item brings along in its labels (attributes.labels): lists of numbers, as programs written for Gorse
// send embeddings. They become vectors of the item like any imported ones: the next training fuses them.
#pragma once

#include <span>
#include <vector>

#include "domain/item.h"
#include "state/store/store.h"

namespace zhiyin {

// Every list of 8 numbers or more, named after its place and its length: "labels.embedding.512"; so vectors of one name
// are of one length. At unit length. One that is all zero, or not finite, is none.
std::vector<ItemVector> label_vectors(std::span<const Item> items);

}  // namespace zhiyin
