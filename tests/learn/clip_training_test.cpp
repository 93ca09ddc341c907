#include "learn/clip_training.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "base/kernels/vectors.h"
#include "support/temporary_folder.h"
#include "understand/embed/sound/mel.h"

namespace zhiyin {
namespace {

// Sounds of four kinds: a steady tone or a beating one, low or high; each a little different.
Sound sound_of(int kind, int take) {
  Sound sound{kAnalysisRate, {}};
  const double pitch = (kind % 2 == 0 ? 300 : 1500) * (1 + 0.02 * take);
  const double beat = kind / 2 == 0 ? 0 : 6 + 0.2 * take;
  for (int i = 0; i < kAnalysisRate; ++i) {
    const double t = static_cast<double>(i) / kAnalysisRate;
    const double loud = 0.5 + 0.5 * std::cos(2 * std::numbers::pi * beat * t);
    sound.samples.push_back(static_cast<float>(0.3 * loud * std::sin(2 * std::numbers::pi * pitch * t)));
  }
  return sound;
}

Frame frame_of(int kind, int take) {
  Frame frame{32, 32, 0, {}};
  for (int y = 0; y < 32; ++y) {
    for (int x = 0; x < 32; ++x) {
      const bool bright = kind % 2 == 0 ? (x + take) / 4 % 2 == 0 : (y + take) / 4 % 2 == 0;
      const auto level = static_cast<std::uint8_t>(bright ? 220 : 30);
      frame.rgb.insert(frame.rgb.end(), {level, kind / 2 == 0 ? level : std::uint8_t{0}, std::uint8_t{40}});
    }
  }
  return frame;
}

constexpr int kKinds = 4;
constexpr int kTakes = 4;

std::vector<Clip> world() {
  std::vector<Clip> clips;
  for (int kind = 0; kind < kKinds; ++kind) {
    for (int take = 0; take < kTakes; ++take) {
      auto& clip = clips.emplace_back();
      clip.sound = mel_strip(sound_of(kind, take)).value();
      clip.pictures = frame_strip(std::vector{frame_of(kind, take)});
    }
  }
  return clips;
}

TEST(ClipTraining, TheLossFallsBelowGuessing) {
  OwnNets nets(1);
  std::vector<double> losses;
  const ClipTraining training{.epochs = 12, .on_epoch = [&](int, int, double loss) { losses.push_back(loss); }};
  const double last = train_clips(nets, world(), training);
  ASSERT_EQ(losses.size(), 12U);
  EXPECT_EQ(losses.back(), last);
  EXPECT_LT(last, 0.7 * 3 * std::log(16.0)) << "three questions, each among 16 files";
  EXPECT_TRUE(nets.knows_sound);
  EXPECT_TRUE(nets.knows_pictures);
}

TEST(ClipTraining, TellingWhatIsHiddenIsLearnedWhereItHasAWeight) {
  OwnNets nets(1);
  std::vector<double> losses;
  // So heavy that the other questions hardly count.
  const ClipTraining training{
      .epochs = 12, .masked = 100, .on_epoch = [&](int, int, double loss) { losses.push_back(loss); }};
  train_clips(nets, world(), training);
  EXPECT_GT(losses.front(), 100);
  EXPECT_LT(losses.back(), 0.7 * losses.front());
}

TEST(ClipTraining, RepeatsBitByBitForASeed) {
  const auto clips = world();
  OwnNets one(1);
  OwnNets other(1);
  train_clips(one, clips, {.epochs = 1});
  train_clips(other, clips, {.epochs = 1});
  EXPECT_EQ(one.hear(clips[0].sound), other.hear(clips[0].sound));
  EXPECT_EQ(one.see(clips[0].pictures), other.see(clips[0].pictures));
}

// People who like the one kind of sound do not like the other; nothing else tells the files apart as well.
TEST(ClipTraining, BehaviourDrawsTogetherWhatPeopleTouchTogether) {
  auto clips = world();
  for (auto& clip : clips) clip.pictures = {};
  for (std::size_t i = 0; i < clips.size(); ++i) {
    const bool beats = i / kTakes >= 2;
    clips[i].behaviour = {beats ? 1.0F : 0.0F, beats ? 0.0F : 1.0F};
  }
  const auto likeness = [&](const OwnNets& nets, std::size_t a, std::size_t b) {
    const auto x = nets.hear(clips[a].sound);
    const auto y = nets.hear(clips[b].sound);
    return dot(x, y) / std::sqrt(dot(x, x) * dot(y, y));
  };
  // Kind 0 and kind 1 (steady, low and high) are liked together; kind 0 and kind 2 (both low) are not.
  const auto lead = [&](const OwnNets& nets) { return likeness(nets, 0, kTakes) - likeness(nets, 0, 2 * kTakes); };
  OwnNets without(1);
  auto silent = clips;
  for (auto& clip : silent) clip.behaviour.clear();
  train_clips(without, silent, {.epochs = 10});
  OwnNets with(1);
  train_clips(with, clips, {.epochs = 10});
  EXPECT_GT(lead(with), lead(without));
}

TEST(OwnNets, AreTheSameAfterSavingAndLoading) {
  TemporaryFolder folder;
  const auto file = own_nets_file(folder.path());
  EXPECT_EQ(load_own_nets(file).error().code, ErrorCode::kNotFound);
  OwnNets nets(7);
  nets.version = 3;
  nets.knows_sound = true;
  ASSERT_TRUE(save_own_nets(nets, file).ok());
  const auto again = load_own_nets(file);
  ASSERT_TRUE(again.ok()) << again.error().message;
  const auto strip = mel_strip(sound_of(1, 0)).value();
  EXPECT_EQ(nets.hear(strip), (*again)->hear(strip));
  EXPECT_EQ((*again)->version, 3);

  Senses senses;
  open_own_senses(folder.path(), senses);
  ASSERT_EQ(senses.size(), 1U) << "it has not learned to see";
  Decoded decoded;
  decoded.music = sound_of(1, 0);
  Perception found;
  ASSERT_TRUE(senses[0]->perceive(decoded, found).ok());
  ASSERT_EQ(found.vectors.size(), 1U);
  EXPECT_EQ(found.vectors[0].encoder, kOwnSound);
  EXPECT_EQ(found.vectors[0].version, 3);
  EXPECT_EQ(found.vectors[0].values, nets.hear(strip));
}

TEST(OwnNets, ADamagedFileCostsTheSensesNotTheScan) {
  TemporaryFolder folder;
  Tensors empty;
  ASSERT_TRUE(empty.save(own_nets_file(folder.path())).ok());
  const auto loaded = load_own_nets(own_nets_file(folder.path()));
  ASSERT_FALSE(loaded.ok());
  EXPECT_NE(loaded.error().message.find("zhiyin pretrain"), std::string::npos);
  Senses senses;
  open_own_senses(folder.path(), senses);
  EXPECT_TRUE(senses.empty());
}

}  // namespace
}  // namespace zhiyin
