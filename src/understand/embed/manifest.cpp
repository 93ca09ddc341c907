// encoders/manifest.toml: what set-up fetches, pinned file by file.
#include "understand/embed/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <system_error>

#include "base/build.h"
#include "base/file.h"
#include "base/toml.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

// One table of the manifest, and where it stands.
struct Entry {
  const Toml& document;
  const Json& table;
  std::string path;  // "model.2"

  [[nodiscard]] Error error(std::string_view what) const {
    return invalid(fmt::format("line {}: {}", document.line_of(path), what));
  }

  [[nodiscard]] Result<std::string> text(std::string_view key, bool needed) const {
    if (table[key].is_string()) return std::string(table[key].as_string());
    if (!needed && !table.has(key)) return std::string();
    return error(fmt::format("{} is missing or is not a string", key));
  }

  // One string or a list of them; none where the key is absent.
  [[nodiscard]] Result<std::vector<std::string>> texts(std::string_view key) const {
    const auto& value = table[key];
    if (value.is_string()) return std::vector{std::string(value.as_string())};
    std::vector<std::string> all;
    for (const auto& element : value.elements()) {
      if (!element.is_string()) return error(fmt::format("{} holds something that is not a string", key));
      all.emplace_back(element.as_string());
    }
    if (all.empty() && table.has(key)) return error(fmt::format("{} is neither a string nor a list of strings", key));
    return all;
  }

  // A path inside the cache: relative, and without a way out.
  [[nodiscard]] Result<std::string> inner_path(std::string_view key) const {
    ZY_TRY(auto given, text(key, true));
    const fs::path inner(given);
    if (inner.is_absolute() || std::ranges::find(inner, "..") != inner.end()) {
      return error(fmt::format("{} \"{}\" leads out of the cache", key, given));
    }
    return given;
  }
};

Result<PinnedFile> read_pinned_file(const Entry& entry) {
  PinnedFile file;
  ZY_TRY(file.name, entry.inner_path("name"));
  ZY_TRY(file.sha256, entry.text("sha256", true));
  const bool is_hex =
      std::ranges::all_of(file.sha256, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  if (file.sha256.size() != 64 || !is_hex) return entry.error("sha256 is not 64 hexadecimal digits");
  return file;
}

Result<PinnedModel> read_pinned_model(const Entry& entry) {
  PinnedModel model;
  ZY_TRY(model.name, entry.text("name", true));
  ZY_TRY(model.version, entry.text("version", true));
  ZY_TRY(model.folder, entry.inner_path("folder"));
  ZY_TRY(model.package, entry.text("package", true));
  ZY_TRY(model.package_version, entry.text("package_version", true));
  ZY_TRY(model.licence, entry.text("licence", true));
  ZY_TRY(model.about, entry.text("about", false));
  ZY_TRY(model.unknown, entry.text("unknown", false));
  ZY_TRY(model.outputs, entry.texts("output"));
  const auto& files = entry.table["files"].elements();
  if (files.empty()) return entry.error(model.name + " has no files");
  for (std::size_t i = 0; i < files.size(); ++i) {
    const Entry inner{entry.document, files[i], fmt::format("{}.files.{}", entry.path, i)};
    if (!files[i].is_object()) return inner.error("a file is not a table");
    ZY_TRY(auto file, read_pinned_file(inner));
    model.files.push_back(std::move(file));
  }
  return model;
}

Result<std::vector<PinnedModel>> read_models(const fs::path& manifest) {
  ZY_TRY(const auto text, read_file(manifest));
  ZY_TRY(const auto document, parse_toml(text));
  std::vector<PinnedModel> models;
  for (const std::string kind : {"runtime", "model"}) {
    const auto& tables = document.root[kind].elements();
    for (std::size_t i = 0; i < tables.size(); ++i) {
      const Entry entry{document, tables[i], fmt::format("{}.{}", kind, i)};
      if (!tables[i].is_object()) return entry.error("not a table");
      ZY_TRY(auto model, read_pinned_model(entry));
      models.push_back(std::move(model));
    }
  }
  return models;
}

}  // namespace

Result<std::vector<PinnedModel>> read_manifest(const fs::path& manifest) {
  return read_models(manifest).in(manifest.string());
}

fs::path model_cache() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return fs::path(value != nullptr ? value : "");
  };
  if (auto cache = variable("ZHIYIN_CACHE"); !cache.empty()) return cache;
  if (auto cache = variable("XDG_CACHE_HOME"); !cache.empty()) return cache / "zhiyin";
  return variable("HOME") / ".cache" / "zhiyin";
}

Result<fs::path> find_manifest() {
  std::error_code error;
  const auto program = fs::read_symlink("/proc/self/exe", error).parent_path();
  const std::array candidates = {source_dir() / "encoders" / "manifest.toml", program / "encoders" / "manifest.toml",
                                 program / ".." / "share" / "zhiyin" / "encoders" / "manifest.toml"};
  for (const auto& candidate : candidates) {
    if (fs::exists(candidate, error)) return candidate;
  }
  return not_found(fmt::format("encoders/manifest.toml is not beside the program ({})", program.string()));
}

}  // namespace zhiyin
