// encoders/manifest.toml: what set-up fetches, pinned file by file.
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <system_error>

#include "base/file.h"
#include "understand/embed/models.h"

namespace zhiyin {
namespace {

namespace fs = std::filesystem;

Result<std::string> text_of(const toml::table& table, std::string_view key, bool needed) {
  const auto value = table[key].value<std::string>();
  if (value) return *value;
  if (!needed && !table.contains(key)) return std::string();
  return invalid(fmt::format("line {}: {} is missing or is not a string", table.source().begin.line, key));
}

// A path inside the cache: relative, and without a way out.
Result<std::string> inner_path(const toml::table& table, std::string_view key) {
  ZY_TRY(auto text, text_of(table, key, true));
  const fs::path path(text);
  if (path.is_absolute() || std::ranges::find(path, "..") != path.end()) {
    return invalid(fmt::format("line {}: {} \"{}\" leads out of the cache", table.source().begin.line, key, text));
  }
  return text;
}

Result<PinnedFile> read_pinned_file(const toml::table& table) {
  PinnedFile file;
  ZY_TRY(file.name, inner_path(table, "name"));
  ZY_TRY(file.sha256, text_of(table, "sha256", true));
  const bool is_hex = std::ranges::all_of(file.sha256, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  if (file.sha256.size() != 64 || !is_hex) {
    return invalid(fmt::format("line {}: sha256 is not 64 hexadecimal digits", table.source().begin.line));
  }
  return file;
}

Result<PinnedModel> read_pinned_model(const toml::table& table) {
  PinnedModel model;
  ZY_TRY(model.name, text_of(table, "name", true));
  ZY_TRY(model.version, text_of(table, "version", true));
  ZY_TRY(model.folder, inner_path(table, "folder"));
  ZY_TRY(model.package, text_of(table, "package", true));
  ZY_TRY(model.package_version, text_of(table, "package_version", true));
  ZY_TRY(model.licence, text_of(table, "licence", true));
  ZY_TRY(model.about, text_of(table, "about", false));
  ZY_TRY(model.unknown, text_of(table, "unknown", false));
  ZY_TRY(model.output, text_of(table, "output", false));
  const auto* files = table["files"].as_array();
  if (files == nullptr || files->empty()) {
    return invalid(fmt::format("line {}: {} has no files", table.source().begin.line, model.name));
  }
  for (const auto& entry : *files) {
    if (!entry.is_table()) return invalid(fmt::format("line {}: a file is not a table", entry.source().begin.line));
    ZY_TRY(auto file, read_pinned_file(*entry.as_table()));
    model.files.push_back(std::move(file));
  }
  return model;
}

Result<std::vector<PinnedModel>> read_models(const fs::path& manifest) {
  ZY_TRY(const auto text, read_file(manifest));
  toml::table root;
  try {
    root = toml::parse(text);
  } catch (const toml::parse_error& error) {
    return invalid(fmt::format("line {}: {}", error.source().begin.line, error.description()));
  }
  std::vector<PinnedModel> models;
  for (const std::string_view kind : {"runtime", "model"}) {
    const auto* tables = root[kind].as_array();
    if (tables == nullptr) continue;
    for (const auto& entry : *tables) {
      if (!entry.is_table()) return invalid(fmt::format("line {}: not a table", entry.source().begin.line));
      ZY_TRY(auto model, read_pinned_model(*entry.as_table()));
      models.push_back(std::move(model));
    }
  }
  return models;
}

}  // namespace

Result<std::vector<PinnedModel>> read_manifest(const fs::path& manifest) {
  return read_models(manifest).in(manifest.string());
}

Result<fs::path> find_manifest() {
  std::error_code error;
  const auto program = fs::read_symlink("/proc/self/exe", error).parent_path();
  const std::array candidates = {fs::path(ZHIYIN_SOURCE_DIR) / "encoders" / "manifest.toml",
                                 program / "encoders" / "manifest.toml",
                                 program / ".." / "share" / "zhiyin" / "encoders" / "manifest.toml"};
  for (const auto& candidate : candidates) {
    if (fs::exists(candidate, error)) return candidate;
  }
  return not_found(fmt::format("encoders/manifest.toml is not beside the program ({})", program.string()));
}

}  // namespace zhiyin
