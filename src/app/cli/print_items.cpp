#include "app/cli/print_items.h"

#include <fmt/format.h>

#include "app/serve/answer_json.h"
#include "base/log.h"

namespace zhiyin {

Result<std::shared_ptr<const View>> open_view(const Home& home) {
  auto snapshot = load_current_snapshot(home.path);
  if (!snapshot.ok() && snapshot.error().code != ErrorCode::kNotFound) return std::move(snapshot).error();
  if (!snapshot.ok()) log_warning("{}", snapshot.error().message);
  return View::build(*home.store, snapshot.ok() ? *snapshot : nullptr);
}

void print_items(const Globals& globals, const View& view, const std::vector<Recommended>& items, bool explain,
                 Json::Object head) {
  std::string text = items.empty() ? "nothing to recommend yet" : "";
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto& recommended = items[i];
    const auto index = view.find(recommended.item);
    const auto title = index ? view.item(*index).title : recommended.item.value;
    text += fmt::format("{}{:>3}  {}", i == 0 ? "" : "\n", i + 1, title);
    if (!recommended.reason.empty())
      text +=
          fmt::format("\n     {}  ({}, {:.3f})", recommended.reason, to_string(recommended.source), recommended.score);
    for (const auto& because : explain ? recommended.because : std::vector<Because>{}) {
      text += fmt::format("\n       {:+.3f}  {}", because.weight, because.title);
    }
  }
  Json document(std::move(head));
  document.set("items", items_json(view, items, true));
  globals.print(document, text);
}

}  // namespace zhiyin
