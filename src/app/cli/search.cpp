#include "feed/recommend/search.h"

#include "app/cli/print_items.h"
#include "app/config/settings.h"
#include "understand/embed/endpoint_encoders.h"
#include "understand/embed/manifest.h"

namespace zhiyin {
namespace {

struct Arguments {
  std::string query;
  std::size_t count = 10;
};

Result<void> run(const Globals& globals, const Arguments& arguments) {
  ZY_TRY(const auto settings, load_settings(globals.home / "zhiyin.toml"));
  ZY_TRY(auto home, open_home(globals.home, HomeMode::kMustExist));
  ZY_CHECK_OK(open_word_encoders(home));
  open_endpoint(for_queries(settings.endpoint), model_cache(), home.encoders);
  ZY_TRY(const auto view, open_view(home));
  ZY_TRY(const auto found,
         search_items(*view, home.encoders.text, arguments.query, arguments.count, Language::kEnglish));
  print_items(globals, *view, found, true, {{"query", arguments.query}});
  return {};
}

}  // namespace

void add_search(CLI::App& app, Globals& globals) {
  auto arguments = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("search", "items by words and by what the words mean");
  verb->add_option("query", arguments->query, "the words")->required();
  verb->add_option("-n", arguments->count, "how many items")->check(CLI::Range(1, 500))->capture_default_str();
  verb->callback([&globals, arguments] { globals.run = [&globals, arguments] { return run(globals, *arguments); }; });
}

}  // namespace zhiyin
