#include "feed/ingest/label_vectors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zhiyin {
namespace {

std::vector<ItemVector> vectors_in(std::string_view labels) {
  Item item;
  item.id = ItemId("i");
  item.attributes = Json::object({{"labels", Json::parse(labels).value()}});
  return label_vectors({&item, 1});
}

TEST(LabelVectors, AreNamedAfterPlaceAndLengthAndAreOfUnitLength) {
  const auto found = vectors_in(R"({"tags":["a"],"nested":{"my vector":[3,0,0,0,0,0,0,4.0]}})");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].vector.encoder, "labels.nested.my_vector.8");
  EXPECT_FLOAT_EQ(found[0].vector.values.front(), 0.6F);
  EXPECT_FLOAT_EQ(found[0].vector.values.back(), 0.8F);
  EXPECT_EQ(vectors_in("[1,2,3,4,5,6,7,8,9]").at(0).vector.encoder, "labels.9");
}

TEST(LabelVectors, WhatIsNoVectorIsNone) {
  for (const auto* labels : {"null", "[1,2,3]", "[1,2,3,4,5,6,7,\"8\"]", "[0,0,0,0,0,0,0,0]", "{\"a\":\"b\"}",
                             "[1e300,1e300,1,1,1,1,1,1]"}) {
    EXPECT_TRUE(vectors_in(labels).empty()) << labels;
  }
}

}  // namespace
}  // namespace zhiyin
