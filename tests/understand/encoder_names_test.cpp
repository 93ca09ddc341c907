// Names of vectors, and who has them.
#include "understand/embed/encoder_names.h"

#include <gtest/gtest.h>

#include "understand/embed/encoders.h"
#include "understand/embed/manifest.h"

namespace zhiyin {
namespace {

TEST(EncoderNames, EveryEncoderThatOpensHereHasItsName) {
  for (const auto& sense : open_senses(model_cache(), {.speech_to_words = true})) {
    EXPECT_EQ(owner_of_encoder_name(sense->name()), "this program") << sense->name();
  }
  for (const auto& encoder : open_text_encoders(model_cache())) {
    EXPECT_EQ(owner_of_encoder_name(encoder->name()), "this program") << encoder->name();
  }
}

TEST(EncoderNames, OtherNamesAreFreeUntilSomebodyDescribesThem) {
  EXPECT_EQ(owner_of_encoder_name("imported.clip"), "");
  EXPECT_EQ(owner_of_encoder_name("text.usex"), "");
  const EncoderDescription own{.name = "imported.clip", .place = "encoders.toml:7"};
  EXPECT_EQ(owner_of_encoder_name("imported.clip", {&own, 1}), "encoders.toml:7");
}

}  // namespace
}  // namespace zhiyin
