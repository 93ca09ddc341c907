// A small world in text: a real home in a temporary folder, filled by a few lines, trained and asked.
//
//   World world;
//   world.items("cat_a  A cat plays with wool  | animals, cats\n"
//               "news_x The evening news       | politics");
//   world.events("ann like cat_a\n"
//                "bob view news_x 0.9");
//   world.train();
//   EXPECT_THAT(world.recommend("ann", 2), ElementsAre("cat_b", "news_x"));
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "feed/ingest/ingest.h"
#include "feed/live/live.h"
#include "feed/recommend/recommend.h"
#include "feed/snapshot/view.h"
#include "learn/train.h"
#include "support/temporary_folder.h"

namespace zhiyin {

class World {
 public:
  World();

  // One item a line: id, then its title, then after | its tags, separated by commas.
  void items(std::string_view lines);

  // One event a line: user, type, item and if need be a value. Each a minute after the one before.
  void events(std::string_view lines);

  void train(const std::vector<std::string>& models = {"pop", "itemknn", "ials"});

  // Takes catalogue and snapshot in again.
  void refresh();

  Slate slate(std::string_view user, std::size_t count, Language language = Language::kEnglish);
  std::vector<std::string> recommend(std::string_view user, std::size_t count);

  TemporaryFolder folder;
  FixedClock clock{1'700'000'000};
  std::unique_ptr<Store> store;
  std::unique_ptr<EventLog> log;
  Encoders encoders;  // hashed words only
  Live live;
  std::unique_ptr<Ingest> ingest;
  std::shared_ptr<const View> view;
  std::unique_ptr<Recommender> recommender;
};

}  // namespace zhiyin
