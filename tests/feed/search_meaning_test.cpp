// What a query means, by several encoders at a time: those of the program, those that somebody brought, and pictures.
#include "feed/recommend/meaning.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <numbers>

#include "support/world.h"

namespace zhiyin {
namespace {

using ::testing::DoubleNear;

constexpr double kRounding = 1e-5;

// Reads the first word of a text: "d:30" is a direction of 30 degrees in the plane, anything else is nothing to it.
class Compass final : public TextEncoder {
 public:
  Compass(std::string name, double lean, EncoderVersions companions = {})
      : name_(std::move(name)), lean_(lean), companions_(std::move(companions)) {}
  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] int version() const override { return 1; }
  [[nodiscard]] std::size_t dim() const override { return 3; }
  [[nodiscard]] EncoderVersions companions() const override { return companions_; }
  [[nodiscard]] Result<std::vector<float>> encode(std::span<const std::string> texts) const override {
    std::vector<float> rows;
    for (const auto& text : texts) {
      const bool read = text.starts_with("d:");
      const double angle = read ? std::stod(text.substr(2)) / 180 * std::numbers::pi : 0;
      for (const double x : {std::cos(angle), std::sin(angle), lean_}) rows.push_back(read ? static_cast<float>(x) : 0);
    }
    return rows;
  }

 private:
  std::string name_;
  double lean_;  // what every vector has in common: the larger, the more alike are all texts
  EncoderVersions companions_;
};

class SearchMeaning : public ::testing::Test {
 protected:
  void encode_with(std::string name, double lean, EncoderVersions companions = {}) {
    world.encoders.text.push_back(std::make_unique<Compass>(std::move(name), lean, std::move(companions)));
  }
  // Ten items whose titles are directions: 0, 10, ..., 90 degrees.
  void ten_directions() {
    std::string lines;
    for (int i = 0; i < 10; ++i) lines += fmt::format("i{} d:{}\n", i, 10 * i);
    world.items(lines);
  }
  void see(const std::string& item, const std::string& encoder, std::vector<float> values) {
    const ItemVector row{ItemId(item), {encoder, 1, std::move(values)}};
    ASSERT_TRUE(world.store->put_vectors({&row, 1}).ok());
  }
  std::map<std::string, double> ask(std::string_view query) {
    world.refresh();
    const auto values = meanings(*world.view, world.encoders.text, query).value();
    std::map<std::string, double> named;
    for (ItemIndex i = 0; i < values.size(); ++i) named[world.view->item(i).id.value] = values[i];
    return named;
  }
  World world;
};

TEST_F(SearchMeaning, AModelThatFindsEverythingAlikeIsHeldAgainstTheCatalogue) {
  world.encoders.text.clear();
  encode_with("text.mine", 5);  // every cosine is above .96
  ten_directions();
  auto found = ask("d:0");
  EXPECT_GT(found["i0"], 0.25);
  EXPECT_GT(found["i0"], found["i3"]);
  EXPECT_EQ(found["i9"], 0) << "the least alike of all means nothing";
  EXPECT_EQ(found["i6"], 0) << "nor does one like any other";
}

TEST_F(SearchMeaning, AFewItemsAreComparedByTheCosineItself) {
  encode_with("text.mine", 0);
  world.items("a d:0\nb d:60\nc d:80");
  auto found = ask("d:0");
  EXPECT_THAT(found["a"], DoubleNear(1, kRounding));
  EXPECT_THAT(found["b"], DoubleNear(0.5, kRounding));
  EXPECT_EQ(found["c"], 0) << "cos 80 degrees is .17: chance";
}

TEST_F(SearchMeaning, EncodersOfWordsAreHeardTogetherAndLettersOnlyAlone) {
  encode_with("text.one", 0);
  encode_with("text.two", 1);  // cosines from .5 on: (cos + 1) / 2
  world.items("a d:0\nb d:60");
  auto found = ask("d:0");
  EXPECT_THAT(found["b"], DoubleNear((0.5 + 0.75) / 2, kRounding)) << "text.hash, which is there too, is not in it";
  found = ask("dada");
  EXPECT_EQ(found["a"], 0) << "only letters are left, and they differ";
}

TEST_F(SearchMeaning, WhatIsSeenIsFoundByWordsOfTheSameSpace) {
  encode_with("text.clip", 0, {{"vision.clip", 1}, {"sound.other", 2}});
  world.items("film A title that says nothing\nother Another title\nd d:0");
  see("film", "vision.clip", {1, 0, 0});
  see("other", "vision.clip", {0, 1, 0});
  see("d", "vision.clip", {0, 1, 0});
  auto found = ask("d:0");
  EXPECT_THAT(found["film"], DoubleNear(1, kRounding));
  EXPECT_EQ(found["other"], 0);
  EXPECT_THAT(found["d"], DoubleNear(1, kRounding)) << "its words say it, whatever is seen";
}

TEST_F(SearchMeaning, VectorsOfAnotherVersionOrLengthAreOfAnotherSpace) {
  encode_with("text.clip", 0, {{"vision.clip", 2}, {"vision.long", 1}});
  world.items("film A title that says nothing");
  see("film", "vision.clip", {1, 0, 0});
  see("film", "vision.long", {1, 0, 0, 0});
  EXPECT_EQ(ask("d:0")["film"], 0);
}

}  // namespace
}  // namespace zhiyin
