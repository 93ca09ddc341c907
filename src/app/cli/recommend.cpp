#include "feed/recommend/recommend.h"

#include <fmt/format.h>

#include "app/cli/print_items.h"
#include "app/cli/verbs_sdk.h"
#include "app/config/settings.h"
#include "app/operate/home.h"

namespace zhiyin {
namespace {

struct Arguments {
  std::string user;
  std::size_t count = 20;
  std::string language = "en";
  bool explain = false;
};

Result<void> run(const Globals& globals, const Arguments& arguments) {
  ZY_TRY(const auto home, open_home(globals.home, HomeMode::kMustExist));
  ZY_TRY(const auto view, open_view(home));
  ZY_TRY(const auto settings, load_settings(globals.home / "zhiyin.toml"));
  Live live(settings.service.live);
  ZY_CHECK_OK(live.replay(*home.log));
  Recommender recommender([&] { return view; }, live, Recommender::default_sources(live), settings.service.recommend);
  ZY_TRY(auto ranker, given_ranker(globals.home, settings.service.rank));
  recommender.set_ranker(std::move(ranker));
  Request request{UserId(arguments.user),
                  arguments.count,
                  {},
                  arguments.language == "zh" ? Language::kChinese : Language::kEnglish};
  ZY_TRY(const auto profile, home.store->user(request.user));
  request.registered = profile.has_value();
  ZY_TRY(const auto slate, recommender.recommend(request));
  print_items(globals, *view, slate.items, arguments.explain,
              {{"recommendation", slate.recommendation}, {"user", arguments.user}});
  return {};
}

}  // namespace

void add_recommend(CLI::App& app, Globals& globals) {
  auto arguments = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("recommend", "what next for a user, and why");
  verb->add_option("--user", arguments->user, "the user's id")->required();
  verb->add_option("-n", arguments->count, "how many items")->check(CLI::Range(1, 500))->capture_default_str();
  verb->add_option("--lang", arguments->language, "language of the reasons")
      ->check(CLI::IsMember({"en", "zh"}))
      ->capture_default_str();
  verb->add_flag("--explain", arguments->explain, "show which items of the past speak for each, and how much");
  verb->callback([&globals, arguments] { globals.run = [&globals, arguments] { return run(globals, *arguments); }; });
}

}  // namespace zhiyin
