#include "app/operate/home.h"

#include <fmt/format.h>

#include "state/bus/local/local_event_log.h"
#include "state/store/sqlite/sqlite_store.h"
#include "understand/embed/described_encoders.h"
#include "understand/embed/manifest.h"

namespace zhiyin {

Result<Home> open_home(const std::filesystem::path& path, HomeMode mode, const StoreOptions& store) {
  std::error_code failed;
  if (mode == HomeMode::kMustExist && !std::filesystem::exists(path / "catalogue.db")) {
    return not_found(fmt::format(
        "{} is no home: fill one first with `zhiyin --home {} import FORMAT PATH` or `zhiyin --home {} scan DIR`",
        path.string(), path.string(), path.string()));
  }
  std::filesystem::create_directories(path, failed);
  if (failed) return internal(fmt::format("{}: cannot create: {}", path.string(), failed.message()));
  Home home;
  home.path = path;
  ZY_TRY(home.store, open_sqlite_store(path / "catalogue.db", store));
  ZY_TRY(home.log, open_local_log(path / "events.db"));
  return home;
}

Result<void> open_word_encoders(Home& home) {
  ZY_TRY(const auto described, described_encoders(model_cache(), home.path));
  home.encoders.text = open_text_encoders(model_cache());
  open_described_text(described, model_cache(), home.encoders.text);
  return {};
}

}  // namespace zhiyin
