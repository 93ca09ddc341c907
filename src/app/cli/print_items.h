// Lists of items on the terminal, and the view that the reading verbs need.
#pragma once

#include "app/cli/verbs_sdk.h"
#include "app/operate/home.h"
#include "domain/answer.h"
#include "feed/snapshot/view.h"

namespace zhiyin {

// The catalogue with the current snapshot; without one, the catalogue alone (and the log says so).
Result<std::shared_ptr<const View>> open_view(const Home& home);

// A table of rank, title, reason and source; with --json the same shape as the HTTP answer, `head` first.
void print_items(const Globals& globals, const View& view, const std::vector<Recommended>& items, bool explain,
                 Json::Object head);

}  // namespace zhiyin
