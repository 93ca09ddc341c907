#include "feed/recommend/similar.h"

#include "app/cli/print_items.h"

namespace zhiyin {
namespace {

struct Arguments {
  std::string item;
  std::size_t count = 10;
};

Result<void> run(const Globals& globals, const Arguments& arguments) {
  ZY_TRY(const auto home, open_home(globals.home, HomeMode::kMustExist));
  ZY_TRY(const auto view, open_view(home));
  ZY_TRY(const auto similar, similar_items(*view, ItemId(arguments.item), arguments.count, Language::kEnglish));
  print_items(globals, *view, similar, false, {{"item", arguments.item}});
  return {};
}

}  // namespace

void add_similar(CLI::App& app, Globals& globals) {
  auto arguments = std::make_shared<Arguments>();
  auto* verb = app.add_subcommand("similar", "items that sound, look or read like one");
  verb->add_option("--item", arguments->item, "the item's id")->required();
  verb->add_option("-n", arguments->count, "how many items")->check(CLI::Range(1, 500))->capture_default_str();
  verb->callback([&globals, arguments] { globals.run = [&globals, arguments] { return run(globals, *arguments); }; });
}

}  // namespace zhiyin
