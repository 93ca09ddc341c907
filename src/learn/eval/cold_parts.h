// The two halves of the table `cold` (learn/eval/cold.h), each over one set.
#pragma once

#include "learn/eval/cold.h"
#include "learn/eval/cold_fm.h"
#include "learn/eval/held_out.h"
#include "learn/eval/t1_split.h"

namespace zhiyin {

// Blocks NAME_events-N. With side information also the rows fm and fm_side.
Result<void> add_cold_users(const T1Data& data, const SideInformation& side, std::span<const Contestant> contestants,
                            const ColdOptions& options, Table& table);

// Items by the number of their events in training.
struct ItemSlice {
  std::string name;
  std::vector<ItemIndex> items;  // ascending
};
std::vector<ItemSlice> item_slices(std::span<const std::uint32_t> counts);

// The cases who are asked for something of a slice: of them the slice's alone is relevant.
struct SliceCases {
  std::vector<std::size_t> which;  // of all cases, ascending
  std::vector<RankingCase> of_all;
  std::vector<RankingCase> within;  // masked and relevant as positions in the slice
};
SliceCases cases_of_slice(std::span<const RankingCase> cases, const ItemSlice& slice);

// The share of a slice's items that stand in the first k of any list.
double coverage_of_slice(const RankedLists& lists, std::size_t k, const ItemSlice& slice);

// Blocks NAME_items-SLICE over data.test. Contestants that need features ask for data.features.
Result<void> add_cold_items(const HeldOut& data, std::span<const Contestant> contestants, const ColdOptions& options,
                            Table& table);

}  // namespace zhiyin
