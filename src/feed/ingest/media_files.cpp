#include "feed/ingest/media_files.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "base/log.h"

namespace zhiyin {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 30> kExtensions = {
    ".mp4", ".mkv", ".webm", ".mov", ".avi",  ".m4v", ".mpg", ".mpeg", ".ogv",  ".flv",
    ".wmv", ".ts",  ".3gp",  ".mts", ".mp3",  ".ogg", ".oga", ".opus", ".flac", ".wav",
    ".m4a", ".aac", ".wma",  ".aif", ".aiff", ".mka", ".ape", ".wv",   ".ac3",  ".mp2"};

bool is_media(const fs::path& path) {
  auto extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return std::ranges::find(kExtensions, extension) != kExtensions.end();
}

std::optional<MediaFile> look_at(const fs::path& path, const fs::path& root) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  return MediaFile{path, root, info.st_size, info.st_mtim.tv_sec * 1'000'000'000LL + info.st_mtim.tv_nsec, {}};
}

}  // namespace

Result<std::vector<MediaFile>> find_media_files(std::span<const fs::path> paths) {
  std::vector<MediaFile> files;
  for (const auto& given : paths) {
    std::error_code failed;
    const auto path = fs::canonical(given, failed);
    if (failed) return not_found(fmt::format("{}: {}", given.string(), failed.message()));
    if (!fs::is_directory(path)) {
      auto file = look_at(path, path.parent_path());
      if (!file) return invalid(fmt::format("{}: neither a folder nor a file", given.string()));
      files.push_back(std::move(*file));
      continue;
    }
    const auto options = fs::directory_options::skip_permission_denied;
    for (fs::recursive_directory_iterator at(path, options, failed), end; at != end; at.increment(failed)) {
      if (failed) {
        log_warning("{}: {}; the rest of it is left out", path.string(), failed.message());
        break;
      }
      if (!is_media(at->path())) continue;
      if (auto file = look_at(at->path(), path)) files.push_back(std::move(*file));
    }
  }
  std::ranges::sort(files, {}, &MediaFile::path);
  const auto repeated = std::ranges::unique(files, {}, &MediaFile::path);
  files.erase(repeated.begin(), repeated.end());
  return files;
}

}  // namespace zhiyin
